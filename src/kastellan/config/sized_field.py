"""What a cloud's model lets somebody choose: only what is sized and priced, and zones that are known."""

from collections.abc import Collection

from pydantic import AfterValidator

from kastellan.domain.machine import database_tiers, machine_types
from kastellan.domain.service_plan import Platform


def region_of(known: Collection[str], *, example: str) -> AfterValidator:
    """A region whose zones are in a table."""

    def judge(value: str) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is no region with three zones that kastellan knows, such as {example}")
        return value

    return AfterValidator(judge)


def machine_of(platform: Platform) -> AfterValidator:
    """A machine type of a platform."""
    return _sized([machine.name for machine in machine_types(platform)], "machine type")


def database_of(platform: Platform, *, word: str) -> AfterValidator:
    """A database of a platform; `word` is what the platform calls the choice, such as `database tier`."""
    return _sized([tier.name for tier in database_tiers(platform)], word)


def _sized(known: Collection[str], word: str) -> AfterValidator:
    def judge(value: str) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is no {word} that is sized; one of {', '.join(known)}")
        return value

    return AfterValidator(judge)
