"""What a provider says of its managed database, judged: it sees what no session of PostgreSQL does."""

from dataclasses import replace
from datetime import date, timedelta

from kastellan.domain.party import Party
from kastellan.domain.restore_point import PROMISED_RPO
from kastellan.preflight.check import UndeterminedError, failed, passed, undecided, warned
from kastellan.preflight.database_facts import MadeDatabase, ManagedService
from kastellan.preflight.facts import Unknown
from kastellan.preflight.finding import PROVIDER, Part, Verdict
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.support_matrix import NOTICE_DAYS

DAILY_SECONDS = 36 * 3600.0
"""A daily backup that is older was left out once (DI-7); half a day more, because they begin within a window."""
_ANOTHER = "name the instance that the database is in (installation:restorePoints.cloudSql or .rds)"
ATTEST_RESTORE = "attest the last restore of a backup, with its protocol (docs/checks/PG-5.md)"
CREDENTIAL = (
    "name the instance (installation:restorePoints.cloudSql or .rds) and run this with a credential that may read it "
    "(docs/checks/PG-4.md)"
)
"""What to do where a provider could be asked and was not."""


def heard(managed: ManagedService | NotProbed | Unknown) -> ManagedService | NotProbed:
    """What the provider said, or that none is named; one that was asked in vain ends the check with UNKNOWN."""
    if isinstance(managed, Unknown):
        raise UndeterminedError(managed)
    return managed


def standby(managed: ManagedService) -> Verdict:
    """Whether a standby stands in another zone."""
    told = f"{managed.provider} says of {managed.name}"
    if (other := _another(managed)) is not None:
        return other
    zones = ", ".join(managed.zones) or "zones not told"
    if not managed.regional or len(set(managed.zones)) == 1:
        return _seen(
            failed(f"{told}: no standby in another zone ({zones})", "give it one (Cloud SQL: regional; RDS: Multi-AZ)")
        )
    if not managed.serves:
        return _seen(undecided(f"{told}: {managed.state or 'no state'} ({zones})", "see why it does not run"))
    if len(set(managed.zones)) < 2:
        return _seen(undecided(f"{told}: regional, but {zones}", "wait until its standby is made, and run it again"))
    return _seen(passed(f"{told}: regional, in {zones}; that it takes over, only a drill shows"))


def backups(managed: ManagedService) -> Verdict:
    """Whether it is backed up within the hour; that a backup restores, no setting shows, so this never passes."""
    told = f"{managed.provider} says of {managed.name}"
    if (other := _another(managed)) is not None:
        return other
    if not managed.backups:
        return _seen(failed(f"{told}: automated backups are off", "switch them on"))
    if not managed.log_days:
        hour = round(PROMISED_RPO.total_seconds() / 60)
        return _seen(
            failed(f"{told}: point-in-time recovery is off, so more than {hour} minutes may be lost", "switch it on")
        )
    last = managed.backed_up_seconds_ago
    due = managed.age_seconds if last is None else last
    if due > DAILY_SECONDS:
        since = "none succeeded since it was made" if last is None else f"the last that succeeded is {_hours(last)} old"
        return _seen(failed(f"{told}: backups are on, and {since}", "see its operations, and make one now"))
    behind = managed.restorable_seconds_ago
    if behind is not None and behind > PROMISED_RPO.total_seconds():
        return _seen(
            failed(f"{told}: the newest instant that it may be recovered to is {_hours(behind)} ago", "see its events")
        )
    done = "the first is due within a day" if last is None else f"the last one {_hours(last)} ago"
    return _seen(
        undecided(
            f"{told}: daily backups, {managed.backups_kept} kept, {done}; log of {managed.log_days} days; that a "
            "backup restores is not seen here",
            ATTEST_RESTORE,
        )
    )


def encryption(service: ManagedService, today: date) -> Verdict:
    """Whether it lets anybody in without TLS, and when the authority of its certificate ends, as far as it tells."""
    told = f"{service.provider} says of {service.name}"
    ends = service.authority_ends
    if ends is not None and ends.date() < today + timedelta(days=NOTICE_DAYS):
        return _seen(
            warned(f"{told}: the authority of its certificate ends on {ends.date()}", "rotate it to a newer authority")
        )
    if service.tls_forced is False:
        return _seen(
            warned(
                f"{told}: sessions without TLS are let in, too",
                "refuse them (Cloud SQL: sslMode ENCRYPTED_ONLY; RDS: rds.force_ssl = 1)",
            )
        )
    plain = "no session without TLS" if service.tls_forced else "not whether sessions without TLS are let in"
    return _seen(passed(f"{told}: {service.version}, {plain}"))


def of_whom_made_it(verdict: Verdict, made: MadeDatabase | None) -> Verdict:
    """The verdict, and the vendor's turn where the stack itself makes the database."""
    return replace(verdict, owner=Party.VENDOR) if made else verdict


def is_of(managed: ManagedService) -> bool:
    """Whether it is about the database that is looked at."""
    return managed.host in managed.reached_as


def _another(managed: ManagedService) -> Verdict | None:
    if is_of(managed):
        return None
    names = ", ".join(managed.reached_as) or "nothing"
    observed = f"{managed.provider} knows {managed.name} as {names}, and the database is at {managed.host}"
    return undecided(observed, _ANOTHER)


def _seen(verdict: Verdict) -> Verdict:
    part = Part(vantage=PROVIDER, outcome=verdict.outcome, observed=verdict.observed)
    return Verdict(
        outcome=verdict.outcome,
        observed=verdict.observed,
        remediation=verdict.remediation,
        owner=verdict.owner,
        parts=(part,),
    )


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h"
