"""CAP-1: room for all pods of an update, with what runs where it is."""

from datetime import date
from decimal import Decimal

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided, warned
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_loss.answer import answer
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from kastellan.preflight.zone_loss.our_pods import grown, of_update
from kastellan.preflight.zone_loss.room import MILLI
from kastellan.preflight.zone_loss.situation import Situation, sum_of
from kastellan.preflight.zone_loss.unseen_pods import also_without_pods

_ADD = "free or add capacity for pods of this size in the zones that are named, or lower other pods' requests"


def _headroom(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    model = ClusterModel(
        [node for node in known(facts.nodes) if node.architecture in requirement.architectures], known(facts.pods)
    )
    standing = grown(model, requirement)
    situation = model.situation([*standing, *of_update(requirement)])
    if not any(situation.open_to(group.kind) for group in situation.ours):
        return failed("no node takes pods", "see ZON-1")
    result = answer(situation)
    rest = _left(situation)
    measure = Measure(value=float(rest), unit="cores free", limit=0)
    if result.outcome is Outcome.FAIL:
        return failed(result.reason, _ADD, measure=measure)
    if result.outcome is Outcome.UNKNOWN:
        return undecided(result.reason, _ADD)
    if result.outcome is Outcome.WARN:
        return warned(result.reason, _ADD, measure)
    zones = {node.zone for node in model.nodes if node.zone}
    each = answer(model.situation([*standing, *of_update(requirement, at_least=len(zones))]))
    if each.outcome is not Outcome.PASS:
        return warned(
            f"an update may stand still: not every zone has room for one more pod ({each.reason})", _ADD, measure
        )
    return passed(
        f"all pods of an update fit wherever they go; {rest.normalize():f} cores of requests stay free", measure
    )


def _left(situation: Situation) -> Decimal:
    free = {site.node.name: max(0, site.free[0]) for group in situation.ours for site in situation.open_to(group.kind)}
    return Decimal(sum(free.values()) - sum_of(situation.ours)[0]) / MILLI


CAP_1 = Check(
    id="CAP-1",
    title="room for all pods of an update",
    owner=Party.CUSTOMER,
    expected=lambda requirement: (
        ", ".join(f"{need.count} {need.component}" for need in requirement.pods) + " placed evenly over the zones"
    ),
    judge=also_without_pods(_headroom),
    reads=("nodes", "pods"),
    guarantees=frozenset({Guarantee.LOAD, Guarantee.AVAILABILITY, Guarantee.MAINTENANCE}),
    clause="DI-2",
    version=3,
)
