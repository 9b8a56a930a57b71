"""RBAC-2: kastellan has no rights that it must not have."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.gate import WARN_ONLY
from kastellan.preflight.requirement import Requirement


def _excess(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    answers = known(facts.excess)
    if not answers:
        return undecided("no right was asked for", "report this as a defect of kastellan")
    given = [answer.right for answer in answers if answer.allowed]
    if len(given) == len(answers):
        return failed(
            f"it may do everything that was asked ({len(answers)} rights), as cluster-admin and system:masters may",
            "give kastellan an identity of its own with the role of RBAC-1; a member of system:masters keeps every "
            "right whatever its roles say, so another credential is needed there",
        )
    if given:
        return failed(f"it has rights that it never uses: {'; '.join(given)}", "take them out of its roles")
    return passed(f"all {len(answers)} dangerous rights that were asked for are denied")


RBAC_2 = Check(
    id="RBAC-2",
    title="kastellan has no rights that it must not have",
    owner=Party.CUSTOMER,
    expected=lambda _: "denied: secrets of the whole cluster, nodes/proxy, exec, escalate, bind, impersonate",
    judge=_excess,
    reads=("excess",),
    gates=WARN_ONLY,
)
