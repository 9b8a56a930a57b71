"""What a provider says of its database: evidence for PG-4 and PG-5, which a stack's own description is not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kastellan.domain.party import Party
from kastellan.preflight.check import Check
from kastellan.preflight.checks.pg_1 import PG_1
from kastellan.preflight.checks.pg_4 import PG_4
from kastellan.preflight.checks.pg_5 import PG_5
from kastellan.preflight.database_facts import MadeDatabase, ManagedService
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from tests.unit.preflight.platforms import MADE, UNKNOWN, archiving, judged, replication

_HOUR = 3600.0
_GOOD = ManagedService(
    provider="Cloud SQL", name="acme-db", version="POSTGRES_17_4", host="acme-db.sql.goog",
    reached_as=("10.0.0.3", "acme-db.sql.goog"), state="RUNNABLE", serves=True, regional=True,
    zones=("europe-west6-a", "europe-west6-b"), backups=True, backups_kept=35, log_days=7, age_seconds=90 * 24 * _HOUR,
    backed_up_seconds_ago=5 * _HOUR, restorable_seconds_ago=300.0, tls_forced=True,
    authority_ends=datetime(2035, 1, 1, tzinfo=UTC),
)  # fmt: skip


def _pg_4(made: Any = None, **changes: Any) -> Finding:
    return judged(PG_4, replication=replication(), made_database=made, managed=replace(_GOOD, **changes))


def _pg_5(made: Any = None, **changes: Any) -> Finding:
    return judged(PG_5, archiving=archiving(mode="off"), made_database=made, managed=replace(_GOOD, **changes))


@pytest.mark.parametrize(
    ("changes", "outcome", "words"),
    [
        ({}, Outcome.PASS, "regional, in europe-west6-a, europe-west6-b; that it takes over, only a drill shows"),
        (
            {"regional": False, "zones": ("europe-west6-a",)},
            Outcome.FAIL,
            "no standby in another zone (europe-west6-a)",
        ),
        ({"zones": ("europe-west6-a",)}, Outcome.FAIL, "no standby in another zone"),
        ({"zones": ()}, Outcome.UNKNOWN, "regional, but zones not told"),
        ({"state": "SUSPENDED", "serves": False}, Outcome.UNKNOWN, "SUSPENDED"),
        ({"host": "db.customer.example"}, Outcome.UNKNOWN, "and the database is at db.customer.example"),
    ],
)
def test_a_standby_is_what_the_provider_shows_whatever_the_stack_asked_for(
    changes: dict[str, Any], outcome: Outcome, words: str
) -> None:
    for made in (None, MADE):
        found = _pg_4(made, **changes)
        assert (found.outcome, words in found.observed) == (outcome, True), found
        assert found.vantage == "provider-api" or "host" in changes
        assert found.remediation or outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"backups": False}, "automated backups are off"),
        ({"log_days": 0}, "point-in-time recovery is off, so more than 60 minutes may be lost"),
        ({"backed_up_seconds_ago": 37 * _HOUR}, "the last that succeeded is 37 h old"),
        ({"backed_up_seconds_ago": None}, "none succeeded since it was made"),
        ({"restorable_seconds_ago": 2 * _HOUR}, "the newest instant that it may be recovered to is 2 h ago"),
    ],
)
def test_backups_that_the_provider_shows_to_lack_fail_whatever_the_stack_asked_for(
    changes: dict[str, Any], words: str
) -> None:
    for made in (None, MADE):
        found = _pg_5(made, **changes)
        assert (found.outcome, words in found.observed, found.vantage) == (Outcome.FAIL, True, "provider-api"), found


def test_backups_that_are_made_never_pass_because_none_was_seen_to_restore() -> None:
    alone = _pg_5()
    assert alone.outcome is Outcome.UNKNOWN
    assert "daily backups, 35 kept, the last one 5 h ago; log of 7 days" in alone.observed
    made = _pg_5(MADE)
    assert (made.outcome, made.owner, made.observed) == (Outcome.UNKNOWN, Party.VENDOR, alone.observed)
    young = _pg_5(backed_up_seconds_ago=None, age_seconds=_HOUR)
    assert (young.outcome, "the first is due within a day" in young.observed) == (Outcome.UNKNOWN, True)


@pytest.mark.parametrize("check", [PG_4, PG_5])
def test_what_a_stack_asks_for_and_nobody_saw_is_told_as_that_and_is_no_evidence(check: Check) -> None:
    found = judged(check, replication=replication(), archiving=archiving(mode="off"), made_database=MADE)
    assert (found.outcome, found.owner) == (Outcome.UNKNOWN, Party.VENDOR)
    assert "with a credential that may read it" in found.remediation
    assert found.observed.startswith("not seen (the stack names no provider), only asked for by this stack: ")


@pytest.mark.parametrize("check", [PG_4, PG_5])
@pytest.mark.parametrize("made", [None, MADE])
def test_a_provider_that_is_named_and_not_heard_leaves_it_unknown_whatever_the_stack_asked_for(
    check: Check, made: MadeDatabase | None
) -> None:
    hidden: dict[str, Any] = {"replication": replication(), "archiving": archiving(mode="off"), "managed": UNKNOWN}
    assert judged(check, made_database=made, **hidden).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "outcome", "words"),
    [
        ({}, Outcome.PASS, "POSTGRES_17_4, no session without TLS"),
        ({"tls_forced": False}, Outcome.WARN, "sessions without TLS are let in, too"),
        ({"tls_forced": None}, Outcome.PASS, "not whether sessions without TLS are let in"),
        ({"authority_ends": datetime(2026, 12, 24, tzinfo=UTC)}, Outcome.WARN, "ends on 2026-12-24"),
        ({"authority_ends": None}, Outcome.PASS, "no session without TLS"),
    ],
)
def test_whether_a_provider_lets_in_without_tls_is_told_beside_what_the_session_shows(
    changes: dict[str, Any], outcome: Outcome, words: str
) -> None:
    found = judged(PG_1, managed=replace(_GOOD, **changes))
    assert (found.outcome, found.vantage) == (outcome, "sql, provider-api"), found
    assert any(words in part.observed for part in found.parts), found


def test_a_provider_that_speaks_of_another_server_says_nothing_about_this_one() -> None:
    found = judged(PG_1, managed=replace(_GOOD, host="elsewhere", tls_forced=False))
    assert (found.outcome, found.vantage) == (Outcome.PASS, "sql")


def test_what_a_session_sees_outweighs_a_provider() -> None:
    same_zone = judged(PG_4, replication=replication(lost_slots=("standby",)), made_database=None, managed=_GOOD)
    assert same_zone.outcome is Outcome.FAIL
