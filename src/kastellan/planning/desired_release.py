"""What a release procedure is asked for: an installation and the objects that make it."""

from dataclasses import dataclass

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.installation import Installation
from kastellan.manifests.release_manifests import ReleaseManifests


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredRelease:
    """The desired state of one installation on its cluster.

    Attributes:
        installation: the description; holds no secret.
        catalogue: the releases that may be chosen, and the steps allowed between them.
        manifests: `kastellan.manifests.render(installation, secrets)`; holds secrets, so it has no `repr`.
    """

    installation: Installation
    catalogue: Catalogue
    manifests: ReleaseManifests
