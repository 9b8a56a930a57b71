"""A probe as a fact: steps that build on each other, and controls that have to be refused.

A control is the half without which a success proves nothing: a foreign authority that is trusted, a wrong password that
is taken, a server that is no server. A probe whose control fails says nothing about the platform: ERROR, never PASS.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; the first that does not hold is the last that was tried.

    Attributes:
        name: stable, such as `tls`.
        held: whether it held; None where no answer came, which says nothing about it.
        said: what the other side said, or what was seen; no secrets.
    """

    name: str
    held: bool | None
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Something wrong on purpose.

    Attributes:
        name: what was wrong, such as `a foreign authority`.
        refused: whether it was refused, as it must be; None where it could not be tried.
        said: what was seen.
    """

    name: str
    refused: bool | None
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One probe.

    Attributes:
        subject: what was probed, such as `id.customer.example:443`.
        steps: in order.
        controls: tried after the steps held.
        attempts: how often it was begun; only a transport that failed is begun again.
    """

    subject: str
    steps: tuple[Step, ...]
    controls: tuple[Control, ...] = ()
    attempts: int = 1

    @property
    def told(self) -> str:
        """The subject, with the number of attempts where there was more than one."""
        return self.subject if self.attempts == 1 else f"{self.subject} ({self.attempts} attempts)"
