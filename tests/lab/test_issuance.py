"""TLS-2 against cert-manager's own controllers: issued, refused, taken away, and under exactly its rights.

The issuers have an authority of their own. ACME is not here: its authority has to reach the cluster from outside. What
Orders and Challenges come to is held in unit tests alone.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from kastellan.adapters.evidence.preflight_run import judged, patient, survey
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.probe import issuance_run
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.preflight_target import bare_target
from kastellan.domain.installation import Installation, Routing, RoutingKind
from kastellan.domain.probing import Issuer, Probing
from kastellan.domain.secrets import Secrets
from kastellan.manifests.issuance import certificate
from kastellan.manifests.release import render
from kastellan.planning.facts_rights import facts_rights, survey_rights
from kastellan.planning.issuance_rights import issuance_rights
from kastellan.planning.rights import Right
from kastellan.planning.role import roles
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.selection import Selection
from lab.cert_manager import CertManager, authority_issuer
from lab.pki import Authority
from lab.simulated import SimulatedCluster
from tests.fakes.progress import FakeProgress
from tests.waiting import until

_ISSUER = Issuer(name="authority")
_ONLY = Selection(only=frozenset({"TLS-2"}))
_NAMES_ARE_NEEDED: list[dict[str, Any]] = [
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "certificates-have-names"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": ["cert-manager.io"],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["certificates"],
                    }
                ]
            },
            "validations": [{"expression": "has(object.spec.dnsNames)", "message": "a certificate needs a name"}],
        },
    },
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "certificates-have-names"},
        "spec": {"policyName": "certificates-have-names", "validationActions": ["Deny"]},
    },
]
"""Stands for cert-manager's webhook, which no pod of a simulated node could serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A cluster with cert-manager, and an installation in a namespace of it."""

    cluster: SimulatedCluster
    manager: CertManager
    of: Installation

    def finding(self, *, user: str = "", issuer: Issuer = _ISSUER, reads_only: bool = False) -> Finding:
        """What a preflight says of TLS-2; one that only reads gives a call two seconds and repeats none."""
        clock, progress = SystemClock(), FakeProgress()
        kubeconfig = self.cluster.user_kubeconfig(user) if user else self.cluster.kubeconfig_text
        cluster = connect(kubeconfig, timeout_seconds=2.0 if reads_only else 10.0)
        seen = survey(
            cluster if reads_only else patient(cluster, clock, progress),
            None,
            self.of,
            render(self.of, Secrets.placeholders()),
            target="the lab",
            selection=_ONLY,
            clock=clock,
            progress=progress,
            probes=ProbeAccess(probing=Probing(issuer=issuer), allowed=not reads_only),
        )
        return next(one for one in judged(seen, clock, selection=_ONLY).findings if one.check == "TLS-2")

    def left(self) -> str:
        """What is there of a probe, in the words of kubectl."""
        kinds = "certificates,certificaterequests,orders,challenges,secrets"
        listed = self.cluster.kubectl("-n", self.of.namespace, "get", kinds, "-o", "name")
        return "\n".join(line for line in listed.splitlines() if not line.endswith("/authority"))


@pytest.fixture(scope="module")
def manager(simulated_cluster: SimulatedCluster) -> Iterator[CertManager]:
    """It stays until the cluster ends; nothing else there has to do with it."""
    simulated_cluster.apply(*_NAMES_ARE_NEEDED)
    yield CertManager(simulated_cluster)


@pytest.fixture
def platform(simulated_cluster: SimulatedCluster, manager: CertManager, namespace: str) -> Platform:
    """With an Issuer that is ready."""
    simulated_cluster.apply(*authority_issuer(Authority("the customer's"), _ISSUER.name, namespace))
    ready = ("wait", "--for=condition=Ready", f"issuer/{_ISSUER.name}", "--timeout=60s")
    simulated_cluster.kubectl("-n", namespace, *ready)
    of = replace(
        bare_target("", "", None, size="small", namespace=namespace).installation,
        routing=Routing(kind=RoutingKind.INGRESS, class_name="web", controller_namespace="ingress", tls_secret="tls"),
    )
    return Platform(cluster=simulated_cluster, manager=manager, of=of)


def test_a_certificate_is_issued_and_its_control_is_not_and_nothing_is_left_not_even_of_a_killed_run(
    platform: Platform,
) -> None:
    platform.cluster.apply(certificate(platform.of, _ISSUER, "killed"))
    until(lambda: "secret/kastellan-probe" in platform.left())
    found = platform.finding()
    assert found.outcome is Outcome.PASS, found.observed
    said = next(part.observed for part in found.parts if part.vantage == "issuer")
    assert "RSA 2048 signed by CN=the customer's" in said
    assert "a Certificate from an issuer that nobody has got none" in said
    assert platform.left() == ""


def test_an_issuer_whose_authority_is_gone_is_told_in_its_own_words(platform: Platform) -> None:
    namespace = platform.of.namespace
    platform.cluster.kubectl("-n", namespace, "delete", "secret", _ISSUER.name)
    broken = "--for=jsonpath={.status.conditions[0].status}=False"
    platform.cluster.kubectl("-n", namespace, "wait", broken, f"issuer/{_ISSUER.name}", "--timeout=60s")
    found = platform.finding()
    assert found.outcome is Outcome.FAIL
    assert "is not ready: ErrGetKeyPair" in found.observed
    assert platform.finding(issuer=Issuer(name="nobody")).observed.endswith("there is no Issuer nobody")
    assert platform.left() == ""


def test_a_cert_manager_that_hangs_is_unknown_and_what_was_asked_for_is_gone(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuance_run, "ISSUANCE_SECONDS", 3.0)
    with platform.manager.held_up():
        found = platform.finding()
    assert found.outcome is Outcome.UNKNOWN
    assert "cert-manager wrote nothing into it" in found.observed
    assert platform.left() == ""


def test_a_webhook_that_is_silent_for_longer_than_a_call_may_take_is_named(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        webhook = {
            "name": "silent.customer.example",
            "clientConfig": {"url": f"https://127.0.0.1:{silent.getsockname()[1]}/"},
            "rules": [
                {"apiGroups": ["cert-manager.io"], "apiVersions": ["v1"], "resources": ["certificates"],
                 "operations": ["CREATE"]}
            ],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": platform.of.namespace}},
            "timeoutSeconds": 30,
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }  # fmt: skip
        kind = "ValidatingWebhookConfiguration"
        named = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "silent"}}
        platform.cluster.apply({**named, "webhooks": [webhook]})
        try:
            found = until(lambda: (seen := platform.finding(reads_only=True)).executed and seen)
        finally:
            platform.cluster.kubectl("delete", kind, "silent")
    assert found
    assert found.outcome is Outcome.UNKNOWN
    assert "an admission webhook that is silent: as a rule cert-manager's own" in found.observed
    assert "see why the webhook is silent" in found.remediation


def test_exactly_the_printed_rights_are_enough_and_without_any_of_them_nothing_is_asked_for(platform: Platform) -> None:
    needed = facts_rights(platform.of, render(platform.of, Secrets.placeholders()))
    reading = survey_rights(needed, ("issuance", "issued"))
    asking = issuance_rights(platform.of, _ISSUER)

    def user(missing: Right | None) -> str:
        return f"{platform.of.namespace}-{'whole' if missing is None else asking.index(missing)}"

    given = {missing: {*reading, *asking} - {missing} for missing in (None, *asking)}
    platform.cluster.apply(
        *(role for missing, rights in given.items() for role in roles(rights, user(missing), user=user(missing)))
    )
    until(lambda: platform.finding(user=user(None)).outcome is Outcome.PASS)  # new roles are seen after a moment
    for missing in asking:
        found = platform.finding(user=user(missing))
        assert found.outcome is Outcome.UNKNOWN, (str(missing), found.observed)
        assert str(missing) in found.observed
        assert platform.left() == "", str(missing)
