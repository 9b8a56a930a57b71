"""PG-4 and PG-5: what a session sees of standbys and of the archive, what it cannot see, and who may state it."""

from datetime import date
from typing import Any

import pytest

from kastellan.domain.service_plan import Platform
from kastellan.planning.made_database import made_database
from kastellan.preflight.checks.pg_4 import PG_4
from kastellan.preflight.checks.pg_5 import PG_5
from kastellan.preflight.database_facts import Archiving, Replication
from kastellan.preflight.exemption import Attestation
from kastellan.preflight.finding import Finding
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.guarantee_state import Standing
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.synchronous_standbys import waited_for
from tests.builders import installation
from tests.unit.preflight.platforms import (
    MADE,
    UNKNOWN,
    archiving,
    facts,
    judged,
    replication,
    report,
    standby,
)


def _pg_4(seen: Replication) -> Finding:
    return judged(PG_4, replication=seen, made_database=None)


def _pg_5(**changes: Any) -> Finding:
    return judged(PG_5, archiving=archiving(**changes), made_database=None)


_SYNC = standby(synchronous=True)
_FAR = standby(name="db-2", zone="c")
_HIDDEN = replication(details_seen=False, senders=1)


@pytest.mark.parametrize(
    ("seen", "outcome", "words"),
    [
        (replication(standby()), Outcome.PASS, "db-1 streams in b, the primary is in a; asynchronous"),
        (replication(standby(seconds_behind=60.0)), Outcome.PASS, "60 s behind"),
        (replication(standby(seconds_behind=60.1)), Outcome.FAIL, "its nearest standby is 60 s behind"),
        (replication(standby(seconds_behind=900.0), _FAR), Outcome.PASS, "db-2 streams in c"),
        (replication(standby(seconds_behind=None)), Outcome.UNKNOWN, "not measured"),
        (replication(standby(state="catchup")), Outcome.FAIL, "no standby has caught up"),
        (replication(standby(zone="a")), Outcome.FAIL, "both in a"),
        (replication(standby(zone="a"), _FAR), Outcome.PASS, "db-2 streams in c"),
        (replication(standby(zone="")), Outcome.UNKNOWN, "in which zones"),
        (replication(standby(), zone=""), Outcome.UNKNOWN, "in which zones"),
        (replication(standby(zone="a"), standby(zone="")), Outcome.UNKNOWN, "in which zones"),
        (replication(), Outcome.UNKNOWN, "no standby streams"),
        (replication(details_seen=False), Outcome.UNKNOWN, "no standby streams"),
        (_HIDDEN, Outcome.UNKNOWN, "the role may not see"),
        (replication(senders=1), Outcome.UNKNOWN, "does not replay"),
        (replication(lost_slots=("db_1",)), Outcome.FAIL, "slot db_1"),
        (replication(standby(), lost_slots=("old",)), Outcome.PASS, "db-1 streams"),
        (replication(_SYNC, synchronous=1), Outcome.WARN, "losing one stops writes"),
        (replication(_SYNC, standby(name="db-2", synchronous=True), synchronous=1), Outcome.PASS, "synchronous"),
        (replication(standby(), synchronous=1), Outcome.FAIL, "writes hang"),
        (replication(synchronous=1), Outcome.FAIL, "writes hang"),
        (replication(standby(synchronous=True, state="catchup"), synchronous=1), Outcome.FAIL, "writes hang"),
    ],
)
def test_pg_4_wants_a_near_standby_that_is_seen_in_another_zone(
    seen: Replication, outcome: Outcome, words: str
) -> None:
    finding = _pg_4(seen)
    assert (finding.outcome, finding.gates) == (outcome, BOTH)
    assert words in finding.observed
    assert bool(finding.remediation) is (outcome is not Outcome.PASS)


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({}, Outcome.UNKNOWN, "the log is archived, last 40 s ago"),
        ({"wal_level": "minimal"}, Outcome.FAIL, "minimal"),
        ({"mode": "off"}, Outcome.UNKNOWN, "archive_mode is off"),
        ({"mode": "off", "receivers": ("barman",)}, Outcome.UNKNOWN, "barman receives the log"),
        ({"failed_seconds_ago": 3.0}, Outcome.FAIL, "archiving fails; the last success is 40 s old"),
        ({"failed_seconds_ago": 3.0, "archived_seconds_ago": None}, Outcome.FAIL, "nothing was ever archived"),
        ({"failed_seconds_ago": 400.0}, Outcome.UNKNOWN, "the log is archived"),
        ({"archived_seconds_ago": None}, Outcome.FAIL, "nothing was ever archived"),
        ({"timeout_seconds": 0}, Outcome.FAIL, "archive_timeout is 0 s"),
        ({"timeout_seconds": 3600}, Outcome.UNKNOWN, "the log is archived"),
        ({"timeout_seconds": 3601}, Outcome.FAIL, "archive_timeout is 3601 s"),
        ({"archived_seconds_ago": 90_000.0}, Outcome.UNKNOWN, "the log is archived, last 1500 min ago"),
        ({"archived_seconds_ago": 3600.0, "waiting": 1}, Outcome.UNKNOWN, "the log is archived"),
        ({"archived_seconds_ago": 3601.0, "waiting": 1}, Outcome.FAIL, "1 segments wait"),
        ({"waiting": None}, Outcome.UNKNOWN, "how many wait cannot be told"),
    ],
)
def test_pg_5_fails_where_the_archive_is_seen_to_lag_and_else_wants_a_restore(
    change: dict[str, Any], outcome: Outcome, words: str
) -> None:
    finding = _pg_5(**change)
    assert (finding.outcome, finding.gates) == (outcome, BOTH)
    assert words in finding.observed
    assert outcome is Outcome.FAIL or "attest the last restore" in finding.remediation


def test_no_state_of_the_archive_passes_without_evidence_of_a_restore() -> None:
    everything = [
        archiving(wal_level=level, mode=mode, archived_seconds_ago=ago, waiting=waiting, receivers=receivers)
        for level in ("minimal", "replica", "logical")
        for mode in ("off", "on", "always")
        for ago in (None, 0.0, 10.0)
        for waiting in (None, 0, 5)
        for receivers in ((), ("pg_receivewal",))
    ]
    outcomes = {judged(PG_5, archiving=one, made_database=None).outcome for one in everything}
    assert outcomes == {Outcome.FAIL, Outcome.UNKNOWN}


@pytest.mark.parametrize("check", [PG_4, PG_5])
def test_a_database_that_does_not_answer_is_unknown_to_both(check: Any) -> None:
    found = judged(check, replication=UNKNOWN, archiving=UNKNOWN)
    assert found.outcome is Outcome.UNKNOWN
    assert judged(check, made_database=UNKNOWN).outcome is Outcome.UNKNOWN


def test_a_stack_states_what_it_makes_but_not_against_what_is_seen() -> None:
    hidden = replication(details_seen=False)
    assert judged(PG_4, replication=hidden, made_database=MADE).outcome is Outcome.UNKNOWN
    assert judged(PG_4, replication=replication(standby(zone="a")), made_database=MADE).outcome is Outcome.FAIL
    broken: Archiving = archiving(failed_seconds_ago=1.0)
    assert judged(PG_5, archiving=archiving(mode="off"), made_database=MADE).outcome is Outcome.UNKNOWN
    assert judged(PG_5, archiving=broken, made_database=MADE).outcome is Outcome.FAIL


@pytest.mark.parametrize("platform", Platform)
def test_only_the_database_that_a_stack_makes_is_stated_by_it(platform: Platform) -> None:
    stack = installation(platform=platform)
    assert bool(made_database(stack, stack.database.host)) is (platform is not Platform.EXISTING)
    assert made_database(stack, "other.customer.example") is None


def _attested(check: str) -> Attestation:
    return Attestation(
        check=check,
        statement="seen by others",
        by="platform team, Customer AG",
        stated=date(2026, 11, 20),
        document="d" * 64,
        expires=date(2027, 2, 20),
    )


def test_attestations_back_what_no_session_sees_and_never_cover_what_it_saw() -> None:
    unseen = facts(replication=replication(), archiving=archiving(mode="off"), made_database=None)
    statements = [_attested("PG-4"), _attested("PG-5")]
    stated = {state.guarantee: state for state in report(unseen, exemptions=statements).guarantees}
    assert stated[Guarantee.RECOVERY].standing is Standing.BACKED
    assert "stated, not seen: PG-5" in stated[Guarantee.RECOVERY].because
    assert stated[Guarantee.ZONE_LOSS].standing is Standing.BACKED
    alone = {state.guarantee: state.standing for state in report(unseen).guarantees}
    assert alone[Guarantee.RECOVERY] is alone[Guarantee.ZONE_LOSS] is Standing.UNKNOWN
    wrong = facts(replication=replication(standby(zone="a")), archiving=archiving(failed_seconds_ago=1.0))
    found = {one.check: one.outcome for one in report(wrong, exemptions=statements).findings}
    assert found["PG-4"] is found["PG-5"] is Outcome.FAIL


@pytest.mark.parametrize(
    ("setting", "count"),
    [
        ("", 0), ("  ", 0), ("db_1", 1), ("db_1, db_2", 1), ("*", 1), ("2 (a, b, c)", 2), ("FIRST 3 (a,b,c)", 3),
        ("ANY 2 (a, b, c)", 2), ("any 1(a)", 1), ('"ANY 2 (x"', 1), ("first", 1),
    ],
)  # fmt: skip
def test_the_setting_says_how_many_standbys_a_commit_waits_for(setting: str, count: int) -> None:
    assert waited_for(setting) == count
