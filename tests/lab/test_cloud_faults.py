"""Whatever a cloud does to an update, the next one completes and makes nothing twice: under the real engine.

A few zones of a simulated Google Cloud stand for a base; how a whole base fares is in test_google_cloud.py.
"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.pulumi_cli import PulumiCli
from tests.clouds.simulated_google import SimulatedGoogle

_PROGRAM = """
import pulumi
import pulumi_gcp as gcp

google = pulumi.ResourceOptions(provider=gcp.Provider("google", project="acme-zitadel", region="europe-west6"))
for name in {zones}:
    gcp.dns.ManagedZone(name, name=name, dns_name=f"{{name}}.example.", description="a zone", opts=google)
"""
_SECONDS = 60


class Cloud:
    """A stack that is only zones."""

    def __init__(self, folder: Path) -> None:
        self.pulumi = PulumiCli(folder / "pulumi")
        self.google = SimulatedGoogle(self.pulumi, folder / "cloud")
        self._zones: list[str] = []
        assert self.pulumi.run("stack", "init", "zones").returncode == 0

    def add(self, **faults: str) -> None:
        """Declare further zones, each with what happens to it once."""
        self._zones += faults
        for name, fault in faults.items():
            self.google.fail("ManagedZone", name, fault)
        (self.pulumi.project / "stacks" / "__main__.py").write_text(_PROGRAM.format(zones=self._zones))

    def up(self, *arguments: str) -> tuple[int, str]:
        done = self.pulumi.run("up", "--yes", "--skip-preview", "--stack", "zones", *arguments)
        return done.returncode, done.stdout + done.stderr

    def complete(self) -> None:
        """The next update completes, nothing was made twice, and there is nothing left to do."""
        code, said = self.up()
        assert code == 0, said
        made = Counter(call for call in self.google.calls if call.startswith("create"))
        assert set(made.values()) == {1}
        assert len(made) == len(self._zones) == len(self.google.objects)
        code, said = self.up("--expect-no-changes")
        assert code == 0, said

    @property
    def state(self) -> dict[str, Any]:
        """Logical name → resource of the state."""
        told = json.loads(self.pulumi.run("stack", "export", "--stack", "zones").stdout)
        return {one["urn"].rpartition("::")[2]: one for one in told["deployment"]["resources"]}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    yield Cloud(tmp_path_factory.mktemp("faults"))


def test_errors_of_the_cloud_are_told_each_in_its_words_and_the_next_update_completes(cloud: Cloud) -> None:
    cloud.add(taken="conflict", busy="throttled", poor="quota", sick="partial")
    code, said = cloud.up("--continue-on-error")
    assert code != 0
    for words in ("Error 409", "Error 429", "quotaExceeded", "was made, but does not come up"):
        assert words in said
    assert cloud.state.keys() & {"taken", "busy", "poor", "sick"} == {"sick"}, "what is half made is not forgotten"
    assert cloud.state["sick"]["initErrors"]
    cloud.complete()
    assert "initErrors" not in cloud.state["sick"]


def test_a_provider_that_dies_before_it_makes_anything_costs_an_update_and_nothing_else(cloud: Cloud) -> None:
    cloud.add(killed="die-before")
    code, said = cloud.up()
    assert code != 0
    assert "exited prematurely" in said
    cloud.complete()


def test_a_create_that_hangs_can_be_given_up_and_made_again(cloud: Cloud, tmp_path: Path) -> None:
    cloud.add(slow="hang")
    engine = cloud.pulumi.start("up", "--yes", "--skip-preview", "--stack", "zones", log=tmp_path / "log")
    deadline = time.monotonic() + _SECONDS
    while cloud.google.waiting:
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.1)
    os.killpg(engine.pid, signal.SIGKILL)
    engine.wait()
    assert cloud.pulumi.run("cancel", "--yes", "zones").returncode == 0
    assert "slow" not in cloud.google.objects
    cloud.complete()
