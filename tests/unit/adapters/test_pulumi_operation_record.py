"""The messages of an operation, folded: events, planned steps, drift and step records."""

from typing import Any

import pytest

from kastellan.adapters.pulumi.operation_record import OperationRecord
from kastellan.domain.errors import StepFailedError
from kastellan.planning.planned_step import Operation
from kastellan.ports.provisioner import EventKind
from tests.fakes.clock import FakeClock

KIND = "kastellan:index:Release"
URN = f"urn:pulumi:acme::installation::{KIND}::acme"
STACK = "urn:pulumi:acme::installation::pulumi:pulumi:Stack::installation-acme"


def step(kind: str, op: str = "update", urn: str = URN, changed: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"kind": kind, "urn": urn, "type": urn.split("::")[2], "op": op, "changed": list(changed), **more}


def said(text: str, severity: str = "info", urn: str = URN, *, ephemeral: bool = False) -> dict[str, Any]:
    return {"kind": "said", "severity": severity, "text": text, "urn": urn, "ephemeral": ephemeral}


def summary(**changes: int) -> dict[str, Any]:
    return {"kind": "summary", "changes": changes}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def record(clock: FakeClock) -> OperationRecord:
    return OperationRecord(clock)


def test_an_update_becomes_events_and_one_record_with_its_time_and_what_was_said(
    record: OperationRecord, clock: FakeClock
) -> None:
    messages = [step("begun", "same", STACK), step("begun"), said("setup: 1 s", ephemeral=True), said("setup: done")]
    events = []
    for message in [*messages, step("done"), step("done", "same", STACK), summary(update=1, same=1)]:
        clock.sleep(2)
        events.append(record.take(message))
    assert [(event.kind, event.seconds, event.text) for event in events if event] == [
        (EventKind.BEGUN, 4, ""),
        (EventKind.TOLD, 6, "setup: 1 s"),
        (EventKind.TOLD, 8, "setup: done"),
        (EventKind.DONE, 10, ""),
    ]
    assert {event.resource for event in events if event} == {f"{KIND} acme"}
    (found,) = record.records()
    assert (found.operation, found.seconds, found.succeeded) == (Operation.UPDATE, 6, True)
    assert found.diagnostics == ("setup: done",), "what was said for a moment is no part of the record"


def test_a_step_that_did_not_end_did_not_succeed_and_took_until_now(record: OperationRecord, clock: FakeClock) -> None:
    record.take(step("begun"))
    clock.sleep(7)
    (found,) = record.records()
    assert (found.seconds, found.succeeded) == (7, False)


def test_a_step_that_failed_is_told_and_recorded_with_its_error(record: OperationRecord) -> None:
    record.take(step("begun"))
    record.take(said("it broke", "error"))
    event = record.take(step("failed"))
    assert event is not None
    assert event.kind is EventKind.FAILED
    assert record.errors == ("it broke",)
    assert [(found.succeeded, found.diagnostics) for found in record.records()] == [(False, ("it broke",))]


def test_a_preview_becomes_planned_steps_with_paths_and_warnings(record: OperationRecord) -> None:
    messages = [
        step("begun", "same", STACK),
        step("begun", changed=("configuration.version", "manifests")),
        said("would be refused", "warning"),
        said("3 objects change"),
        step("done", changed=("configuration.version", "manifests")),
        summary(same=1, update=1),
    ]
    for message in messages:
        record.take(message)
    same, update = record.planned()
    assert (same.type, same.name, same.operation) == ("pulumi:pulumi:Stack", "installation-acme", Operation.SAME)
    assert update.changed == ("configuration.version", "manifests")
    assert update.warnings == ("would be refused",)


def test_drift_is_what_a_refresh_would_correct_with_who_did_it(record: OperationRecord) -> None:
    found = {"what": "Deployment acme/zitadel: spec.replicas is 1, desired 3", "authors": ["kubectl"]}
    for message in (
        step("begun", "refresh", STACK),
        step("begun", "refresh"),
        step("done", "same", STACK),
        step("done", "update", changed=("drift",), drift=[found]),
        summary(same=1, update=1),
    ):
        record.take(message)
    (drift,) = record.drift()
    assert (drift.type, drift.operation, drift.changed) == (KIND, Operation.UPDATE, ("drift",))
    assert [(change.what, change.authors) for change in drift.changes] == [(found["what"], ("kubectl",))]


@pytest.mark.parametrize("flaw", [{"kind": "lost"}, summary(update=1, delete=1), summary(update=2)])
def test_a_preview_of_which_an_event_is_missing_is_no_preview(record: OperationRecord, flaw: dict[str, Any]) -> None:
    for message in (step("begun"), step("done"), flaw):
        record.take(message)
    with pytest.raises(StepFailedError, match="events of Pulumi's engine were lost"):
        record.planned()
    with pytest.raises(StepFailedError, match="events of Pulumi's engine were lost"):
        record.drift()


def test_a_word_that_is_not_known_is_unknown_and_not_left_out(record: OperationRecord) -> None:
    record.take(step("begun", "obliterate"))
    assert [found.operation for found in record.planned()] == [Operation.UNKNOWN]
