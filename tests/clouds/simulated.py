"""Puts a simulated cloud before the engine: plugin on PATH, memory in a file, and the command that logs in."""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from lab.pulumi_cli import PulumiCli
from tests.clouds.store import CloudFile

ROOT = Path(__file__).parents[2]


class Simulated:
    """A cloud as a test sees it.

    Attributes:
        package: whose provider it takes the place of.
        module: of the provider.
        login: program by which a kubeconfig of this cloud asks for a credential.
        file: its memory.
    """

    package: str
    module: str
    login: str

    def __init__(self, pulumi: PulumiCli, folder: Path) -> None:
        """Take the provider's place for all commands of this engine."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = CloudFile(folder / "cloud.json")
        self._program(f"pulumi-resource-{self.package}", f'exec "{sys.executable}" -m {self.module} "$@"')
        pulumi.environment["PATH"] = os.pathsep.join([str(folder), pulumi.environment["PATH"]])
        pulumi.environment["SIMULATED_CLOUD"] = str(self.file.path)
        pulumi.environment["PYTHONPATH"] = str(ROOT)

    def tell(self, **facts: Any) -> None:
        """What the cloud answers: cluster endpoint, database host."""
        with self.file.open() as content:
            content["facts"] |= facts

    def login_with(self, certificate: str, key: str) -> None:
        """The login program gives this client certificate, as the real one gives a token."""
        status = {"clientCertificateData": certificate, "clientKeyData": key}
        credential = {"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "status": status}
        (self.folder / "credential.json").write_text(json.dumps(credential))
        self._program(self.login, f'cat "{self.folder / "credential.json"}"')

    def fail(self, kind: str, name: str, fault: str) -> None:
        """The next create of this resource fails so."""
        with self.file.open() as content:
            content["faults"][f"{kind}/{name}"] = fault

    @property
    def waiting(self) -> list[str]:
        """Faults that have not happened yet."""
        with self.file.open() as content:
            return list(content["faults"])

    @property
    def calls(self) -> list[str]:
        """Every create, update and delete so far."""
        with self.file.open() as content:
            return list(content["calls"])

    @property
    def objects(self) -> dict[str, Any]:
        """Everything that is there."""
        with self.file.open() as content:
            return dict(content["objects"])

    def change(self, kind: str, name: str, **inputs: Any) -> None:
        """Change an object from outside."""
        with self.file.open() as content:
            content["objects"][_key(content, kind, name)]["inputs"] |= inputs

    def remove(self, kind: str, name: str) -> None:
        """Remove an object from outside."""
        with self.file.open() as content:
            del content["objects"][_key(content, kind, name)]

    def _program(self, name: str, line: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _key(content: dict[str, Any], kind: str, name: str) -> str:
    (key,) = [
        key
        for key, one in content["objects"].items()
        if one["token"].endswith(f":{kind}") and name in (one["inputs"].get("name"), one["inputs"].get("identifier"))
    ]
    return key
