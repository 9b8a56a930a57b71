"""Disruption budgets that are not ours and select our pods: with them nothing can be evicted any more.

Every pod of ours has a budget of ours, and the API server refuses to evict a pod that has two, whatever they allow
("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support":
kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go). A drain, an upgrade of nodes and our own rebalancing
would then wait for ever.
"""

from collections.abc import Iterable, Iterator

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.manifests.identity import INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from kastellan.preflight.label_rule import all_hold
from kastellan.preflight.pod_spec import selector_rules


def foreign_budgets(
    installation: Installation, budgets: Iterable[Manifest], workloads: Iterable[Manifest]
) -> Iterator[Reason]:
    """Why evictions of our pods would fail, one reason a budget of somebody else's; pure.

    Args:
        installation: ours.
        budgets: the live budgets of its namespace.
        workloads: our Deployments.
    """
    pods = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in workloads}
    for budget in budgets:
        labels = budget["metadata"].get("labels", {})
        ours = (labels.get(INSTANCE_LABEL), labels.get(MANAGED_BY_LABEL)) == (installation.name, MANAGED_BY)
        selector = budget["spec"].get("selector")
        if ours or selector is None:  # without a selector it selects nothing
            continue
        hit = [name for name, its in pods.items() if all_hold(selector_rules(selector), its)]
        if hit:
            yield Reason(
                code="foreign-budget",
                message=f"{ObjectRef.of(budget)} selects pods of {', '.join(hit)}, which have a budget of their own: "
                "the API server evicts no pod that has two",
                owner=Party.CUSTOMER,
                remediation=f"delete it, or let its selector leave out the label {INSTANCE_LABEL}={installation.name}",
                clause="DI-2",
                path=str(ObjectRef.of(budget)),
            )
