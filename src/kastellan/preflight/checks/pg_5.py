"""PG-5: backups with an RPO of at most an hour, which have been restored.

What PostgreSQL shows is whether its log is archived in time. That there is a base backup, and that both restore, it
does not know, and a provider knows the first alone: only dated evidence of a restore says so. So what is seen comes to
UNKNOWN at best, never to a pass.
"""

from datetime import date

from kastellan.domain.party import Party
from kastellan.domain.restore_point import PROMISED_RPO
from kastellan.preflight.check import Check, asked_for, failed, known
from kastellan.preflight.database_facts import Archiving, ManagedService
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import SQL, Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.managed_service import ATTEST_RESTORE, CREDENTIAL, backups, heard, of_whom_made_it
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement

_HOUR = PROMISED_RPO.total_seconds()


def _backups(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    made = known(facts.made_database)
    seen = _seen(known(facts.archiving))
    if seen.outcome is not Outcome.UNKNOWN:
        return seen
    managed = heard(facts.managed)
    if isinstance(managed, ManagedService):
        return of_whom_made_it(backups(managed), made)
    return asked_for(made.backups, managed.why, f"{CREDENTIAL}, and {ATTEST_RESTORE}") if made else seen


def _seen(archiving: Archiving) -> Verdict:
    if archiving.wal_level == "minimal":
        return failed("wal_level is minimal: no log that could be restored is written", "set wal_level = replica")
    if archiving.receivers:
        return _unproved(f"{', '.join(archiving.receivers)} receives the log as it is written")
    if archiving.mode == "off":
        return _unproved("archive_mode is off, and backups of the storage or of a provider cannot be seen here")
    return _archived(archiving)


def _archived(archiving: Archiving) -> Verdict:
    archived, failure = archiving.archived_seconds_ago, archiving.failed_seconds_ago
    if failure is not None and (archived is None or failure <= archived):
        since = "nothing was ever archived" if archived is None else f"the last success is {_ago(archived)} old"
        return failed(f"archiving fails; {since}", "read the server's log, and mend archive_command")
    if archived is None:
        return failed("nothing was ever archived", "SELECT pg_switch_wal(), and look at pg_stat_archiver")
    if not 0 < archiving.timeout_seconds <= _HOUR:
        return failed(
            f"archive_timeout is {archiving.timeout_seconds} s: what fills no segment waits for longer than an hour",
            "set archive_timeout = 5min",
        )
    if archiving.waiting is None:
        return _unproved(f"a segment was archived {_ago(archived)} ago; how many wait cannot be told")
    # What is complete waits since the last success; what is not is archived after the timeout at the latest.
    exposed = archived if archiving.waiting else min(archived, archiving.timeout_seconds)
    rpo = Measure(value=exposed, unit="s not archived", limit=_HOUR, more_is_better=False)
    if exposed > _HOUR:
        return failed(
            f"{archiving.waiting} segments wait, and the last was archived {_ago(archived)} ago",
            "make the archive faster than the log, and look at its storage",
            measure=rpo,
        )
    return _unproved(f"the log is archived, last {_ago(archived)} ago", rpo)


def _unproved(observed: str, measure: Measure | None = None) -> Verdict:
    return Verdict(
        outcome=Outcome.UNKNOWN,
        observed=f"{observed}; that a backup restores is not seen here",
        remediation=ATTEST_RESTORE,
        measure=measure,
    )


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


PG_5 = Check(
    id="PG-5",
    title="backups that lose at most an hour, and have been restored",
    owner=Party.CUSTOMER,
    expected=lambda _: "write-ahead log archived within the hour, and dated evidence of a restore",
    judge=_backups,
    reads=("archiving", "made_database", "managed"),
    vantage=SQL,
    guarantees=frozenset({Guarantee.RECOVERY}),
    clause="DI-7",
    version=3,
)
