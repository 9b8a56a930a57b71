"""A stack of an example on a simulated cloud under the real engine; cluster and database are real."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from kastellan.domain.dedicated_pool import POOL, POOL_LABEL
from lab.postgres import Postgres
from lab.pulumi_cli import ROOT
from lab.simulated import NodeShape, SimulatedCluster
from lab.stack import Stack
from tests.clouds.simulated import Simulated

NAME = "acme"
_BIN = Path(sys.executable).parent
GUARDED = ("--policy-pack", str(_BIN / "kastellan-guard-rails"))
"""Arguments of the engine that have it hold every resource to the guard rails."""
_DIGEST = "sha256:" + "a" * 64
Cloud = TypeVar("Cloud", bound=Simulated)


@dataclass(frozen=True, kw_only=True)  # without slots, which a generic class that is frozen cannot have
class CloudLab(Generic[Cloud]):
    """The stack, and what stands behind it."""

    stack: Stack
    cloud: Cloud
    cluster: SimulatedCluster
    postgres: Postgres

    def base(self, key: str) -> dict[str, Any]:
        """A cloud's part of the stack file, such as `google`."""
        found: dict[str, Any] = yaml.safe_load(self.stack.path.read_text())["config"][f"installation:{key}"]
        return found

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        """A command of the engine on the stack: exit code, and what it said."""
        asking = () if command == "preview" or "--preview-only" in arguments else ("--yes", "--skip-preview")
        done = self.stack.pulumi.run(command, *asking, "--stack", self.stack.name, *arguments)
        return done.returncode, done.stdout + done.stderr

    def up(self, *arguments: str) -> str:
        """An update that has to succeed."""
        code, said = self.run("up", *arguments)
        assert code == 0, said
        return said

    def destroy_is_refused(self) -> list[str]:
        """By its preview before anything goes, and without one while what serves goes on; what goes nevertheless."""
        before = self.cloud.calls
        done = self.stack.pulumi.run("destroy", "--yes", "--stack", self.stack.name)
        assert done.returncode != 0
        assert "protect" in done.stdout + done.stderr
        assert self.cloud.calls == before
        code, said = self.run("destroy")
        assert code != 0
        assert "protect" in said
        assert self.cluster.kubectl("get", "namespace", "zitadel", "--ignore-not-found")
        return self.cloud.calls[len(before) :]

    def leave(self, key: str) -> set[str]:
        """Destroy on purpose, as docs/platforms say: `protect` of the base is taken off, committed and brought.

        Returns kinds of what Pulumi was not asked to take down.
        """
        self.stack.change(**{key: {**self.base(key), "protect": False}})
        said = self.up()
        assert f"{key}.protect is false" in said
        code, said = self.run("destroy")
        assert code == 0, said
        assert self.cluster.kubectl("get", "namespace", "zitadel", "--ignore-not-found") == ""
        return {str(one["token"]).rpartition(":")[2] for one in self.cloud.objects.values()}

    def kastellan(self, *arguments: str) -> str:
        """A command of kastellan in the project, which has to succeed: what it printed."""
        done = subprocess.run(
            [_BIN / "kastellan", *arguments], cwd=self.stack.pulumi.project, env=self.stack.pulumi.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def example_values(platform: str, database: dict[str, Any]) -> dict[str, Any]:
    """The example stack of a platform, with images that simulated nodes know, and as fast as they are."""
    example = yaml.safe_load((ROOT / "stacks" / f"Pulumi.example-{platform}.yaml").read_text())["config"]
    values = {key.partition(":")[2]: value for key, value in example.items() if key.startswith("installation:")}
    del values["masterkey"]
    values["database"] = database
    values["images"] = {"zitadel": f"localhost/zitadel@{_DIGEST}", "login": f"localhost/login@{_DIGEST}"}
    return values | {"verification": "readiness"}


def sized_nodes(*zones: str) -> tuple[NodeShape, ...]:
    """As the example's pools are: one small node a zone, and two that are ZITADEL's alone."""
    taint = {"key": POOL_LABEL, "value": POOL, "effect": "NoSchedule"}
    platform = [NodeShape(name=f"platform-{zone}", zone=zone, cpu="2", memory="8Gi") for zone in zones]
    own = [
        NodeShape(name=f"zitadel-{zone}-{n}", zone=zone, cpu="3920m", memory="13Gi", taints=(taint,),
                  labels={POOL_LABEL: POOL})
        for zone in zones for n in range(2)
    ]  # fmt: skip
    return (*platform, *own)
