"""What an engine that was killed noted as begun and never ended, in the state of a stack.

An ordinary `pulumi refresh` asks the provider about such a resource and forgets a creation that it cannot find, which
may orphan an object. Our own resources look before they act and adopt what is there, so that for them the note can be
dropped, and the next `up` finishes. Of anything else a person has to look.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

_ADOPTING = ("kastellan:",)
"""Packages whose resources adopt what an interrupted operation left (ADR 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One pending operation.

    Attributes:
        urn: of the resource.
        type: token.
        operation: `creating`, `updating`, `deleting`, `reading` or `importing`.
    """

    urn: str
    type: str
    operation: str

    @property
    def may_be_dropped(self) -> bool:
        """Whether the next `up` finds for itself what it left."""
        return self.type.startswith(_ADOPTING)

    def __str__(self) -> str:
        return f"{self.operation} {self.type} {self.urn.rpartition('::')[2]}"


def pending_operations(state: Mapping[str, Any]) -> tuple[Pending, ...]:
    """All pending operations of an exported state."""
    noted = state["deployment"].get("pending_operations") or ()
    return tuple(
        Pending(urn=one["resource"]["urn"], type=one["resource"]["type"], operation=one["type"]) for one in noted
    )


def without_droppable(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state without the pending operations that may be dropped."""
    cleaned = copy.deepcopy(dict(state))
    deployment = cleaned["deployment"]
    kept = [
        noted
        for noted, pending in zip(deployment.get("pending_operations") or (), pending_operations(state), strict=True)
        if not pending.may_be_dropped
    ]
    deployment["pending_operations"] = kept
    return cleaned


def pending_reason(stack: str, pending: Pending) -> Reason:
    """Why recovery leaves a pending operation to a person."""
    clear = f"`pulumi refresh --stack {stack} --clear-pending-creates`"
    if pending.operation not in ("creating", "importing"):
        look = f"run `pulumi refresh --stack {stack} --target {pending.urn}`, which asks the provider how it stands"
    elif pending.type.startswith(("gcp:", "aws:")):
        name = pending.urn.rpartition("::")[2]
        look = f"run {clear}, then `kastellan adopt {stack} {name}`, which takes it over where the cloud has it"
    else:
        look = (
            f"look whether the object exists: if so, `pulumi import --stack {stack}` it under this name, else {clear}"
        )
    return Reason(
        code="pending-operation",
        message=f"an operation on stack {stack} was cut off while {pending}",
        owner=Party.VENDOR,
        remediation=look,
        path=pending.urn,
    )
