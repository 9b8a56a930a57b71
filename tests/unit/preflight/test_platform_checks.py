"""NET-1, NET-2's claim, HA-1, RBAC-2, MET-1, TLS-2, and the halves of STO-1, CLK-1, IMG-1 that ask the API server."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.party import Party
from kastellan.preflight.check import Check
from kastellan.preflight.checks.clk_1 import CLK_1
from kastellan.preflight.checks.ha_1 import HA_1
from kastellan.preflight.checks.img_1 import IMG_1
from kastellan.preflight.checks.met_1 import MET_1
from kastellan.preflight.checks.net_1 import NET_1
from kastellan.preflight.checks.net_2 import NET_2
from kastellan.preflight.checks.rbac_2 import RBAC_2
from kastellan.preflight.checks.sto_1 import STO_1
from kastellan.preflight.checks.tls_2 import TLS_2
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.facts import AccessAnswer, left_out
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.platform_facts import Disruptions, EntranceHosts, EntranceService, Heartbeats, Metrics
from kastellan.preflight.probe_facts import NotProbed
from tests.unit.preflight.platforms import (
    budget,
    entrance,
    issuance,
    judged,
    nodes,
    pull_secret,
    storage,
    storage_class,
)
from tests.unit.preflight.probed import ISSUED_STEPS, accepted, dialogue, issued

PASS, WARN, FAIL, UNKNOWN, ERROR = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR
_ONE_ZONE = (EntranceService(name="entry", zones=("a", "a")),)
_EVICTED = (DryRun(subject="eviction of pod zitadel/zitadel-0", accepted=True),)
_REFUSED = DryRun(subject="eviction of pod zitadel/zitadel-0", accepted=False, message="denied by policy")


def _hosts(*zones: str) -> EntranceHosts:
    return EntranceHosts(name="DaemonSet edge", ports=(80, 443), zones=zones)


def _disruptions(*blocking: Any, evictions: tuple[DryRun, ...] = _EVICTED) -> Disruptions:
    return Disruptions(budgets=9, blocking=blocking, evictions=evictions)


def _answers(*allowed: bool) -> tuple[AccessAnswer, ...]:
    return tuple(AccessAnswer(right=f"right {number}", allowed=one) for number, one in enumerate(allowed))


CASES: dict[str, tuple[Check, dict[str, Any], Outcome, str]] = {
    # NET-1
    "a controller in two zones": (NET_1, {}, PASS, "from several zones (entry: a, b)"),
    "no such class": (NET_1, {"entrance": entrance(controller="")}, FAIL, "there is no GatewayClass web"),
    "no class and no default": (
        NET_1, {"entrance": entrance(kind="IngressClass", name="", controller="")}, FAIL, "none is the default",
    ),
    "no such Gateway": (
        NET_1, {"entrance": entrance(name="", controller="", problems=("there is no Gateway web/web",))}, FAIL,
        "there is no Gateway web/web",
    ),
    "a retired controller": (NET_1, {"entrance": entrance(controller="k8s.io/ingress-nginx")}, FAIL, "retired"),
    "F5's controller is another": (NET_1, {"entrance": entrance(controller="nginx.org/ingress-controller")}, PASS, ""),
    "a Gateway that is not programmed": (
        NET_1, {"entrance": entrance(problems=("Gateway web/web is not programmed: Pending",))}, FAIL, "not programmed",
    ),
    "a provider's load balancer": (
        NET_1, {"entrance": entrance(namespace="", services=())}, PASS, "runs outside of the cluster",
    ),
    "a provider's controller in the cluster": (
        NET_1, {"entrance": entrance(controller="ingress.k8s.aws/alb", services=())}, PASS, "outside",
    ),
    "nothing lets requests in": (
        NET_1, {"entrance": entrance(services=())}, UNKNOWN, "no Service lets requests in there, and no pod does",
    ),
    "host ports in two zones": (
        NET_1, {"entrance": entrance(services=(), hosts=(_hosts("a", "b", "b"),))}, PASS,
        "(DaemonSet edge at host port 80, 443: a, b)",
    ),
    "host ports in one zone": (
        NET_1, {"entrance": entrance(services=(), hosts=(_hosts("a", "a"),))}, FAIL,
        "do not stand in two zones (DaemonSet edge at host port 80, 443: a)",
    ),
    "host ports of pods that are not ready": (
        NET_1, {"entrance": entrance(services=(), hosts=(_hosts(),))}, FAIL, "DaemonSet edge at host port 80, 443: no",
    ),
    "host ports on nodes without zones": (
        NET_1, {"entrance": entrance(services=(), hosts=(_hosts("", ""),))}, UNKNOWN, "not known",
    ),
    "host ports in two zones beside a Service in one": (
        NET_1, {"entrance": entrance(services=_ONE_ZONE, hosts=(_hosts("a", "b"),))}, WARN, "not every way in",
    ),
    "all in one zone": (NET_1, {"entrance": entrance(services=_ONE_ZONE)}, FAIL, "do not stand in two zones"),
    "no ready endpoint": (
        NET_1, {"entrance": entrance(services=(EntranceService(name="entry", zones=()),))}, FAIL, "entry: no zone",
    ),
    "zones that are not known": (
        NET_1, {"entrance": entrance(services=(EntranceService(name="entry", zones=("", "a")),))}, UNKNOWN, "not known",
    ),
    "one of two Services in one zone": (
        NET_1, {"entrance": entrance(services=(*_ONE_ZONE, EntranceService(name="other", zones=("a", "b"))))}, WARN,
        "not every way in",
    ),
    # HA-1
    "budgets that allow": (HA_1, {"disruptions": _disruptions()}, PASS, "each of 9 budgets"),
    "a foreign budget that never allows": (
        HA_1, {"disruptions": _disruptions(budget(never=True))}, WARN, "by their own terms never: shop/shop (3 pods)",
    ),
    "a foreign budget that allows none now": (HA_1, {"disruptions": _disruptions(budget())}, WARN, "1 of 9 budgets"),
    "our own budget allows none": (
        HA_1, {"disruptions": _disruptions(budget(ours=True), evictions=())}, FAIL, "because pods are missing",
    ),
    "a budget beside ours": (
        HA_1, {"disruptions": _disruptions(budget(beside=True), evictions=())}, FAIL, "a second budget",
    ),
    "an eviction that is refused": (
        HA_1, {"disruptions": _disruptions(evictions=(_REFUSED,))}, FAIL, "denied by policy",
    ),
    "an eviction without an answer": (
        HA_1, {"disruptions": _disruptions(evictions=(replace(_REFUSED, accepted=None),))}, UNKNOWN, "denied",
    ),
    # RBAC-2
    "everything is denied": (RBAC_2, {"excess": _answers(False, False)}, PASS, "all 2 dangerous rights"),
    "one is given": (RBAC_2, {"excess": _answers(False, True)}, FAIL, "right 1"),
    "all are given": (RBAC_2, {"excess": _answers(True, True)}, FAIL, "as cluster-admin and system:masters may"),
    "none was asked": (RBAC_2, {"excess": ()}, UNKNOWN, "no right was asked for"),
    # MET-1
    "no metrics API": (MET_1, {"metrics": Metrics(problem="no metrics API is registered")}, FAIL, "no metrics API"),
    "metrics of nothing": (MET_1, {"metrics": Metrics(problem="", nodes=2, silent=("a", "b"))}, FAIL, "none of 2"),
    "some nodes are silent": (MET_1, {"metrics": Metrics(problem="", nodes=2, silent=("a",))}, WARN, "1 of 2 ready"),
    "metrics of five minutes ago": (MET_1, {"metrics": Metrics(problem="", nodes=2, oldest_seconds=300)}, PASS, ""),
    "stale metrics": (MET_1, {"metrics": Metrics(problem="", nodes=2, oldest_seconds=301)}, FAIL, "301 s old"),
    "no ready node": (MET_1, {"metrics": Metrics(problem="", nodes=0)}, UNKNOWN, "no node is ready"),
    # TLS-2
    "a webhook that is gone": (
        TLS_2, {"issuance": issuance(valid=DryRun(subject="v", accepted=False, message="failed calling webhook"))},
        FAIL, "a valid Certificate is refused: failed calling webhook",
    ),
    "a webhook that validates nothing": (
        TLS_2, {"issuance": issuance(invalid=DryRun(subject="i", accepted=True))}, FAIL, "validates nothing",
    ),
    "a webhook that is silent": (
        TLS_2, {"issuance": issuance(invalid=DryRun(subject="i", accepted=None, message="silent"))}, UNKNOWN,
        "i: silent",
    ),
    "our Certificate is not ready": (
        TLS_2, {"issuance": issuance(troubles=("Certificate zitadel/entry: Pending",))}, WARN, "zitadel/entry: Pending",
    ),
    "a certificate that is issued": (TLS_2, {}, PASS, "EC 256 signed by CN=R11, 2 in the chain, after 4 s; a foreign"),
    "no certificate, for whatever reason": (TLS_2, {"issued": issued(certificate=None)}, FAIL, "no certificate came"),
    "an issuance that ended early": (
        TLS_2, {"issued": issued(dialogue=dialogue("issuer", "request"))}, UNKNOWN, "not tried to the end: issue, key",
    ),
    "a control that is issued, too": (TLS_2, {"issued": issued(dialogue=accepted(*ISSUED_STEPS))}, ERROR, "let in"),
    "a dry run that fails beside an issuance that holds": (
        TLS_2, {"issuance": issuance(invalid=DryRun(subject="i", accepted=True))}, FAIL, "validates nothing",
    ),
    "an issuance that was left out": (TLS_2, {"issued": left_out("read-only", "run it")}, UNKNOWN, "read-only"),
    # STO-1
    "a class that covers every zone": (STO_1, {}, PASS, "fast of csi.example may provision in a, b, c"),
    "another class": (
        STO_1, {"storage": storage(asked="slow")}, FAIL, "there is no StorageClass slow (there are: fast)",
    ),
    "a class of two zones": (
        STO_1, {"storage": storage(storage_class(zones=("a", "b")))}, FAIL, "does not provision in c",
    ),
    "a class of more zones than needed": (
        STO_1, {"storage": storage(storage_class(zones=("a", "b", "c", "d")))}, PASS, "",
    ),
    "a zone without the driver": (
        STO_1, {"storage": storage(driver_zones=("a", "c"))}, FAIL, "no driver on any node of b",
    ),
    "a driver that runs nowhere": (
        STO_1, {"storage": storage(driver_zones=())}, FAIL, "no driver on any node of a, b, c",
    ),
    "what is no CSI driver": (STO_1, {"storage": storage(driver_zones=None, by_place=False)}, PASS, ""),
    "binding at once, by place": (STO_1, {"storage": storage(storage_class(waits=False))}, FAIL, "Immediate"),
    "binding at once, anywhere": (STO_1, {"storage": storage(storage_class(waits=False), by_place=False)}, PASS, ""),
    "volumes that may not grow": (STO_1, {"storage": storage(storage_class(expands=False))}, WARN, "does not let"),
    "volumes by hand": (
        STO_1, {"storage": storage(storage_class(provisioner="kubernetes.io/no-provisioner"), driver_zones=None)}, WARN,
        "made by a person",
    ),
    "two default classes": (
        STO_1, {"storage": storage(storage_class(), storage_class(name="other"))}, WARN, "(fast, other)",
    ),
    "no zone takes pods": (STO_1, {"nodes": nodes(ready=False)}, UNKNOWN, "no zone takes pods"),
    # CLK-1
    "a Lease of just now": (CLK_1, {"heartbeats": Heartbeats(ahead_ms={"a": 2000, "b": 0})}, PASS, "no Lease of 2"),
    "a Lease in the future": (CLK_1, {"heartbeats": Heartbeats(ahead_ms={"a": 2001, "b": 0})}, FAIL, "a by 2 s"),
    "a Lease of two minutes ago": (CLK_1, {"heartbeats": Heartbeats(ahead_ms={"a": -120_000, "b": 0})}, PASS, ""),
    "a Lease that is too old": (
        CLK_1, {"heartbeats": Heartbeats(ahead_ms={"a": -120_001, "b": 0})}, FAIL, "1 of 2 ready",
    ),
    "Leases of a short period": (
        CLK_1, {"heartbeats": Heartbeats(ahead_ms={"a": -36_001, "b": 0}, period_ms=12_000)}, FAIL, "a by 36 s",
    ),
    "all Leases off": (CLK_1, {"heartbeats": Heartbeats(ahead_ms={"a": 9000, "b": 9000})}, FAIL, "2 of 2 ready"),
    "no Lease at all": (CLK_1, {"heartbeats": Heartbeats()}, PASS, "pod@a"),
    # IMG-1
    "a credential for the registry": (IMG_1, {}, PASS, "has credentials for registry.example"),
    "no credential for the registry": (
        IMG_1, {"pull_secret": pull_secret(registries=("ghcr.io",))}, FAIL,
        "no credential for registry.example/zitadel",
    ),
    "no such secret": (
        IMG_1, {"pull_secret": pull_secret(problem="it is not in namespace zitadel")}, FAIL, "it is not in",
    ),
    "no images are known": (IMG_1, {"pull_secret": pull_secret(images=(), registries=("ghcr.io",))}, PASS, "ghcr.io"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_case_comes_to_its_outcome(case: tuple[Check, dict[str, Any], Outcome, str]) -> None:
    check, change, outcome, says = case
    finding = judged(check, **change)
    assert finding.outcome is outcome, finding.observed
    assert says in finding.observed
    assert bool(finding.remediation) is (outcome is not PASS)


@pytest.mark.parametrize(
    ("check", "groups"),
    [
        (NET_1, ("entrance",)), (TLS_2, ("issuance", "issued")), (MET_1, ("metrics",)), (STO_1, ("storage", "volumes")),
        (IMG_1, ("pull_secret", "pulls")),
    ],
)  # fmt: skip
def test_what_nothing_of_the_installation_needs_does_not_arise(check: Check, groups: tuple[str, ...]) -> None:
    nothing: dict[str, Any] = dict.fromkeys(groups, NotProbed(why="nothing is named"))
    finding = judged(check, **nothing)
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "nothing is named" in finding.observed


@pytest.mark.parametrize(
    ("change", "outcome", "says"),
    [
        ({}, PASS, "claims HTTPRouteBackendProtocolH2C, which nobody has verified"),
        ({"features": ()}, WARN, "does not claim"),
        ({"features": None}, WARN, "says nothing about what it supports"),
    ],
)
def test_before_an_installation_a_claim_is_told_and_decides_nothing(
    change: dict[str, Any], outcome: Outcome, says: str
) -> None:
    early = left_out("the way in leads nowhere before the first installation", "run it again after it")
    finding = judged(NET_2, entry=early, entrance=entrance(**change))
    assert (finding.outcome, finding.executed) == (Outcome.UNKNOWN, False)
    (told,) = [part for part in finding.parts if part.vantage == "api"]
    assert told.outcome is outcome
    assert says in told.observed
    assert judged(NET_2, entrance=entrance(**change)).outcome is PASS, "a call that went through is more than a claim"


def test_pods_of_ours_that_are_missing_are_the_vendors_turn_and_a_foreign_budget_the_customers() -> None:
    own, beside = budget(ours=True), budget(beside=True)
    assert judged(HA_1, disruptions=_disruptions(own, evictions=())).owner is Party.VENDOR
    assert judged(HA_1, disruptions=_disruptions(beside, evictions=())).owner is Party.CUSTOMER
