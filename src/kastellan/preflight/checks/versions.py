"""VER-1, VER-2, VER-3: versions, and whether the cluster accepts our objects."""

import re
from datetime import date, timedelta

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided, warned
from kastellan.preflight.facts import DryRun, Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.support_matrix import AS_OF, KUBERNETES, NOTICE_DAYS

_OLDEST_KUBELET = 3
"""Minors by which a kubelet may be older than the API server; it may never be newer (kubernetes.io, version skew)."""


def minor_of(version: str) -> tuple[int, int]:
    """Major and minor of a version such as `v1.35.4-gke.100`.

    Raises:
        ValueError: it is no version.
    """
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if not found:
        raise ValueError(f"{version!r} is no version")
    return int(found[1]), int(found[2])


def _matrix(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    version = known(facts.server_version)
    ends = KUBERNETES.get(minor_of(version))
    supported = ", ".join(f"{major}.{minor}" for major, minor in KUBERNETES)
    if ends is None and minor_of(version) > max(KUBERNETES):
        return failed(
            f"{version} is newer than every tested version (matrix of {AS_OF})",
            "test kastellan with this version and add it to the matrix",
            owner=Party.VENDOR,
        )
    if ends is None:
        return failed(f"{version} is not among the tested versions", f"bring the cluster to one of {supported}")
    left = Measure(value=(ends - today).days, unit="days of support", limit=0)
    if ends < today:
        upgrade = f"upgrade the cluster to one of {supported}"
        return failed(f"support of {version} ended on {ends}", upgrade, measure=left)
    if ends < today + timedelta(days=NOTICE_DAYS):
        return warned(f"support of {version} ends on {ends}", "plan the cluster's upgrade before that day", left)
    return passed(f"{version}, supported until {ends}", left)


def _skew(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    server = minor_of(known(facts.server_version))
    nodes, wrong = known(facts.nodes), []
    if not nodes:
        return failed("there are no nodes", "add nodes")
    for node in nodes:
        kubelet = minor_of(node.kubelet)
        if kubelet > server or server[1] - kubelet[1] > _OLDEST_KUBELET or kubelet[0] != server[0]:
            wrong.append(f"{node.name} ({node.kubelet})")
    if wrong:
        return failed(
            f"outside the allowed skew: {', '.join(wrong[:5])}{' …' if len(wrong) > 5 else ''}",
            "finish the nodes' upgrade; the control plane is upgraded first",
        )
    return passed(f"all {len(nodes)} kubelets are within the allowed skew of {server[0]}.{server[1]}")


def _accepted(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return judge_dry_runs(known(facts.objects), "let the cluster accept these objects, or tell us what it asks for")


def judge_dry_runs(tried: tuple[DryRun, ...], remediation: str) -> Verdict:
    """A refusal fails; an answer that says nothing leaves it undecided; only acceptance passes."""
    refused = [attempt for attempt in tried if attempt.accepted is False]
    unclear = [attempt for attempt in tried if attempt.accepted is None]
    if not tried:
        return undecided("nothing was tried", "report this as a defect of kastellan")
    if refused:
        return failed("; ".join(f"{attempt.subject}: {attempt.message}" for attempt in refused[:5]), remediation)
    if unclear:
        return undecided(
            "; ".join(f"{attempt.subject}: {attempt.message}" for attempt in unclear[:5]),
            "let the webhooks that are named support dry runs (sideEffects: None), or allow this identity to ask",
        )
    return passed(f"all {len(tried)} were accepted in a dry run")


VER_1 = Check(
    id="VER-1",
    title="Kubernetes version is tested and supported",
    owner=Party.CUSTOMER,
    expected=lambda _: "one of " + ", ".join(f"{major}.{minor}" for major, minor in KUBERNETES),
    judge=_matrix,
    reads=("server_version",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
VER_2 = Check(
    id="VER-2",
    title="kubelets fit the API server",
    owner=Party.CUSTOMER,
    expected=lambda _: f"never newer, at most {_OLDEST_KUBELET} minor versions older",
    judge=_skew,
    reads=("server_version", "nodes"),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
    gates=frozenset({Gate.MAINTENANCE}),
)
VER_3 = Check(
    id="VER-3",
    title="the cluster accepts our objects",
    owner=Party.VENDOR,
    expected=lambda _: "every object is accepted in a dry run",
    judge=_accepted,
    reads=("objects",),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
)
