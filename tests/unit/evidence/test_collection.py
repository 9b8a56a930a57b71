"""Facts are collected at the same time; one that cannot be had never stops another, and never looks like a fact."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from kastellan.adapters.evidence.collection import collect
from kastellan.adapters.evidence.preflight_run import judged, survey
from kastellan.cli.exit_code import ExitCode
from kastellan.cli.preflight_options import exit_code
from kastellan.domain.errors import ForbiddenError, ThrottledError
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.party import Party
from kastellan.manifests.release import render
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.pod_facts import Pods
from kastellan.preflight.report import Overall
from kastellan.preflight.selection import Selection
from tests.builders import installation, secrets
from tests.fakes.clock import FakeClock
from tests.fakes.platform_cluster import PlatformCluster
from tests.fakes.progress import FakeProgress
from tests.unit.preflight.platforms import facts


def _raise(error: Exception) -> Callable[[], Any]:
    def look() -> Any:
        raise error

    return look


@pytest.mark.parametrize(
    ("error", "code", "owner"),
    [
        (
            ForbiddenError("listing Node: forbidden", owner=Party.CUSTOMER, remediation="grant it"),
            "right-missing",
            Party.CUSTOMER,
        ),
        (ThrottledError("listing Node: slow down"), "no-answer", Party.VENDOR),
        (KeyError("items"), "not-understood", Party.VENDOR),
        (ZeroDivisionError("of ours"), "not-understood", Party.VENDOR),
    ],
)
def test_what_cannot_be_had_is_unknown_with_its_reason_and_the_rest_goes_on(
    error: Exception, code: str, owner: Party
) -> None:
    found = collect({"nodes": _raise(error), "pods": Pods, "webhooks": lambda: ()}, FakeClock(), FakeProgress())
    assert isinstance(found.facts.nodes, Unknown)
    assert (found.facts.nodes.reason.code, found.facts.nodes.reason.owner) == (code, owner)
    assert found.facts.nodes.reason.remediation
    assert found.facts.pods == Pods()


def test_a_group_that_nobody_collects_is_unknown_and_has_no_evidence() -> None:
    found = collect({}, FakeClock(), FakeProgress())
    assert all(isinstance(getattr(found.facts, name), Unknown) for name in Facts.__dataclass_fields__)
    assert found.evidence == {}


def test_evidence_carries_the_digest_of_what_was_seen() -> None:
    seen = facts()
    collectors: dict[str, Callable[[], Any]] = {
        name: lambda name=name: getattr(seen, name) for name in Facts.__dataclass_fields__
    }
    first, second = (collect(collectors, FakeClock(), FakeProgress()) for _ in range(2))
    assert first.facts == seen
    assert first.evidence == second.evidence
    assert len({one.sha256 for one in first.evidence.values()}) > 1
    collectors["nodes"] = lambda: ()
    third = collect(collectors, FakeClock(), FakeProgress())
    changed = {name for name, one in third.evidence.items() if one.sha256 != first.evidence[name].sha256}
    assert changed == {"nodes"}


def test_what_has_no_answer_by_the_end_of_the_run_is_unknown_with_that_reason_and_the_rest_stands() -> None:
    clock, released = FakeClock(), threading.Event()

    def hang() -> Any:
        clock.sleep(61)  # the whole time of a run passes meanwhile
        released.wait()

    try:
        found = collect({"nodes": hang, "pods": Pods}, clock, FakeProgress(), ends=60.0)
    finally:
        released.set()
    assert found.facts.pods == Pods()
    assert isinstance(found.facts.nodes, Unknown)
    assert found.facts.nodes.reason.code == "no-time"
    assert "no answer within 61 s" in found.facts.nodes.reason.message
    assert found.facts.nodes.reason.remediation
    assert found.evidence["nodes"].milliseconds == 61_000


class _Hanging(PlatformCluster):
    """Never lists nodes, and never says who asks; time passes."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.released = threading.Event()
        self._clock = clock

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Any:
        if kind == "Node":
            self._clock.sleep(61)
            self.released.wait()
        return super().list(api_version, kind, namespace=namespace, labels=labels)

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        if body.get("kind") == "SelfSubjectReview":
            self.released.wait()
        return super().create(path, body, dry_run=dry_run)


def test_a_whole_run_ends_though_the_cluster_hangs_and_is_incomplete() -> None:
    clock = FakeClock()
    cluster, of = _Hanging(clock), installation()
    chosen = Selection(only=frozenset({"ZON-1", "RBAC-1", "VER-1"}))
    try:
        seen = survey(
            cluster, None, of, render(of, secrets()), target="here", selection=chosen, clock=clock,
            progress=FakeProgress(),
        )  # fmt: skip
    finally:
        cluster.released.set()
    report = judged(seen, clock, selection=chosen)
    rows = {row.check: row for row in report.findings}
    assert (rows["RBAC-1"].outcome, rows["VER-1"].outcome) == (Outcome.PASS, Outcome.PASS)
    assert (rows["ZON-1"].outcome, rows["ZON-1"].executed) == (Outcome.UNKNOWN, True)
    assert "after which a whole run ends" in rows["ZON-1"].observed
    assert report.overall is Overall.INCOMPLETE
    assert exit_code(report, "warn") is ExitCode.INCOMPLETE
    assert report.circumstances.identity == ""
