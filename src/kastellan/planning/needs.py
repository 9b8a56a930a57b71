"""What an installation's objects need of the platform, derived from the objects themselves (DI-4)."""

from collections import Counter
from decimal import Decimal
from typing import Any

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.release_manifests import ReleaseManifests
from kastellan.preflight.facts import Amounts
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
    return Requirement(
        zones=installation.minimum_zones,
        architectures=_ARCHITECTURES,
        pods=(
            _need(api, most + surge, spread=True),
            *(_need(owner, int(owner["spec"]["replicas"]) + _surge(owner), spread=True) for owner in others),
            _need(manifests.setup_job, 1, spread=False),
        ),
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


def _need(owner: Manifest, count: int, *, spread: bool) -> PodNeed:
    (container,) = owner["spec"]["template"]["spec"]["containers"]
    return PodNeed(
        component=container["name"],
        count=count,
        requests=_amounts(container["resources"]["requests"]),
        limits=_amounts(container["resources"]["limits"]),
        spread=spread,
    )


def _amounts(resources: dict[str, Any]) -> Amounts:
    """Our own manifests write millicores and MiB only."""
    return Amounts(
        cpu=Decimal(resources["cpu"].removesuffix("m")) / 1000,
        memory=Decimal(resources["memory"].removesuffix("Mi")) * 2**20,
        storage=Decimal(resources["ephemeral-storage"].removesuffix("Mi")) * 2**20,
    )
