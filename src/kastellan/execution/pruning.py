"""Removes what earlier releases left: only objects of ours, only after the new release was verified."""

from collections.abc import Iterator

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.execution.observation import owned_objects
from kastellan.manifests.identity import owned_selector
from kastellan.planning.desired_release import DesiredRelease
from kastellan.planning.field_owners import OURS
from kastellan.planning.job_state import JobPhase, job_state
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress


def prune(cluster: Cluster, progress: Progress, desired: DesiredRelease) -> bool:
    """Delete every object that we made and want no more.

    Kept are configuration and secrets that a ReplicaSet still names, because `kubectl rollout undo` would need them,
    and jobs that are running. An object that somebody else made under our labels is drift and not ours to delete.

    Returns:
        Whether there was something to delete.
    """
    installation = desired.installation
    wanted = {ObjectRef.of(manifest) for manifest in desired.manifests.objects}
    needed = {*_named_by_replica_sets(cluster, installation.name, installation.namespace)}
    acted = False
    for live in owned_objects(cluster, installation.name, installation.namespace):
        ref = ObjectRef.of(live)
        if ref in wanted or (ref.kind, ref.name) in needed or not _made_by_us(live):
            continue
        if ref.kind == "Job" and job_state(live).phase is JobPhase.ACTIVE:
            continue
        progress.report("pruning", f"deleting {ref}")
        acted |= cluster.delete(ref, uid=live["metadata"]["uid"])
    return acted


def _made_by_us(live: Manifest) -> bool:
    entries = live["metadata"].get("managedFields") or ()
    return any(entry.get("manager") == OURS for entry in entries) and not live["metadata"].get("ownerReferences")


def _named_by_replica_sets(cluster: Cluster, name: str, namespace: str) -> Iterator[tuple[str, str]]:
    for replica_set in cluster.list("apps/v1", "ReplicaSet", namespace=namespace, labels=owned_selector(name)):
        spec = replica_set["spec"]["template"]["spec"]
        for volume in spec.get("volumes", ()):
            if "configMap" in volume:
                yield "ConfigMap", volume["configMap"]["name"]
            if "secret" in volume:
                yield "Secret", volume["secret"]["secretName"]
            for source in volume.get("projected", {}).get("sources", ()):
                if "configMap" in source:
                    yield "ConfigMap", source["configMap"]["name"]
        for container in spec["containers"]:
            for variable in container.get("env", ()):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    yield "Secret", reference["name"]
