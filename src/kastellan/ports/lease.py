"""The right to work on an installation: one worker at a time, with a token that stops one who was away too long.

A lease does not expire by the clock of its holder or of the database: clocks step, and differ. Whoever wants it watches
it, and takes it over when it was not renewed for so long by the watcher's own steady clock. The holder may be asleep
and wake up later; then its token is old, and every write that it tries under the lease is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease that a worker was given.

    Attributes:
        installation: whose.
        token: the fencing token; a later lease of the same installation has a higher one.
        holder: who has it, such as `host/1234`.
    """

    installation: str
    token: int
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseState:
    """How a lease stands.

    Attributes:
        installation: whose.
        token: of the last lease that was given.
        holder: who has it; empty where it was released.
        beats: how often it was renewed; a watcher compares it.
        taken_at: when it was given, by the holder's clock (UTC), for people.
    """

    installation: str
    token: int
    holder: str
    beats: int
    taken_at: datetime


class Leases(Protocol):
    """All installations' leases. Every method is one transaction and may raise what `ports.store.Store` may."""

    def look(self, installation: str) -> LeaseState | None:
        """How the lease stands; None where it was never given."""
        ...

    def take(self, installation: str, holder: str, *, seen: LeaseState | None, now: datetime) -> Lease | None:
        """Take a lease that is still as it was seen, free or not; the caller decides whether it may be taken over.

        Args:
            installation: whose.
            holder: who takes it.
            seen: what `look` returned.
            now: for people (UTC).

        Returns:
            The lease, with a token higher than every one before; None where it changed meanwhile.
        """
        ...

    def renew(self, lease: Lease) -> None:
        """Show that the holder lives.

        Raises:
            LeaseLostError: somebody else has it, or it was released.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give it back; does nothing where somebody else has it by now."""
        ...
