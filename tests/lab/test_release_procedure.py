"""The release procedure on a real API server with simulated nodes: install, repeat, upgrade, drift, removal."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.errors import BlockedError, StepFailedError, StuckError
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.installation import Autoscaling, OnDrift, Verification
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.version import Version
from kastellan.execution.budgets import Budgets
from kastellan.execution.release import ReleaseProcedure
from kastellan.manifests.release import render
from kastellan.planning.desired_release import DesiredRelease
from kastellan.planning.drift import DriftKind
from kastellan.planning.object_change import ChangeKind
from lab.simulated import SimulatedCluster
from tests.builders import installation, secrets
from tests.fakes.progress import FakeProgress
from tests.unit.execution.conftest import catalogue
from tests.waiting import until

DIGEST = "sha256:" + "a" * 64


def desired(namespace: str, version: str = "v4.13.1", *, path: str = "", **overrides: Any) -> DesiredRelease:
    """A release of an installation named as its namespace; `path` steers the simulated pods."""
    image = Image(f"localhost/{path}zitadel", DIGEST)
    values = {"verification": Verification.READINESS, "name": namespace, "namespace": namespace} | overrides
    wanted = installation(version=Version.parse(version), images=ImageSet(zitadel=image, login=image), **values)
    return DesiredRelease(installation=wanted, catalogue=catalogue(), manifests=render(wanted, secrets()))


@pytest.fixture(scope="module")
def procedure(simulated_cluster: SimulatedCluster) -> Iterator[ReleaseProcedure]:
    cluster = connect(simulated_cluster.kubeconfig_text)
    yield ReleaseProcedure(cluster, SystemClock(), FakeProgress(), budgets=Budgets(poll=0.1, refusal=3.0))
    cluster.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A namespace that does not exist yet."""
    return "release-" + str(abs(hash(request.node.name)) % 10**8)


def test_a_release_is_installed_repeated_and_upgraded(procedure: ReleaseProcedure, name: str) -> None:
    assert {change.kind for change in procedure.preview(desired(name))} == {ChangeKind.CREATE}
    first = procedure.bring(desired(name))
    assert first.zones == ("zone-a", "zone-b", "zone-c")
    assert {change.kind for change in procedure.preview(desired(name))} == {ChangeKind.UNCHANGED}
    again = procedure.bring(desired(name))
    assert again.objects == first.objects
    assert procedure.drift(desired(name)) == ()

    changes = {str(change.ref): change for change in procedure.preview(desired(name, "v4.14.0"))}
    fields = [field.path for field in changes[f"Deployment {name}/zitadel"].fields]
    assert fields == ["spec.template.metadata.labels[app.kubernetes.io/version]"]
    procedure.bring(desired(name, "v4.14.0"))
    with pytest.raises(BlockedError, match="older than the installed"):
        procedure.bring(desired(name))


def test_a_manual_change_is_found_with_its_author_and_stands_until_somebody_decides(
    procedure: ReleaseProcedure, simulated_cluster: SimulatedCluster, name: str
) -> None:
    procedure.bring(desired(name))
    simulated_cluster.kubectl("-n", name, "scale", "deployment/zitadel", "--replicas=1")
    simulated_cluster.kubectl("-n", name, "set", "env", "deployment/zitadel", "DEBUG=1")
    found = {drift.field.path: drift for drift in procedure.drift(desired(name)) if drift.field}
    assert found["spec.replicas"].authors[0].manager == "kubectl"
    assert found["spec.replicas"].authors[0].subresource == "scale"
    added = next(path for path in found if "env[name=DEBUG]" in path)
    assert found[added].authors[0].manager == "kubectl-set"
    with pytest.raises(BlockedError, match="DI-6"):
        procedure.bring(desired(name))
    procedure.bring(desired(name, on_drift=OnDrift.REVERT))
    assert procedure.drift(desired(name)) == ()


def test_a_deleted_object_is_drift_and_comes_back(
    procedure: ReleaseProcedure, simulated_cluster: SimulatedCluster, name: str
) -> None:
    procedure.bring(desired(name))
    simulated_cluster.kubectl("-n", name, "delete", "pdb", "zitadel-login")
    assert [str(drift.ref) for drift in procedure.drift(desired(name))] == [f"PodDisruptionBudget {name}/zitadel-login"]
    procedure.bring(desired(name))
    assert procedure.drift(desired(name)) == ()


def test_an_autoscaled_installation_has_no_drift(procedure: ReleaseProcedure, name: str) -> None:
    wanted = desired(name, autoscaling=Autoscaling(max_replicas=6))
    procedure.bring(wanted)
    assert procedure.drift(wanted) == ()
    assert {change.kind for change in procedure.preview(wanted)} == {ChangeKind.UNCHANGED}


def test_a_failed_setup_shows_what_the_pod_said_and_is_repeated_after_a_cleanup(
    procedure: ReleaseProcedure, simulated_cluster: SimulatedCluster, name: str
) -> None:
    with pytest.raises(StepFailedError, match="BackoffLimitExceeded"):
        procedure.bring(desired(name, path="failing/"))
    procedure.bring(desired(name))
    jobs = simulated_cluster.kubectl("-n", name, "get", "jobs", "-o", "name").split()
    assert sorted(job.split("-v4")[0] for job in jobs) == ["job.batch/zitadel-init", "job.batch/zitadel-setup"]


def test_a_quota_that_refuses_pods_is_told_as_the_customers_turn(
    procedure: ReleaseProcedure, simulated_cluster: SimulatedCluster, name: str
) -> None:
    simulated_cluster.kubectl("create", "namespace", name)
    simulated_cluster.kubectl("-n", name, "create", "quota", "small", "--hard=pods=2")
    with pytest.raises(StepFailedError, match=r"exceeded quota.*customer acts"):
        procedure.bring(desired(name))


def test_a_zone_that_was_away_during_the_rollout_gets_its_pod_when_it_is_back(
    simulated_cluster: SimulatedCluster, name: str
) -> None:
    progress = FakeProgress()
    cluster = connect(simulated_cluster.kubeconfig_text)
    procedure = ReleaseProcedure(cluster, SystemClock(), progress, budgets=Budgets(poll=0.1, verification=2.0))
    simulated_cluster.kubectl("cordon", "node-zone-c-0")
    try:
        with pytest.raises(StuckError, match="2 of 3 zones"):
            procedure.bring(desired(name))
    finally:
        simulated_cluster.kubectl("uncordon", "node-zone-c-0")
    found = procedure.drift(desired(name))
    assert {(drift.kind, drift.ref.name, drift.zone) for drift in found} == {
        (DriftKind.UNBALANCED, component, "zone-c") for component in ("zitadel", "zitadel-login")
    }
    assert procedure.bring(desired(name)).zones == ("zone-a", "zone-b", "zone-c")
    moved = [line for line in progress.lines if "moving pod" in line]
    assert len(moved) == 2, "one pod of each Deployment"
    assert procedure.drift(desired(name)) == ()
    cluster.close()


def test_removal_takes_everything_away_and_may_be_repeated(
    procedure: ReleaseProcedure, simulated_cluster: SimulatedCluster, name: str
) -> None:
    procedure.bring(desired(name))
    procedure.remove(desired(name).installation)
    assert simulated_cluster.kubectl("get", "namespace", name, "--ignore-not-found") == ""
    assert simulated_cluster.kubectl("get", "priorityclass", f"zitadel-{name}", "--ignore-not-found") == ""
    procedure.remove(desired(name).installation)


def test_a_running_setup_of_an_earlier_run_is_waited_for(
    procedure: ReleaseProcedure, simulated_cluster: SimulatedCluster, name: str
) -> None:
    wanted = desired(name, path="held/")
    outcome: list[Any] = []
    worker = threading.Thread(target=lambda: outcome.append(procedure.bring(wanted)))
    worker.start()
    until(lambda: simulated_cluster.release(name))  # init
    setup = ObjectRef.of(wanted.manifests.setup_job)
    until(lambda: "Running" in simulated_cluster.kubectl("-n", name, "get", "pods", "-l", f"job-name={setup.name}"))
    again = threading.Thread(target=lambda: outcome.append(procedure.bring(wanted)))
    again.start()
    until(lambda: simulated_cluster.release(name))
    for thread in (worker, again):
        thread.join(60)
    assert len(outcome) == 2
    pods = simulated_cluster.kubectl("-n", name, "get", "pods", "-l", f"job-name={setup.name}", "-o", "name").split()
    assert len(pods) == 1
