"""Reads a release catalogue: the packaged one, or one that a stack names."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field, model_validator

from kastellan.config.catalogue_signature import refuse_unsigned
from kastellan.config.fields import ConfigModel, ImageField, VersionField
from kastellan.config.yaml_file import parse_model, read_text
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import ImageSet
from kastellan.domain.release import Advisory, Release, ReleaseClass


class _Images(ConfigModel):
    zitadel: ImageField
    login: ImageField


class _Release(ConfigModel):
    version: VersionField
    published: date | None
    release_class: ReleaseClass = Field(alias="class")
    reachable_from: VersionField
    backward_compatible: bool = True
    downtime_expected: bool = False
    soak_days: int = Field(default=0, ge=0)
    advisories: tuple[str, ...] = ()
    images: _Images | None


class _Advisory(ConfigModel):
    link: str = Field(pattern="^https://")
    published: date | None
    action: str = Field(min_length=1)


class _Catalogue(ConfigModel):
    schema_version: int = Field(ge=1, le=1)
    product: str
    as_of: date
    serial: int = Field(default=0, ge=0)
    expires: date | None = None
    advisories: Mapping[str, _Advisory] = Field(default_factory=dict)
    releases: tuple[_Release, ...]

    @model_validator(mode="after")
    def _advisories_are_there(self) -> "_Catalogue":
        named = {name for row in self.releases for name in row.advisories}
        if unknown := sorted(named - self.advisories.keys()):
            raise ValueError(f"a release names {', '.join(unknown)}, which `advisories` does not have")
        return self

    @model_validator(mode="after")
    def _expires_later(self) -> "_Catalogue":
        if self.expires is not None and self.expires < self.as_of:
            raise ValueError(f"`expires` ({self.expires}) is before `asOf` ({self.as_of})")
        return self


@cache
def packaged_catalogue() -> Catalogue:
    """The catalogue that ships with kastellan; parsed once a process, for a fleet reads it for every installation."""
    source = files("kastellan") / "catalogue" / "zitadel.yaml"
    return parse_catalogue(source.read_text(encoding="utf-8"), source="the packaged catalogue")


def read_catalogue(path: Path, *, signers: Sequence[str] = ()) -> Catalogue:
    """Read a catalogue file.

    Args:
        path: where it lies.
        signers: ids of the keys one of which has to have signed it; empty where no signature is asked for.

    Raises:
        InvalidInputError: it cannot be read, no signer has signed it, or its content is wrong; all reasons at once.
    """
    text = read_text(path, name="the release catalogue")
    refuse_unsigned(path, text.encode(), signers)
    return parse_catalogue(text, source=str(path))


@lru_cache(maxsize=8)  # of a fleet, most stacks name the same file
def parse_catalogue(text: str, *, source: str) -> Catalogue:
    """Parse a catalogue's YAML.

    Raises:
        InvalidInputError: it is no YAML, or its content is wrong; all reasons at once.
    """
    model = parse_model(text, _Catalogue, source=source)
    try:
        return Catalogue(
            releases=tuple(_release(row, model) for row in model.releases),
            source=source,
            as_of=model.as_of,
            serial=model.serial,
            expires=model.expires,
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )
    except ValueError as cause:
        raise InvalidInputError(f"{source} is not valid: {cause}") from cause


def _release(row: _Release, model: _Catalogue) -> Release:
    images = ImageSet(zitadel=row.images.zitadel, login=row.images.login) if row.images else None
    return Release(
        version=row.version,
        published=row.published,
        release_class=row.release_class,
        reachable_from=row.reachable_from,
        backward_compatible=row.backward_compatible,
        downtime_expected=row.downtime_expected,
        soak_days=row.soak_days,
        advisories=tuple(Advisory(name=name, **dict(model.advisories[name])) for name in row.advisories),
        images=images,
    )
