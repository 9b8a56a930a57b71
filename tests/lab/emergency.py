"""An installation for which security releases are announced, and `kastellan` run on it as a user does."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.postgres import binaries
from lab.stack import Stack, write_catalogue
from tests.lab.engine import DIGEST

TERMS: dict[str, Any] = {
    "plan": "advanced",
    "zone": "Europe/Zurich",
    "notify": ["operations"],
    "terms": {"emergencyLead": "0h"},
}
"""What is announced may run at once."""
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Emergency:
    """A stack, and the folder with its store, its channel and its restore points."""

    stack: Stack
    folder: Path

    @property
    def store_url(self) -> str:
        """Of the ledger and the journal."""
        return f"sqlite:///{self.folder / 'store.sqlite'}"

    def prepare(self) -> None:
        """Give the stack terms, restore points and a channel."""
        self.stack.change(
            contract={**TERMS, "runs": {"soak": "10s"}},
            restorePoints={"directory": str(self.folder / "restore-points")},
            probes={"externalName": False},  # no name server knows the customer
        )
        (self.folder / "out").mkdir(exist_ok=True)
        channels = self.folder / "channels.yaml"
        channels.write_text(f"operations: {(self.folder / 'out').as_uri()}\n")
        channels.chmod(0o600)

    def publish(self, *versions: str, newest: str = "") -> None:
        """Write a catalogue whose last release is about security; `newest` is part of its images' path."""
        catalogue = self.stack.pulumi.project / "catalogue.yaml"
        images = {version: (f"localhost/zitadel@{DIGEST}", f"localhost/login@{DIGEST}") for version in versions}
        images[versions[-1]] = (f"localhost/{newest}zitadel@{DIGEST}", f"localhost/login@{DIGEST}")
        write_catalogue(catalogue, images)
        document = yaml.safe_load(catalogue.read_text())
        document["releases"][-1]["class"] = "security"
        catalogue.write_text(yaml.safe_dump(document))

    def tick(self, *installations: str) -> None:
        """Record and tell what is due: taking over makes the offers due, the next tick announces."""
        for _ in range(2):
            self.kastellan("tick", *installations, "--channels", str(self.folder / "channels.yaml"))

    def command(self, *arguments: str) -> tuple[list[str], dict[str, Any]]:
        """How `kastellan` is started."""
        pulumi = self.stack.pulumi
        environment = {
            **pulumi.environment,
            "XDG_STATE_HOME": str(self.folder / "state"),
            "KASTELLAN_STORE": self.store_url,
            "PATH": f"{binaries()}{os.pathsep}{pulumi.environment['PATH']}",
        }
        return [str(PROGRAMS / "kastellan"), *arguments], {"cwd": pulumi.project, "env": environment}

    def kastellan(self, *arguments: str, code: int = 0) -> str:
        """Run it; what it said on standard output."""
        program, named = self.command(*arguments)
        done = subprocess.run(program, **named, capture_output=True, text=True, check=False, timeout=500)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout
