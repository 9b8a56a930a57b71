"""PG-1, PG-2, PG-3: the database."""

from collections.abc import Callable
from datetime import date, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, UndeterminedError, failed, passed, undecided, warned
from kastellan.preflight.facts import Database, Facts, Refused, Unknown
from kastellan.preflight.finding import SQL, Measure, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.support_matrix import NOTICE_DAYS, POSTGRESQL


def _answer(facts: Facts) -> Database | Refused:
    if isinstance(facts.database, Unknown):
        raise UndeterminedError(facts.database)
    return facts.database


def _server(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    database = _answer(facts)
    if isinstance(database, Refused):
        reason = database.reason
        return failed(reason.message, reason.remediation, owner=reason.owner)
    if not database.foreign_authority_refused:
        return Verdict(
            outcome=Outcome.ERROR,
            observed="a connection that trusts a foreign authority was accepted, so the verification proves nothing",
            remediation="report this as a defect of kastellan",
            owner=Party.VENDOR,
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


def _privileges(database: Database, requirement: Requirement) -> Verdict:
    if database.admin_given:
        if database.admin_problem:
            return failed(database.admin_problem, "ALTER ROLE the administrator WITH CREATEROLE CREATEDB")
        if not database.exists:
            return passed("role and database do not exist yet; the administrator may make them")
    if not database.role_may_create:
        return failed(
            "the role may not create schemas in the database",
            "GRANT CONNECT, CREATE ON DATABASE to the role, or ALTER DATABASE … OWNER TO it",
        )
    return passed("the role may create schemas in the database")


def _connections(database: Database, requirement: Requirement) -> Verdict:
    if not database.session_kept:
        return failed(
            "session state is lost between transactions: there is a pooler in transaction mode",
            "give the server's own address, or a pooler in session mode",
        )
    measure = Measure(value=database.connections_left, unit="connections", limit=requirement.connections)
    if database.connections_left < requirement.connections:
        return failed(
            f"{database.connections_left} connections may be had (by {database.tightest}), "
            f"needed are {requirement.connections}",
            f"raise {database.tightest} by {requirement.connections - database.connections_left}, or free connections",
            measure=measure,
        )
    return passed(f"{database.connections_left} connections may be had (by {database.tightest})", measure)


def _in_session(judge: Callable[[Database, Requirement], Verdict]) -> Callable[[Facts, Requirement, date], Verdict]:
    """Without a session nothing more can be said: PG-1 says why."""

    def judged(facts: Facts, requirement: Requirement, today: date) -> Verdict:
        database = _answer(facts)
        if isinstance(database, Refused):
            return undecided("there is no session to ask in", "see PG-1")
        return judge(database, requirement)

    return judged


PG_1 = Check(
    id="PG-1",
    title="PostgreSQL is supported, writable and strictly encrypted",
    owner=Party.CUSTOMER,
    expected=lambda _: f"version {min(POSTGRESQL)} to {max(POSTGRESQL)}, primary, TLS verified in full",
    judge=_server,
    reads=("database",),
    vantage=SQL,
    guarantees=frozenset({Guarantee.STRICT_TLS, Guarantee.AVAILABILITY}),
)
PG_2 = Check(
    id="PG-2",
    title="the role has its privileges",
    owner=Party.CUSTOMER,
    expected=lambda _: "CONNECT and CREATE on the database; an administrator may create role and database",
    judge=_in_session(_privileges),
    reads=("database",),
    vantage=SQL,
    gates=frozenset({Gate.INSTALL}),
)
PG_3 = Check(
    id="PG-3",
    title="enough connections",
    owner=Party.CUSTOMER,
    expected=lambda requirement: f"{requirement.connections} free connections, sessions kept",
    judge=_in_session(_connections),
    reads=("database",),
    vantage=SQL,
    guarantees=frozenset({Guarantee.LOAD, Guarantee.MAINTENANCE}),
)
