"""The release that a stack names: its catalogue, whether it may be chosen, and its images."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kastellan.config.catalogue_file import packaged_catalogue, read_catalogue
from kastellan.config.stack_model import InstallationModel
from kastellan.config.stack_problem import PREFIX, reason_at
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import ImageSet
from kastellan.domain.reason import Reason
from kastellan.domain.version import Version


def stack_catalogue(model: InstallationModel, folder: Path) -> Catalogue:
    """The releases that the stack may choose from.

    Raises:
        InvalidInputError: the file is wrong, or signed by none of the stack's signers; all reasons at once.
    """
    if model.catalogue:
        return read_catalogue(folder / model.catalogue, signers=model.catalogue_signers)
    if not model.catalogue_signers:
        return packaged_catalogue()
    reason = reason_at(
        "catalogueSigners",
        "the packaged catalogue is signed by none of these keys",
        "name a catalogue that one of them has signed in installation:catalogue (kastellan catalogue sign FILE)",
    )
    raise InvalidInputError(
        "the release catalogue is refused for its signature", [replace(reason, code="catalogue-unsigned")]
    )


def stack_images(model: InstallationModel, catalogue: Catalogue, reasons: list[Reason]) -> ImageSet | None:
    """Images of the release; what is wrong with the choice is added to the reasons."""
    reasons += _refusals(catalogue, model.version)
    if model.images:
        return ImageSet(zitadel=model.images.zitadel, login=model.images.login)
    release = catalogue.find(model.version)
    if release and not release.images:
        reasons.append(
            reason_at(
                "images",
                f"the catalogue knows no image digests of {model.version}",
                "name both images by digest in installation:images.zitadel and installation:images.login; "
                f"`crane digest ghcr.io/zitadel/zitadel:{model.version}` prints one",
            )
        )
    return release.images if release else None


def release_problems(values: Mapping[str, Any], folder: Path) -> list[Reason]:
    """What is wrong with the version of a stack whose other keys may be wrong as well.

    A version or a catalogue that cannot be read is told with those keys.
    """
    path = values.get("catalogue")
    try:
        version = Version.parse(str(values.get("version")))
        catalogue = read_catalogue(folder / path) if isinstance(path, str) else packaged_catalogue()
    except (ValueError, InvalidInputError):
        return []
    return _refusals(catalogue, version)


def _refusals(catalogue: Catalogue, version: Version) -> list[Reason]:
    return [replace(reason, path=f"{PREFIX}version") for reason in catalogue.refusals(None, version)]
