"""A run folds from its events, and is read as it was written."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.history import Item, Verdict
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run import RunClosed, RunEvent, StepEnded, StepStarted, fold, run_id
from kastellan.domain.run_document import event_document, plan_document, read_event, read_plan, reasons_of
from kastellan.domain.run_step import ORDER, Blocked, Done, DoneAlready, Failed, Inconclusive, StepName
from kastellan.domain.version import Version
from tests.runs import REASON, START, run_plan

SECOND = timedelta(seconds=1)


def started(step: StepName, attempt: int = 1, *, after: int = 0) -> StepStarted:
    return StepStarted(at=START + after * SECOND, step=step, attempt=attempt, token=7, worker="h/1")


def ended(step: StepName, attempt: int = 1, *, after: int = 1) -> StepEnded:
    done = Done(summary="done", evidence={"n": 1})
    return StepEnded(at=START + after * SECOND, step=step, attempt=attempt, milliseconds=1500, outcome=done)


def test_the_id_is_the_same_for_whoever_plans_it_and_tells_runs_apart() -> None:
    assert run_plan().id == "acme.regular-2026-12.20261208T210000Z.1"
    assert run_plan(planned_at=START + SECOND).id == run_plan().id
    assert run_plan(attempt=2).id != run_plan().id
    assert run_id("acme", Item("emergency/v4.20.3"), None, 1) == "acme.emergency-v4.20.3.1"


def test_without_events_nothing_has_begun() -> None:
    record = fold(run_plan(), ())
    assert [step.name for step in record.steps] == list(ORDER)
    assert record.started_at is None
    assert record.last is None
    assert not record.changed


def test_an_attempt_that_never_ended_stays_open_and_the_next_one_counts() -> None:
    events: list[RunEvent] = [
        started(StepName.LEASE),
        ended(StepName.LEASE),
        started(StepName.UP, after=2),
        started(StepName.UP, 2, after=9),
        ended(StepName.UP, 2, after=12),
    ]
    record = fold(run_plan(), events)
    up = record.step(StepName.UP)
    assert [attempt.outcome is None for attempt in up.attempts] == [True, False]
    assert up.done
    assert up.spent == timedelta(seconds=1.5)
    assert record.changed
    assert record.last == up
    assert record.started_at == START
    assert record.events == 5
    assert not fold(run_plan(), events[:3]).step(StepName.UP).done


def test_undoing_stands_behind_the_soak_only_where_it_was_begun() -> None:
    names = [step.name for step in fold(run_plan(), [started(StepName.UNDO)]).steps]
    assert names.index(StepName.UNDO) == names.index(StepName.SOAK) + 1
    assert StepName.UNDO not in [step.name for step in fold(run_plan(), ()).steps]


def test_an_end_without_a_beginning_is_no_journal() -> None:
    with pytest.raises(ValueError, match="attempt 1 at up ended but never began"):
        fold(run_plan(), [ended(StepName.UP)])


def test_a_plan_is_read_as_it_was_written() -> None:
    for plan in (run_plan(), run_plan(window_start=None, window_end=None, item=Item("emergency/v4.13.1"))):
        assert read_plan(json.loads(json.dumps(plan_document(plan)))) == plan


texts = st.text(max_size=20)
instants = st.integers(0, 10**9).map(lambda seconds: START + timedelta(seconds=seconds))
reasons = st.builds(Reason, code=texts, message=texts, owner=st.sampled_from(Party), remediation=texts)
evidence = st.dictionaries(texts, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts, max_size=3)
outcomes = st.one_of(
    st.builds(Done, summary=texts, evidence=evidence),
    st.builds(DoneAlready, summary=texts, evidence=evidence),
    *(
        st.builds(kind, reasons=st.lists(reasons, min_size=1, max_size=3).map(tuple), evidence=evidence)
        for kind in (Blocked, Failed, Inconclusive)
    ),
)
counts = st.integers(0, 10**6)
events = st.one_of(
    st.builds(StepStarted, at=instants, step=st.sampled_from(StepName), attempt=counts, token=counts, worker=texts),
    st.builds(
        StepEnded,
        at=instants,
        step=st.sampled_from(StepName),
        attempt=counts,
        milliseconds=counts,
        outcome=outcomes,
    ),
    st.builds(
        RunClosed,
        at=instants,
        verdict=st.sampled_from(Verdict),
        attribution=st.sampled_from(Party),
        version=st.builds(Version, counts, counts, counts),
        reason=texts,
    ),
)


@given(event=events)
def test_every_event_is_read_as_it_was_written(event: RunEvent) -> None:
    assert read_event(json.loads(json.dumps(event_document(event)))) == event


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(ValueError, match="is no event of a run"):
        read_event({"kind": "step-skipped", "at": "2026-12-08T21:00:00Z"})


def test_only_what_is_not_done_has_reasons() -> None:
    assert reasons_of(Done(summary="done")) == ()
    assert reasons_of(Blocked(reasons=(REASON, REASON))) == (REASON, REASON)
    assert reasons_of(Inconclusive(reasons=(REASON,))) == (REASON,)
