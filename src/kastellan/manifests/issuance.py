"""The Certificate that the preflight asks cert-manager for, and its control, in the installation's own namespace.

That of the way in will stand there too, so the same issuers, approvals and network policies count. Names are fixed, so
that rights are given by name and the next run finds what a killed one left.
"""

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.probing import Issuer, IssuerKind
from kastellan.manifests.probe_site import COMPONENT, labels_of, namespace_name

CERTIFICATES = "cert-manager.io/v1"
ORDERS = "acme.cert-manager.io/v1"
ASKED = COMPONENT
"""Name of the Certificate, and of the Secret that cert-manager keeps it in."""
CONTROL = f"{COMPONENT}-control"
"""Name of the control, of its Secret, and of the issuer that it names and nobody has."""
RUN_LABEL = "kastellan.dev/probe-run"
_LIFETIME = "1h"
"""The shortest that cert-manager takes (cert-manager.io, API reference, `CertificateSpec.duration`); of an ACME
authority's own choice otherwise."""


def certificate(installation: Installation, issuer: Issuer, run: str) -> Manifest:
    """For the names of the installation, from the issuer."""
    return _certificate(installation, ASKED, issuer, run)


def control(installation: Installation, run: str) -> Manifest:
    """For the same names, from an issuer that nobody has: where even that becomes ready, ready means nothing."""
    return _certificate(installation, CONTROL, Issuer(name=CONTROL, kind=IssuerKind.ISSUER), run)


def _certificate(installation: Installation, name: str, issuer: Issuer, run: str) -> Manifest:
    labels = labels_of(namespace_name(installation), COMPONENT) | {RUN_LABEL: run}
    return {
        "apiVersion": CERTIFICATES,
        "kind": "Certificate",
        "metadata": {"name": name, "namespace": installation.namespace, "labels": labels},
        "spec": {
            "secretName": name,
            "secretTemplate": {"labels": labels},
            "dnsNames": [*installation.hosts.every],
            "duration": _LIFETIME,
            "issuerRef": {"name": issuer.name, "kind": issuer.kind.value, "group": "cert-manager.io"},
        },
    }
