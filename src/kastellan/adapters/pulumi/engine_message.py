"""From the engine's events to messages without any value of a property, but for what our provider says about drift.

The engine blanks what it knows to be secret; here everything else goes, too, because a run's record needs no values.
"""

import re
from collections.abc import Mapping
from typing import Any

from pulumi.automation import EngineEvent, StepEventMetadata

Message = dict[str, Any]

_COLOUR = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_SHOWN_OUTPUTS = frozenset({"kastellan:index:Release"})
"""Types whose input `drift` is written for people, by our own provider, and holds no secret."""


def message_of(event: EngineEvent) -> Message | None:
    """The message of an event; None where nobody needs it."""
    if event.resource_pre_event:
        return _step("begun", event.resource_pre_event.metadata)
    if event.res_outputs_event:
        return _step("done", event.res_outputs_event.metadata)
    if event.res_op_failed_event:
        return _step("failed", event.res_op_failed_event.metadata)
    if event.diagnostic_event:
        told = event.diagnostic_event
        return _said(told.severity, told.message, told.urn, ephemeral=bool(told.ephemeral))
    if event.policy_event:
        broken = event.policy_event
        severity = "error" if broken.enforcement_level == "mandatory" else "warning"
        return _said(severity, f"policy {broken.policy_name}: {broken.message}", broken.resource_urn, ephemeral=False)
    if event.summary_event:
        return {"kind": "summary", "changes": {str(op): n for op, n in event.summary_event.resource_changes.items()}}
    return None


def _said(severity: str, text: str, urn: str | None, *, ephemeral: bool) -> Message | None:
    plain = _COLOUR.sub("", text).rstrip()
    if severity == "debug" or not plain:
        return None
    return {"kind": "said", "severity": severity, "text": plain, "urn": urn or "", "ephemeral": ephemeral}


def _step(kind: str, metadata: StepEventMetadata) -> Message:
    message: Message = {
        "kind": kind,
        "urn": metadata.urn,
        "type": metadata.type,
        "op": metadata.op.value,
        "changed": sorted(metadata.detailed_diff or metadata.diffs or ()),
    }
    if kind == "done" and metadata.type in _SHOWN_OUTPUTS and metadata.new is not None:
        message["drift"] = _drift(metadata.new.inputs or {})
    return message


def _drift(inputs: Mapping[str, Any]) -> list[Any]:
    found = inputs.get("drift")
    return found if isinstance(found, list) else []
