"""VER-3: the cluster accepts our objects."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, known
from kastellan.preflight.dry_runs import judge_dry_runs
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


def _accepted(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return judge_dry_runs(known(facts.objects), "let the cluster accept these objects, or tell us what it asks for")


VER_3 = Check(
    id="VER-3",
    title="the cluster accepts our objects",
    owner=Party.VENDOR,
    expected=lambda _: "every object is accepted in a dry run",
    judge=_accepted,
    reads=("objects",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
    version=2,
)
