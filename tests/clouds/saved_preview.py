"""Saves what the real engine previews for a platform's example, where unit tests and docs/platforms read it.

`python -m tests.clouds.saved_preview eks` (or `gke`) writes tests/unit/cli/preview-eks.json. The cloud is simulated.
Kept are the resources with their inputs and what each needs; everything is in order, so that a diff shows what changed.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lab.pulumi_cli import ROOT, PulumiCli
from lab.stack import MASTERKEY, Stack
from tests.builders import CA
from tests.clouds.aws.simulated_aws import SimulatedAmazon
from tests.clouds.simulated_google import SimulatedGoogle
from tests.lab.cloud_lab import NAME, example_values

_KEPT = ("type", "parent", "provider", "protect", "inputs", "dependencies")


def saved(platform: str) -> Path:
    """Where the preview of a platform's example is kept."""
    return ROOT / "tests" / "unit" / "cli" / f"preview-{platform}.json"


def previewed(platform: str, folder: Path) -> dict[str, Any]:
    """What the engine says would be made of the example.

    Raises:
        RuntimeError: the engine refuses; what it said.
    """
    pulumi = PulumiCli(folder / "pulumi")
    secrets: dict[str, str | Path] = {"masterkey": MASTERKEY, "database.password": "of-the-role"}
    if platform == "gke":
        SimulatedGoogle(pulumi, folder / "cloud")
        return _preview(Stack(pulumi, NAME, example_values("gke", {}), secrets=secrets))
    with SimulatedAmazon(pulumi, folder / "cloud") as cloud:
        values = example_values("eks", {"ca": CA})
        cloud.zone("customer.example", values["aws"]["dns"]["zoneId"])
        secrets["database.admin.password"] = "of-the-master-user"
        return _preview(Stack(pulumi, NAME, values, secrets=secrets))


def _preview(stack: Stack) -> dict[str, Any]:
    done = stack.pulumi.run("preview", "--json", "--stack", stack.name)
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return {"steps": sorted(_steps(json.loads(done.stdout)), key=lambda step: str(step["urn"]))}


def _steps(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Without the inputs of what is no cloud's: components have none, and ours hold the whole configuration."""
    for step in document["steps"]:
        state = {key: step["newState"][key] for key in _KEPT if key in step["newState"]}
        if state["type"].startswith(("kastellan:", "pulumi:")):
            state.pop("inputs", None)
        if "dependencies" in state:
            state["dependencies"] = sorted(state["dependencies"])
        yield {"op": step["op"], "urn": step["urn"], "newState": state}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        content = previewed(sys.argv[1], Path(place))
    saved(sys.argv[1]).write_text(json.dumps(content, indent=1) + "\n")
