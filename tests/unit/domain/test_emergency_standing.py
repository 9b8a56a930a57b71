"""What an emergency starts, and when notice may be given of the contract (MU-4, MU-5)."""

from kastellan.domain.history import DecisionKind, History, TerminationNoticed, TerminationWithdrawn
from kastellan.domain.standing import State, standing
from tests.histories import (
    CONTRACT,
    NEW,
    PATCHED,
    at,
    denied,
    emergency,
    enrolled,
    offered,
    ran,
    said,
)
from tests.standings import SECOND, THREE, stand


class TestEmergency:
    NAME = f"emergency/{PATCHED}"

    def test_the_clock_does_not_run_before_the_notice_is_received(self) -> None:
        found = stand(
            "2026-06-30",
            enrolled(),
            *emergency("2026-02-02", received=None),
            denied("", when="2026-02-03", item=self.NAME),
        )
        assert found.emergencies[0].permit_by is None
        assert not found.escalations

    def test_a_denial_is_escalated_when_the_fifth_day_is_over_and_not_a_second_before(self) -> None:
        facts = History(
            (
                enrolled(),
                *emergency("2026-02-02", received="2026-02-02T10:00"),
                denied("", when="2026-02-03", item=self.NAME),
            )
        )
        limit = at("2026-02-08")
        assert standing(CONTRACT, facts, limit - SECOND).state is State.NORMAL
        assert standing(CONTRACT, facts, limit).state is State.ESCALATED
        assert standing(CONTRACT, facts, at("2026-02-14") - SECOND).state is State.ESCALATED
        assert standing(CONTRACT, facts, at("2026-02-14")).state is State.TERMINATION_RIGHT

    def test_silence_is_consent_and_our_delay_never_counts(self) -> None:
        found = stand("2026-06-30", enrolled(), *emergency("2026-02-02", received="2026-02-02"))
        assert not found.escalations

    def test_a_denial_after_the_fifth_day_fails_at_that_instant(self) -> None:
        facts = (
            enrolled(),
            *emergency("2026-02-02", received="2026-02-02"),
            denied("", when="2026-02-20T12:00", item=self.NAME),
        )
        assert stand("2026-02-20T12:00", *facts).escalations[0].failed_at == at("2026-02-20T12:00")

    def test_a_denial_that_is_withdrawn_in_time_is_no_failure(self) -> None:
        facts = (
            enrolled(),
            *emergency("2026-02-02", received="2026-02-02"),
            denied("", when="2026-02-03", item=self.NAME),
            said(DecisionKind.WITHDRAW, "", when="2026-02-05", item=self.NAME),
        )
        assert not stand("2026-03-01", *facts).escalations

    def test_the_patch_ends_it_whoever_brings_it(self) -> None:
        window = "2026-02-10T22:00"
        facts = (
            enrolled(),
            *emergency("2026-02-02", received="2026-02-02"),
            denied("", when="2026-02-03", item=self.NAME),
            *offered(window),
            ran(window, version=PATCHED),
        )
        found = stand("2026-02-12", *facts)
        assert found.state is State.NORMAL
        assert found.suspensions[0].until == at("2026-02-10T23:00")

    def test_an_older_release_does_not_end_it(self) -> None:
        window = "2026-02-10T22:00"
        facts = (
            enrolled(),
            *emergency("2026-02-02", received="2026-02-02"),
            denied("", when="2026-02-03", item=self.NAME),
            *offered(window),
            ran(window, version=NEW),
        )
        assert stand("2026-02-12", *facts).suspended

    def test_a_patch_that_supersedes_another_ends_both(self) -> None:
        newer = type(PATCHED)(4, 13, 3)
        facts = (
            enrolled(),
            *emergency("2026-02-02", received="2026-02-02"),
            *emergency("2026-02-04", received="2026-02-04", version=newer),
            ran("2026-02-05", item=f"emergency/{newer}", version=newer),
        )
        found = stand("2026-02-06", *facts)
        assert [one.completed_at for one in found.emergencies] == [at("2026-02-05T01:00")] * 2


class TestTermination:
    def test_thirty_days_after_the_notice_it_ends_and_not_a_second_before(self) -> None:
        facts = History((*THREE, TerminationNoticed(at=at("2026-04-08T10:00"), who="Ada Example")))
        end = at("2026-05-09")
        assert standing(CONTRACT, facts, end - SECOND).state is State.NOTICE_GIVEN
        assert standing(CONTRACT, facts, end).state is State.ENDED

    def test_a_notice_that_is_taken_back_is_none(self) -> None:
        facts = (
            *THREE,
            TerminationNoticed(at=at("2026-04-08"), who="Ada Example"),
            TerminationWithdrawn(at=at("2026-04-09"), who="Ada Example", reason="agreed"),
        )
        assert stand("2026-06-30", *facts).state is State.TERMINATION_RIGHT
