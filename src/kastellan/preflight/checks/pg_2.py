"""PG-2: the role has its privileges."""

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed
from kastellan.preflight.database_answer import in_session
from kastellan.preflight.facts import Database
from kastellan.preflight.finding import SQL, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.requirement import Requirement


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


PG_2 = Check(
    id="PG-2",
    title="the role has its privileges",
    owner=Party.CUSTOMER,
    expected=lambda _: "CONNECT and CREATE on the database; an administrator may create role and database",
    judge=in_session(_privileges),
    reads=("database",),
    vantage=SQL,
    gates=frozenset({Gate.INSTALL}),
)
