"""PG-1, PG-2, PG-3, PG-7."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.preflight.checks.pg_1 import PG_1
from kastellan.preflight.checks.pg_2 import PG_2
from kastellan.preflight.checks.pg_3 import PG_3
from kastellan.preflight.checks.pg_7 import PG_7
from kastellan.preflight.database_facts import Administrator
from kastellan.preflight.facts import Refused
from kastellan.preflight.outcome import Outcome
from tests.unit.preflight.platforms import UNKNOWN, database, judged, requirement

_REFUSED = Refused(
    reason=Reason(
        code="tls-untrusted",
        message="its certificate does not verify",
        owner=Party.CUSTOMER,
        remediation="give the authority",
    )
)


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({}, Outcome.PASS, "PostgreSQL 17.4"),
        ({"version": 130_020}, Outcome.FAIL, "not among the supported versions"),
        ({"version": 190_000}, Outcome.FAIL, "not among the supported versions"),
        ({"version": 140_020}, Outcome.WARN, "its support ended on 2026-11-12"),
        ({"version": 150_012}, Outcome.PASS, "PostgreSQL 15.12"),
        ({"writable": False}, Outcome.FAIL, "standby or read-only"),
        ({"encrypted": False}, Outcome.FAIL, "not encrypted"),
        ({"foreign_authority_refused": False}, Outcome.ERROR, "proves nothing"),
    ],
)
def test_pg_1_wants_a_supported_writable_server_with_tls_that_refuses_a_foreign_authority(
    change: dict[str, Any], outcome: Outcome, words: str
) -> None:
    finding = judged(PG_1, database=database(**change))
    assert finding.outcome is outcome
    assert words in finding.observed


def test_a_refused_connection_fails_pg_1_with_its_own_reason_and_leaves_the_others_unknown() -> None:
    finding = judged(PG_1, database=_REFUSED)
    assert (finding.outcome, finding.remediation) == (Outcome.FAIL, "give the authority")
    assert judged(PG_2, database=_REFUSED).outcome is Outcome.UNKNOWN
    assert judged(PG_3, database=_REFUSED).outcome is Outcome.UNKNOWN
    assert judged(PG_7, database=_REFUSED).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("check", [PG_1, PG_2, PG_3, PG_7])
def test_a_database_that_does_not_answer_is_unknown(check: Any) -> None:
    assert judged(check, database=UNKNOWN).outcome is Outcome.UNKNOWN


_ADMIN = Administrator(creates_roles=True, creates_databases=True, grants=True)
_NOBODY = Administrator(creates_roles=False, creates_databases=False, grants=False)
_NEW = {"role_exists": False, "database_exists": False, "role_may_create": False}


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({}, Outcome.PASS, "may create"),
        ({"role_may_create": False}, Outcome.FAIL, "may not create"),
        ({"role_may_create": False, "admin": _ADMIN}, Outcome.PASS, "may grant"),
        ({"role_may_create": False, "admin": replace(_ADMIN, grants=False)}, Outcome.FAIL, "may not grant"),
        ({"role_may_create": False, "admin": replace(_NOBODY, grants=True)}, Outcome.PASS, "may grant"),
        ({"admin": _NOBODY}, Outcome.PASS, "may create"),
        ({**_NEW, "admin": _ADMIN}, Outcome.PASS, "role and database do not exist yet"),
        ({**_NEW, "admin": replace(_ADMIN, grants=False)}, Outcome.PASS, "may make and grant"),
        ({**_NEW, "admin": replace(_ADMIN, creates_roles=False)}, Outcome.FAIL, "lacks CREATEROLE"),
        ({**_NEW, "admin": _NOBODY}, Outcome.FAIL, "lacks CREATEROLE and CREATEDB"),
        (
            {**_NEW, "role_exists": True, "admin": replace(_ADMIN, creates_roles=False)},
            Outcome.PASS,
            "database does not",
        ),
        ({**_NEW, "role_exists": True, "admin": replace(_ADMIN, creates_databases=False)}, Outcome.FAIL, "CREATEDB"),
        ({**_NEW, "database_exists": True, "admin": replace(_ADMIN, grants=False)}, Outcome.FAIL, "may not grant"),
        (
            {**_NEW, "database_exists": True, "admin": replace(_ADMIN, creates_databases=False)},
            Outcome.PASS,
            "role does",
        ),
    ],
)
def test_pg_2_foresees_what_init_can_do_with_the_administrator_that_is_given(
    change: dict[str, Any], outcome: Outcome, words: str
) -> None:
    finding = judged(PG_2, database=database(**change))
    assert finding.outcome is outcome
    assert words in finding.observed


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, Outcome.PASS),
        ({"encoding": "LATIN1"}, Outcome.FAIL),
        ({"speaks_plpgsql": False}, Outcome.FAIL),
        ({"knows_time_zones": False}, Outcome.FAIL),
        ({"collation_stale": True}, Outcome.WARN),
    ],
)
def test_pg_7_wants_utf8_with_its_language_zones_and_collation_and_stops_nothing(
    change: dict[str, Any], outcome: Outcome
) -> None:
    finding = judged(PG_7, database=database(**change))
    assert (finding.outcome, finding.gates) == (outcome, frozenset())


@pytest.mark.parametrize(("left", "outcome"), [(55, Outcome.PASS), (54, Outcome.FAIL)])
def test_pg_3_passes_with_exactly_the_connections_needed_and_fails_with_one_less(left: int, outcome: Outcome) -> None:
    finding = judged(PG_3, requirement(connections=55), database=database(connections_left=left))
    assert finding.outcome is outcome
    assert finding.outcome is Outcome.PASS or "raise max_connections by 1" in finding.remediation


def test_a_pooler_in_transaction_mode_fails_pg_3_with_any_number_of_connections() -> None:
    finding = judged(PG_3, database=database(connections_left=10_000, session_kept=False))
    assert finding.outcome is Outcome.FAIL
    assert "session mode" in finding.remediation


def test_a_deed_that_comes_through_where_nothing_may_be_written_proves_nothing() -> None:
    found = judged(PG_2, database=database(read_only_refused=False))
    assert (found.outcome, found.owner) == (Outcome.ERROR, Party.VENDOR)
