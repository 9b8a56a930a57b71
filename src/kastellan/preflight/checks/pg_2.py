"""PG-2: the role has its privileges, or will have them once `init` ran as the administrator.

`init` makes the role and the database where they do not exist and then grants the role everything on the database;
what it has no right to grant, it leaves (ZITADEL, cmd/initialise: verify_user, verify_database, verify_grant).
"""

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, failed, passed
from kastellan.preflight.database_answer import in_session
from kastellan.preflight.database_facts import Administrator, Database
from kastellan.preflight.finding import SQL, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.requirement import Requirement


def _privileges(database: Database, requirement: Requirement) -> Verdict:
    if not database.read_only_refused:
        return broken(
            "a schema could be made in a transaction that may only read, so making one proves nothing",
            "find out what answers in the server's place; if nothing does, report it as a defect",
        )
    if database.role_may_create:
        return passed("the role may create schemas in the database")
    if database.admin is None:
        return failed(
            "the role may not create schemas in the database",
            "GRANT CONNECT, CREATE ON DATABASE to the role, or ALTER DATABASE … OWNER TO it",
        )
    return _with(database.admin, database)


def _with(admin: Administrator, database: Database) -> Verdict:
    makes = [
        (database.role_exists, admin.creates_roles, "role", "CREATEROLE"),
        (database.database_exists, admin.creates_databases, "database", "CREATEDB"),
    ]
    if lacking := [attribute for exists, may, _, attribute in makes if not exists and not may]:
        return failed(
            f"the administrator lacks {' and '.join(lacking)}",
            f"ALTER ROLE the administrator WITH {' '.join(lacking)}",
        )
    if database.database_exists and not admin.grants:
        return failed(
            "the role may not create schemas in the database, and the administrator may not grant it that",
            "GRANT CONNECT, CREATE ON DATABASE to the role as its owner, or make the administrator the owner",
        )
    made = [what for exists, _, what, _ in makes if not exists]
    if not made:
        return passed("the role may not create schemas yet; the administrator may grant it that")
    verb = "do" if len(made) > 1 else "does"
    return passed(f"{' and '.join(made)} {verb} not exist yet; the administrator may make and grant what is missing")


PG_2 = Check(
    id="PG-2",
    title="the role has its privileges",
    owner=Party.CUSTOMER,
    expected=lambda _: "CONNECT and CREATE on the database, or an administrator who may make and grant what is missing",
    judge=in_session(_privileges),
    reads=("database",),
    vantage=SQL,
    gates=frozenset({Gate.INSTALL}),
    version=3,
)
