"""Room where the pods of a cluster may not be listed: what nodes alone still prove.

If all of ours do not even fit on empty nodes, that is certain, whatever stands there. If they do, it depends on what
stands there, so it stays unknown: but where the nodes are ZITADEL's alone (a taint that only our pods bear), a customer
can attest that nothing else is on them, and the attestation is no more than this (design: a dedicated pool turns the
loss of a zone into arithmetic).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from kastellan.preflight.check import UndeterminedError, failed, undecided
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.finding import Verdict
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.pod_facts import Pods
from kastellan.preflight.requirement import Requirement

Judge = Callable[[Facts, Requirement, date], Verdict]


def also_without_pods(judge: Judge) -> Judge:
    """The judgement, also where pods are unknown: then FAIL or UNKNOWN, and never a pass."""

    def judged(facts: Facts, requirement: Requirement, today: date) -> Verdict:
        if not isinstance(facts.pods, Unknown):
            return judge(facts, requirement, today)
        empty = judge(replace(facts, pods=Pods()), requirement, today)
        if empty.outcome is Outcome.FAIL:
            return failed(f"even if no other pod stood there: {empty.observed}", empty.remediation)
        if empty.outcome is not Outcome.PASS or not requirement.pool_taint:
            raise UndeterminedError(facts.pods)
        reason = facts.pods.reason
        return undecided(
            f"could not be determined: {reason.message}; the nodes of the pool {requirement.pool_taint} are enough as "
            "long as nothing else stands on them",
            f"{reason.remediation}; or attest that nothing else bears the taint of the pool",
            owner=reason.owner,
        )

    return judged
