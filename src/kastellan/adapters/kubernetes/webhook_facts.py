"""Which fail-closed admission webhooks see objects of ours, and from where they are served."""

import base64
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from kastellan.domain.kubernetes_object import Manifest
from kastellan.planning.rights import Right
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import Webhook

_API = "admissionregistration.k8s.io/v1"
_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_OPERATIONS = {"create": "CREATE", "patch": "UPDATE", "update": "UPDATE", "delete": "DELETE"}
"""Verbs of ours as webhooks name them."""
_DEFAULT_TIMEOUT = 10
"""Of a webhook that names none (kubernetes.io, "Dynamic Admission Control")."""


def webhooks(cluster: Cluster, rights: Sequence[Right]) -> tuple[Webhook, ...]:
    """Fail-closed webhooks whose rules match a kind of ours; selectors are ignored, which errs on the safe side."""
    written = {(right.group, right.resource, _OPERATIONS[right.verb]) for right in rights if right.verb in _OPERATIONS}
    written |= {("", "pods", operation) for operation in _OPERATIONS.values()}  # made by the controllers for us
    zones: dict[str, str] | None = None
    found = []
    for kind in _KINDS:
        for configuration in cluster.list(_API, kind):
            for hook in configuration.get("webhooks", ()):
                if hook.get("failurePolicy", "Fail") != "Fail" or not _sees(hook, written):
                    continue
                service = hook["clientConfig"].get("service") or {}
                if service and zones is None:
                    zones = _zones_of_nodes(cluster)
                found.append(
                    Webhook(
                        name=hook["name"],
                        timeout_seconds=int(hook.get("timeoutSeconds", _DEFAULT_TIMEOUT)),
                        service=f"{service['namespace']}/{service['name']}" if service else "",
                        zones=_endpoint_zones(cluster, service, zones or {}) if service else (),
                        authority_ends=_ends(hook["clientConfig"].get("caBundle", "")),
                    )
                )
    return tuple(found)


def _zones_of_nodes(cluster: Cluster) -> dict[str, str]:
    metadata = [node["metadata"] for node in cluster.list("v1", "Node")]
    return {entry["name"]: entry.get("labels", {}).get("topology.kubernetes.io/zone", "") for entry in metadata}


def _sees(hook: Manifest, written: set[tuple[str, str, str]]) -> bool:
    return any(
        _matches(rule["apiGroups"], group)
        and _matches([resource.partition("/")[0] for resource in rule["resources"]], plural)
        and _matches(rule["operations"], operation)
        for rule in hook.get("rules", ())
        for group, plural, operation in written
    )


def _matches(patterns: Sequence[str], value: str) -> bool:
    return "*" in patterns or value in patterns


def _endpoint_zones(cluster: Cluster, service: Manifest, zones: dict[str, str]) -> tuple[str, ...]:
    slices = cluster.list(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        namespace=service["namespace"],
        labels=f"kubernetes.io/service-name={service['name']}",
    )
    return tuple(
        endpoint.get("zone") or zones.get(endpoint.get("nodeName", ""), "")
        for piece in slices
        for endpoint in piece.get("endpoints") or ()
        if endpoint.get("conditions", {}).get("ready", True)
    )


def _ends(bundle: str) -> datetime | None:
    try:
        certificates = x509.load_pem_x509_certificates(base64.b64decode(bundle))
    except ValueError:
        return None
    return max((certificate.not_valid_after_utc for certificate in certificates), default=None)
