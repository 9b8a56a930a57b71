"""A fleet on paper: the same seed gives the same year, and chance that cannot strike does not."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.interval import Interval
from kastellan.domain.party import Party
from kastellan.planning.simulation import Policy, Tally, simulate, start_within

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def played(number: int, policy: Policy, seed: int = 1, months: int = 13) -> Tally:
    *_, tally = simulate(number, months, BEGIN, policy, random.Random(seed).random)
    return tally


def test_the_same_seed_gives_the_same_year_and_another_one_another() -> None:
    policy = Policy()
    assert played(30, policy) == played(30, policy)
    assert played(30, policy).nights != played(30, policy, seed=2).nights


def test_where_nobody_denies_and_nothing_fails_there_is_no_escalation() -> None:
    tally = played(40, Policy(stubborn=0, fails=0))
    assert (tally.denied, tally.failed, tally.escalations) == (0, 0, 0)
    assert tally.missed_by == {}


def test_where_everybody_denies_everything_every_customer_is_escalated_once() -> None:
    tally = played(40, Policy(stubborn=1, denies=1, freezes=0))
    assert tally.runs == 0
    assert tally.escalations == tally.termination_rights == 40
    assert set(tally.missed_by) == {Party.CUSTOMER}


def test_where_every_run_of_ours_fails_the_promise_is_missed_by_us_and_nobody_is_escalated() -> None:
    tally = played(20, Policy(stubborn=0, fails=1))
    assert tally.escalations == 0
    assert set(tally.missed_by) == {Party.VENDOR}


def test_every_run_is_counted_in_a_night() -> None:
    tally = played(30, Policy())
    assert sum(tally.nights.values()) == tally.runs


@given(st.text(min_size=1, max_size=20), st.integers(4, 24))
def test_a_run_begins_in_its_window_and_leaves_room_to_end_in_it(name: str, hours: int) -> None:
    window = Interval(start=BEGIN, end=BEGIN + timedelta(hours=hours), names=())
    begin = start_within(name, window)
    assert window.start <= begin <= window.end - timedelta(hours=1)
    assert start_within(name, window) == begin


def test_a_fleet_is_spread_over_its_window() -> None:
    window = Interval(start=BEGIN, end=BEGIN + timedelta(hours=6), names=())
    hours: Iterable[int] = [(start_within(f"i{n}", window) - BEGIN) // timedelta(hours=1) for n in range(500)]
    assert all(70 <= sum(hour == one for one in hours) <= 130 for hour in range(5))
