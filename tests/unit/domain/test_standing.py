"""The clocks of MU-2 and MU-4 to MU-6: what starts them, when they end, and what never counts."""

import pytest

from kastellan.domain.history import DecisionKind, Fact, History, Verdict
from kastellan.domain.month_record import MonthState
from kastellan.domain.party import Party
from kastellan.domain.standing import State, standing
from tests.histories import (
    CONTRACT,
    PATCHED,
    at,
    denied,
    denied_month,
    emergency,
    enrolled,
    offered,
    ran,
    said,
)
from tests.standings import SECOND, THREE, months, stand


class TestMonths:
    def test_a_denied_window_makes_a_denied_month_when_the_month_is_over(self) -> None:
        facts = (enrolled(), *denied_month("2026-01"))
        assert months(stand("2026-01-31T23:59", *facts)) == ["open"]
        assert months(stand("2026-02-01", *facts)) == ["denied", "open"]

    def test_a_completed_run_makes_a_completed_month_at_once(self) -> None:
        facts = (enrolled(), *offered("2026-01-10T22:00"), ran("2026-01-10T22:00"))
        assert months(stand("2026-01-11", *facts)) == ["completed"]

    @pytest.mark.parametrize(
        ("why", "facts"),
        [
            ("nothing was offered", ()),
            ("the offer came too late", offered("2026-01-20T22:00", received="2026-01-07T00:00")),
            ("the notice was never received", offered("2026-01-20T22:00")[:1]),
            ("the customer was silent and we did not come", offered("2026-01-20T22:00")),
            (
                "our run failed",
                (*offered("2026-01-20T22:00"), ran("2026-01-20T22:00", Verdict.FAILED)),
            ),
            (
                "our run was inconclusive, whoever is to blame",
                (*offered("2026-01-20T22:00"), ran("2026-01-20T22:00", Verdict.INCONCLUSIVE, by=Party.CUSTOMER)),
            ),
            (
                "a third party stood in the way",
                (*offered("2026-01-20T22:00"), ran("2026-01-20T22:00", Verdict.BLOCKED, by=Party.THIRD_PARTY)),
            ),
            (
                "a denial was withdrawn",
                (
                    *offered("2026-01-20T22:00"),
                    denied("2026-01-20T22:00", when="2026-01-05"),
                    said(DecisionKind.WITHDRAW, "2026-01-20T22:00", when="2026-01-06"),
                ),
            ),
            (
                "it was put off within the budget",
                (*offered("2026-01-20T22:00"), said(DecisionKind.DEFER, "2026-01-20T22:00", when="2026-01-05")),
            ),
            (
                "one of two windows was not denied",
                (
                    *offered("2026-01-20T22:00"),
                    *offered("2026-01-27T22:00", item="regular/2026-01"),
                    denied("2026-01-20T22:00", when="2026-01-05"),
                ),
            ),
            (
                "the denial came after the window had begun",
                (*offered("2026-01-20T22:00"), denied("2026-01-20T22:00", when="2026-01-20T22:00")),
            ),
        ],
    )
    def test_a_month_is_neutral_where(self, why: str, facts: tuple[Fact, ...]) -> None:
        assert months(stand("2026-02-01", enrolled("2025-12-31T12:00"), *facts))[1] == MonthState.NEUTRAL, why

    def test_a_blocker_on_the_customers_side_counts_as_a_denial(self) -> None:
        run = ran("2026-01-20T22:00", Verdict.BLOCKED, by=Party.CUSTOMER)
        assert months(stand("2026-02-01", enrolled(), *offered("2026-01-20T22:00"), run)) == ["denied", "open"]

    def test_the_last_day_on_which_an_offer_is_in_time_is_the_fourteenth_before_the_window(self) -> None:
        window = "2026-01-31T22:00"
        late = (*offered(window, received="2026-01-18T00:00"), denied(window, when="2026-01-20"))
        in_time = (*offered(window, received="2026-01-17T23:59"), denied(window, when="2026-01-20"))
        assert months(stand("2026-02-02", enrolled(), *late))[0] == MonthState.NEUTRAL
        assert months(stand("2026-02-02", enrolled(), *in_time))[0] == MonthState.DENIED

    def test_a_window_over_the_end_of_its_month_keeps_the_month_open(self) -> None:
        facts = (enrolled(), *offered("2026-01-31T22:00"))
        assert months(stand("2026-02-01T03:59", *facts))[0] == MonthState.OPEN
        assert months(stand("2026-02-01T03:00", *facts, ran("2026-01-31T22:00")))[0] == MonthState.COMPLETED

    def test_a_window_that_the_customer_named_is_permitted_and_the_one_before_says_nothing(self) -> None:
        first, named = "2026-01-13T22:00", "2026-01-27T22:00"
        facts = (
            enrolled(),
            *offered(first),
            said(DecisionKind.DEFER, first, when="2026-01-12T09:00", chosen=named),
            *offered(named, received="2026-01-12T09:00"),
        )
        found = stand("2026-01-12T10:00", *facts)
        assert [(offer.moved, offer.permitted) for offer in found.offers] == [(True, False), (False, True)]
        assert months(stand("2026-02-01", *facts)) == ["neutral", "open"]


class TestRegular:
    def test_three_denied_months_are_escalated_when_the_third_is_over_and_not_a_second_before(self) -> None:
        end = at("2026-04-01")
        assert standing(CONTRACT, History(THREE), end - SECOND).state is State.DENYING
        found = standing(CONTRACT, History(THREE), end)
        assert found.state is State.ESCALATED
        assert found.suspended
        assert found.escalations[0].failed_at == end

    def test_two_denied_months_are_not_escalated(self) -> None:
        found = stand("2026-03-31T23:59", *THREE[:-3])
        assert found.state is State.DENYING
        assert found.denied_in_row == 2
        assert not found.suspensions

    def test_the_right_to_terminate_arises_when_the_fifth_day_is_over_and_not_a_second_before(self) -> None:
        right = at("2026-04-07")
        assert standing(CONTRACT, History(THREE), right - SECOND).state is State.ESCALATED
        assert standing(CONTRACT, History(THREE), right).state is State.TERMINATION_RIGHT

    @pytest.mark.parametrize("month", ["2026-02", "2026-03"])
    def test_a_neutral_month_interrupts_the_row(self, month: str) -> None:
        facts = [fact for fact in THREE if getattr(fact, "item", None) is None or fact.item.text != f"regular/{month}"]
        found = stand("2026-04-01", *facts)
        assert found.state is not State.ESCALATED
        assert not found.suspensions

    def test_a_completed_month_interrupts_the_row(self) -> None:
        window = "2026-02-20T22:00"
        facts = (*THREE, *offered(window), ran(window))
        assert stand("2026-04-01", *facts).denied_in_row == 1

    def test_an_emergency_patch_does_not_reset_the_row(self) -> None:
        patched = (
            *emergency("2026-02-11", received="2026-02-11"),
            ran("2026-02-12", item=f"emergency/{PATCHED}", version=PATCHED),
        )
        assert stand("2026-04-01", *THREE, *patched).state is State.ESCALATED

    def test_a_permit_after_the_escalation_keeps_the_right_from_arising(self) -> None:
        window = "2026-04-14T22:00"
        facts = (*THREE, *offered(window), said(DecisionKind.PERMIT, window, when="2026-04-03"))
        found = stand("2026-04-10", *facts)
        assert found.state is State.ESCALATED
        assert found.suspended

    def test_a_permit_that_is_taken_back_lets_the_right_arise_at_that_instant(self) -> None:
        window = "2026-04-14T22:00"
        facts = (
            *THREE,
            *offered(window),
            said(DecisionKind.PERMIT, window, when="2026-04-03"),
            denied(window, when="2026-04-09T08:00"),
        )
        assert stand("2026-04-09T07:59", *facts).state is State.ESCALATED
        found = stand("2026-04-09T08:00", *facts)
        assert found.state is State.TERMINATION_RIGHT
        assert found.escalations[0].right_at == at("2026-04-09T08:00")

    def test_completion_ends_escalation_suspension_and_row(self) -> None:
        window = "2026-04-14T22:00"
        found = stand("2026-04-20", *THREE, *offered(window), ran(window))
        assert found.state is State.NORMAL
        assert not found.suspended
        assert [(s.since, s.until) for s in found.suspensions] == [(at("2026-04-01"), at("2026-04-14T23:00"))]
        assert found.denied_in_row == 0

    def test_a_failed_run_of_ours_ends_nothing(self) -> None:
        window = "2026-04-14T22:00"
        facts = (*THREE, *offered(window), ran(window, Verdict.FAILED))
        assert stand("2026-04-20", *facts).suspended

    def test_a_second_row_after_a_completion_is_escalated_again(self) -> None:
        window = "2026-04-14T22:00"
        again = (*denied_month("2026-05"), *denied_month("2026-06"), *denied_month("2026-07"))
        found = stand("2026-08-01", *THREE, *offered(window), ran(window), *again)
        assert [escalation.failed_at for escalation in found.escalations] == [at("2026-04-01"), at("2026-08-01")]

    def test_a_fourth_denied_month_is_no_second_escalation(self) -> None:
        assert len(stand("2026-05-02", *THREE, *denied_month("2026-04")).escalations) == 1


class TestCadence:
    def test_the_quarter_ends_with_the_day_three_calendar_months_after_the_last_completion(self) -> None:
        window = "2026-01-31T22:00"
        facts = History((enrolled(), *offered(window), ran(window)))
        due = at("2026-05-01")
        kept = standing(CONTRACT, facts, due - SECOND).cadence
        assert kept is not None
        assert (kept.due_by, kept.missed_for) == (due, None)
        missed = standing(CONTRACT, facts, due).cadence
        assert missed is not None
        assert missed.missed_for is Party.VENDOR

    def test_a_gap_of_denied_windows_alone_is_the_customers(self) -> None:
        cadence = stand("2026-04-02", *THREE).cadence
        assert cadence is not None
        assert cadence.missed_for is Party.CUSTOMER

    def test_a_promise_that_was_broken_and_then_met_stays_on_record(self) -> None:
        window = "2026-05-12T22:00"
        found = stand("2026-05-20", enrolled(), *offered(window), ran(window))
        assert [one.missed_for for one in found.cadences] == [Party.VENDOR, None]
