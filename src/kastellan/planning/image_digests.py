"""Whether the images that a stack names are those of the catalogue: a mirror has another name and the same digest."""

from collections.abc import Iterator

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.image import ImageSet
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.version import Version


def digest_mismatches(catalogue: Catalogue, version: Version, asked: ImageSet | None) -> Iterator[Reason]:
    """Why these images of a version may not run, one reason an image; pure.

    Args:
        catalogue: known releases.
        version: which.
        asked: what the stack's file names; None where it leaves that to the catalogue.
    """
    release = catalogue.find(version)
    if asked is None or release is None or release.images is None:
        return
    for name in ("zitadel", "login"):
        ours, known = getattr(asked, name).digest, getattr(release.images, name).digest
        if ours != known:
            yield Reason(
                code="digest-mismatch",
                message=f"the stack's {name} image of {version} has the digest {ours}, the catalogue says {known}",
                owner=Party.VENDOR,
                remediation="find out which image runs; correct the stack's file or the catalogue",
                clause="DI-6",
                path=f"installation:images.{name}",
            )
