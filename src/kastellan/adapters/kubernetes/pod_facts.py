"""Collects the pods that stand somewhere, each kind of them once, with the zones of their volumes."""

from collections.abc import Iterable, Mapping
from typing import Any

from kastellan.adapters.kubernetes.pod_resources import effective
from kastellan.domain.kubernetes_object import Manifest
from kastellan.ports.cluster import Cluster
from kastellan.preflight.node_facts import ZONE
from kastellan.preflight.pod_facts import Pod, PodKind, Pods
from kastellan.preflight.pod_spec import pod_kind

_NAME = "app.kubernetes.io/name"
_STATIC = "kubernetes.io/config.mirror"
_OLD_ZONE = "failure-domain.beta.kubernetes.io/zone"

ClaimZones = Mapping[tuple[str, str], tuple[str, ...]]
"""Namespace and name of a claim to the zones that its volume can be reached from; without an entry where anywhere."""


def pods(cluster: Cluster, instance_labels: Mapping[str, str]) -> Pods:
    """All pods that are bound to a node and have not ended.

    Raises:
        KastellanError: pods, volumes or claims may not be listed, which is not the same as that there are none.
    """
    return pods_of(cluster.list("v1", "Pod"), instance_labels, _claim_zones(cluster))


def pods_of(live: Iterable[Manifest], instance_labels: Mapping[str, str], claims: ClaimZones) -> Pods:
    """Live pods as facts."""
    kinds: dict[tuple[Any, ...], int] = {}
    found: list[PodKind] = []
    placed: list[Pod] = []
    for one in live:
        metadata, spec = one["metadata"], one["spec"]
        if not spec.get("nodeName") or one.get("status", {}).get("phase") in ("Succeeded", "Failed"):
            continue
        labels = metadata.get("labels") or {}
        ours = all(labels.get(key) == value for key, value in instance_labels.items())
        owner, fixed = _owner(metadata)
        requests = effective(spec, "requests")
        names = [
            v["persistentVolumeClaim"]["claimName"] for v in spec.get("volumes") or () if "persistentVolumeClaim" in v
        ]
        zones = _zones(metadata["namespace"], names, claims)
        # Pods of one owner are made from one template; a pod without an owner is a kind of its own.
        key = (metadata["namespace"], owner or metadata["name"], requests, spec.get("priority"), zones)
        if key not in kinds:
            kinds[key] = len(found)
            found.append(
                pod_kind(
                    metadata,
                    spec,
                    requests=requests,
                    owner=owner,
                    component=labels.get(_NAME, "unnamed") if ours else "",
                    fixed=fixed,
                    zones=zones,
                )
            )
        placed.append(Pod(node=spec["nodeName"], kind=kinds[key], ending="deletionTimestamp" in metadata))
    return Pods(kinds=tuple(found), pods=tuple(placed))


def _owner(metadata: Manifest) -> tuple[str, bool]:
    if _STATIC in (metadata.get("annotations") or {}):
        return "static", True
    controller = next((one for one in metadata.get("ownerReferences") or () if one.get("controller")), None)
    if controller is None:
        return "", False
    return f"{controller['kind']}/{controller['name']}", controller["kind"] in ("DaemonSet", "Node")


def _zones(namespace: str, names: list[str], claims: ClaimZones) -> tuple[str, ...] | None:
    bound = [set(claims[namespace, name]) for name in names if (namespace, name) in claims]
    return tuple(sorted(set.intersection(*bound))) if bound else None


def _claim_zones(cluster: Cluster) -> ClaimZones:
    volumes = {one["metadata"]["name"]: _zones_of_volume(one) for one in cluster.list("v1", "PersistentVolume")}
    return {
        (claim["metadata"]["namespace"], claim["metadata"]["name"]): zones
        for claim in cluster.list("v1", "PersistentVolumeClaim")
        if (zones := volumes.get(claim["spec"].get("volumeName", "")))
    }


def _zones_of_volume(volume: Manifest) -> tuple[str, ...]:
    terms = ((volume["spec"].get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or ()
    zones = [
        value
        for term in terms
        for rule in term.get("matchExpressions") or ()
        if (rule["key"] in (ZONE, _OLD_ZONE) or rule["key"].endswith("/zone")) and rule["operator"] == "In"
        for value in rule["values"]
    ]
    return tuple(sorted(set(zones)))
