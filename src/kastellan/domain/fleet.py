"""In which order a release reaches many installations, and how many of them at once.

Waves are numbers, not names: whoever's window comes next takes the next place. So nobody waits for the window of
somebody else, and a release still reaches few before it reaches many. The canary has names.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from kastellan.domain.version import Version

_FRACTIONS = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an installation runs; empty where nobody says, and all of those count as one place.

    Attributes:
        account: of the cloud: a project, an account, a subscription.
        region: of the cloud, or a data centre.
    """

    account: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a fleet: a number of installations, or per cent of it."""

    number: int = 0
    percent: int = 0

    def of(self, size: int) -> int:
        """How many that is of so many; at least one."""
        return max(1, self.number or -(-size * self.percent // 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave of a release.

    Attributes:
        size: how many installations it adds.
        soak: how long nothing of the next wave begins after the last one of this one has ended.
        at_once: how many of it are maintained at the same time; None for no limit of its own.
    """

    size: Share
    soak: timedelta = timedelta(0)
    at_once: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The rules of a fleet; without a file one installation after the other, until one fails.

    Attributes:
        include: patterns of the names that belong to it.
        exclude: patterns of those that do not.
        canary: names of those that a release reaches first; all of them before anybody else.
        canary_soak: how long nothing else begins after the last canary has ended.
        waves: in order; what is left after the last one is a wave of its own.
        emergency_soak: instead of every soak, where the update is Emergency Maintenance (MU-2).
        at_once: how many are maintained at the same time.
        per_account: likewise in one cloud account; None for no limit.
        per_region: likewise in one region.
        stop_after: so many failures of a release that nobody has explained end its rollout.
        spread: over how many per cent of the time in which a run may begin the starts are spread.
        places: where installations run, for those of which their own configuration does not say it.
        explained: ids of failed runs that a person has looked at, and that stop nothing any more.
    """

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    canary: tuple[str, ...] = ()
    canary_soak: timedelta = timedelta(0)
    waves: tuple[Wave, ...] = ()
    emergency_soak: timedelta = timedelta(0)
    at_once: int = 1
    per_account: int | None = None
    per_region: int | None = None
    stop_after: int = 1
    spread: int = 0
    places: Mapping[str, Place] = field(default_factory=dict)
    explained: frozenset[str] = frozenset()

    def has(self, installation: str) -> bool:
        """Whether an installation belongs to it."""
        included = any(fnmatchcase(installation, pattern) for pattern in self.include)
        return included and not any(fnmatchcase(installation, pattern) for pattern in self.exclude)

    def ends_of_waves(self, size: int) -> tuple[int, ...]:
        """How many installations a release has reached at the end of each wave, of so many besides the canary."""
        ends: list[int] = []
        for wave in self.waves:
            ends.append(min(size, (ends[-1] if ends else 0) + wave.size.of(size)))
        return tuple(ends) if ends and ends[-1] >= size else (*ends, size)

    def wave(self, index: int) -> Wave:
        """The rules of a wave, also of the one that takes what is left."""
        return self.waves[index] if index < len(self.waves) else Wave(size=Share(percent=100))

    def soak_after(self, index: int | None, *, emergency: bool) -> timedelta:
        """How long nothing begins after a wave, or after the canary where `index` is None."""
        if emergency:
            return self.emergency_soak
        return self.canary_soak if index is None else self.wave(index).soak


def spread_start(
    installation: str, version: Version, start: datetime, latest: datetime, *, percent: int = 100
) -> datetime:
    """When a run of an installation begins inside its window: always the same for the same release, and spread.

    Args:
        installation: name of the stack.
        version: what the run brings.
        start: of the window (UTC).
        latest: last instant at which the run still fits before the window's end.
        percent: the part of the time in between over which starts are spread; what is left is there for waiting.
    """
    room = max(timedelta(0), latest - start) * percent / 100
    digest = hashlib.sha256(f"{installation}\n{version}".encode()).digest()
    seconds = int(room.total_seconds()) * int.from_bytes(digest[:8]) // _FRACTIONS
    return start + timedelta(seconds=seconds)
