"""TLS-2's probe, against a fake cert-manager: what it asks for, what it makes of the answer, what it leaves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kastellan.adapters.evidence.collection import collect
from kastellan.adapters.evidence.facts_document import group_document
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.probe.issuance_probe import issuance_collector
from kastellan.adapters.probe.issuance_run import IssuanceRun
from kastellan.adapters.probe.waiting import Waiting
from kastellan.domain.errors import RejectedError
from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.installation import Routing, RoutingKind
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.party import Party
from kastellan.domain.probing import Issuer, IssuerKind, Probing
from kastellan.manifests.issuance import ASKED, CONTROL, RUN_LABEL
from kastellan.planning.issuance_rights import issuance_rights
from kastellan.ports.cluster import Cluster
from kastellan.preflight.checks.tls_2 import TLS_2
from kastellan.preflight.facts import LEFT_OUT, Facts, Unknown
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import Issued, NotProbed
from kastellan.preflight.time_limits import BREAKING_OFF_SECONDS, GONE_SECONDS, ISSUANCE_SECONDS
from lab.pki import Authority
from tests.builders import installation
from tests.fakes.clock import FakeClock
from tests.fakes.faulty_cluster import FAULTS, FaultyCluster
from tests.fakes.issuing_cluster import ISSUER, NAMESPACE, IssuingCluster, ready, secret_data
from tests.fakes.progress import FakeProgress
from tests.unit.preflight import platforms
from tests.unit.preflight.platforms import requirement

OF = installation(routing=Routing(kind=RoutingKind.INGRESS, class_name="web", tls_secret="tls"))
NAMED = Issuer(name=ISSUER, kind=IssuerKind.CLUSTER_ISSUER)
PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
_ISSUER_REF = ObjectRef("cert-manager.io/v1", "ClusterIssuer", "", ISSUER)


@pytest.fixture
def cluster() -> IssuingCluster:
    return IssuingCluster(OF.domain)


def _facts(cluster: Cluster, *, clock: FakeClock | None = None, ends: float | None = None, **access: Any) -> Facts:
    allowed = ProbeAccess(**{"probing": Probing(issuer=NAMED), "allowed": True, **access})
    time = clock or FakeClock()
    options = {} if ends is None else {"ends": ends}
    collectors = issuance_collector(cluster, OF, allowed, time, FakeProgress(), **options)
    return replace(platforms.facts(), issued=collect(collectors, time, FakeProgress()).facts.issued)


def _finding(facts: Facts) -> Finding:
    return TLS_2.run(facts, requirement(), date(2026, 11, 24))


def test_a_certificate_is_issued_looked_at_and_taken_away(cluster: IssuingCluster) -> None:
    facts = _facts(cluster)
    assert isinstance(facts.issued, Issued)
    finding = _finding(facts)
    assert finding.outcome is Outcome.PASS
    assert finding.vantage == "api, issuer"
    said = next(part.observed for part in finding.parts if part.vantage == "issuer")
    assert f"{OF.domain} by ClusterIssuer {ISSUER}: EC 256 signed by CN=the issuer's authority" in said
    assert cluster.left() == set()
    assert {name for name in cluster.applied if "Certificate" in name} == {
        f"Certificate {NAMESPACE}/{ASKED}", f"Certificate {NAMESPACE}/{CONTROL}",
    }  # fmt: skip


def test_what_is_asked_for_is_the_domain_for_an_hour_with_the_runs_own_label(
    cluster: IssuingCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    apply = cluster.apply

    def noted(manifest: dict[str, Any], **options: Any) -> dict[str, Any]:
        asked.append(manifest)
        return apply(manifest, **options)

    monkeypatch.setattr(cluster, "apply", noted)
    _facts(cluster)
    first, control = asked
    assert first["spec"]["dnsNames"] == [OF.domain]
    assert first["spec"]["duration"] == "1h"
    assert first["spec"]["issuerRef"] == {"name": ISSUER, "kind": "ClusterIssuer", "group": "cert-manager.io"}
    assert first["metadata"]["labels"][RUN_LABEL] == control["metadata"]["labels"][RUN_LABEL] != ""
    assert control["spec"]["issuerRef"]["name"] == CONTROL


def test_all_names_are_asked_for_and_have_to_be_in_it(cluster: IssuingCluster) -> None:
    of = replace(OF, hosts=HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS))
    names = of.hosts.every
    assert len(names) == 4
    clock, access = FakeClock(), ProbeAccess(probing=Probing(issuer=NAMED), allowed=True)
    for missing, outcome in ((0, Outcome.PASS), (1, Outcome.FAIL)):
        cluster.data = secret_data(cluster.authority.server(names[missing:]))
        issued = issuance_collector(cluster, of, access, clock, FakeProgress())["issued"]()
        finding = _finding(replace(platforms.facts(), issued=issued))
        assert finding.outcome is outcome, finding.observed
    assert f"not for {names[0]}" in finding.observed


def test_the_key_leaves_the_cluster_in_no_form(cluster: IssuingCluster) -> None:
    credential = cluster.authority.server([OF.domain])
    cluster.data = secret_data(credential)
    written = str(group_document("issued", _facts(cluster).issued))
    assert "PRIVATE KEY" not in written
    assert not any(line in written for line in credential.private_key.splitlines()[1:-1])


def _order(**status: str) -> dict[str, dict[str, Any]]:
    return {"Order": status}


def _challenge(**status: str) -> dict[str, dict[str, Any]]:
    return {"Order": {"state": "pending"}, "Challenge": status}


_OTHER = Authority("another")
_UNLISTED = Authority("an intermediate", issuer=_OTHER)
WRONG: dict[str, tuple[dict[str, Any], Outcome, Party, str]] = {
    "the issuer gives up": (
        {"answered": ready(status="False", reason="Failed", message="the vault is sealed")},
        Outcome.FAIL, Party.CUSTOMER, "CertificateRequest kastellan-probe-1: Failed the vault is sealed",
    ),
    "an approver denies it": (
        {"answered": {"type": "Denied", "status": "True", "reason": "policy.cert-manager.io", "message": "no policy"}},
        Outcome.FAIL, Party.CUSTOMER, "approval: CertificateRequest kastellan-probe-1: policy.cert-manager",
    ),
    "the request is not valid": (
        {"answered": {"type": "InvalidRequest", "status": "True", "reason": "InvalidRequest", "message": "usages"}},
        Outcome.FAIL, Party.CUSTOMER, "request: CertificateRequest kastellan-probe-1: InvalidRequest usages",
    ),
    "the challenge is lost": (
        {"states": _challenge(state="invalid", reason="404 from http://id.customer.example/.well-known/")},
        Outcome.FAIL, Party.CUSTOMER, "challenge: Challenge kastellan-probe-1-7-9: HTTP-01 invalid 404",
    ),
    "the authority refuses": (
        {"states": _order(state="errored", reason="urn:ietf:params:acme:error:caa: forbids")},
        Outcome.FAIL, Party.CUSTOMER, "order: Order kastellan-probe-1-7: errored urn:ietf:params:acme:error:caa",
    ),
    "the authority is at its limit": (
        {"states": _order(state="errored", reason="429 urn:ietf:params:acme:error:rateLimited: too many")},
        Outcome.FAIL, Party.THIRD_PARTY, "rateLimited",
    ),
    "the challenge is still under way": (
        {"states": _challenge(state="pending", reason="Waiting for HTTP-01 challenge propagation: status code 404")},
        Outcome.UNKNOWN, Party.CUSTOMER, "not ready within 120 s: Challenge kastellan-probe-1-7-9: HTTP-01 pending",
    ),
    "cert-manager does nothing": (
        {"silent": True}, Outcome.UNKNOWN, Party.CUSTOMER, "cert-manager wrote nothing into it",
    ),
    "a certificate for another name": (
        {"data": secret_data(Authority("a").server(["other.example"]))},
        Outcome.FAIL, Party.CUSTOMER, "name: it is for other.example, not for",
    ),
    "a certificate for another key": (
        {"data": secret_data(_OTHER.server([OF.domain])) | {
            "tls.key": secret_data(_OTHER.server([OF.domain]))["tls.key"]}},
        Outcome.FAIL, Party.CUSTOMER, "key: its Secret's certificate is for another key",
    ),
    "a chain of another authority": (
        {"data": secret_data(_OTHER.server([OF.domain]), Authority("a stranger"))},
        Outcome.FAIL, Party.CUSTOMER, "is not signed by CN=a stranger, which follows it",
    ),
    "a chain that its authority did not sign": (
        {"data": secret_data(_OTHER.server([OF.domain]), root=Authority("a stranger"))},
        Outcome.FAIL, Party.CUSTOMER, "is not signed by the authority in ca.crt",
    ),
    "a Secret without a certificate": (
        {"data": {"tls.key": ""}}, Outcome.FAIL, Party.CUSTOMER, "holds no certificate",
    ),
    "a Secret that holds no key": (
        {"data": secret_data(_OTHER.server([OF.domain])) | {"tls.key": "bm8="}},
        Outcome.FAIL, Party.CUSTOMER, "holds no key that can be read",
    ),
    "an issuer that nobody has is good enough": (
        {"issues_anything": True}, Outcome.ERROR, Party.VENDOR, "from an issuer that nobody has was accepted",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "outcome", "owner", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_cert_manager_does_comes_to_its_outcome_and_names_whose_turn_it_is(
    cluster: IssuingCluster, change: dict[str, Any], outcome: Outcome, owner: Party, says: str
) -> None:
    for name, value in change.items():
        setattr(cluster, name, value)
    finding = _finding(_facts(cluster))
    assert (finding.outcome, finding.owner) == (outcome, owner), finding.observed
    assert says in finding.observed
    assert finding.remediation
    assert cluster.left() == set()


def test_a_chain_with_its_intermediate_passes(cluster: IssuingCluster) -> None:
    cluster.data = secret_data(_UNLISTED.server([OF.domain]), _UNLISTED, root=_OTHER)
    finding = _finding(_facts(cluster))
    assert finding.outcome is Outcome.PASS, finding.observed
    assert "2 in the chain" in next(part.observed for part in finding.parts if part.vantage == "issuer")


def test_a_certificate_that_has_ended_is_none(cluster: IssuingCluster) -> None:
    finding = _finding(_facts(cluster, clock=FakeClock(datetime(2126, 1, 1, tzinfo=UTC))))
    assert finding.outcome is Outcome.FAIL
    assert "it was valid until" in finding.observed


def test_a_control_that_nobody_looked_at_proves_nothing(
    cluster: IssuingCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = cluster._act
    monkeypatch.setattr(cluster, "_act", lambda name: act(name) if name == ASKED else None)
    finding = _finding(_facts(cluster))
    assert finding.outcome is Outcome.UNKNOWN
    assert "not tried to the end: a Certificate from an issuer that nobody has" in finding.observed


def test_a_policy_that_refuses_the_control_at_once_is_as_good(
    cluster: IssuingCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = cluster.apply

    def strict(manifest: dict[str, Any], **options: Any) -> dict[str, Any]:
        if manifest["metadata"]["name"] == CONTROL:
            raise RejectedError("no such issuer")
        return apply(manifest, **options)

    monkeypatch.setattr(cluster, "apply", strict)
    assert _finding(_facts(cluster)).outcome is Outcome.PASS


ISSUERS: dict[str, tuple[dict[str, Any] | None, Outcome, str]] = {
    "there is none": (None, Outcome.FAIL, f"there is no ClusterIssuer {ISSUER}"),
    "it is not ready": (
        {"conditions": [ready(status="False", reason="ErrGetKeyPair", message="no Secret")]},
        Outcome.FAIL, f"ClusterIssuer {ISSUER} is not ready: ErrGetKeyPair no Secret",
    ),
    "nothing is said of it": ({}, Outcome.UNKNOWN, "has said nothing about"),
}  # fmt: skip


@pytest.mark.parametrize(("status", "outcome", "says"), ISSUERS.values(), ids=ISSUERS.keys())
def test_an_issuer_that_cannot_issue_is_told_and_nothing_is_asked_for(
    cluster: IssuingCluster, status: dict[str, Any] | None, outcome: Outcome, says: str
) -> None:
    if status is None:
        del cluster.objects[_ISSUER_REF]
    else:
        cluster.objects[_ISSUER_REF]["status"] = status
    finding = _finding(_facts(cluster))
    assert finding.outcome is outcome
    assert says in finding.observed
    assert not cluster.applied


def test_an_issuer_of_a_production_directory_is_not_asked_and_that_is_no_pass(cluster: IssuingCluster) -> None:
    cluster.objects[_ISSUER_REF]["spec"] = {"acme": {"server": PRODUCTION}}
    finding = _finding(_facts(cluster))
    assert (finding.outcome, finding.owner, finding.executed) == (Outcome.UNKNOWN, Party.VENDOR, True)
    assert PRODUCTION in finding.observed
    assert "staging" in finding.remediation
    assert not cluster.applied


@pytest.mark.parametrize("directory", [STAGING, "https://acme.customer.example/directory"])
def test_one_of_a_staging_or_a_private_directory_is_asked(cluster: IssuingCluster, directory: str) -> None:
    cluster.objects[_ISSUER_REF]["spec"] = {"acme": {"server": directory}}
    assert _finding(_facts(cluster)).outcome is Outcome.PASS


def test_an_issuer_of_the_namespace_is_looked_for_there(cluster: IssuingCluster) -> None:
    cluster.put(
        "cert-manager.io/v1", "Issuer", ISSUER, namespace=NAMESPACE, spec={}, status={"conditions": [ready()]}
    )  # fmt: skip
    del cluster.objects[_ISSUER_REF]
    assert _finding(_facts(cluster, probing=Probing(issuer=Issuer(name=ISSUER)))).outcome is Outcome.PASS


LEFT = {
    "a read-only run": ({"allowed": False}, "run it with --probes"),
    "no issuer": ({"probing": Probing()}, "installation:probes.issuer"),
}


@pytest.mark.parametrize(("access", "says"), LEFT.values(), ids=LEFT.keys())
def test_what_is_not_tried_is_left_out_and_says_what_to_do(
    cluster: IssuingCluster, access: dict[str, Any], says: str
) -> None:
    facts = _facts(cluster, **access)
    assert isinstance(facts.issued, Unknown)
    assert facts.issued.reason.code == LEFT_OUT
    finding = _finding(facts)
    assert (finding.outcome, finding.executed) == (Outcome.UNKNOWN, False)
    assert says in finding.remediation
    assert {part.outcome for part in finding.parts if part.vantage == "api"} == {Outcome.PASS}
    assert not cluster.applied


def test_without_cert_manager_it_does_not_arise(cluster: IssuingCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IssuingCluster, "request", lambda self, path, query=None: FAULTS["404"](path, None))
    assert isinstance(_facts(cluster).issued, NotProbed)


@pytest.mark.parametrize("right", sorted({f"{one.verb} {one.resource}" for one in issuance_rights(OF, NAMED)}))
def test_without_one_of_its_rights_nothing_is_made_and_the_right_is_named(cluster: IssuingCluster, right: str) -> None:
    cluster.denied = (right,)
    finding = _finding(_facts(cluster))
    assert finding.outcome is Outcome.UNKNOWN
    assert right in finding.observed
    assert not cluster.applied


_RESOURCES = {
    "Namespace": "namespaces", "Secret": "secrets", "Certificate": "certificates", "ClusterIssuer": "clusterissuers",
    "CertificateRequest": "certificaterequests", "Order": "orders", "Challenge": "challenges",
}  # fmt: skip


def test_the_rights_of_the_probe_are_all_that_it_uses(cluster: IssuingCluster) -> None:
    cluster.issues_anything = True  # so that the control's Secret is deleted, too
    _facts(cluster)
    used = {(verb, _RESOURCES[kind], name) for verb, kind, name in cluster.calls} - {("get", "namespaces", NAMESPACE)}
    assert used == {(right.verb, right.resource, right.name) for right in issuance_rights(OF, NAMED)}


@pytest.mark.parametrize("kind", ["Certificate", "Secret"])
def test_what_somebody_else_has_by_that_name_is_left_alone(cluster: IssuingCluster, kind: str) -> None:
    version = "v1" if kind == "Secret" else "cert-manager.io/v1"
    cluster.put(version, kind, ASKED, namespace=NAMESPACE, metadata={"labels": {"team": "x"}})
    finding = _finding(_facts(cluster))
    assert finding.outcome is Outcome.UNKNOWN
    assert "is somebody else's" in finding.observed
    assert cluster.left() == {f"{kind} {NAMESPACE}/{ASKED}"}


def test_what_does_not_go_away_is_told_and_nothing_passes(cluster: IssuingCluster) -> None:
    cluster.lingering = True
    finding = _finding(_facts(cluster))
    assert finding.outcome is Outcome.UNKNOWN
    assert f"left behind 120 s after the Certificates were deleted: CertificateRequest {NAMESPACE}/{ASKED}-1" in (
        finding.observed
    )


def test_a_probe_that_takes_too_long_is_broken_off_taken_away_and_fails_nothing(cluster: IssuingCluster) -> None:
    cluster.silent = True
    clock = FakeClock()
    ends = GONE_SECONDS + BREAKING_OFF_SECONDS + 10.0
    finding = _finding(_facts(cluster, clock=clock, ends=ends))
    assert finding.outcome is Outcome.UNKNOWN
    assert "were broken off" in finding.observed
    assert cluster.left() == set()
    assert clock.slept < min(ends, ISSUANCE_SECONDS)


class _Killed(BaseException):
    """The process is gone."""


class _Mortal(FaultyCluster):
    """Dies at the call of a number, before or after it, and does nothing any more."""

    def __init__(self, cluster: IssuingCluster, *, at: int, after: bool) -> None:
        super().__init__(cluster)
        self._left, self._after, self._dead = at, after, False

    def _answer(self, call: str, act: Callable[[], Any]) -> Any:
        self._left -= 1
        if self._dead or (self._left == 0 and not self._after):
            self._dead = True
            raise _Killed
        answer = act()
        if self._left == 0:
            self._dead = True
            raise _Killed
        return answer

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        gone: bool = self._answer(f"delete {ref.kind}", lambda: self._cluster.delete(ref, uid=uid))
        return gone


def _calls() -> int:
    counted = _Mortal(IssuingCluster(OF.domain), at=-1, after=False)
    before = counted._left
    _facts(counted)
    return before - counted._left


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_a_killed_run_left_is_taken_away_by_the_next_one_which_passes(*, after: bool) -> None:
    calls = _calls()
    assert calls > 30
    for number in range(1, calls + 1):
        cluster = IssuingCluster(OF.domain)
        mortal = _Mortal(cluster, at=number, after=after)
        _die(mortal)
        assert _finding(_facts(cluster)).outcome is Outcome.PASS, number
        assert cluster.left() == set(), number


def _die(mortal: _Mortal) -> None:
    """Without the collector's thread, whose end by something that is no error the interpreter would print."""
    waiting = Waiting(clock=FakeClock(), progress=FakeProgress())
    run = IssuanceRun(cluster=mortal, waiting=waiting, installation=OF, issuer=NAMED, run="killed")
    try:
        run.issued()
    except _Killed:
        return


class _Faulty(FaultyCluster):
    """Probes delete what they made."""

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        gone: bool = self._answer(f"delete {ref.kind}", lambda: self._cluster.delete(ref, uid=uid))
        return gone


def _distinct_calls() -> list[str]:
    cluster = _Faulty(IssuingCluster(OF.domain))
    _facts(cluster)
    return sorted(cluster.calls)


@pytest.mark.parametrize("call", _distinct_calls())
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_passes_nothing_and_the_next_run_leaves_nothing(call: str, fault: str) -> None:
    cluster = IssuingCluster(OF.domain)
    finding = _finding(_facts(_Faulty(cluster, FAULTS[fault], at=call)))
    harmless = fault == "malformed" and call.startswith(("apply", "delete", "request", "get Namespace"))
    nothing_there = fault == "404" and call.startswith("request")
    expected = {Outcome.PASS} if harmless or nothing_there else {Outcome.UNKNOWN, Outcome.FAIL}
    assert finding.outcome in expected, finding.observed
    assert finding.remediation or harmless or nothing_there
    assert _finding(_facts(cluster)).outcome is Outcome.PASS
    assert cluster.left() == set()
