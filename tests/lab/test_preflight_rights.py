"""The preflight under exactly the rights that `kastellan preflight rbac` prints, and once without each of them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kastellan.adapters.evidence.preflight_run import judged, survey
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.preflight_target import bare_target
from kastellan.domain.installation import Autoscaling, Routing, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.probing import Probing
from kastellan.domain.secrets import Secrets
from kastellan.manifests.release import render
from kastellan.planning.facts_rights import facts_rights, survey_rights
from kastellan.planning.rights import Right
from kastellan.planning.role import roles
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.check import Check
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Report
from kastellan.preflight.selection import selection
from lab.simulated import SimulatedCluster
from tests.fakes.progress import FakeProgress
from tests.lab.platform_objects import KINDS, platform
from tests.lab.test_preflight import QUOTA, WEBHOOK
from tests.waiting import until

_IDS = [check.id for check in CHECKS]
_OF = replace(
    bare_target("", "", None, size="small", namespace="zitadel").installation,
    routing=Routing(kind=RoutingKind.INGRESS, class_name="web", controller_namespace="ingress", tls_secret="tls"),
    autoscaling=Autoscaling(max_replicas=6),
    image_pull_secret="registry",
)
"""Wants everything that is read only where it is wanted."""
_MANIFESTS = render(_OF, Secrets.placeholders())
_PROBES = ProbeAccess(probing=Probing(storage_class="fast"))
_RIGHTS = facts_rights(_OF, _MANIFESTS, storage_class="fast")
_WAY_IN = ("names", "handshake", "entry")
"""Nothing is installed, so that nobody looks for a load balancer."""
_FROM_SQL = ("replication",)
"""Asks the cluster only about the addresses that a database names: tests/lab/test_preflight_database.py."""
_GROUPS = sorted(name for name, rights in _RIGHTS.items() if rights and name not in _WAY_IN + _FROM_SQL)
_MISSING = sorted({right for name in _GROUPS for right in _RIGHTS[name]})
_BY_CLUSTER = [check for check in CHECKS if set(check.reads) & set(_GROUPS)]


def _user(right: Right | None) -> str:
    return "whole" if right is None else f"without-{_MISSING.index(right)}"


def _given(right: Right | None) -> list[Manifest]:
    """Roles that give everything but one right."""
    every = survey_rights(_RIGHTS, _RIGHTS)
    kept = [one for one in every if right is None or not _gives(one, right)]
    return roles(kept, _user(right), user=_user(right))


def _gives(one: Right, right: Right) -> bool:
    """Whether one right is the other, or the same in the whole cluster."""
    return one == right or one == replace(right, namespace="")


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    """With all that is read only where it is there; and a user for each case."""
    with SimulatedCluster() as made:
        made.apply(*QUOTA, WEBHOOK, *KINDS)
        made.kubectl("wait", "--for=condition=Established", *(f"crd/{one['metadata']['name']}" for one in KINDS))
        made.apply(*platform())
        made.apply(*(manifest for right in [None, *_MISSING] for manifest in _given(right)))
        yield made


def _seen(cluster: SimulatedCluster, right: Right | None, checks: list[Check]) -> dict[str, Finding]:
    return {one.check: one for one in _report(cluster, right, checks).findings if one.executed}


def _report(cluster: SimulatedCluster, right: Right | None, checks: list[Check]) -> Report:
    clock, chosen = SystemClock(), selection([check.id for check in checks], (), _IDS)
    found = survey(
        connect(cluster.user_kubeconfig(_user(right))),
        None,
        _OF,
        _MANIFESTS,
        target="the lab",
        selection=chosen,
        clock=clock,
        progress=FakeProgress(),
        probes=_PROBES,
    )
    return judged(found, clock, selection=chosen)


def test_the_printed_roles_are_enough_for_every_check_of_the_cluster(cluster: SimulatedCluster) -> None:
    def determined() -> bool:
        found = _seen(cluster, None, _BY_CLUSTER)
        return not {one.check for one in found.values() if one.outcome in (Outcome.UNKNOWN, Outcome.ERROR)}

    until(determined)  # the API server takes a moment to see new roles
    found = _seen(cluster, None, _BY_CLUSTER)
    passed = ("ZON-1", "POD-1", "HA-1", "NET-1", "MET-1")
    assert {check: found[check].outcome for check in passed} == dict.fromkeys(passed, Outcome.PASS)
    assert "1 evictions of ours were accepted" in found["HA-1"].observed
    halves = _halves(cluster)
    assert halves == dict.fromkeys(("CLK-1", "IMG-1", "NET-4", "STO-1", "TLS-2"), Outcome.PASS), (
        "the halves that only read"
    )
    assert cluster.kubectl("-n", "zitadel", "get", "pod", "zitadel-0", "-o", "name"), "an eviction in a dry run"


def _halves(cluster: SimulatedCluster) -> dict[str, Outcome]:
    """What the API server alone says about checks that probes decide, which a read-only run leaves out."""
    checks = [check for check in CHECKS if check.id in ("CLK-1", "IMG-1", "NET-4", "STO-1", "TLS-2")]
    rows = _report(cluster, None, checks).findings
    return {one.check: part.outcome for one in rows for part in one.parts if part.vantage == "api"}


@pytest.mark.parametrize("group", _GROUPS)
def test_without_one_of_its_rights_a_check_is_unknown_and_names_it(cluster: SimulatedCluster, group: str) -> None:
    checks = [check for check in CHECKS if group in check.reads]
    assert checks, f"no check reads {group}"
    for right in _RIGHTS[group]:
        found = _seen(cluster, right, checks)
        assert found, str(right)
        for finding in found.values():
            assert finding.outcome is Outcome.UNKNOWN, (str(right), finding)
            assert right.resource in finding.observed, (str(right), finding.observed)
            assert right.verb in finding.observed, (str(right), finding.observed)
