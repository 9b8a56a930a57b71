"""What the database answered, for the checks that judge it."""

from collections.abc import Callable
from datetime import date

from kastellan.preflight.check import UndeterminedError, undecided
from kastellan.preflight.database_facts import Database
from kastellan.preflight.facts import Facts, Refused, Unknown
from kastellan.preflight.finding import Verdict
from kastellan.preflight.requirement import Requirement


def database_answer(facts: Facts) -> Database | Refused:
    """What it said; no answer at all ends the check with UNKNOWN."""
    if isinstance(facts.database, Unknown):
        raise UndeterminedError(facts.database)
    return facts.database


def in_session(judge: Callable[[Database, Requirement], Verdict]) -> Callable[[Facts, Requirement, date], Verdict]:
    """Without a session nothing more can be said: PG-1 says why."""

    def judged(facts: Facts, requirement: Requirement, today: date) -> Verdict:
        database = database_answer(facts)
        if isinstance(database, Refused):
            return undecided("there is no session to ask in", "see PG-1")
        return judge(database, requirement)

    return judged
