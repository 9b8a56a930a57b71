"""The releases that kastellan knows, and which steps between them are allowed.

A release that is not in the catalogue is refused rather than guessed at: nobody has read its advisories.
"""

from dataclasses import dataclass
from datetime import date

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.release import Release
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Known releases in ascending order.

    Attributes:
        releases: ascending by version, without duplicates.
        source: where the rows come from, for people.
        as_of: the day to which it is true; None for one that was read from no file.
        serial: number that grows with every catalogue of the same signers; 0 where it has none.
        expires: last day (UTC) on which anything may be decided by it; None for no end.
        digest: SHA-256 of its bytes, in hexadecimal.
    """

    releases: tuple[Release, ...]
    source: str = ""
    as_of: date | None = None
    serial: int = 0
    expires: date | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        versions = [release.version for release in self.releases]
        if versions != sorted(set(versions)):
            raise ValueError("the catalogue's releases are not in ascending order, or one stands twice")

    def find(self, version: Version) -> Release | None:
        """The release of that version, or None where the catalogue does not have it."""
        return next((release for release in self.releases if release.version == version), None)

    @property
    def newest(self) -> Release | None:
        """The highest release that is no pre-release, or None where there is none."""
        return next((release for release in reversed(self.releases) if not release.version.pre), None)

    def refusals(
        self, installed: Version | None, wanted: Version, *, undoing: Version | None = None
    ) -> tuple[Reason, ...]:
        """Why `wanted` may not be brought to an installation that runs `installed`; empty if it may.

        Sources: ZITADEL documents no downgrade path ("Updating and scaling"); advisories name the lowest version from
        which a release may be reached.

        Args:
            installed: what runs now, or None where nothing is installed yet.
            wanted: what is asked for.
            undoing: the version whose update is expressly undone; only from that one there is a way back, and only over
                releases that are marked as backward compatible.
        """
        release = self.find(wanted)
        if release is None:
            known = ", ".join(str(known.version) for known in self.releases[-5:]) or "none"
            return (
                Reason(
                    code="version-unknown",
                    message=f"version {wanted} is not in the catalogue (its newest: {known})",
                    owner=Party.VENDOR,
                    remediation="choose a version of the catalogue, or add this one after reading its advisories",
                    clause="MU-2",
                ),
            )
        if installed is None or installed == wanted:
            return ()
        if wanted < installed and undoing == installed:
            return self._no_way_back(installed, wanted)
        if wanted < installed:
            return (
                Reason(
                    code="downgrade",
                    message=f"{wanted} is older than the installed {installed}, and ZITADEL documents no way down",
                    owner=Party.VENDOR,
                    remediation="keep the installed version, or restore the restore point made before the update",
                    clause="MU-2",
                ),
            )
        if installed < release.reachable_from:
            way = ", then ".join(str(step) for step in self.way(installed, wanted)) or "no known way"
            return (
                Reason(
                    code="forbidden-jump",
                    message=f"{wanted} is reachable from {release.reachable_from} on, installed is {installed}",
                    owner=Party.VENDOR,
                    remediation=f"update step by step: {way}",
                    clause="MU-2",
                ),
            )
        return ()

    def _no_way_back(self, installed: Version, wanted: Version) -> tuple[Reason, ...]:
        between = [release for release in self.releases if wanted < release.version <= installed]
        known = any(release.version == installed for release in between)
        bars = [release.version for release in between if not release.backward_compatible]
        if known and not bars:
            return ()
        why = f"the schema of {bars[0]} does not serve {wanted}" if bars else f"nobody knows what {installed} changed"
        return (
            Reason(
                code="no-way-back",
                message=f"{installed} cannot be undone: {why}",
                owner=Party.VENDOR,
                remediation="keep it and repair it, or restore the restore point made before the update",
                clause="MU-2",
            ),
        )

    def way(self, installed: Version, wanted: Version) -> tuple[Version, ...]:
        """The shortest allowed sequence of versions from `installed` to `wanted`, or empty where there is none."""
        steps: list[Version] = []
        target = self.find(wanted)
        while target is not None and installed < target.reachable_from:
            steps.append(target.version)
            floor, below = target.reachable_from, target.version
            # The lowest stepping stone is the one most likely to be reachable from where we are.
            target = next((r for r in self.releases if floor <= r.version < below), None)
        if target is None:
            return ()
        return (target.version, *reversed(steps))
