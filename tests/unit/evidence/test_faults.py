"""Whatever goes wrong at whatever call: the run goes on, nothing that was not seen passes, and the report says so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kastellan.adapters.evidence.preflight_run import judged, survey
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.cli.exit_code import ExitCode
from kastellan.cli.preflight_options import exit_code
from kastellan.domain.installation import Autoscaling, Routing, RoutingKind
from kastellan.domain.probing import Probing
from kastellan.manifests.release import render
from kastellan.ports.cluster import Cluster
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.finding import Finding
from kastellan.preflight.gate import Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.report import Report
from kastellan.preflight.selection import Selection
from tests.builders import installation, secrets
from tests.fakes.clock import FakeClock
from tests.fakes.faulty_cluster import FAULTS, FaultyCluster, absent
from tests.fakes.platform_cluster import PlatformCluster
from tests.fakes.progress import FakeProgress
from tests.unit.preflight import platforms

_OF = installation(
    routing=Routing(
        kind=RoutingKind.INGRESS, class_name="web", controller_namespace="ingress", tls_secret="tls"
    ),
    autoscaling=Autoscaling(max_replicas=6),
    image_pull_secret="registry",
)  # fmt: skip
_MANIFESTS = render(_OF, secrets())
_PROBES = ProbeAccess(probing=Probing(storage_class="fast"), images=(_OF.images.zitadel,))
"""Everything that is asked only where it is wanted is wanted here."""
_PLATFORM = platforms.facts()
_BY_PODS = {"zones", "pulls", "volumes", "issued"}
"""Groups that probes in the cluster see; good ones, so that the halves that only ask the API server decide."""
_FROM_HERE = {
    "isolation", "database", "replication", "archiving", "made_database", "managed", "names", "handshake", "entry",
    "mail", "canary",
}  # fmt: skip
"""Groups that are not asked of the API server, or not of it alone."""
_CHECKED = [check for check in CHECKS if not set(check.reads) & _FROM_HERE and set(check.reads) - _BY_PODS]
_SELECTION = Selection(only=frozenset(check.id for check in _CHECKED))
_BESIDE = ("create /apis/authentication.k8s.io/v1/selfsubjectreviews", "get Namespace kube-system")
"""Calls that only name who asked and whom: a report can do without."""
_NOT_READ = ("get Namespace ", "apply ", "create /api/v1", "create /apis/cert-manager", "request /apis/cert-manager")
"""Beginnings of calls of which only matters that they are answered, not what with."""
_OPTIONAL = ("404", "list VolumeSnapshotClass")
"""An API that need not be there; it is only told that it is not."""


def _report(cluster: Cluster) -> Report:
    clock = FakeClock()
    seen = survey(
        cluster,
        None,
        _OF,
        _MANIFESTS,
        target="a cluster in memory",
        gate=Gate.MAINTENANCE,
        selection=_SELECTION,
        clock=clock,
        progress=FakeProgress(),
        probes=_PROBES,
    )
    good = {name: getattr(_PLATFORM, name) for name in _FROM_HERE | _BY_PODS}
    if isinstance(seen.facts.issued, NotProbed):  # without cert-manager nothing is asked for either
        del good["issued"]
    return judged(replace(seen, facts=replace(seen.facts, **good)), clock, exemptions=[platforms.RESTORED])


def _rows(found: Report) -> Mapping[str, Finding]:
    return {one.check: one for one in found.findings if one.check in _SELECTION.only}


def _calls() -> list[str]:
    cluster = FaultyCluster(PlatformCluster())
    _report(cluster)
    return sorted(cluster.calls)


CLEAN = _rows(_report(PlatformCluster()))
CALLS = _calls()


def test_the_cluster_in_memory_passes_what_asks_a_cluster() -> None:
    assert {one.outcome for one in CLEAN.values()} <= {Outcome.PASS, Outcome.WARN}, CLEAN
    assert len(CLEAN) == len(_CHECKED)
    assert exit_code(_report(PlatformCluster()), "unknown") is ExitCode.DONE


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call_passes_nothing_that_was_not_seen(call: str, fault: str) -> None:
    found = _report(FaultyCluster(PlatformCluster(), FAULTS[fault], at=call))
    rows = _rows(found)
    assert rows.keys() == CLEAN.keys()
    for check, row in rows.items():
        if row.outcome in (Outcome.PASS, Outcome.WARN) and (fault, call) != _OPTIONAL:
            # It stands, so it was judged on the very facts that are seen without a fault.
            assert [one.sha256 for one in row.evidence] == [one.sha256 for one in CLEAN[check].evidence], check
        elif row.outcome in (Outcome.UNKNOWN, Outcome.ERROR):
            assert row.remediation, check
            assert row.observed, check
    changed = [check for check, row in rows.items() if row.outcome is not CLEAN[check].outcome]
    harmless = call in _BESIDE or (fault, call) == _OPTIONAL or (fault == "malformed" and call.startswith(_NOT_READ))
    assert bool(changed) is not harmless, (call, fault, changed)
    stopped = [check for check in changed if not rows[check].outcome.met and Gate.MAINTENANCE in rows[check].gates]
    assert exit_code(found, "unknown") is (
        ExitCode.DONE if not stopped
        else ExitCode.FAILED if Outcome.FAIL in {rows[check].outcome for check in stopped}
        else ExitCode.INCOMPLETE
    )  # fmt: skip


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "404"])
@pytest.mark.parametrize("call", [call for call in CALLS if call.startswith(("list ", "create /apis/authorization"))])
def test_what_could_not_be_read_is_unknown_or_an_error_and_never_a_failure_of_the_customer(
    call: str, fault: str
) -> None:
    rows = _rows(_report(FaultyCluster(PlatformCluster(), FAULTS[fault], at=call)))
    changed = {row.outcome for check, row in rows.items() if row.outcome is not CLEAN[check].outcome}
    assert changed <= {Outcome.UNKNOWN, Outcome.ERROR}


class _WithoutPods(PlatformCluster):
    """An API server that serves no pods and no nodes, such as one that hosts only custom resources."""

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Any:
        if kind in ("Pod", "Node"):
            absent(f"listing {kind}", None)
        return super().list(api_version, kind, namespace=namespace, labels=labels)

    def create(self, path: str, body: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        if path.endswith("/pods"):
            absent(f"creating at {path}", None)
        return super().create(path, body, dry_run=dry_run)


def test_an_api_server_without_pods_leaves_everything_about_them_unknown() -> None:
    rows = _rows(_report(_WithoutPods()))
    for check in ("ZON-1", "CAP-1", "VER-2", "POD-1", "QUO-1"):
        assert rows[check].outcome is Outcome.UNKNOWN, rows[check]
    assert rows["VER-1"].outcome is CLEAN["VER-1"].outcome


def test_five_thousand_nodes_and_twenty_thousand_pods_change_no_outcome() -> None:
    rows = _rows(_report(PlatformCluster(nodes=5_000, pods=20_000)))
    assert {check: row.outcome for check, row in rows.items()} == {check: row.outcome for check, row in CLEAN.items()}
    assert all(len(row.observed) < 2_000 for row in rows.values())
