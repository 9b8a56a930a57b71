"""One release of ZITADEL as the catalogue describes it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kastellan.domain.image import ImageSet
from kastellan.domain.version import Version


class ReleaseClass(StrEnum):
    """Why a release was made; a security or performance release opens Emergency Maintenance (MU-2)."""

    REGULAR = "regular"
    SECURITY = "security"
    PERFORMANCE = "performance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """A technical advisory that an upgrader must read.

    Attributes:
        name: its id, such as `A-10017`.
        link: where it is to be read.
        published: its day, or None where no source gives it.
        action: what the upgrader does about it, in one line.
    """

    name: str
    link: str
    published: date | None
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One row of the catalogue.

    Attributes:
        version: the release.
        published: day of publication, or None where no source gives it.
        release_class: why it was made.
        reachable_from: lowest installed version from which an update to it is allowed.
        backward_compatible: whether the previous release's pods work on this release's schema, so that they may serve
            during the rollout and be brought back after it.
        downtime_expected: whether its advisory announces downtime during the upgrade.
        soak_days: days that the version it requires must have run first.
        advisories: the technical advisories that an upgrader must read.
        images: images by digest, or None where the catalogue does not know them.
    """

    version: Version
    published: date | None
    release_class: ReleaseClass = ReleaseClass.REGULAR
    reachable_from: Version
    backward_compatible: bool = True
    downtime_expected: bool = False
    soak_days: int = 0
    advisories: tuple[Advisory, ...] = ()
    images: ImageSet | None = None
