"""POD-1: pods are admitted."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, known
from kastellan.preflight.dry_runs import judge_dry_runs
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


def _pod_security(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return judge_dry_runs(
        known(facts.pod_admission), "let the namespace's policies admit pods of the level `restricted`"
    )


POD_1 = Check(
    id="POD-1",
    title="pods are admitted",
    owner=Party.CUSTOMER,
    expected=lambda _: "every pod of ours is admitted in a dry run",
    judge=_pod_security,
    reads=("pod_admission",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
