"""What a stack's file says about the release: the keys that an update changes, and nothing else of the file."""

from dataclasses import dataclass

from kastellan.domain.errors import BlockedError
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.release import Release
from kastellan.domain.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredRelease:
    """The release that a stack asks for.

    Attributes:
        version: `installation:version`.
        images: `installation:images`; None where the file leaves them to the catalogue.
        undoing: `installation:undo`, the newer version whose update is taken back; None where nothing is.
    """

    version: Version
    images: ImageSet | None = None
    undoing: Version | None = None


def configured_for(current: ConfiguredRelease, release: Release) -> ConfiguredRelease:
    """What the file has to say for a release to be brought; pure.

    Where the file names images itself, their repositories are kept, because it may be a mirror, and the digests are
    those of the catalogue: a digest is the same in every registry.

    Raises:
        BlockedError: the file names images and the catalogue knows no digests of the release.
    """
    if current.images is None or current.version == release.version:
        return ConfiguredRelease(version=release.version, images=current.images)
    if release.images is None:
        raise BlockedError(
            f"the stack cannot be brought to {release.version}",
            [
                Reason(
                    code="images-unknown",
                    message=f"the catalogue knows no image digests of {release.version}, and the stack names its own",
                    owner=Party.VENDOR,
                    remediation="add both digests to the release's row in the catalogue; "
                    f"`crane digest ghcr.io/zitadel/zitadel:{release.version}` prints one",
                    clause="MU-2",
                    path="installation:images",
                )
            ],
        )
    return ConfiguredRelease(
        version=release.version,
        images=ImageSet(
            zitadel=Image(current.images.zitadel.repository, release.images.zitadel.digest),
            login=Image(current.images.login.repository, release.images.login.digest),
        ),
    )
