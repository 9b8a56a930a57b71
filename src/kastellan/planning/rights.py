"""The rights that the release procedure uses: what RBAC-1 asks for and what a role has to give."""

from dataclasses import dataclass

from kastellan.domain.installation import Installation, Verification
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.pod import priority_class_name
from kastellan.manifests.release_manifests import ReleaseManifests

_RESOURCES = {
    "Namespace": "namespaces",
    "PriorityClass": "priorityclasses",
    "ServiceAccount": "serviceaccounts",
    "NetworkPolicy": "networkpolicies",
    "ConfigMap": "configmaps",
    "Secret": "secrets",
    "Service": "services",
    "Job": "jobs",
    "Deployment": "deployments",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "Ingress": "ingresses",
    "HTTPRoute": "httproutes",
    "Gateway": "gateways",
    "GCPBackendPolicy": "gcpbackendpolicies",
    "HealthCheckPolicy": "healthcheckpolicies",
}
"""Kind to resource, for every kind that the manifests make."""
_WRITE = ("get", "list", "create", "patch", "update", "delete")
_ONE = ("get", "create", "patch", "delete")


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One right; an empty namespace means the whole cluster, an empty name every object."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        resource = self.resource + (f"/{self.subresource}" if self.subresource else "")
        group = f".{self.group}" if self.group else ""
        named = f" {self.name}" if self.name else ""
        return f"{self.verb} {resource}{group}{named}" + (f" in {self.namespace}" if self.namespace else "")


def rights_of(installation: Installation, manifests: ReleaseManifests) -> tuple[Right, ...]:
    """Every right that installing, updating, comparing, verifying and removing need; nothing beyond."""
    namespace = installation.namespace
    found = {right for manifest in manifests.objects for right in _of(manifest)}
    found |= {
        Right("list", "apps", "replicasets", namespace),
        Right("list", "", "pods", namespace),
        Right("patch", "", "pods", namespace),
        Right("get", "", "pods", namespace, subresource="log"),
        Right("get", "", "nodes"),
        Right("list", "", "nodes"),
        Right("create", "", "pods", namespace, subresource="eviction"),
        Right("delete", "scheduling.k8s.io", "priorityclasses", name=priority_class_name(installation)),
    }
    if installation.verification is Verification.REQUESTS:
        # Since 1.35 a port-forward over a websocket asks for `create` as well as for `get`.
        found |= {Right(verb, "", "pods", namespace, subresource="portforward") for verb in ("get", "create")}
    return tuple(sorted(found))


def _of(manifest: Manifest) -> list[Right]:
    metadata = manifest["metadata"]
    group = manifest["apiVersion"].rpartition("/")[0]
    resource = _RESOURCES[manifest["kind"]]
    namespace = metadata.get("namespace", "")
    if not namespace:
        return [Right(verb, group, resource, name=metadata["name"] if verb != "create" else "") for verb in _ONE]
    return [Right(verb, group, resource, namespace) for verb in _WRITE]
