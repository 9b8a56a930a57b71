"""A stack of the Pulumi program for a cluster and a database of the lab."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from lab.errors import LabError
from lab.pulumi_cli import PulumiCli

MASTERKEY = "a-masterkey-of-the-lab-32-bytes!"
DOMAIN = "id.customer.example"
_EXEMPTIONS = "exemptions.yaml"
_WAIVERS = {"PG-4": "the lab loses no zone with its database", "PG-5": "the lab's data may be lost"}
"""The lab's database is one server without an archive. A waiver voids the guarantees that rest on it."""


class Stack:
    """One stack file and the engine that works with it.

    Attributes:
        name: of the stack and of the installation.
        path: of the stack file.
    """

    def __init__(
        self,
        pulumi: PulumiCli,
        name: str,
        values: Mapping[str, Any],
        *,
        secrets: Mapping[str, str | Path],
        secrets_provider: str = "passphrase",
    ) -> None:
        """Make the stack.

        Args:
            pulumi: the engine.
            name: of the stack.
            values: keys without prefix, no secrets.
            secrets: dotted keys to texts, or to the files that hold them.
            secrets_provider: what encrypts the state, as `pulumi stack init` takes it.

        Raises:
            LabError: the engine refuses.
        """
        self.pulumi = pulumi
        self.name = name
        self.path = pulumi.project / "stacks" / f"Pulumi.{name}.yaml"
        self._must("stack", "init", name, "--secrets-provider", secrets_provider)
        self.waive(_WAIVERS)
        self.change(**{"exemptions": _EXEMPTIONS, **values})
        for key, value in secrets.items():
            text = value.read_text() if isinstance(value, Path) else value
            self._must("config", "set", "--secret", "--path", f"installation:{key}", "--stack", name, stdin=text)

    def waive(self, reasons: Mapping[str, str]) -> None:
        """Accept what the lab cannot bring, by check and reason, besides what is accepted already."""
        path = self.pulumi.project / _EXEMPTIONS
        before = yaml.safe_load(path.read_text())["waivers"] if path.exists() else []
        rows = [
            {"id": check, "reason": reason, "approver": "who runs the lab", "expires": date(2099, 12, 31)}
            for check, reason in reasons.items()
        ]
        known = {row["id"] for row in rows}
        kept = [row for row in before if row["id"] not in known]
        path.write_text(yaml.safe_dump({"waivers": [*kept, *rows]}, sort_keys=False))

    def change(self, **values: Any) -> None:
        """Change keys of the stack file, as somebody does with an editor; None takes a key out."""
        document = yaml.safe_load(self.path.read_text()) or {}
        config = document.setdefault("config", {})
        config.update({f"installation:{key}": value for key, value in values.items() if value is not None})
        for key in (key for key, value in values.items() if value is None):
            config.pop(f"installation:{key}", None)
        self.path.write_text(yaml.safe_dump(document, sort_keys=False))

    def _must(self, *arguments: str, stdin: str | None = None) -> None:
        done = self.pulumi.run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise LabError(f"pulumi {arguments[0]} {arguments[1]} failed: {done.stderr.strip()}")


def write_catalogue(path: Path, releases: Mapping[str, tuple[str, str]], *, reachable_from: str = "v4.0.0") -> None:
    """Write a release catalogue.

    Args:
        path: where.
        releases: versions in ascending order to the images of server and login, by digest.
        reachable_from: lowest version from which each may be reached.
    """
    rows = [
        {
            "version": version,
            "published": None,
            "class": "regular",
            "reachableFrom": reachable_from,
            "backwardCompatible": True,
            "images": {"zitadel": server, "login": login},
        }
        for version, (server, login) in releases.items()
    ]
    document = {"schemaVersion": 1, "product": "zitadel", "asOf": "2026-11-23", "releases": rows}
    path.write_text(yaml.safe_dump(document, sort_keys=False))
