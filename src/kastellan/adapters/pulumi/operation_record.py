"""Folds the messages of one operation: events for who watches, and what was planned, found or done at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kastellan.domain.errors import StepFailedError
from kastellan.planning.planned_step import Operation, PlannedStep
from kastellan.planning.resource_drift import ForeignChange, ResourceDrift
from kastellan.ports.clock import Clock
from kastellan.ports.provisioner import EventKind, ProvisionerEvent, StepRecord

Message = Mapping[str, Any]

_EVENTS = {"begun": EventKind.BEGUN, "done": EventKind.DONE, "failed": EventKind.FAILED}


@dataclass
class _Step:
    """One step on its way."""

    message: Message
    began: float
    ended: float | None = None
    succeeded: bool = False


@dataclass
class OperationRecord:
    """See the module.

    Attributes:
        clock: measures, by `monotonic`.
    """

    clock: Clock
    _began: float = 0.0
    _steps: dict[tuple[str, str], _Step] = field(default_factory=dict)
    _done: list[Message] = field(default_factory=list)
    _said: list[Message] = field(default_factory=list)
    _summary: dict[str, int] = field(default_factory=dict)
    _lost: bool = False

    def __post_init__(self) -> None:
        self._began = self.clock.monotonic()

    @property
    def seconds(self) -> float:
        """Since the operation began."""
        return self.clock.monotonic() - self._began

    @property
    def errors(self) -> tuple[str, ...]:
        """What was said as an error, in order."""
        return tuple(said["text"] for said in self._said if said["severity"] == "error")

    @property
    def begun(self) -> bool:
        """Whether work on any resource was begun."""
        return bool(self._steps)

    def take(self, message: Message) -> ProvisionerEvent | None:
        """Note a message; what is to be told of it, or None."""
        match message["kind"]:
            case "begun" | "done" | "failed":
                return self._take_step(message)
            case "said":
                if not message["ephemeral"]:
                    self._said.append(message)
                resource = _resource(message["urn"])
                return self._event(EventKind.TOLD, resource, None, text=message["text"])
            case "summary":
                self._summary = message["changes"]
            case _:  # `lost`
                self._lost = True
        return None

    def planned(self) -> tuple[PlannedStep, ...]:
        """The steps of a preview.

        Raises:
            StepFailedError: not every step can have been seen.
        """
        self._require_all()
        return tuple(
            PlannedStep(
                **_identity(step.message),
                operation=Operation.parse(step.message["op"]),
                changed=tuple(step.message["changed"]),
                warnings=self._texts(step.message["urn"], "warning"),
            )
            for step in self._steps.values()
        )

    def drift(self) -> tuple[ResourceDrift, ...]:
        """What a preview of a refresh found.

        Raises:
            StepFailedError: not every resource can have been seen.
        """
        self._require_all()
        return tuple(
            ResourceDrift(
                **_identity(message),
                operation=Operation.parse(message["op"]),
                changed=tuple(message["changed"]),
                changes=tuple(
                    ForeignChange(what=str(change["what"]), authors=tuple(map(str, change["authors"])))
                    for change in message.get("drift", ())
                ),
            )
            for message in self._done
            if message["op"] not in (Operation.SAME, Operation.REFRESH, Operation.READ)
        )

    def records(self) -> tuple[StepRecord, ...]:
        """What was done, in the order in which it began."""
        now = self.clock.monotonic()
        return tuple(
            StepRecord(
                **_identity(step.message),
                operation=Operation.parse(step.message["op"]),
                seconds=(now if step.ended is None else step.ended) - step.began,
                succeeded=step.succeeded,
                diagnostics=self._texts(step.message["urn"]),
            )
            for step in self._steps.values()
            if step.message["op"] != Operation.SAME
        )

    def _take_step(self, message: Message) -> ProvisionerEvent | None:
        now = self.clock.monotonic()
        key = (message["urn"], message["op"])
        if message["kind"] == "begun":
            self._steps.setdefault(key, _Step(message, now))
        else:
            self._done += [message] if message["kind"] == "done" else []
            step = self._steps.get(key)
            if step is None or step.ended is not None:  # a component tells its outputs once more
                return None
            step.ended, step.succeeded = now, message["kind"] == "done"
        operation = Operation.parse(message["op"])
        if operation is Operation.SAME:
            return None
        return self._event(_EVENTS[message["kind"]], _resource(message["urn"]), operation)

    def _event(
        self, kind: EventKind, resource: str, operation: Operation | None, *, text: str = ""
    ) -> ProvisionerEvent:
        return ProvisionerEvent(kind=kind, resource=resource, operation=operation, seconds=self.seconds, text=text)

    def _texts(self, urn: str, *severities: str) -> tuple[str, ...]:
        return tuple(
            said["text"]
            for said in self._said
            if said["urn"] == urn and (not severities or said["severity"] in severities)
        )

    def _require_all(self) -> None:
        """The engine's own count must not exceed what was seen, or a step could pass unseen."""
        seen: dict[str, int] = {}
        for _, operation in {(m["urn"], m["op"]) for m in [*(s.message for s in self._steps.values()), *self._done]}:
            seen[operation] = seen.get(operation, 0) + 1
        if self._lost or any(seen.get(operation, 0) < count for operation, count in self._summary.items()):
            raise StepFailedError(
                "events of Pulumi's engine were lost, so that not every step was seen",
                step="pulumi",
                remediation="see whether this kastellan is as new as the `pulumi` on PATH, then try again",
            )


def _identity(message: Message) -> dict[str, str]:
    urn: str = message["urn"]
    return {"urn": urn, "type": message["type"], "name": urn.rpartition("::")[2]}


def _resource(urn: str) -> str:
    """Type and name of a resource; its parents, which the URN names too, are left out."""
    parts = urn.split("::")
    return f"{parts[2].rpartition('$')[2]} {parts[3]}" if len(parts) == 4 else ""
