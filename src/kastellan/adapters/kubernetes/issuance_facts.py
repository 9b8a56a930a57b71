"""Whether cert-manager takes a valid Certificate and refuses an invalid one; both are dry runs."""

from kastellan.domain.errors import DeadlineExceededError, NotFoundError, RejectedError, ServerFaultError
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.manifests.issuance import CERTIFICATES
from kastellan.ports.cluster import Cluster
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.facts import Unknown, left_out
from kastellan.preflight.platform_facts import Issuance
from kastellan.preflight.probe_facts import NotProbed

_NAME = "kastellan-preflight"
_NOT_OURS = NotProbed(why="no certificate at the way in comes from a Secret of ours (routing.tlsSecret)")
_NOT_THERE = NotProbed(why="cert-manager is not there, so the certificate comes from elsewhere (TLS-1 judges it)")
_SILENT = (
    "other calls are answered, so it waits for an admission webhook that is silent: as a rule cert-manager's own, "
    "whose timeoutSeconds is longer than a call may take here"
)
_NO_NAMESPACE = left_out(
    "the namespace is not there yet, so no Certificate can be tried in it", "make it, and try again"
)


def unasked(cluster: Cluster, installation: Installation) -> NotProbed | Unknown | None:
    """Why cert-manager is not asked for anything; None where it can be.

    Raises:
        KastellanError: the namespace may not be looked at.
    """
    if not installation.routing.own_certificate:
        return _NOT_OURS
    try:
        cluster.request(f"/apis/{CERTIFICATES}")
    except NotFoundError:
        return _NOT_THERE
    if cluster.get(ObjectRef("v1", "Namespace", "", installation.namespace)) is None:
        return _NO_NAMESPACE
    return None


def issuance(cluster: Cluster, installation: Installation) -> Issuance | NotProbed | Unknown:
    """Try two Certificates, and read those that write the installation's Secret.

    Raises:
        KastellanError: Certificates may not be made or listed in the namespace.
    """
    if (nothing := unasked(cluster, installation)) is not None:
        return nothing
    namespace, secret = installation.namespace, installation.routing.tls_secret
    names = {"dnsNames": [*installation.hosts.every]}
    return Issuance(
        valid=_tried(cluster, namespace, "a valid Certificate", names),
        # Only cert-manager's own validation knows that a certificate needs a name; the schema does not.
        invalid=_tried(cluster, namespace, "an invalid Certificate", {}),
        troubles=tuple(
            f"Certificate {namespace}/{live['metadata']['name']}: {state.get('reason', '')} {state.get('message', '')}"
            for live in cluster.list(CERTIFICATES, "Certificate", namespace=namespace)
            if live["spec"].get("secretName") == secret
            for state in live.get("status", {}).get("conditions") or ()
            if state["type"] == "Ready" and state["status"] != "True"
        ),
    )


def _tried(cluster: Cluster, namespace: str, subject: str, names: Manifest) -> DryRun:
    issuer = {"name": _NAME, "kind": "Issuer", "group": "cert-manager.io"}
    certificate = {
        "apiVersion": CERTIFICATES,
        "kind": "Certificate",
        "metadata": {"name": _NAME, "namespace": namespace},
        "spec": {"secretName": _NAME, "issuerRef": issuer, **names},
    }
    try:
        cluster.create(f"/apis/{CERTIFICATES}/namespaces/{namespace}/certificates", certificate, dry_run=True)
    except RejectedError as refusal:
        return DryRun(subject=subject, accepted=False, message=refusal.message)
    except ServerFaultError as fault:
        if "failed calling webhook" not in fault.message:
            raise
        return DryRun(subject=subject, accepted=False, message=fault.message)
    except DeadlineExceededError as silence:
        return DryRun(subject=subject, accepted=None, message=f"{silence.message}: {_SILENT}")
    return DryRun(subject=subject, accepted=True)
