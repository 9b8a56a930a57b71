"""Compares what Pulumi means to do with what a maintenance item may touch; anything more blocks the run (DI-6).

The list says what may pass, so that what nobody thought of does not. Deletes and replaces are in no list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.planning.planned_step import Operation, PlannedStep

TOUCHES_NOTHING = frozenset({Operation.SAME, Operation.READ, Operation.REFRESH})
"""Operations that change nothing outside of Pulumi's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an item may touch: updates of these resources, in these properties.

    Attributes:
        updates: type token to paths of properties; a path allows what lies below it, too.
    """

    updates: Mapping[str, frozenset[str]]

    def covers(self, step: PlannedStep) -> bool:
        """Whether a step is an update of nothing but allowed properties; one that names none is not."""
        allowed = self.updates.get(step.type, frozenset())
        return (
            step.operation is Operation.UPDATE
            and bool(step.changed)
            and all(any(_within(path, root) for root in allowed) for path in step.changed)
        )


_RELEASE_PROPERTIES = frozenset({"configuration.version", "configuration.images", "configuration.undo", "manifests"})
RELEASE_UPDATE = Allowance(
    updates={"kastellan:index:Prerequisites": _RELEASE_PROPERTIES, "kastellan:index:Release": _RELEASE_PROPERTIES}
)
"""An update of ZITADEL: the Release goes to another version, and its prerequisites are validated again (DI-4)."""


def guard(steps: Iterable[PlannedStep], allowance: Allowance) -> tuple[Reason, ...]:
    """Why the steps may not be carried out; empty where they may.

    Args:
        steps: all steps of one preview.
        allowance: what the item may touch.
    """
    return tuple(
        _reason(step, allowance)
        for step in steps
        if step.operation not in TOUCHES_NOTHING and not allowance.covers(step)
    )


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith((f"{root}.", f"{root}["))


def _reason(step: PlannedStep, allowance: Allowance) -> Reason:
    return Reason(
        code="unexpected-step",
        message=f"the preview would {step.operation.value} {step.type} {step.name}{_because(step, allowance)}, "
        "which is no part of this update",
        owner=Party.VENDOR,
        remediation="look at `pulumi preview --diff`; bring this change by itself in a run of its own, or take it back "
        "where it is not wanted",
        clause="DI-6",
        path=step.urn,
    )


def _because(step: PlannedStep, allowance: Allowance) -> str:
    allowed = allowance.updates.get(step.type, frozenset())
    extra = [path for path in step.changed if not any(_within(path, root) for root in allowed)]
    return f" ({', '.join(extra)})" if extra else ""
