"""The preflight under exactly the rights that `kastellan preflight rbac` prints, and once without each of them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kastellan.adapters.evidence.preflight_run import judged, survey
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.preflight_target import PreflightTarget, bare_target
from kastellan.domain.kubernetes_object import Manifest
from kastellan.planning.facts_rights import facts_rights, survey_rights
from kastellan.planning.rights import Right
from kastellan.planning.role import roles
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.check import Check
from kastellan.preflight.finding import Finding
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.selection import selection
from lab.simulated import SimulatedCluster
from tests.fakes.progress import FakeProgress
from tests.lab.test_preflight import QUOTA, WEBHOOK
from tests.waiting import until

_IDS = [check.id for check in CHECKS]
_TARGET = bare_target("", "", None, size="small", namespace="zitadel")
_RIGHTS = facts_rights(_TARGET.installation, _TARGET.manifests)
_WAY_IN = ("names", "handshake", "entry")
"""Nothing leads into this installation, so that nobody looks for a load balancer."""
_FROM_SQL = ("replication",)
"""Asks the cluster only about the addresses that a database names: tests/lab/test_preflight_database.py."""
_GROUPS = sorted(name for name, rights in _RIGHTS.items() if rights and name not in _WAY_IN + _FROM_SQL)
_MISSING = sorted({right for name in _GROUPS for right in _RIGHTS[name]})
_BY_CLUSTER = [check for check in CHECKS if set(check.reads) & set(_GROUPS)]


def _user(right: Right | None) -> str:
    return "whole" if right is None else f"without-{_MISSING.index(right)}"


def _given(right: Right | None) -> list[Manifest]:
    """Roles that give everything but one right."""
    every = survey_rights(_TARGET.installation, _TARGET.manifests, _RIGHTS)
    kept = [one for one in every if right is None or not _gives(one, right)]
    return roles(kept, _user(right), user=_user(right))


def _gives(one: Right, right: Right) -> bool:
    """Whether one right is the other, or the same in the whole cluster."""
    return one == right or one == replace(right, namespace="")


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    """With a quota and a webhook, so that what is read only beside them is read too; and a user for each case."""
    with SimulatedCluster() as made:
        made.apply(*QUOTA, WEBHOOK)
        made.apply(*(manifest for right in [None, *_MISSING] for manifest in _given(right)))
        yield made


def _seen(cluster: SimulatedCluster, right: Right | None, checks: list[Check]) -> dict[str, Finding]:
    target: PreflightTarget = _TARGET
    clock, chosen = SystemClock(), selection([check.id for check in checks], (), _IDS)
    found = survey(
        connect(cluster.user_kubeconfig(_user(right))),
        None,
        target.installation,
        target.manifests,
        target="the lab",
        selection=chosen,
        clock=clock,
        progress=FakeProgress(),
    )
    report = judged(found, clock, selection=chosen)
    return {finding.check: finding for finding in report.findings if finding.executed}


def test_the_printed_roles_are_enough_for_every_check_of_the_cluster(cluster: SimulatedCluster) -> None:
    def determined() -> bool:
        found = _seen(cluster, None, _BY_CLUSTER)
        return not {one.check for one in found.values() if one.outcome in (Outcome.UNKNOWN, Outcome.ERROR)}

    until(determined)  # the API server takes a moment to see new roles
    assert _seen(cluster, None, _BY_CLUSTER)["ZON-1"].outcome is Outcome.PASS


@pytest.mark.parametrize("group", _GROUPS)
def test_without_one_of_its_rights_a_check_is_unknown_and_names_it(cluster: SimulatedCluster, group: str) -> None:
    checks = [check for check in CHECKS if group in check.reads]
    assert checks, f"no check reads {group}"
    for right in _RIGHTS[group]:
        for finding in _seen(cluster, right, checks).values():
            assert finding.outcome is Outcome.UNKNOWN, (str(right), finding)
            assert right.resource in finding.observed, (str(right), finding.observed)
            assert right.verb in finding.observed, (str(right), finding.observed)
