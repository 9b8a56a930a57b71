"""POD-1: pods are admitted."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, known, warned
from kastellan.preflight.dry_runs import judge_dry_runs
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement


def _pod_security(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    tried = known(facts.pod_admission)
    verdict = judge_dry_runs(tried, "let the namespace's policies admit pods of the level `restricted`")
    elsewhere = next((one.elsewhere for one in tried if one.elsewhere), "")
    if elsewhere and verdict.outcome is Outcome.PASS:
        return warned(
            f"{verdict.observed}, but in namespace {elsewhere}: the installation's own is not there yet, so what "
            "selects by namespace was not asked",
            "make the namespace and run it again, or rely on the label that the installation gives it (`restricted`)",
        )
    return verdict


POD_1 = Check(
    id="POD-1",
    title="pods are admitted",
    owner=Party.CUSTOMER,
    expected=lambda _: "every pod of ours is admitted in a dry run",
    judge=_pod_security,
    reads=("pod_admission",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
    version=2,
)
