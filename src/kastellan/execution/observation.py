"""Looks at everything that a plan is made from, without changing anything."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from kastellan.domain.errors import ForeignOwnerError, NotFoundError, RejectedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.reason import Reason
from kastellan.manifests.identity import owned_selector
from kastellan.planning.observed_object import ObservedObject
from kastellan.ports.cluster import Cluster

_AT_ONCE = 8
"""Requests at the same time; below the default limits of the API server's fair queueing for one user."""

OWNED_KINDS = (
    ("networking.k8s.io/v1", "Ingress"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("gateway.networking.k8s.io/v1", "Gateway"),
    ("networking.gke.io/v1", "GCPBackendPolicy"),
    ("networking.gke.io/v1", "HealthCheckPolicy"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "PodDisruptionBudget"),
    ("apps/v1", "Deployment"),
    ("batch/v1", "Job"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "ServiceAccount"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
)
"""Every namespaced kind that the manifests make, in the order in which an installation is taken down: what takes
requests first, then what serves them, then what both stand on."""


def observe(cluster: Cluster, manifests: Sequence[Manifest]) -> tuple[ObservedObject, ...]:
    """One look at each desired object: as it is, and as the server says it would be if we took every field back."""
    missing = {
        manifest["metadata"]["name"]
        for manifest in manifests
        if manifest["kind"] == "Namespace" and cluster.get(ObjectRef.of(manifest)) is None
    }
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return tuple(pool.map(lambda manifest: _observe(cluster, manifest, missing), manifests))


def owned_objects(cluster: Cluster, installation_name: str, namespace: str) -> Iterator[Manifest]:
    """Every live object that carries the installation's labels, in the order in which it is taken down."""
    for api_version, kind in OWNED_KINDS:
        try:
            yield from cluster.list(api_version, kind, namespace=namespace, labels=owned_selector(installation_name))
        except NotFoundError:
            continue  # the API is not served, so there can be none


def _observe(cluster: Cluster, manifest: Manifest, missing_namespaces: Iterable[str]) -> ObservedObject:
    ref = ObjectRef.of(manifest)
    if ref.namespace in missing_namespaces:
        return ObservedObject(desired=manifest, live=None, result=None)
    live = cluster.get(ref)
    try:
        result = cluster.apply(manifest, dry_run=True, force=True)
    except (RejectedError, NotFoundError, ForeignOwnerError) as refusal:
        rejection = Reason(
            code="rejected",
            message=refusal.message,
            owner=refusal.owner,
            remediation=refusal.remediation or "make the cluster accept this object (check VER-3)",
            clause="DI-4",
            path=str(ref),
        )
        return ObservedObject(desired=manifest, live=live, result=None, rejections=(rejection,))
    return ObservedObject(desired=manifest, live=live, result=result)
