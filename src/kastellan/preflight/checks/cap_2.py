"""CAP-2: any one zone may be lost, and our pods find room in the others."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_loss.answer import answer
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from kastellan.preflight.zone_loss.losses import losses
from kastellan.preflight.zone_loss.our_pods import missing
from kastellan.preflight.zone_loss.unseen_pods import also_without_pods
from kastellan.preflight.zone_loss.verdict import verdict

_AUTOSCALERS = ("karpenter.sh/nodepool", "cluster-autoscaler.kubernetes.io/enabled")


def model_of(facts: Facts, requirement: Requirement) -> ClusterModel | Verdict:
    """The cluster with all our steady pods in it; those that do not run yet are placed as an installation would.

    Returns:
        A verdict where even that finds no room.
    """
    nodes = [node for node in known(facts.nodes) if node.architecture in requirement.architectures]
    model = ClusterModel(nodes, known(facts.pods))
    groups = missing(model, requirement)
    if not model.settle(groups):
        why = answer(model.situation(groups)).reason
        return failed(f"there is no room even with every zone: {why}", "see CAP-1")
    return model


def autoscaled(model: ClusterModel) -> bool:
    """Whether an autoscaler makes nodes here, as far as their labels tell."""
    return any(label in node.labels for node in model.nodes for label in _AUTOSCALERS)


def _zone_loss(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    model = model_of(facts, requirement)
    return model if isinstance(model, Verdict) else verdict(losses(model), autoscaled=autoscaled(model))


CAP_2 = Check(
    id="CAP-2",
    title="room when a zone is lost",
    owner=Party.CUSTOMER,
    expected=lambda _: "whichever zone is lost, our displaced pods fit where the others stand, even if ours go last",
    judge=also_without_pods(_zone_loss),
    reads=("nodes", "pods"),
    guarantees=frozenset({Guarantee.ZONE_LOSS, Guarantee.AVAILABILITY}),
    clause="DI-2",
    version=2,
)
