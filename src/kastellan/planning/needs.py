"""What an installation's objects need of the platform, derived from the objects themselves (DI-4)."""

from collections import Counter
from decimal import Decimal
from typing import Any

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.release_manifests import ReleaseManifests
from kastellan.preflight.amounts import Amounts
from kastellan.preflight.pod_spec import pod_kind
from kastellan.preflight.requirement import PodNeed, Requirement

_ARCHITECTURES = frozenset({"amd64", "arm64"})
"""ZITADEL publishes its images for both."""
_PLURALS = {
    "Service": "services",
    "ConfigMap": "configmaps",
    "Secret": "secrets",
    "Deployment": "deployments.apps",
    "Job": "jobs.batch",
}


def requirement_of(installation: Installation, manifests: ReleaseManifests) -> Requirement:
    """Count pods, resources, objects and connections as they stand in the middle of an update."""
    api, *others = manifests.workloads
    most = installation.autoscaling.max_replicas if installation.autoscaling else installation.size.replicas
    surge = _surge(api)
    counts = Counter(manifest["kind"] for manifest in manifests.objects)
    priority = next(int(one["value"]) for one in manifests.foundation if one["kind"] == "PriorityClass")
    return Requirement(
        zones=installation.minimum_zones,
        architectures=_ARCHITECTURES,
        pods=(
            _need(api, priority, steady=installation.size.replicas, most=most, surge=surge),
            *(
                _need(owner, priority, steady=replicas, most=replicas, surge=_surge(owner))
                for owner in others
                for replicas in [int(owner["spec"]["replicas"])]
            ),
            _need(manifests.setup_job, priority, steady=0, most=0, surge=1),
        ),
        pool_taint=installation.node_pool.taint if installation.node_pool else "",
        connections=installation.size.connections(installation.minimum_zones, at_most=most),
        objects={_PLURALS[kind]: count for kind, count in counts.items() if kind in _PLURALS},
    )


def sample_pods(manifests: ReleaseManifests) -> tuple[Manifest, ...]:
    """One pod of each kind for a dry run, without what need not exist yet: service account and priority class."""
    return tuple(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "generateName": f"{owner['metadata']['name'][:40]}-",
                "namespace": owner["metadata"]["namespace"],
                "labels": owner["spec"]["template"]["metadata"]["labels"],
            },
            "spec": {
                key: value
                for key, value in owner["spec"]["template"]["spec"].items()
                if key not in ("serviceAccountName", "priorityClassName")
            },
        }
        for owner in (*manifests.workloads, manifests.setup_job)
    )


def _surge(deployment: Manifest) -> int:
    return int(deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"])


def _need(owner: Manifest, priority: int, *, steady: int, most: int, surge: int) -> PodNeed:
    template = owner["spec"]["template"]
    (container,) = template["spec"]["containers"]
    return PodNeed(
        kind=pod_kind(
            {**template["metadata"], "namespace": owner["metadata"]["namespace"]},
            {**template["spec"], "priority": priority},
            requests=_amounts(container["resources"]["requests"]),
            owner=f"{owner['kind']}/{owner['metadata']['name']}",
            component=container["name"],
        ),
        steady=steady,
        growth=most - steady,
        surge=surge,
        limits=_amounts(container["resources"]["limits"]),
    )


def _amounts(resources: dict[str, Any]) -> Amounts:
    """Our own manifests write millicores and MiB only."""
    return Amounts(
        cpu=Decimal(resources["cpu"].removesuffix("m")) / 1000,
        memory=Decimal(resources["memory"].removesuffix("Mi")) * 2**20,
        storage=Decimal(resources["ephemeral-storage"].removesuffix("Mi")) * 2**20,
    )
