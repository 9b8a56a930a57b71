"""Which old pods may go first while a Deployment exchanges its pods, so that no zone is without one (DI-2).

Kubernetes takes away the old pod that shares a node with a new one. Where a zone has several nodes that says nothing,
and it takes any: a zone may then be empty until the scheduler fills it again. Its one lever is the cost of deletion
(`controller.kubernetes.io/pod-deletion-cost`, kubernetes.io, ReplicaSet): of ready pods the cheapest goes first.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

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
    """`pod-template-hash` of the revision that a Deployment rolls out; empty where it has no ReplicaSet.

    Of its ReplicaSets the one with the highest revision, which stands there before its first pod does. The Deployment's
    own annotation says the same only a moment later: who read it meanwhile would take old pods for the new ones.
    """
    uid = deployment["metadata"].get("uid")
    ours = [
        one["metadata"]
        for one in replica_sets
        if any(owner.get("uid") == uid for owner in one["metadata"].get("ownerReferences") or ())
    ]
    newest: Manifest = max(ours, key=_number, default={})
    return str(newest.get("labels", {}).get(REVISION_LABEL, ""))


def _number(metadata: Mapping[str, Any]) -> int:
    """The revision; 0 for a ReplicaSet that the controller has not numbered."""
    said = str((metadata.get("annotations") or {}).get("deployment.kubernetes.io/revision", ""))
    return int(said) if said.isdecimal() else 0


def _revision(pod: Manifest) -> str:
    return str(pod["metadata"].get("labels", {}).get(REVISION_LABEL, ""))


def _marked_first(pod: Manifest) -> tuple[bool, str]:
    return not is_marked(pod), str(pod["metadata"]["name"])
