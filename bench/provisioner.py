"""What an operation of the provisioner takes beyond the same command of Pulumi: the child process and the SDK."""

import tempfile
from pathlib import Path

from bench.measure import Row, Seconds, ratio, seconds
from bench.up import our_stack, up
from kastellan.adapters.pulumi.pulumi_provisioner import PulumiProvisioner
from kastellan.adapters.system_clock import SystemClock
from kastellan.ports.provisioner import UpEnd
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster


def measure() -> list[Row]:
    """An `up` with nothing to do, by the command line and through the provisioner; and recovery of nothing."""
    with tempfile.TemporaryDirectory() as folder, SimulatedCluster() as cluster, Postgres() as postgres:
        postgres.create_role("zitadel", "password")
        postgres.create_database("zitadel", owner="zitadel")
        pulumi = PulumiCli(Path(folder) / "ours")
        stack = our_stack(pulumi, cluster, postgres)
        up(stack.pulumi, stack.name)()
        clock = SystemClock()
        provisioner = PulumiProvisioner(pulumi.project, environment=pulumi.environment, clock=clock)

        def brought() -> None:
            outcome = provisioner.up(stack.name, deadline=clock.monotonic() + 600, on_event=lambda _: None)
            if outcome.end is not UpEnd.SUCCEEDED:
                raise RuntimeError(str(outcome.reasons))

        plain, through = [], []
        for _ in range(5):  # in turns, so that what else the machine does meets both
            plain += seconds(up(stack.pulumi, stack.name), runs=1).runs
            through += seconds(brought, runs=1).runs
        command, ours = Seconds(tuple(plain)), Seconds(tuple(through))
        recovery = seconds(lambda: provisioner.recover(stack.name), runs=5)
    return [
        ("an installation, nothing to do, by the command line", str(command), "`pulumi up --yes --skip-preview`"),
        (
            "the same through the provisioner",
            f"{ours}; {ratio(ours, command)} times the command line",
            "`PulumiProvisioner.up`",
        ),
        ("recovery where nothing is left", str(recovery), "`PulumiProvisioner.recover`"),
    ]
