"""The probes on real nodes: what they see there is so, and nothing of them stays."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.probe.waiting import Waiting
from kastellan.adapters.probe.zone_probes import site_of, vantages_of
from kastellan.adapters.probe.zone_pulls import pulls
from kastellan.adapters.probe.zone_run import ZoneRun
from kastellan.adapters.system_clock import SystemClock
from kastellan.domain.image import Image
from kastellan.domain.probing import Probing
from lab.postgres import Postgres
from lab.probe_image import probe_image
from lab.real import RealCluster
from tests.builders import installation
from tests.fakes.progress import FakeProgress
from tests.waiting import until

NAMESPACE = "kastellan-probe-preflight"


class Probed:
    """Runs the command as a user does, against a real cluster and a real PostgreSQL."""

    def __init__(self, cluster: RealCluster, database: Postgres, folder: Path) -> None:
        kubeconfig, ca = folder / "kubeconfig", folder / "ca.pem"
        kubeconfig.write_text(cluster.kubeconfig_text)
        ca.write_text(database.ca_pem)
        image = probe_image()
        cluster.import_image(image.path, [image.by_digest])
        database.create_role("probed", "secret-of-the-role")
        database.create_database("probed", owner="probed")
        self.image = image.by_digest
        self.command = [
            str(Path(sys.executable).with_name("kastellan")), "preflight", "--kubeconfig", str(kubeconfig),
            "--database", f"postgresql://probed@{database.host}:{database.port}/probed", "--database-ca", str(ca),
            "--probe-image", self.image,
        ]  # fmt: skip
        self.environment = {**os.environ, "PGPASSWORD": "secret-of-the-role"}

    def run(self, *options: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*self.command, *options], env=self.environment, capture_output=True, text=True, check=False, timeout=240
        )


@pytest.fixture(scope="module")
def probed(shared_cluster: RealCluster, tmp_path_factory: pytest.TempPathFactory) -> Any:
    shared_cluster.put_in_order()
    with Postgres(shared_cluster.host_address, supervisor=shared_cluster.supervisor) as database:
        yield Probed(shared_cluster, database, tmp_path_factory.mktemp("probed"))


def _there(cluster: RealCluster) -> bool:
    return bool(cluster.kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "-o", "name").strip())


def test_what_probes_would_put_there_is_shown_and_nothing_is_put_there(
    real_cluster: RealCluster, probed: Probed
) -> None:
    shown = probed.run("--show-probes")
    assert shown.returncode == 0, shown.stderr
    objects = list(yaml.safe_load_all(shown.stdout))
    assert {
        m["spec"]["template"]["spec"]["nodeSelector"]["topology.kubernetes.io/zone"]
        for m in objects
        if m["kind"] == "Job"
    } == set(real_cluster.zones)
    assert "secret-of-the-role" not in shown.stdout
    assert not _there(real_cluster)


def test_a_killed_run_is_cleaned_up_by_the_next_which_sees_what_is_so(
    real_cluster: RealCluster, probed: Probed
) -> None:
    killed = subprocess.Popen(
        [*probed.command, "--probes"], env=probed.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    running = (
        "-n",
        NAMESPACE,
        "get",
        "pods",
        "-l",
        "app.kubernetes.io/component=watch",
        "-o",
        "jsonpath={.items[*].status.phase}",
    )
    until(lambda: real_cluster.kubectl(*running, check=False).split() == ["Running"] * 3, seconds=60)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert _there(real_cluster), "a kill leaves what it had put there"

    done = probed.run("--probes", "-o", "json")
    assert not _there(real_cluster), done.stderr
    assert "secret-of-the-role" not in done.stdout + done.stderr
    rows = {finding["id"]: finding for finding in json.loads(done.stdout)["findings"]}
    # The lab's nodes have no policy engine: the baseline holds, and a policy that denies does nothing.
    assert rows["NET-3"]["outcome"] == "fail", rows["NET-3"]["observed"]
    assert "ingress denied: the server is still reached from zone-a, zone-b, zone-c" in rows["NET-3"]["observed"]
    # One machine, one clock, one network.
    assert rows["CLK-1"]["outcome"] == "pass", rows["CLK-1"]
    assert rows["PG-6"]["outcome"] in ("pass", "warn", "fail"), rows["PG-6"]  # by how busy the machine is
    assert "a query takes" in rows["PG-6"]["observed"]
    assert {part["vantage"] for part in rows["PG-6"]["parts"]} == {f"pod@{zone}" for zone in real_cluster.zones}
    assert {rows[name]["outcome"] for name in ("NET-4", "STO-1", "IMG-1")} == {"not applicable"}


def test_nodes_that_cannot_pull_say_so_and_refuse_what_cannot_exist(real_cluster: RealCluster, probed: Probed) -> None:
    image = Image.parse(probed.image)
    cluster = connect(real_cluster.kubeconfig_text, timeout_seconds=10.0)
    of = installation(name="preflight")
    vantages, without = vantages_of([*cluster.list("v1", "Node")])
    assert not without
    access = ProbeAccess(probing=Probing(image=image), allowed=True, images=(image,))
    run = ZoneRun(
        cluster=cluster, waiting=Waiting(clock=SystemClock(), progress=FakeProgress()), password="", settle_seconds=5.0,
        site=site_of(of, access, image, None, vantages, run="pulls"),
    )  # fmt: skip
    with run.namespace():
        seen = pulls(run)
    # Nothing leads out of the lab, so even an image that is on the node's disk cannot be asked for.
    assert {pull.pulled for pull in seen.pulls} == {False}, seen
    assert seen.control.pulled is False
    assert all("ErrImagePull" in pull.said or "pull" in pull.said for pull in seen.pulls)
    assert not _there(real_cluster)
