"""Reads `fleet.yaml`: in which order a release reaches many installations, how many at once; every error at once."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from kastellan.config.contract_model import Duration
from kastellan.config.fields import ConfigModel
from kastellan.config.problem import reasons_of
from kastellan.config.yaml_text import load_yaml
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.fleet import Fleet, Place, Share, Wave
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

FLEET_FILE = "fleet.yaml"
_LONGEST_SOAK = timedelta(days=30)
_PERCENT = re.compile(r"(\d{1,3})\s*%")


def _share(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return Share(number=value)
    found = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found and 1 <= int(found[1]) <= 100:
        return Share(percent=int(found[1]))
    raise ValueError("write a number of installations, or per cent of the fleet such as 10%")


def _percent(value: object) -> object:
    found = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write per cent, such as 50%")
    return int(found[1])


def _soak(value: timedelta) -> timedelta:
    if not timedelta(0) <= value <= _LONGEST_SOAK:
        raise ValueError("a soak lasts up to 30 days: a month's windows are offered by then")
    return value


ShareField = Annotated[Share, BeforeValidator(_share, json_schema_input_type=int | str)]
PercentField = Annotated[int, Field(ge=0, le=100), BeforeValidator(_percent, json_schema_input_type=str)]
Soak = Annotated[Duration, AfterValidator(_soak)]
Limit = Annotated[int, Field(ge=1)]


class CanaryModel(ConfigModel):
    """Those that a release reaches first; nobody else before all of them have ended, and one of them has passed."""

    installations: tuple[str, ...] = Field(min_length=1, description="names of stacks")
    soak: Soak = Field(default=timedelta(days=1), description="how long nothing else begins after the last has ended")


class WaveModel(ConfigModel):
    """A wave takes whoever's window comes next, until it is full."""

    size: ShareField = Field(description="a number of installations, or per cent of the fleet without its canary")
    soak: Soak = Field(default=timedelta(0), description="how long the next wave waits after the last has ended")
    at_once: Limit | None = Field(default=None, description="how many of the wave at the same time")


class LimitsModel(ConfigModel):
    """How many runs go on at the same time, on all machines together."""

    at_once: Limit = Field(default=1, description="in the whole fleet")
    per_cloud_account: Limit | None = None
    per_region: Limit | None = None


class PlaceModel(ConfigModel):
    """Where an installation runs, where its own file does not say it."""

    account: str = Field(default="", description="project, account or subscription")
    region: str = ""


class ExplainedModel(ConfigModel):
    """A failed run that a person has looked at: it stops nothing any more."""

    run: str = Field(min_length=1, description="its id, see `kastellan runs`")
    who: str = Field(min_length=1, description="who has looked at it")
    why: str = Field(min_length=1, description="why it says nothing about the others")


class StopModel(ConfigModel):
    """When a release goes no further."""

    after: Limit = Field(
        default=1, description="failed or inconclusive runs, but those that lie with the customer alone (IN-2)"
    )
    explained: tuple[ExplainedModel, ...] = ()


class FleetModel(ConfigModel):
    """The rules of a fleet."""

    schema_version: int = Field(ge=1, le=1)
    installations: tuple[str, ...] = Field(default=("*",), description="names of stacks, or patterns such as eu-*")
    exclude: tuple[str, ...] = Field(default=(), description="names or patterns of those that are left out")
    canary: CanaryModel | None = None
    waves: tuple[WaveModel, ...] = Field(default=(), description="what is left after the last is a wave of its own")
    emergency_soak: Soak = Field(
        default=timedelta(hours=1), description="instead of every soak, for Emergency Maintenance (MU-2)"
    )
    limits: LimitsModel = LimitsModel()
    stop: StopModel = StopModel()
    spread: PercentField = Field(
        default="50%",  # type: ignore[assignment]  # parsed as what is written in a file
        description="over how much of the time in which a run may begin the starts are spread (MU-1)",
    )
    places: dict[str, PlaceModel] = Field(default={}, description="name of a stack → where it runs")

    def fleet(self) -> Fleet:
        """The domain's value."""
        return Fleet(
            include=self.installations,
            exclude=self.exclude,
            canary=self.canary.installations if self.canary else (),
            canary_soak=self.canary.soak if self.canary else timedelta(0),
            waves=tuple(Wave(**dict(wave)) for wave in self.waves),
            emergency_soak=self.emergency_soak,
            at_once=self.limits.at_once,
            per_account=self.limits.per_cloud_account,
            per_region=self.limits.per_region,
            stop_after=self.stop.after,
            spread=self.spread,
            places={name: Place(**dict(place)) for name, place in self.places.items()},
            explained=frozenset(row.run for row in self.stop.explained),
        )


def read_fleet(path: Path, *, stacks: Sequence[str]) -> Fleet:
    """Read a fleet file.

    Args:
        path: where it lies.
        stacks: names of all stacks, which the file's names are held against.

    Raises:
        InvalidInputError: it cannot be read, or its content is wrong; all reasons at once.
    """
    try:
        document = load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInputError(f"the fleet file {path} cannot be read: {cause}") from cause
    except yaml.YAMLError as cause:
        raise InvalidInputError(f"the fleet file {path} is no YAML: {' '.join(str(cause).split())}") from cause
    try:
        fleet = FleetModel.model_validate(document).fleet()
    except ValidationError as cause:
        raise InvalidInputError(f"the fleet file {path} is not valid", reasons_of(cause, FleetModel)) from cause
    reasons = _unknown(fleet, stacks)
    if reasons:
        raise InvalidInputError(f"the fleet file {path} is not valid", reasons)
    return fleet


def fleet_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a fleet file, for editors."""
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return title | FleetModel.model_json_schema(by_alias=True) | {"title": "Fleet file of kastellan"}


def _unknown(fleet: Fleet, stacks: Sequence[str]) -> list[Reason]:
    """Names that mean no stack of the fleet: a canary that is misspelt would hold everybody up for ever."""
    members = {name for name in stacks if fleet.has(name)}
    found = [
        (f"canary.installations[{place}]", f"{name} is no stack of the fleet")
        for place, name in enumerate(fleet.canary)
        if name not in members
    ]
    found += [(f"places.{name}", f"there is no stack {name}") for name in fleet.places if name not in stacks]
    doubled = {name for name in fleet.canary if fleet.canary.count(name) > 1}
    found += [("canary.installations", f"{name} stands twice") for name in sorted(doubled)]
    return [
        Reason(code="configuration", message=message, owner=Party.VENDOR, remediation="correct the name", path=path)
        for path, message in found
    ]
