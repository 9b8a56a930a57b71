"""What keeps the installation available: priority, disruption budgets, autoscaling, the namespace's own rules."""

from kastellan.domain.installation import Autoscaling, Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.edge import edge_replicas
from kastellan.manifests.identity import API, EDGE, LOGIN, labels, metadata, selector
from kastellan.manifests.pod import priority_class_name

_PRIORITY = 1_000_000
"""Above ordinary workloads (0), far below the system's classes (2,000,000,000)."""


def namespace(installation: Installation) -> Manifest:
    """The installation's own namespace (DI-1) under the Pod Security Standard `restricted`."""
    level = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": installation.namespace, "labels": labels(installation, API) | level},
    }


def priority_class(installation: Installation) -> Manifest:
    """Pods of an identity provider go before those that need it."""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": priority_class_name(installation), "labels": labels(installation, API)},
        "value": _PRIORITY,
        "globalDefault": False,
        "preemptionPolicy": "PreemptLowerPriority",
        "description": f"ZITADEL of {installation.name}",
    }


def disruption_budgets(installation: Installation) -> tuple[Manifest, ...]:
    """As many pods may be away at once as one zone holds, so that a zone can be drained (DI-2)."""
    replicas = {API: installation.size.replicas, LOGIN: installation.size.login_replicas}
    if installation.routing.edge:
        replicas[EDGE] = edge_replicas(installation)
    return tuple(
        _budget(installation, component, max(1, count // installation.minimum_zones))
        for component, count in replicas.items()
    )


def autoscaler(installation: Installation, autoscaling: Autoscaling) -> Manifest:
    """Scales the API by CPU; never below the size that losing a zone was reckoned with."""
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": autoscaling.target_cpu_percent}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(installation, API),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": API},
            "minReplicas": installation.size.replicas,
            "maxReplicas": autoscaling.max_replicas,
            "metrics": [{"type": "Resource", "resource": metric}],
        },
    }


def _budget(installation: Installation, component: str, away: int) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(installation, component, component),
        "spec": {
            "maxUnavailable": away,
            "selector": {"matchLabels": selector(installation, component)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",  # a pod that serves nobody must not block a drain
        },
    }
