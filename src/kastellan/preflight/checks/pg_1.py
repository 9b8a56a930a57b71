"""PG-1: PostgreSQL is supported, writable and strictly encrypted."""

from datetime import date, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, failed, passed, warned
from kastellan.preflight.database_answer import database_answer
from kastellan.preflight.database_facts import ManagedService
from kastellan.preflight.facts import Facts, Refused
from kastellan.preflight.finding import PROVIDER, SQL, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.halves import Half, both
from kastellan.preflight.managed_service import encryption, heard, is_of
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.support_matrix import NOTICE_DAYS, POSTGRESQL


def _judged(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    managed = heard(facts.managed)
    if not isinstance(managed, ManagedService) or not is_of(managed):
        return _server(
            facts, requirement, today
        )  # a session shows all that is required; PG-4 and PG-5 tell who was not heard
    return both(
        Half(vantage=SQL, judge=lambda: _server(facts, requirement, today)),
        Half(vantage=PROVIDER, judge=lambda: encryption(managed, today)),
    )


def _server(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    database = database_answer(facts)
    if isinstance(database, Refused):
        reason = database.reason
        return failed(reason.message, reason.remediation, owner=reason.owner)
    if not database.foreign_authority_refused:
        return broken(
            "a connection that trusts a foreign authority was accepted, so the verification proves nothing",
            "report this as a defect of kastellan",
        )
    if not database.encrypted:
        return failed("the session is not encrypted", "switch TLS on (annex: strict TLS)")
    if not database.writable:
        return failed("the server is a standby or read-only", "give the address of the writable primary")
    major = database.version // 10_000
    ends = POSTGRESQL.get(major)
    version = f"PostgreSQL {major}.{database.version % 10_000}"
    if ends is None:
        supported = f"{min(POSTGRESQL)} to {max(POSTGRESQL)}"
        return failed(f"{version} is not among the supported versions", f"bring the server to {supported}")
    if ends < today + timedelta(days=NOTICE_DAYS):
        verb = "ended" if ends < today else "ends"
        return warned(f"{version}, writable, TLS verified; its support {verb} on {ends}", "plan the server's upgrade")
    return passed(f"{version}, writable, TLS verified with the given authority and refused with another")


PG_1 = Check(
    id="PG-1",
    title="PostgreSQL is supported, writable and strictly encrypted",
    owner=Party.CUSTOMER,
    expected=lambda _: f"version {min(POSTGRESQL)} to {max(POSTGRESQL)}, primary, TLS verified in full",
    judge=_judged,
    reads=("database", "managed"),
    vantage=SQL,
    guarantees=frozenset({Guarantee.STRICT_TLS, Guarantee.AVAILABILITY}),
    version=2,
)
