"""The StorageClass that an installation's volumes are to have, and on which nodes its driver runs."""

from kastellan.adapters.kubernetes.endpoint_zones import zones_of_nodes
from kastellan.domain.errors import NotFoundError
from kastellan.domain.kubernetes_object import Manifest
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import Storage, StorageClass

_API = "storage.k8s.io/v1"
_SNAPSHOTS = "snapshot.storage.k8s.io/v1"
_IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"


def storage(cluster: Cluster, asked: str) -> Storage:
    """Every class, and what is known about the driver of the one that was asked for.

    Raises:
        KastellanError: classes, drivers or nodes may not be listed.
    """
    classes = tuple(_class(live) for live in cluster.list(_API, "StorageClass"))
    provisioner = next((one.provisioner for one in classes if one.name == asked), "")
    zones, by_place = _driver(cluster, provisioner)
    return Storage(
        asked=asked,
        classes=classes,
        driver_zones=zones,
        by_place=by_place,
        snapshots=provisioner in _snapshot_drivers(cluster),
    )


def _class(live: Manifest) -> StorageClass:
    return StorageClass(
        name=live["metadata"]["name"],
        provisioner=live["provisioner"],
        default=(live["metadata"].get("annotations") or {}).get(_IS_DEFAULT) == "true",
        waits=live.get("volumeBindingMode") == "WaitForFirstConsumer",
        expands=bool(live.get("allowVolumeExpansion")),
        reclaim=live.get("reclaimPolicy", "Delete"),
        zones=_zones(live.get("allowedTopologies") or ()),
    )


def _zones(topologies: list[Manifest] | tuple[()]) -> tuple[str, ...] | None:
    """Zones that are named, by whatever label of the driver; None where a topology allows any."""
    found: set[str] = set()
    for topology in topologies:
        named = [
            value
            for rule in topology.get("matchLabelExpressions") or ()
            if rule["key"].endswith("/zone")
            for value in rule["values"]
        ]
        if not named:
            return None
        found |= set(named)
    return tuple(sorted(found)) if found else None


def _driver(cluster: Cluster, provisioner: str) -> tuple[tuple[str, ...] | None, bool]:
    """Zones with a node on which the driver runs, and whether its volumes are bound to places."""
    runs = {
        live["metadata"]["name"]: driver.get("topologyKeys") or ()
        for live in cluster.list(_API, "CSINode")
        for driver in live["spec"].get("drivers") or ()
        if driver["name"] == provisioner
    }
    known = any(live["metadata"]["name"] == provisioner for live in cluster.list(_API, "CSIDriver"))
    if not runs and not known:
        return None, False
    zones = zones_of_nodes(cluster)
    return tuple(sorted({zones.get(name, "") for name in runs} - {""})), any(runs.values())


def _snapshot_drivers(cluster: Cluster) -> set[str]:
    try:
        return {live["driver"] for live in cluster.list(_SNAPSHOTS, "VolumeSnapshotClass")}
    except NotFoundError:  # an optional API; only told
        return set()
