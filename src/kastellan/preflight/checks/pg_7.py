"""PG-7: encoding, collation, procedural language, time zones.

No release of the catalogue needs an extension: ZITADEL's schema uses PL/pgSQL, which every PostgreSQL brings, and
nothing besides (cmd/setup, the functions `eventstore.commands_to_events` and `eventstore.push`).
"""

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, warned
from kastellan.preflight.database_answer import in_session
from kastellan.preflight.database_facts import Database
from kastellan.preflight.finding import SQL, Verdict
from kastellan.preflight.gate import WARN_ONLY
from kastellan.preflight.requirement import Requirement


def _text(database: Database, requirement: Requirement) -> Verdict:
    if database.encoding != "UTF8":
        return failed(
            f"the encoding is {database.encoding}: names that it does not have cannot be stored",
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0; an encoding cannot be changed",
        )
    if not database.speaks_plpgsql:
        return failed("PL/pgSQL is not there, in which functions of ZITADEL are written", "CREATE EXTENSION plpgsql")
    if not database.knows_time_zones:
        return failed("the names of time zones are not there", "install the server's tzdata, and restart it")
    if database.collation_stale:
        return warned(
            f"collation {database.collation} changed with the operating system: indexes may be sorted wrongly",
            "REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION",
        )
    return passed(f"UTF8, collation {database.collation}, PL/pgSQL, time zones")


PG_7 = Check(
    id="PG-7",
    title="encoding, collation, language and time zones",
    owner=Party.CUSTOMER,
    expected=lambda _: "UTF8, a collation of the same version as its indexes, PL/pgSQL, names of time zones",
    judge=in_session(_text),
    reads=("database",),
    vantage=SQL,
    gates=WARN_ONLY,
)
