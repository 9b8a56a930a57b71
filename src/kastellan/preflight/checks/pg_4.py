"""PG-4: a standby of the database in another zone.

SQL shows a standby that replicates, and where both are pods of the cluster, their zones. A standby of a managed service
its provider's API shows. One of the storage nobody shows: somebody has to state it. What is seen to be wrong, no
statement mends.
"""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, asked_for, failed, known, passed, undecided, warned
from kastellan.preflight.database_facts import ManagedService, Replication, Standby
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import SQL, Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.managed_service import CREDENTIAL, heard, of_whom_made_it, standby
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement

MOST_SECONDS = 60.0
"""A standby that is further behind is no replacement: taking over, it would first have to replay what is missing, and
lose what it had not received. A number of our own; no source names one."""
_ATTEST = "attest a standby in another zone, with the provider's document (docs/checks/PG-4.md)"


def _standby(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    made = known(facts.made_database)
    seen = _seen(known(facts.replication))
    if seen.outcome is not Outcome.UNKNOWN:
        return seen
    managed = heard(facts.managed)
    if isinstance(managed, ManagedService):
        return of_whom_made_it(standby(managed), made)
    return asked_for(made.standby, managed.why, f"{CREDENTIAL}, or {_ATTEST}") if made else seen


def _seen(replication: Replication) -> Verdict:
    streaming = [one for one in replication.standbys if one.state == "streaming"]
    seen = replication.details_seen or not replication.senders
    if seen and replication.synchronous > sum(one.synchronous for one in streaming):
        return failed(
            f"commits wait for {replication.synchronous} synchronous standbys, and fewer stream: writes hang",
            "bring the standbys of synchronous_standby_names back, or take them out of it",
        )
    if not replication.senders and replication.lost_slots:
        return failed(
            f"nobody reads the replication slot {', '.join(replication.lost_slots)}: its standby is gone",
            "bring the standby back, or drop the slot, for which write-ahead log piles up",
        )
    if not replication.senders:
        return undecided("no standby streams from it; one of the storage or of a provider cannot be seen here", _ATTEST)
    if not replication.details_seen:
        return undecided(
            f"{replication.senders} connections receive its log, and the role may not see what they are",
            f"GRANT pg_monitor TO the role, or {_ATTEST}",
        )
    if not replication.standbys:
        return undecided("what receives its log does not replay it: no standby streams from it", _ATTEST)
    if not streaming:
        states = ", ".join(f"{one.name}: {one.state}" for one in replication.standbys)
        return failed(f"no standby has caught up ({states})", "wait until it streams; if it does not, look at its log")
    return _near(replication, streaming)


def _near(replication: Replication, streaming: list[Standby]) -> Verdict:
    measured = [one for one in streaming if one.seconds_behind is not None]
    if not measured:
        return undecided("how far its standbys are behind is not measured", "let them report wal_receiver_status")
    best = min(one.seconds_behind or 0.0 for one in measured)
    behind = Measure(value=best, unit="s behind", limit=MOST_SECONDS, more_is_better=False)
    near = [one for one in measured if (one.seconds_behind or 0.0) <= MOST_SECONDS]
    if not near:
        return failed(
            f"its nearest standby is {best:.0f} s behind",
            "find what holds it up: network, disk, or long queries on it",
            measure=behind,
        )
    elsewhere = [one for one in near if one.zone and replication.zone and one.zone != replication.zone]
    if not elsewhere:
        return _same_or_unknown(replication, near, behind)
    kind = "synchronous" if any(one.synchronous for one in elsewhere) else "asynchronous"
    told = f"{elsewhere[0].name} streams in {elsewhere[0].zone}, the primary is in {replication.zone}; {kind}"
    if replication.synchronous and replication.synchronous == sum(one.synchronous for one in streaming):
        return warned(
            f"{told}; commits wait for every synchronous standby there is, so that losing one stops writes",
            "have one more than synchronous_standby_names waits for, or an operator that changes it",
            behind,
        )
    return passed(f"{told}, {best:.0f} s behind", behind)


def _same_or_unknown(replication: Replication, near: list[Standby], behind: Measure) -> Verdict:
    names = ", ".join(one.name for one in near)
    if replication.zone and all(one.zone for one in near):
        return failed(
            f"primary and standby ({names}) are both in {replication.zone}",
            "spread them over zones, by topologySpreadConstraints or anti-affinity on the zone",
            measure=behind,
        )
    return undecided(f"{names} streams; in which zones it and the primary are cannot be seen here", _ATTEST)


PG_4 = Check(
    id="PG-4",
    title="a standby of the database in another zone",
    owner=Party.CUSTOMER,
    expected=lambda _: f"a standby in another zone, at most {MOST_SECONDS:g} s behind where it streams",
    judge=_standby,
    reads=("replication", "made_database", "managed"),
    vantage=SQL,
    guarantees=frozenset({Guarantee.AVAILABILITY, Guarantee.ZONE_LOSS}),
    clause="DI-2",
    version=3,
)
