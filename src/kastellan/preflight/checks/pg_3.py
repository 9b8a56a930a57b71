"""PG-3: enough connections, and sessions that are kept."""

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed
from kastellan.preflight.database_answer import in_session
from kastellan.preflight.database_facts import Database
from kastellan.preflight.finding import SQL, Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


def _connections(database: Database, requirement: Requirement) -> Verdict:
    if not database.session_kept:
        return failed(
            "sessions share server processes and settings: there is a pooler in transaction mode",
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


PG_3 = Check(
    id="PG-3",
    title="enough connections",
    owner=Party.CUSTOMER,
    expected=lambda requirement: f"{requirement.connections} free connections, sessions kept",
    judge=in_session(_connections),
    reads=("database",),
    vantage=SQL,
    guarantees=frozenset({Guarantee.LOAD, Guarantee.MAINTENANCE}),
)
