"""A cluster in memory whose cert-manager issues, as far as one can tell by the objects, or does what a test says."""

import base64
from collections.abc import Iterator
from typing import Any

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from lab.pki import Authority, Credential
from tests.fakes.platform_cluster import PlatformCluster

NAMESPACE = "zitadel"
ISSUER = "staging"
_V1 = "cert-manager.io/v1"
_ACME = "acme.cert-manager.io/v1"
_FAMILY = {"CertificateRequest": "Certificate", "Order": "CertificateRequest", "Challenge": "Order"}


def ready(**changes: Any) -> Manifest:
    """The condition `Ready` as cert-manager writes it."""
    return {"type": "Ready", "status": "True", "reason": "Ready", "message": "issued", **changes}


def secret_data(credential: Credential, *above: Authority, root: Authority | None = None) -> dict[str, str]:
    """What a Secret of type `kubernetes.io/tls` holds."""
    chain = credential.certificate + "".join(authority.certificate for authority in above)
    parts = {"tls.crt": chain, "tls.key": credential.private_key, "ca.crt": root.certificate if root else ""}
    return {name: base64.b64encode(text.encode()).decode() for name, text in parts.items() if text}


class IssuingCluster(PlatformCluster):
    """Adds a ClusterIssuer, and a cert-manager that acts when it is looked at.

    Attributes:
        looks: how often a Certificate is looked at until cert-manager has done what it does.
        answered: the condition of the CertificateRequest instead of an issued one; none at all where it is empty.
        states: of an Order and a Challenge that ACME needs, by kind; none of a kind that is not there.
        data: of the Secret; None for that of an authority's certificate.
        issues_anything: also what names an issuer that nobody has.
        silent: cert-manager does nothing.
        lingering: what was made for a Certificate stays when it goes.
        calls: verb, kind and name of every call, for its rights; a list names nothing.
    """

    def __init__(self, domain: str = "id.customer.example") -> None:
        super().__init__()
        self.authority = Authority("the issuer's authority")
        self.domain = domain
        self.looks = 2
        self.answered: Manifest | None = None
        self.states: dict[str, Manifest] = {}
        self.data: dict[str, str] | None = None
        self.issues_anything = self.silent = self.lingering = False
        self.calls: set[tuple[str, str, str]] = set()
        self.denied: tuple[str, ...] = ()
        self._looked: dict[str, int] = {}
        self.put(
            _V1, "ClusterIssuer", ISSUER, spec={"ca": {}}, status={"conditions": [ready(reason="KeyPairVerified")]}
        )

    def left(self) -> set[str]:
        """Everything of the probe that is there."""
        return {str(ref) for ref in self.objects if ref.name.startswith("kastellan-probe")}

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        answer = super().create(path, body, dry_run=dry_run)
        if body["kind"] == "SelfSubjectAccessReview":
            asked = body["spec"]["resourceAttributes"]
            if f"{asked['verb']} {asked['resource']}" in self.denied:
                return {**answer, "status": {"allowed": False}}
        return answer

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        ref = ObjectRef.of(manifest)
        self.calls |= {("create", ref.kind, ""), ("patch", ref.kind, ref.name)}
        written = super().apply(manifest, dry_run=dry_run, force=force)
        self.objects[ref]["metadata"]["generation"] = 1
        self._looked[ref.name] = 0
        return written

    def get(self, ref: ObjectRef) -> Manifest | None:
        self.calls.add(("get", ref.kind, ref.name))
        if ref.kind == "Certificate" and ref in self.objects and ref.name in self._looked:
            self._looked[ref.name] += 1
            if self._looked[ref.name] >= self.looks and not self.silent:
                self._act(ref.name)
        return super().get(ref)

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        self.calls.add(("list", kind, ""))
        return super().list(api_version, kind, namespace=namespace, labels=labels)

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        self.calls.add(("delete", ref.kind, ref.name))
        there = super().delete(ref, uid=uid)
        if there and ref.kind == "Certificate" and not self.lingering:
            for one in [one for one in self.objects if one.kind in _FAMILY and one.name.startswith(f"{ref.name}-1")]:
                super().delete(one)
        return there

    def _act(self, name: str) -> None:
        """Step by step, as the controllers do."""
        live = self.objects[ObjectRef(_V1, "Certificate", NAMESPACE, name)]
        known = live["spec"]["issuerRef"]["name"] == ISSUER
        missing = ready(status="False", reason="Pending", message='Referenced "Issuer" not found')
        condition = (self.answered if known else None) or (
            ready(reason="Issued") if known or self.issues_anything else missing
        )
        self._made("CertificateRequest", f"{name}-1", name, {"conditions": [condition]})
        if known and "Order" in self.states:
            self._made("Order", f"{name}-1-7", f"{name}-1", self.states["Order"])
        if known and "Challenge" in self.states:
            self._made("Challenge", f"{name}-1-7-9", f"{name}-1-7", self.states["Challenge"])
        if (condition["type"], condition["status"]) == ("Ready", "True") and not self.states:
            self._keep(live)

    def _made(self, kind: str, name: str, owner: str, status: Manifest) -> None:
        version = _V1 if kind == "CertificateRequest" else _ACME
        metadata = {"uid": name, "ownerReferences": [{"kind": _FAMILY[kind], "name": owner, "uid": "its own"}]}
        self.put(version, kind, name, namespace=NAMESPACE, metadata=metadata, spec={"type": "HTTP-01"}, status=status)

    def _keep(self, live: Manifest) -> None:
        live["status"] = {"conditions": [ready(observedGeneration=1)]}
        data = self.data or secret_data(self.authority.server([self.domain]), root=self.authority)
        metadata = {"uid": "a secret", "labels": live["spec"]["secretTemplate"]["labels"]}
        self.put("v1", "Secret", live["spec"]["secretName"], namespace=NAMESPACE, metadata=metadata, data=data)
