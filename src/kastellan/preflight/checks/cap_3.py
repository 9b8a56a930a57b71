"""CAP-3: a zone is lost in the middle of a maintenance, at full scale, with one node being drained."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check
from kastellan.preflight.checks.cap_2 import autoscaled, model_of
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_loss.losses import losses
from kastellan.preflight.zone_loss.our_pods import grown, of_update
from kastellan.preflight.zone_loss.unseen_pods import also_without_pods
from kastellan.preflight.zone_loss.verdict import verdict


def _worst_moment(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    model = model_of(facts, requirement)
    if isinstance(model, Verdict):
        return model
    more = [*grown(model, requirement), *of_update(requirement)]
    return verdict(losses(model, more, draining=True), autoscaled=autoscaled(model))


CAP_3 = Check(
    id="CAP-3",
    title="room when a zone is lost during maintenance",
    owner=Party.CUSTOMER,
    expected=lambda requirement: (
        "a zone lost and one more node drained, with "
        + ", ".join(f"{need.count} {need.component}" for need in requirement.pods)
    ),
    judge=also_without_pods(_worst_moment),
    reads=("nodes", "pods"),
    gates=frozenset({Gate.MAINTENANCE}),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
    clause="DI-2",
    version=2,
)
