"""Turns what pydantic found into reasons: every error at once, each with its path, its owner and what to do."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError


def reasons_of(error: "ValidationError", model: "type[BaseModel]", *, prefix: str = "") -> tuple[Reason, ...]:
    """One reason for each error, in the order of the file.

    Args:
        error: what the parse raised.
        model: the model that was parsed, for the names that an unknown key may have meant.
        prefix: put before each path, such as `installation:`.
    """
    problems: list[dict[str, Any]] = [dict(problem) for problem in error.errors(include_url=False, include_input=False)]
    places = [problem["loc"] for problem in problems]
    return tuple(_reason(problem, model, prefix) for problem in problems if not _follows(problem, places))


def _follows(problem: Mapping[str, Any], places: Iterable[tuple[str | int, ...]]) -> bool:
    """A list that is too short only because its rows are wrong: they are told."""
    own = problem["loc"]
    return problem["type"] == "too_short" and any(place[: len(own)] == own != place for place in places)


def _reason(problem: Mapping[str, Any], model: "type[BaseModel]", prefix: str) -> Reason:
    location: tuple[str | int, ...] = problem["loc"]
    path = prefix + _path(location)
    message: str = problem["msg"].removeprefix("Value error, ")
    remediation = "correct the value"
    match problem["type"]:
        case "extra_forbidden":
            close = get_close_matches(str(location[-1]), _keys(model, location[:-1]), n=1)
            message = f"this key is not known; did you mean {close[0]}?" if close else "this key is not known"
            remediation = f"write {close[0]}, or remove it" if close else "remove it, or see `kastellan schema`"
        case "missing":
            message = "this key is required"
            remediation = "add it; stacks/Pulumi.example.yaml shows how"
        case _:
            # Not of a word that is written in capitals, such as COUNT.
            message = message if message[1:2].isupper() else message[:1].lower() + message[1:]
    return Reason(
        code="configuration",
        message=message,
        owner=Party.VENDOR,
        remediation=remediation,
        path=path,
    )


def _path(location: Iterable[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys(model: "type[BaseModel]", location: tuple[str | int, ...]) -> list[str]:
    """Keys that the model knows at a place, as they are written in the file."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue  # the model of a row is that of its list
        fields = getattr(current, "model_fields", {})
        field = next((f for name, f in fields.items() if part in (name, f.alias)), None)
        current = _model_in(field.annotation) if field else None
    fields = getattr(current, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _model_in(annotation: Any) -> Any:
    """The model inside `X | None` or `tuple[X, ...]`."""
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if hasattr(candidate, "model_fields"):
            return candidate
    return None
