"""Real nodes: containers run, Services and names work, power cuts are what they are."""

import socket
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.errors import StepFailedError
from kastellan.domain.party import Party
from kastellan.execution.budgets import Budgets
from kastellan.execution.job_run import JobRun
from kastellan.execution.rollout import wait_for_rollouts
from kastellan.execution.waiting import Waiting
from kastellan.planning.rollout_state import is_ready
from lab import node_cgroup
from lab.errors import LabError
from lab.oci_archive import pack
from lab.postgres import Postgres
from lab.real import RealCluster
from tests.fakes.progress import FakeProgress
from tests.waiting import until

if TYPE_CHECKING:
    from kastellan.domain.kubernetes_object import Manifest

WEB = "web"
NOWHERE = "localhost/nowhere/web@sha256:" + "0" * 64
"""An image that no node has and no registry serves."""


def _web(image: str) -> tuple[dict[str, object], dict[str, object]]:
    name = {"fieldRef": {"fieldPath": "spec.nodeName"}}
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": WEB}},
    }
    container = {
        "name": "web",
        "image": image,
        "args": ["serve"],
        "env": [{"name": "NODE_NAME", "valueFrom": name}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "readOnlyRootFilesystem": True},
    }
    pods = {
        "metadata": {"labels": {"app": WEB}},
        "spec": {
            "topologySpreadConstraints": [spread],
            "containers": [container],
            "terminationGracePeriodSeconds": 2,
            "automountServiceAccountToken": False,
        },
    }
    deployment: dict[str, object] = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": WEB, "namespace": "default"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": WEB}}, "template": pods},
    }
    service: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": WEB, "namespace": "default"},
        "spec": {"selector": {"app": WEB}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    return deployment, service


@pytest.fixture(scope="module")
def web(shared_cluster: RealCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three web servers of an image that only its digest names, behind a Service; gives one of their pods."""
    shared_cluster.put_in_order()
    folder = tmp_path_factory.mktemp("image")
    binary = shared_cluster.pod_image.path.with_name("pod-tools")
    image = pack(binary, folder / "web.tar", reference="localhost/tests/web:1", labels={"made-by": "the tests"})
    shared_cluster.import_image(image.path, [image.by_digest])
    shared_cluster.apply(*_web(image.by_digest))
    shared_cluster.kubectl("rollout", "status", f"deployment/{WEB}", "--timeout=60s")
    names = shared_cluster.kubectl("get", "pods", "-l", f"app={WEB}", "-o", "name").split()
    yield names[0]
    shared_cluster.kubectl("delete", "deployment,service", WEB, "--wait=false")


def _ask(cluster: RealCluster, pod: str, *question: str) -> str:
    """What a pod is answered; empty while it fails, because packet rules follow a Service by a moment."""
    return cluster.kubectl("exec", pod, "--", "/pod-tools", *question, check=False).strip()


def test_every_node_is_ready_and_in_the_zone_that_was_asked_for(real_cluster: RealCluster) -> None:
    nodes = real_cluster.request("GET", "/api/v1/nodes")["items"]
    zones = {node["metadata"]["name"]: node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
    assert zones == {
        "node-zone-a-0": "zone-a",
        "node-zone-a-1": "zone-a",
        "node-zone-b-0": "zone-b",
        "node-zone-c-0": "zone-c",
    }
    assert zones.keys() == set(real_cluster.nodes)
    assert set(zones.values()) == set(real_cluster.zones)
    assert all(real_cluster.is_ready(name) for name in real_cluster.nodes)


def test_a_deployment_named_by_digest_runs_in_all_three_zones(real_cluster: RealCluster, web: str) -> None:
    pods = _pods(real_cluster)
    assert Counter(real_cluster.nodes[pod["spec"]["nodeName"]].zone for pod in pods) == dict.fromkeys(
        real_cluster.zones, 1
    )
    assert all("@sha256:" in pod["spec"]["containers"][0]["image"] for pod in pods)


def test_a_pod_reaches_a_service_by_its_name_and_pods_of_every_zone_answer(real_cluster: RealCluster, web: str) -> None:
    url = f"http://{WEB}.default.svc.cluster.local/"
    until(lambda: _ask(real_cluster, web, "get", url))
    answers = "".join(_ask(real_cluster, web, "get", url) + "\n" for _ in range(20))
    nodes = {line.rpartition(" ")[2] for line in answers.splitlines() if line}
    assert {real_cluster.nodes[name].zone for name in nodes} == set(real_cluster.zones)


def test_the_machine_reaches_a_service_by_its_address(real_cluster: RealCluster, web: str) -> None:
    address = real_cluster.request("GET", f"/api/v1/namespaces/default/services/{WEB}")["spec"]["clusterIP"]

    def answered() -> str:
        try:
            with urllib.request.urlopen(f"http://{address}/", timeout=2) as answer:
                body: bytes = answer.read()
                return body.decode()
        except OSError:
            return ""

    assert " on node-zone-" in until(answered)


def test_a_pod_reaches_the_customers_postgresql_by_address_and_by_name(real_cluster: RealCluster, web: str) -> None:
    real_cluster.name_host("db.customer.example")
    with Postgres(real_cluster.host_address, ["db.customer.example"], supervisor=real_cluster.supervisor) as database:
        assert database.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [(True,)]
        target = f"{real_cluster.host_address}:{database.port}"
        assert _ask(real_cluster, web, "dial", target) == f"connected to {target}"
        by_name = f"db.customer.example:{database.port}"
        assert until(lambda: _ask(real_cluster, web, "dial", by_name)) == f"connected to {target}"
        database.stop()
        assert _ask(real_cluster, web, "dial", target) == "", "nothing listens any more"


def test_an_image_that_no_node_can_pull_stops_a_rollout_and_a_job_while_old_pods_serve(
    real_cluster: RealCluster, web: str
) -> None:
    """What kubelets say about it, which no simulated node does."""
    before = {pod["metadata"]["name"] for pod in _pods(real_cluster) if is_ready(pod)}
    job: Manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "nowhere", "namespace": "default", "labels": {"app.kubernetes.io/name": "nowhere"}},
        "spec": {
            "backoffLimit": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "job", "image": NOWHERE}]}},
        },
    }
    cluster = connect(real_cluster.kubeconfig_text)
    waiting = Waiting(SystemClock(), FakeProgress(), Budgets(image=3.0))
    real_cluster.kubectl("set", "image", f"deployment/{WEB}", f"web={NOWHERE}")
    try:
        with pytest.raises(StepFailedError, match=r"0 of 3 pods became ready \(.*Image") as rollout:
            wait_for_rollouts(cluster, waiting, [_web(NOWHERE)[0]], Party.CUSTOMER)
        with pytest.raises(StepFailedError, match=r"pod of Job default/nowhere cannot start \(.*Image") as begun:
            JobRun(cluster, waiting, Party.CUSTOMER).ensure(
                "setup", job, budget=60.0, remediation="", before_again=lambda: None
            )
        assert {pod["metadata"]["name"] for pod in _pods(real_cluster) if is_ready(pod)} == before
    finally:
        real_cluster.kubectl("rollout", "undo", f"deployment/{WEB}")
        real_cluster.kubectl("delete", "job", "nowhere", "--ignore-not-found", "--wait=false")
        cluster.close()
    real_cluster.kubectl("rollout", "status", f"deployment/{WEB}", "--timeout=60s")
    for failed in (rollout.value, begun.value):
        assert NOWHERE in str(failed), "the image is named"
        assert failed.owner is Party.VENDOR


def test_names_beyond_the_cluster_are_unknown_to_pods(real_cluster: RealCluster, web: str) -> None:
    with pytest.raises(LabError, match=r"lookup elsewhere\.invalid"):
        real_cluster.kubectl("exec", web, "--", "/pod-tools", "dial", "elsewhere.invalid:443")


def _pods(cluster: RealCluster) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cluster.request("GET", f"/api/v1/namespaces/default/pods?labelSelector=app%3D{WEB}")[
        "items"
    ]
    return found


def _web_pods(cluster: RealCluster, node: str) -> dict[str, int]:
    """Ready web servers of a node, with how often their container was started again."""
    return {
        pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["restartCount"]
        for pod in _pods(cluster)
        if pod["spec"].get("nodeName") == node and is_ready(pod)
    }


def _kubelet_answers(cluster: RealCluster, name: str) -> bool:
    try:
        socket.create_connection((cluster.nodes[name].address, 10250), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_node_without_power_is_silent_at_once_and_comes_back_with_its_pods(
    real_cluster: RealCluster, web: str
) -> None:
    (name,) = real_cluster.nodes_of("zone-b")
    assert _kubelet_answers(real_cluster, name)
    before = _web_pods(real_cluster, name)
    with real_cluster.power_cut(name):
        assert not _kubelet_answers(real_cluster, name)
        assert not real_cluster.nodes[name].running
        # As on a machine of its own: a kubelet that found groups of lost containers would first ask for each of them.
        cgroup = real_cluster.nodes[name].cgroup
        assert not [*node_cgroup.ROOT.glob(cgroup), *node_cgroup.ROOT.glob(f"*/{cgroup}")]
    # Nobody missed it yet: the pods are the same, their containers are not.
    again = until(lambda: {pod: n for pod, n in _web_pods(real_cluster, name).items() if n > before.get(pod, n)})
    assert again.keys() == before.keys()


def test_a_zone_that_does_not_exist_is_refused_by_name(real_cluster: RealCluster) -> None:
    with pytest.raises(LabError, match="no zone zone-x; it has zone-a, zone-b, zone-c"):
        real_cluster.nodes_of("zone-x")


def test_an_archive_without_a_name_is_refused(real_cluster: RealCluster, tmp_path: Path) -> None:
    (tmp_path / "empty.tar").write_bytes(b"")
    with pytest.raises(LabError, match="is no OCI archive whose index names an image"):
        real_cluster.import_image(tmp_path / "empty.tar")
