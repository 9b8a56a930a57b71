"""The load that an installation is sized for (DI-2): what is expected, and the rate limits of the edge."""

from dataclasses import dataclass

CONSOLE_REQUESTS_PER_SECOND = 10
"""Per client address, averaged over a minute: login and console pages (RL-1)."""
OTHER_REQUESTS_PER_SECOND = 50
"""Per client address, averaged over a minute: everything else (RL-2)."""

_BUSIEST_HOUR = 0.2
"""Share of the users that log in within the busiest hour. An assumption; give `loginsPerSecond` where it is known."""
_PEAK_IN_THE_HOUR = 2.0
"""How far the busiest second exceeds the hour's mean. An assumption, as above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Expected load at its peak.

    Attributes:
        users: people who may log in.
        logins_per_second: logins with a password at the peak; None derives them from the users.
        requests_per_second: requests of applications beside logins, such as token introspection, at the peak.
        clients_at_limit: client addresses that use RL-1 and RL-2 to the full at the same time.
    """

    users: int
    logins_per_second: float | None = None
    requests_per_second: float = 0.0
    clients_at_limit: int = 1

    @property
    def logins(self) -> float:
        """Logins a second at the peak, as given or derived."""
        if self.logins_per_second is not None:
            return self.logins_per_second
        return self.users * _BUSIEST_HOUR * _PEAK_IN_THE_HOUR / 3600

    @property
    def logins_because(self) -> str:
        """Where the logins come from, for people."""
        if self.logins_per_second is not None:
            return "as the stack says"
        return (
            f"{self.users} users x {_BUSIEST_HOUR:.0%} in the busiest hour / 3600 s x {_PEAK_IN_THE_HOUR:g} at its peak"
        )

    @property
    def limited_requests(self) -> float:
        """Requests a second of the clients that stand at both rate limits."""
        return float(self.clients_at_limit * (CONSOLE_REQUESTS_PER_SECOND + OTHER_REQUESTS_PER_SECOND))
