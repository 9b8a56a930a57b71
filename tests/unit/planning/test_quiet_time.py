"""A quiet time holds: until its end nothing becomes due, unless something is recorded."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kastellan.domain import window_expansion
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.contract import Contract
from kastellan.domain.history import DecisionKind, Fact, History
from kastellan.domain.standing import standing
from kastellan.planning.pending_update import pending
from kastellan.planning.quiet_time import LONGEST, quiet_until
from kastellan.planning.run_planning import NotNow, RunInput, plan_run
from tests.histories import CATALOGUE, CONTRACT, OLD, at, denied, emergency, enrolled, offered, ran, said

WINDOWS = window_expansion.windows(CONTRACT.window_plan({}), at("2026-01-01"), at("2026-07-01"))
MONTHS = ("2026-02", "2026-03", "2026-04")


def given_at(history: History, minutes: int, contract: Contract = CONTRACT) -> RunInput:
    now = at("2026-02-01") + timedelta(minutes=minutes)
    known = history.until(now + timedelta(days=2))  # a notice is recorded before it counts as received
    found = standing(contract, known, now)
    windows = [window for window in WINDOWS if window.end > now]
    return RunInput(
        installation="acme", contract=contract, catalogue=CATALOGUE, configured=ConfiguredRelease(version=OLD),
        history=known, found=found, windows=windows, runs=(), now=now,
        pending=pending(contract, CATALOGUE, known, found, windows, now),
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> History:
    facts: list[Fact] = [enrolled()]
    for month in MONTHS:
        start = f"{month}-10T22:00"
        facts += draw(st.sampled_from([
            (),
            offered(start),
            offered(start, received=f"{month}-09"),
            (*offered(start), denied(start, when=f"{month}-01T09:00")),
            (*offered(start), said(DecisionKind.PERMIT, start, when=f"{month}-10T23:00")),
            (*offered(start), ran(start)),
        ]))  # fmt: skip
    received = draw(st.sampled_from([None, "2026-02-20", "2026-02-21T10:30"]))
    facts += draw(st.sampled_from([(), emergency("2026-02-19", received=received)]))
    return History(tuple(facts))


@settings(max_examples=150, deadline=None)
@given(history=histories(), minutes=st.integers(0, 60 * 24 * 80), later=st.floats(0, 1, exclude_max=True))
def test_until_its_end_nothing_becomes_due(history: History, minutes: int, later: float) -> None:
    first = given_at(history, minutes)
    answer = plan_run(first)
    if not isinstance(answer, NotNow) or answer.due:
        return
    until = quiet_until("acme", CONTRACT, first.history, first.found, first.windows, answer, first.now)
    assert first.now < until <= first.now + LONGEST
    between = int((until - first.now).total_seconds() * later) // 60
    again = given_at(history, minutes + between)
    if again.history != first.history:
        return  # something was recorded
    found = plan_run(again)
    assert isinstance(found, NotNow)
    assert not found.due
    assert found.next_start == answer.next_start


def test_quiet_times_of_a_fleet_do_not_end_together() -> None:
    first = given_at(History((enrolled(),)), 60)
    answer = plan_run(first)
    assert isinstance(answer, NotNow)
    ends = {
        quiet_until(f"i{number}", CONTRACT, first.history, first.found, first.windows, answer, first.now)
        for number in range(50)
    }
    assert len(ends) == 50
