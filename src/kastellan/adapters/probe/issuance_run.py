"""TLS-2: a Certificate that cert-manager is asked for in earnest: made, waited for, looked at, taken away.

A run that was killed is finished by the next one: it begins by taking away what is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kastellan.adapters.probe.certificate_progress import owned, progress_of, turned_down
from kastellan.adapters.probe.issued_secret import issued_certificate
from kastellan.adapters.probe.steps import StepEndedError, Walk, walked
from kastellan.adapters.probe.waiting import Waiting
from kastellan.domain.errors import DeadlineExceededError, RejectedError, StuckError
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.domain.probing import Issuer
from kastellan.manifests.identity import MANAGED_BY, MANAGED_BY_LABEL
from kastellan.manifests.issuance import ASKED, CERTIFICATES, CONTROL, ORDERS, certificate, control
from kastellan.manifests.probe_site import COMPONENT
from kastellan.ports.cluster import Cluster
from kastellan.preflight.dialogue import Control, Step
from kastellan.preflight.probe_facts import Certificate, Issued
from kastellan.preflight.time_limits import GONE_SECONDS, ISSUANCE_SECONDS, JOB_SECONDS

_MADE_FROM_IT = ((CERTIFICATES, "CertificateRequest"), (ORDERS, "Order"), (ORDERS, "Challenge"))
"""What cert-manager makes for a Certificate; the cluster's garbage collector takes it away with it."""
_CONTROL = "a Certificate from an issuer that nobody has"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuanceRun:
    """One attempt.

    Attributes:
        cluster: where.
        waiting: of the probe.
        installation: for whose names, in whose namespace.
        issuer: that is asked.
        run: a name of this run.
    """

    cluster: Cluster
    waiting: Waiting
    installation: Installation
    issuer: Issuer
    run: str

    def issued(self) -> Issued:
        """Ask, and take everything away, whatever came of it.

        Raises:
            StuckError: somebody else has objects of these names, or ours do not go away.
        """
        seen: list[Certificate] = []
        seconds: list[float] = []
        refusals: list[str] = []

        def walk(noted: Walk) -> None:
            noted.held("issuer", _expect_ready(self.issuer, self.cluster.get(self._issuer())))
            refusals[:] = self._ask(noted)
            seconds[:] = [self._wait(noted)]
            secret = self.cluster.get(self._ref("v1", "Secret", ASKED))
            if secret is None:
                raise StepEndedError("key", f"it is ready, but its Secret {ASKED} is not there", held=False)
            seen[:] = [issued_certificate(noted, secret, self.installation.hosts.every, self.waiting.clock.now())]

        self._clear("taking away what an earlier run left")
        try:
            subject = f"{', '.join(self.installation.hosts.every)} by {self.issuer}"
            dialogue = walked(subject, walk, lambda: (self._controlled(refusals),), attempts=1)
        finally:
            self._clear("taking the Certificates away")
        return Issued(
            dialogue=dialogue, certificate=seen[0] if seen else None, seconds=round(seconds[0]) if seconds else 0
        )

    def _ask(self, noted: Walk) -> list[str]:
        """Make both; returns by what the control was refused at once, as a policy that knows its issuers does."""
        try:
            self.cluster.apply(certificate(self.installation, self.issuer, self.run))
        except RejectedError as refusal:
            raise StepEndedError("request", refusal.message, held=False) from refusal
        noted.held("request", f"Certificate {self.installation.namespace}/{ASKED}")
        try:
            self.cluster.apply(control(self.installation, self.run))
        except RejectedError as refusal:
            return [refusal.message]
        return []

    def _wait(self, noted: Walk) -> float:
        began = self.waiting.clock.monotonic()
        latest: list[Step] = []

        def look() -> Step | None:
            latest[:] = [self._progress()]
            return latest[0] if latest[0].held is not None else None

        found = self.waiting.until(ISSUANCE_SECONDS, look, doing=f"waiting for a certificate of {self.issuer}")
        if found is None:
            said = latest[0].said or "cert-manager wrote nothing into it"
            raise StepEndedError("issue", f"not ready within {ISSUANCE_SECONDS:g} s: {said}", held=None)
        if not found.held:
            raise StepEndedError(found.name, found.said, held=False)
        spent = self.waiting.clock.monotonic() - began
        noted.held("issue", f"ready after {spent:.0f} s")
        return spent

    def _progress(self) -> Step:
        requests = owned(self._all(CERTIFICATES, "CertificateRequest"), {ASKED})
        orders = owned(self._all(ORDERS, "Order"), _names(requests))
        challenges = owned(self._all(ORDERS, "Challenge"), _names(orders)) if orders else []
        return progress_of(self._there(ASKED), requests, orders, challenges)

    def _controlled(self, refusals: list[str]) -> Control:
        """Whether the control stays without a certificate, because of its issuer and not because nobody looked yet."""
        if refusals:
            return Control(name=_CONTROL, refused=True, said=refusals[0])

        def look() -> Control | None:
            requests = owned(self._all(CERTIFICATES, "CertificateRequest"), {CONTROL})
            seen = progress_of(self._there(CONTROL), requests, (), ())
            if seen.held:
                return Control(name=_CONTROL, refused=False, said=seen.said)
            refused = seen.held is False or any(turned_down(one) for one in requests)
            return Control(name=_CONTROL, refused=True, said=seen.said) if refused else None

        late = Control(name=_CONTROL, refused=None, said=f"cert-manager said nothing of it within {JOB_SECONDS:g} s")
        found: Control | None = self.waiting.until(JOB_SECONDS, look, doing="waiting for what is said of the control")
        return found or late

    def _there(self, name: str) -> Manifest:
        live = self.cluster.get(self._ref(CERTIFICATES, "Certificate", name))
        if live is None:
            raise DeadlineExceededError(
                f"Certificate {self.installation.namespace}/{name} went away during the probe",
                remediation="see that nobody else runs probes for this installation, and run the preflight again",
            )
        return live

    def _clear(self, doing: str) -> None:
        """Certificates first: as long as one is there, cert-manager writes its Secret again."""
        mine = [self._ref(*which, name) for which in _KEPT for name in (ASKED, CONTROL)]
        for ref in mine:
            live = self.cluster.get(ref)
            if live is not None and not _is_ours(live):
                raise StuckError(
                    f"{ref} is somebody else's, and the probe needs one of this name",
                    owner=Party.CUSTOMER,
                    remediation="rename or remove it",
                )
        if not self.waiting.until_gone(GONE_SECONDS, lambda: self._gone(mine), doing=doing):
            left = ", ".join(str(ref) for ref in self._left(mine))
            raise StuckError(
                f"left behind {GONE_SECONDS:g} s after the Certificates were deleted: {left}",
                owner=Party.CUSTOMER,
                remediation="see what holds it (kubectl get -o yaml: finalizers), or delete it",
            )

    def _gone(self, mine: list[ObjectRef]) -> bool | None:
        left = [*self._left(mine)]
        certificates = [ref for ref in left if ref.kind == "Certificate"]
        for ref in certificates or [ref for ref in left if ref.kind == "Secret"]:
            self.cluster.delete(ref)
        return None if left else True

    def _left(self, mine: list[ObjectRef]) -> Iterator[ObjectRef]:
        yield from (ref for ref in mine if self.cluster.get(ref) is not None)
        for version, kind in _MADE_FROM_IT:
            for one in self._all(version, kind):
                name = one["metadata"]["name"]  # begins with that of its Certificate, as every kind's does
                if name.startswith(f"{ASKED}-"):
                    yield self._ref(version, kind, name)

    def _all(self, version: str, kind: str) -> list[Manifest]:
        return [*self.cluster.list(version, kind, namespace=self.installation.namespace)]

    def _ref(self, version: str, kind: str, name: str) -> ObjectRef:
        return ObjectRef(version, kind, self.installation.namespace, name)

    def _issuer(self) -> ObjectRef:
        return issuer_ref(self.installation, self.issuer)


_KEPT = ((CERTIFICATES, "Certificate"), ("v1", "Secret"))


def issuer_ref(installation: Installation, issuer: Issuer) -> ObjectRef:
    """Where the issuer is: in the installation's namespace, unless it is the cluster's."""
    return ObjectRef(CERTIFICATES, issuer.kind.value, installation.namespace if issuer.namespaced else "", issuer.name)


def _expect_ready(issuer: Issuer, live: Manifest | None) -> str:
    """What the issuer says of itself, where it is ready."""
    if live is None:
        raise StepEndedError("issuer", f"there is no {issuer}", held=False)
    conditions = live.get("status", {}).get("conditions") or ()
    ready = next((one for one in conditions if one["type"] == "Ready"), None)
    if ready is None:
        raise StepEndedError("issuer", f"cert-manager has said nothing about {issuer} yet", held=None)
    said = f"{ready.get('reason', '')} {ready.get('message', '')}".strip()
    if ready["status"] != "True":
        raise StepEndedError("issuer", f"{issuer} is not ready: {said}", held=False)
    return said


def _names(objects: list[Manifest]) -> set[str]:
    return {str(one["metadata"]["name"]) for one in objects}


def _is_ours(live: Manifest) -> bool:
    labels = live["metadata"].get("labels", {})
    return (labels.get(MANAGED_BY_LABEL), labels.get("app.kubernetes.io/name")) == (MANAGED_BY, COMPONENT)
