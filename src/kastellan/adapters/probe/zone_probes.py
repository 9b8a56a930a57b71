"""The probes in the cluster, as collectors of their groups of facts; all groups come from one run."""

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.probe.own_thread import OwnThread
from kastellan.adapters.probe.waiting import Waiting
from kastellan.adapters.probe.zone_answers import zone_answers
from kastellan.adapters.probe.zone_isolation import isolation
from kastellan.adapters.probe.zone_pulls import pulls, volumes
from kastellan.adapters.probe.zone_run import ZoneRun
from kastellan.domain.errors import UnreachableError
from kastellan.domain.image import Image
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.party import Party
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.manifests.probe_site import ProbeSite, Vantage
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress
from kastellan.preflight.facts import left_out
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.zone_facts import ZoneAnswer

GROUPS = ("zones", "isolation", "pulls", "volumes")
_NO_VOLUMES = NotProbed(why="the installation has no volumes (installation:probes.storageClass names no class)")
_NO_IMAGES = NotProbed(why="no stack names the images, so there are none to pull")
_READ_ONLY = left_out("probes in the cluster are left out of a read-only run", "run it with --probes")
_NO_IMAGE = left_out(
    "no probe image is named, so nothing was put into the cluster",
    "build it from probe/, push it to a registry of yours, and name it in installation:probes.image or --probe-image",
)


def zone_collectors(
    cluster: Cluster,
    installation: Installation,
    access: ProbeAccess,
    database: DatabaseAccess | None,
    clock: Clock,
    progress: Progress,
    *,
    ends: float = math.inf,
) -> Mapping[str, Callable[[], Any]]:
    """A collector for every group that pods see; whichever is asked first runs the probes, the others wait for it.

    Before `ends`, on the monotonic clock, the probes are broken off so early that all of them can be taken away.
    """
    image = access.probing.image
    if not access.allowed or image is None:
        missing = _READ_ONLY if not access.allowed else _NO_IMAGE
        nothing = {
            **({} if access.probing.storage_class else {"volumes": _NO_VOLUMES}),
            **({} if access.images else {"pulls": _NO_IMAGES}),
        }
        return {name: _given(nothing.get(name, missing)) for name in GROUPS}
    waiting = Waiting.of_run(clock, progress, ends=ends)
    shared = OwnThread(
        lambda: _probed(cluster, installation, access, image, database, waiting), name="probes in the cluster"
    )
    return {name: _of(shared, name) for name in GROUPS}


def _given(group: Any) -> Callable[[], Any]:
    return lambda: group


def _of(shared: OwnThread, name: str) -> Callable[[], Any]:
    return lambda: shared.group(name)


def site_of(
    installation: Installation,
    access: ProbeAccess,
    image: Image,
    database: DatabaseAccess | None,
    vantages: Sequence[Vantage],
    *,
    run: str,
) -> ProbeSite:
    """What is put into the cluster, without any secret."""
    known = database if database and database.password else None
    return ProbeSite(
        installation=installation,
        image=image,
        run=run,
        vantages=tuple(vantages),
        questions={
            "destinations": [
                {"host": to.host, "port": to.port, "tls": to.tls, "http": to.http, "ca": to.ca}
                for to in (*access.probing.destinations, *access.probing.controls)
            ],
            "database": {
                "host": known.host, "port": known.port, "name": known.name, "user": known.user, "ca": known.ca
            } if known else None,
        },
        pulled=access.images,
        storage_class=access.probing.storage_class,
    )  # fmt: skip


def vantages_of(nodes: Sequence[Manifest]) -> tuple[tuple[Vantage, ...], tuple[str, ...]]:
    """A real node that takes pods in each zone, and the zones that have only simulated ones or none that takes pods."""
    chosen: dict[str, Vantage] = {}
    zones = set()
    for node in sorted(nodes, key=lambda node: str(node["metadata"]["name"])):
        labels = node["metadata"].get("labels", {})
        zone = labels.get(ZONE_LABEL)
        if not zone:
            continue
        zones.add(zone)
        if zone not in chosen and not is_simulated(node) and _takes_pods(node):
            chosen[zone] = Vantage(zone=zone, node=labels.get("kubernetes.io/hostname", node["metadata"]["name"]))
    return tuple(chosen[zone] for zone in sorted(chosen)), tuple(sorted(zones - chosen.keys()))


def is_simulated(node: Manifest) -> bool:
    """Whether nothing can run there: kwok's mark, or a container runtime that is none (`name://version` is one)."""
    runtime = node.get("status", {}).get("nodeInfo", {}).get("containerRuntimeVersion", "")
    return "kwok.x-k8s.io/node" in node["metadata"].get("annotations", {}) or "://" not in runtime


def _takes_pods(node: Manifest) -> bool:
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", ()))
    spec = node.get("spec", {})
    return (
        ready
        and not spec.get("unschedulable")
        and not any(taint["effect"] in ("NoSchedule", "NoExecute") for taint in spec.get("taints", ()))
    )


def _probed(
    cluster: Cluster,
    installation: Installation,
    access: ProbeAccess,
    image: Image,
    database: DatabaseAccess | None,
    waiting: Waiting,
) -> dict[str, Any]:
    vantages, without = vantages_of([*cluster.list("v1", "Node")])
    if not vantages:
        raise UnreachableError(
            "no zone has a real node that takes pods, and a Job on a simulated node proves nothing",
            owner=Party.CUSTOMER,
            remediation="add nodes that run containers, or run the probes on the real cluster",
        )
    site = site_of(installation, access, image, database, vantages, run=secrets.token_hex(6))
    run = ZoneRun(
        cluster=cluster,
        waiting=waiting,
        site=site,
        password=database.password if database else "",
        settle_seconds=access.settle_seconds,
    )
    with run.namespace():
        answered, isolated, pulled, held = run.together(
            lambda: zone_answers(run, access.probing),
            lambda: isolation(run),
            lambda: pulls(run) if site.pulled else _NO_IMAGES,
            lambda: volumes(run) if site.storage_class else _NO_VOLUMES,
        )
    unseen = tuple(
        ZoneAnswer(zone=zone, problem="it has no real node that takes pods", simulated=True) for zone in without
    )
    return {"zones": (*answered, *unseen), "isolation": isolated, "pulls": pulled, "volumes": held}
