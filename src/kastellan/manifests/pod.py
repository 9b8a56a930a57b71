"""What all pods of ours share: the restricted security profile, the spread over zones, resources, environment."""

from collections.abc import Mapping, Sequence
from typing import Any

from kastellan.domain.image import Image
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.size import PodResources
from kastellan.manifests.configuration import CONFIG_FOLDER
from kastellan.manifests.identity import labels, selector

ZONE_LABEL = "topology.kubernetes.io/zone"

POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "fsGroup": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Pod half of the Pod Security Standard `restricted`; user 1000 as in ZITADEL's own chart."""

CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
"""Container half of the Pod Security Standard `restricted`, plus a read-only root."""


def priority_class_name(installation: Installation) -> str:
    """The priority class is cluster-scoped, so its name carries the installation's."""
    return f"zitadel-{installation.name}"


def template(
    installation: Installation, component: str, spec: dict[str, Any], *, service_account: str, versioned: bool = True
) -> dict[str, Any]:
    """A pod template with all that is the same for every pod."""
    pull = [{"name": installation.image_pull_secret}] if installation.image_pull_secret else None
    version = {"app.kubernetes.io/version": str(installation.version)} if versioned else {}
    return {
        "metadata": {"labels": labels(installation, component) | version},
        "spec": {
            "serviceAccountName": service_account,
            "automountServiceAccountToken": False,  # nothing in the pods speaks to the API server
            "enableServiceLinks": False,
            "priorityClassName": priority_class_name(installation),
            "securityContext": POD_SECURITY,
            **({"imagePullSecrets": pull} if pull else {}),
            **_placement(installation),
            **spec,
        },
    }


def _placement(installation: Installation) -> dict[str, Any]:
    """Onto the nodes that are ZITADEL's alone, where there are any."""
    pool = installation.node_pool
    if pool is None:
        return {}
    return {
        "nodeSelector": {pool.label: pool.value},
        "tolerations": [{"key": pool.label, "operator": "Equal", "value": pool.value, "effect": "NoSchedule"}],
    }


def spread(installation: Installation, component: str) -> list[dict[str, Any]]:
    """Even over zones as a must, over nodes as a wish.

    `nodeTaintsPolicy: Honor` takes a dead zone out of the count; with the default it would still count with no pods,
    and replacements would stay pending. `minDomains` is absent for the same reason: with a zone lost it would forbid a
    second pod in the others. That there are enough zones is the preflight's business (ZON-1).
    `matchLabelKeys` lets each revision spread by itself during a rollout.
    """
    match = {"matchLabels": selector(installation, component)}
    return [
        {
            "maxSkew": 1,
            "topologyKey": ZONE_LABEL,
            "whenUnsatisfiable": "DoNotSchedule",
            "nodeTaintsPolicy": "Honor",
            "nodeAffinityPolicy": "Honor",
            "labelSelector": match,
            "matchLabelKeys": ["pod-template-hash"],
        },
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": match,
            "matchLabelKeys": ["pod-template-hash"],
        },
    ]


def resources(amounts: PodResources) -> dict[str, dict[str, str]]:
    """Requests and limits as Kubernetes quantities; ephemeral storage is bounded because a log must not fill a node."""
    return {
        "requests": {
            "cpu": f"{amounts.cpu_request}m",
            "memory": f"{amounts.memory_request}Mi",
            "ephemeral-storage": "64Mi",
        },
        "limits": {
            "cpu": f"{amounts.cpu_limit}m",
            "memory": f"{amounts.memory_limit}Mi",
            "ephemeral-storage": "256Mi",
        },
    }


def from_secret(variable: str, secret: Manifest, key: str) -> dict[str, Any]:
    """An environment variable whose value is in a Secret."""
    reference = {"name": secret["metadata"]["name"], "key": key}
    return {"name": variable, "valueFrom": {"secretKeyRef": reference}}


def config_volume(config: Manifest) -> dict[str, Any]:
    """The volume of the configuration; 0444, because the process is not its owner."""
    return {"name": "config", "configMap": {"name": config["metadata"]["name"], "defaultMode": 0o444}}


def config_mount() -> dict[str, Any]:
    """Where the configuration is mounted."""
    return {"name": "config", "mountPath": CONFIG_FOLDER, "readOnly": True}


def container(
    name: str,
    image: Image,
    amounts: PodResources,
    *,
    args: Sequence[str] = (),
    rest: Mapping[str, Any],
) -> dict[str, Any]:
    """A container under the restricted profile; `rest` holds what only this one has."""
    return {
        "name": name,
        "image": str(image),
        "imagePullPolicy": "IfNotPresent",  # the digest decides what runs
        **({"args": list(args)} if args else {}),
        "securityContext": CONTAINER_SECURITY,
        "resources": resources(amounts),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        **rest,
    }
