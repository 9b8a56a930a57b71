"""Which fail-closed admission webhooks see objects of ours, and from where they are served."""

import base64
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from kastellan.adapters.kubernetes.admission_rules import any_matches, written_by
from kastellan.adapters.kubernetes.endpoint_zones import endpoint_zones, zones_of_nodes
from kastellan.planning.rights import Right
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import Webhook

_API = "admissionregistration.k8s.io/v1"
_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_DEFAULT_TIMEOUT = 10
"""Of a webhook that names none (kubernetes.io, "Dynamic Admission Control")."""


def webhooks(cluster: Cluster, rights: Sequence[Right]) -> tuple[Webhook, ...]:
    """Fail-closed webhooks whose rules match a kind of ours; selectors are ignored, which errs on the safe side."""
    written = written_by(rights)
    zones: dict[str, str] | None = None
    found = []
    for kind in _KINDS:
        for configuration in cluster.list(_API, kind):
            for hook in configuration.get("webhooks", ()):
                if hook.get("failurePolicy", "Fail") != "Fail" or not any_matches(hook.get("rules", ()), written):
                    continue
                service, bundle = hook["clientConfig"].get("service") or {}, hook["clientConfig"].get("caBundle") or ""
                if service and zones is None:
                    zones = zones_of_nodes(cluster)
                found.append(
                    Webhook(
                        name=hook["name"],
                        timeout_seconds=int(hook.get("timeoutSeconds", _DEFAULT_TIMEOUT)),
                        service=f"{service['namespace']}/{service['name']}" if service else "",
                        zones=endpoint_zones(cluster, service["namespace"], service["name"], zones or {})
                        if service
                        else (),
                        authority_ends=_ends(bundle),
                        authority_given=bool(bundle),
                    )
                )
    return tuple(found)


def _ends(bundle: str) -> datetime | None:
    try:
        certificates = x509.load_pem_x509_certificates(base64.b64decode(bundle))
    except ValueError:
        return None
    return max((certificate.not_valid_after_utc for certificate in certificates), default=None)
