"""Which old pods may go first while a Deployment exchanges its pods, so that no zone is without one (DI-2).

Kubernetes takes away the old pod that shares a node with a new one. Where a zone has several nodes that says nothing,
and it takes any: a zone may then be empty until the scheduler fills it again. Its one lever is the cost of deletion
(`controller.kubernetes.io/pod-deletion-cost`, kubernetes.io, ReplicaSet): of ready pods the cheapest goes first.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from kastellan.domain.kubernetes_object import Manifest

REVISION_LABEL = "pod-template-hash"
COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"
CHEAP = "-1"
"""Below the cost of every pod that is not marked, which is 0."""
_OVER = ("Succeeded", "Failed")


def spared(pods: Sequence[Manifest], zones: Mapping[str, str], *, newest: str, replicas: int) -> tuple[Manifest, ...]:
    """Old pods without which their zone still has its share, new ones that are on their way counted; by name.

    Args:
        pods: all pods of one Deployment.
        zones: zone by node.
        newest: value of `pod-template-hash` of the revision that is rolled out.
        replicas: pods that there shall be.

    Returns:
        Nothing as long as no new pod has its node: before that, none needs to go.
    """
    placed: defaultdict[str, list[Manifest]] = defaultdict(list)
    for pod in pods:
        zone = zones.get(pod["spec"].get("nodeName", ""), "")
        leaving = pod["metadata"].get("deletionTimestamp") or pod.get("status", {}).get("phase") in _OVER
        if zone and not leaving:
            placed[zone].append(pod)
    new = Counter(zone for zone, there in placed.items() for pod in there if _revision(pod) == newest)
    if not new:
        return ()
    share = max(1, replicas // len(placed))
    found = []
    for zone, there in placed.items():
        old = sorted((pod for pod in there if _revision(pod) != newest), key=_marked_first)
        needed = max(0, share - new[zone])
        found += old[: max(0, len(old) - needed)]
    return tuple(sorted(found, key=lambda pod: str(pod["metadata"]["name"])))


def is_marked(pod: Manifest) -> bool:
    """Whether a pod has our cost already."""
    return bool((pod["metadata"].get("annotations") or {}).get(COST_ANNOTATION) == CHEAP)


def newest_revision(replica_sets: Sequence[Manifest], deployment: Manifest) -> str:
    """`pod-template-hash` of the revision that a Deployment rolls out; empty where its ReplicaSet is not there yet."""
    revision = (deployment["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision")
    uid = deployment["metadata"].get("uid")
    for one in replica_sets:
        metadata = one["metadata"]
        ours = any(owner.get("uid") == uid for owner in metadata.get("ownerReferences") or ())
        if ours and (metadata.get("annotations") or {}).get("deployment.kubernetes.io/revision") == revision:
            return str(metadata.get("labels", {}).get(REVISION_LABEL, ""))
    return ""


def _revision(pod: Manifest) -> str:
    return str(pod["metadata"].get("labels", {}).get(REVISION_LABEL, ""))


def _marked_first(pod: Manifest) -> tuple[bool, str]:
    return not is_marked(pod), str(pod["metadata"]["name"])
