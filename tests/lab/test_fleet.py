"""`kastellan maintain --due` with real processes, the real engine, API server and PostgreSQL: the canary fails."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from lab.pulumi_cli import PulumiCli
from lab.simulated import SimulatedCluster
from tests.contracts.fleet import FleetContract
from tests.lab.conftest import Database
from tests.lab.emergency import Emergency
from tests.lab.engine import installation_stack, outputs, up

CANARY, OTHERS = "fleet-canary", ("fleet-one", "fleet-two")


class TestPostgresFleet(FleetContract):
    @pytest.fixture
    def url(self, database: Database) -> str:
        return database.url


@pytest.mark.timeout(900)
def test_a_canary_that_fails_is_undone_and_leaves_the_rest_untouched(
    pulumi: PulumiCli, simulated_cluster: SimulatedCluster, database: Database, tmp_path: Path
) -> None:
    """An emergency is due at three installations; its migration fails. The others are enrolled and never brought: had
    anything of theirs been begun, a run, a changed file or a namespace would show it."""
    with ExitStack() as stacks:
        canary, *others = [
            stacks.enter_context(installation_stack(pulumi, simulated_cluster, database, name))
            for name in (CANARY, *OTHERS)
        ]
        fleet = Emergency(canary, tmp_path)
        for stack in (canary, *others):
            Emergency(stack, tmp_path).prepare()
        (pulumi.project / "fleet.yaml").write_text(
            f"schemaVersion: 1\ncanary: {{installations: [{CANARY}]}}\nlimits: {{atOnce: 3}}\n"
        )
        fleet.publish("v4.13.0", "v4.13.1", newest="failing/")
        up(canary)
        fleet.tick()
        before = {stack.name: stack.path.read_bytes() for stack in (canary, *others)}

        said = fleet.kastellan("maintain", "--due", "--junit", str(tmp_path / "junit.xml"), code=3)
        assert f"the rollout of v4.13.1 has stopped after {CANARY}.emergency-v4.13.1" in said
        assert f"not begun: {', '.join(OTHERS)}" in said
        junit = (tmp_path / "junit.xml").read_text()
        assert (junit.count("<failure "), junit.count("<skipped "), junit.count("<testcase ")) == (1, 2, 3)
        (run,) = json.loads(fleet.kastellan("runs", "--json"))["runs"]
        assert (run["plan"]["installation"], run["verdict"], run["attribution"]) == (CANARY, "failed", "vendor")
        assert outputs(canary)["version"] == "v4.13.0"
        assert yaml.safe_load(canary.path.read_text())["config"]["installation:version"] == "v4.13.0"

        fleet.kastellan("maintain", "--due", code=5)
        assert len(json.loads(fleet.kastellan("runs", "--json"))["runs"]) == 1, "it stays stopped"
        for stack in others:
            assert stack.path.read_bytes() == before[stack.name]
            assert simulated_cluster.kubectl("get", "namespace", stack.name, "--ignore-not-found") == ""
