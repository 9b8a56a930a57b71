"""OBJ-1: backups can be written to the object storage, read, listed and deleted."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, tried, undecided, warned
from kastellan.preflight.dialogue_verdict import problem
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import OPERATOR_HOST, Measure, Verdict
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.probe_facts import Canary
from kastellan.preflight.requirement import Requirement

MOST_REQUESTS = 10
"""A probe must not become a cost (a lesson of velero#6285)."""
_STEPS = ("put", "get", "list", "delete", "gone")
_RIGHTS = "let the credential put, get, list and delete objects under the prefix"
_REMEDIATIONS = dict.fromkeys(_STEPS, _RIGHTS)


def _canary(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = tried(facts.canary)
    wrong = problem(seen.dialogue, _REMEDIATIONS, steps=_STEPS)
    return wrong or _promises(seen)


def _promises(seen: Canary) -> Verdict:
    measure = Measure(value=seen.requests, unit="requests", limit=MOST_REQUESTS, more_is_better=False)
    told = f"{seen.dialogue.told}: written, read, listed, deleted in {seen.requests} requests"
    if seen.region and seen.region != seen.expected_region:
        return failed(
            f"{told}; the bucket lies in {seen.region}, promised is {seen.expected_region}",
            "use a bucket in that region, outside of the installation's failure domain",
        )
    if seen.lock_promised:
        if seen.locked is None:
            return undecided(
                f"{told}; whether object lock is on is not told", "allow s3:GetBucketObjectLockConfiguration"
            )
        if not seen.locked:
            return failed(
                f"{told}; object lock is promised and off", "make a bucket with object lock; it cannot be added"
            )
    if not seen.region:
        return warned(
            f"{told}; the bucket does not tell its region", "allow s3:GetBucketLocation, or attest the region"
        )
    if not seen.versioned:
        said = "not told" if seen.versioned is None else "off"
        return warned(f"{told}; versioning is {said}", "switch versioning on: a backup that is overwritten is lost")
    return passed(f"{told}; versioning is on, object lock is {'on' if seen.locked else 'off'}", measure)


OBJ_1 = Check(
    id="OBJ-1",
    title="backups can be written and read back",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        f"a canary is put, read, listed and deleted in at most {MOST_REQUESTS} requests; versioning, region"
    ),
    judge=_canary,
    reads=("canary",),
    vantage=OPERATOR_HOST,
    gates=BOTH,
    guarantees=frozenset({Guarantee.RECOVERY}),
    clause="DI-7",
)
