"""Takes out what somebody else added to our objects: only after `onDrift: revert` was decided (DI-6)."""

import copy
from collections.abc import Iterable

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.planning.drift import Drift, DriftKind
from kastellan.planning.field_owners import added_paths
from kastellan.planning.field_path import remove
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress


def take_out_added(cluster: Cluster, progress: Progress, desired: Iterable[Manifest], foreign: Iterable[Drift]) -> None:
    """Remove the fields that strangers added; fields of ours that they changed come back by the next apply.

    Raises:
        ConflictError: somebody changed the object at the same time; the next run looks again.
    """
    manifests = {ObjectRef.of(manifest): manifest for manifest in desired}
    added: dict[ObjectRef, None] = {}
    for drift in foreign:
        progress.report("drift", f"taking back: {drift}")
        if drift.kind is DriftKind.ADDED:
            added[drift.ref] = None
    for ref in added:
        live = cluster.get(ref)
        if live is None:
            continue
        edited = copy.deepcopy(live)
        for path in added_paths(live, manifests[ref]):
            remove(edited, path)
        cluster.replace(edited)
