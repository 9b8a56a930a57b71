"""What an update cannot overcome: refused before anything changes, or stopped while the old pods serve."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.errors import BlockedError, KastellanError, StepFailedError
from kastellan.domain.party import Party
from kastellan.domain.secrets import SystemUserKey
from kastellan.execution.budgets import Budgets
from kastellan.execution.release import ReleaseProcedure
from kastellan.manifests.release import render
from kastellan.planning.desired_release import DesiredRelease
from lab.endpoint_watch import EndpointWatch
from lab.simulated import SimulatedCluster
from tests.builders import images, secrets
from tests.fakes.progress import FakeProgress
from tests.lab.test_release_procedure import desired

NAME = "obstacle"
NEXT = "v4.14.0"


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[SimulatedCluster]:
    """One node a zone, whose room and quotas these tests change."""
    with SimulatedCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def procedure(own_cluster: SimulatedCluster) -> Iterator[ReleaseProcedure]:
    """Patient for three seconds; an installation is there."""
    cluster = connect(own_cluster.kubeconfig_text)
    budgets = Budgets(poll=0.1, refusal=3.0, job_start=3.0)
    made = ReleaseProcedure(cluster, SystemClock(), FakeProgress(), budgets=budgets)
    made.bring(desired(NAME))
    yield made
    cluster.close()


@pytest.fixture
def served(own_cluster: SimulatedCluster, procedure: ReleaseProcedure) -> Iterator[frozenset[str]]:
    """The pods that serve; at the end it is seen that each of them did so all the time, in every zone."""
    with EndpointWatch(own_cluster, NAME, "zitadel", pods=3) as watch:
        before = frozenset(watch.pods())
        yield before
    assert all(before <= frozenset(seen.pods) for seen in watch.seen)


def rotated() -> DesiredRelease:
    """The same release with another key of the operator: new pods, and no migration."""
    key = SystemUserKey(name="admin-client", public_key="another public key\n", private_key="another-admin-key")
    wanted = desired(NAME)
    return replace(wanted, manifests=render(wanted.installation, secrets(admin_client=key)))


def deployed(cluster: SimulatedCluster) -> int:
    """Generation of the API's Deployment: it grows with each change."""
    found = json.loads(cluster.kubectl("-n", NAME, "get", "deployment", "zitadel", "-o", "json"))
    return int(found["metadata"]["generation"])


def stopped(act: Callable[[], object]) -> KastellanError:
    with pytest.raises(StepFailedError) as failed:
        act()
    return failed.value


def test_a_customers_budget_that_would_block_for_ever_is_refused_before_anything_changes(
    own_cluster: SimulatedCluster, procedure: ReleaseProcedure, served: frozenset[str]
) -> None:
    before = deployed(own_cluster)
    selector = "--selector=app.kubernetes.io/name=zitadel"
    own_cluster.kubectl("-n", NAME, "create", "pdb", "theirs", selector, "--min-available=100%")
    try:
        with pytest.raises(BlockedError) as blocked:
            procedure.bring(desired(NAME, NEXT))
        (planned,) = procedure.plan(desired(NAME, NEXT)).blocked
        with pytest.raises(Exception, match="more than one PodDisruptionBudget"):
            _evict(own_cluster, min(served))
    finally:
        own_cluster.kubectl("-n", NAME, "delete", "pdb", "theirs")
    assert blocked.value.reasons == (planned,)
    assert f"PodDisruptionBudget {NAME}/theirs selects pods of zitadel" in planned.message
    assert planned.owner is Party.CUSTOMER
    assert deployed(own_cluster) == before


def test_a_digest_that_is_not_the_catalogues_is_refused_before_anything_changes(
    own_cluster: SimulatedCluster, procedure: ReleaseProcedure, served: frozenset[str]
) -> None:
    before, wanted = deployed(own_cluster), desired(NAME, NEXT)
    known = tuple(replace(release, images=images("9")) for release in wanted.catalogue.releases)
    with pytest.raises(BlockedError, match="digest") as blocked:
        procedure.bring(replace(wanted, catalogue=Catalogue(releases=known)))
    assert {reason.owner for reason in blocked.value.reasons} == {Party.VENDOR}
    assert deployed(own_cluster) == before


def test_a_quota_that_forbids_the_extra_pod_stops_the_migration_or_the_rollout(
    own_cluster: SimulatedCluster, procedure: ReleaseProcedure, served: frozenset[str]
) -> None:
    pods = json.loads(own_cluster.kubectl("-n", NAME, "get", "pods", "-o", "json"))["items"]
    alive = sum(pod["status"]["phase"] == "Running" for pod in pods)
    own_cluster.kubectl("-n", NAME, "create", "quota", "full", f"--hard=pods={alive}")
    try:
        migration = stopped(lambda: procedure.bring(desired(NAME, NEXT)))
        _forget_jobs(own_cluster)
        rollout = stopped(lambda: procedure.bring(rotated()))
        procedure.bring(desired(NAME))  # taken back while there is no room for anything: it needs none
    finally:
        own_cluster.kubectl("-n", NAME, "delete", "quota", "full")
    assert "no pod of Job" in migration.message
    assert "exceeded quota: full" in rollout.message
    assert {migration.owner, rollout.owner} == {Party.CUSTOMER}


def test_too_little_room_for_the_extra_pod_stops_the_migration_or_the_rollout(
    own_cluster: SimulatedCluster, procedure: ReleaseProcedure, served: frozenset[str]
) -> None:
    wanted = rotated()
    for deployment in wanted.manifests.workloads:
        deployment["spec"]["progressDeadlineSeconds"] = 3
    for node in ("node-zone-a-0", "node-zone-b-0", "node-zone-c-0"):
        _set_room(own_cluster, node, "100m")
    try:
        migration = stopped(lambda: procedure.bring(desired(NAME, NEXT)))
        _forget_jobs(own_cluster)
        rollout = stopped(lambda: procedure.bring(wanted))
        procedure.bring(desired(NAME))  # taken back while there is no room for anything: it needs none
    finally:
        for node in ("node-zone-a-0", "node-zone-b-0", "node-zone-c-0"):
            _set_room(own_cluster, node, "4")
    for found in (migration, rollout):
        assert "not scheduled: 0/3 nodes are available: 3 Insufficient cpu" in str(found)
        assert "CAP-1" in found.remediation
        assert found.owner is Party.CUSTOMER


def test_when_nothing_is_in_the_way_any_more_the_update_goes_on(
    own_cluster: SimulatedCluster, procedure: ReleaseProcedure
) -> None:
    record = procedure.bring(desired(NAME, NEXT))
    assert record.zones == ("zone-a", "zone-b", "zone-c")
    assert procedure.drift(desired(NAME, NEXT)) == ()


def _forget_jobs(cluster: SimulatedCluster) -> None:
    """Delete the jobs of the next release, as the message says; nothing of them ever ran."""
    names = cluster.kubectl("-n", NAME, "get", "jobs", "-o", "name").split()
    cluster.kubectl("-n", NAME, "delete", *(name for name in names if NEXT.replace(".", "-") in name))


def _evict(cluster: SimulatedCluster, pod: str) -> None:
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": NAME}}
    cluster.request("POST", f"/api/v1/namespaces/{NAME}/pods/{pod}/eviction", eviction)


def _set_room(cluster: SimulatedCluster, node: str, cpu: str) -> None:
    room = {"status": {"allocatable": {"cpu": cpu}}}
    cluster.request("PATCH", f"/api/v1/nodes/{node}/status", room, strategic_merge=True)
