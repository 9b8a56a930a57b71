"""How long a preflight takes, and what it asks."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.measure import Row, command, peak_memory, seconds
from kastellan.adapters.evidence.preflight_run import survey
from kastellan.adapters.kubernetes.api_cluster import ApiCluster
from kastellan.adapters.kubernetes.connection import connect
from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.preflight_target import bare_target
from lab.postgres import Postgres
from lab.simulated import SimulatedCluster, shapes


class Quiet:
    """Takes progress and tells nobody."""

    def report(self, step: str, text: str, *, done: int = 0, total: int = 0) -> None:
        pass


class CountingCluster(ApiCluster):
    """Counts requests."""

    sent = 0

    def _send(self, *arguments: Any, **options: Any) -> Any:
        self.sent += 1
        return super()._send(*arguments, **options)


def measure() -> list[Row]:
    """Clusters of two sizes."""
    rows: list[Row] = []
    with Postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        postgres.create_role("zitadel", "password")
        postgres.create_database("zitadel", owner="zitadel")
        ca = Path(folder) / "ca.pem"
        ca.write_text(postgres.ca_pem)
        for count in (99, 999):
            with SimulatedCluster(nodes=shapes(count // 3)) as cluster:
                url = f"postgresql://zitadel@{postgres.host}:{postgres.port}/zitadel"
                kastellan = Path(sys.executable).with_name("kastellan")
                arguments = [
                    kastellan, "preflight", "--kubeconfig", cluster.kubeconfig, "--database", url, "--database-ca", ca,
                ]  # fmt: skip
                environment = {**os.environ, "PGPASSWORD": "password"}
                taken = seconds(
                    command(arguments, environment=environment, allowed=(5,)), runs=5
                )  # read-only, so incomplete
                memory = peak_memory(arguments, environment=environment)
                rows.append(
                    (
                        f"preflight, {count} nodes",
                        f"{taken}; {requests_of_preflight(cluster)} requests; {memory:.0f} MiB",
                        "`kastellan preflight --kubeconfig … --database …`",
                    )
                )
    return rows


def requests_of_preflight(cluster: SimulatedCluster) -> int:
    target = bare_target(cluster.kubeconfig_text, "", None, size="small", namespace="zitadel")
    counting = connect(target.kubeconfig)
    counting.__class__ = CountingCluster
    survey(counting, None, target.installation, target.manifests, target="bench", clock=SystemClock(), progress=Quiet())
    return counting.sent  # its class was exchanged above
