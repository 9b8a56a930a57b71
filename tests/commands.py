"""The command line over a project with two stacks, a store in a file, and a clock that tests set."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.adapters.system_clock import SystemClock
from kastellan.cli.main import run
from tests.builders import CA
from tests.histories import at

DIGEST = "sha256:" + "a" * 64


Said = pytest.CaptureFixture[str]
CATALOGUE = f"""
schemaVersion: 1
product: zitadel
asOf: 2026-11-01
releases:
  - version: v4.13.1
    published: null
    class: regular
    reachableFrom: v4.0.0
    images: {{zitadel: r/z@{DIGEST}, login: r/l@{DIGEST}}}
  - version: v4.14.0
    published: null
    class: regular
    reachableFrom: v4.0.0
    images: {{zitadel: r/z@{DIGEST}, login: r/l@{DIGEST}}}
"""


@pytest.fixture
def go_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the clock; the project has the stacks `acme` and `bolt`, whose notices are written into `out`."""
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    config = {
        "platform": "existing",
        "version": "v4.13.1",
        "domain": "id.customer.example",
        "cluster": {"kubeconfigPath": "a.kubeconfig"},
        "database": {"host": "db", "ca": CA},
        "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
        "contract": {"plan": "advanced", "zone": "Europe/Zurich", "notify": ["operations"]},
    }
    for name in ("acme", "bolt"):
        document = {"config": {f"installation:{key}": value for key, value in config.items()}}
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(document))
    (tmp_path / "out").mkdir()
    channels = tmp_path / "channels.yaml"
    channels.write_text(f"operations: {(tmp_path / 'out').as_uri()}\n")
    channels.chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KASTELLAN_CHANNELS", str(channels))

    def go(local: str) -> None:
        def now(_: SystemClock) -> datetime:
            return at(local)

        monkeypatch.setattr(SystemClock, "now", now)

    return go


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(capsys: Said, *arguments: str, code: int = 0) -> str:
    assert run(list(arguments)) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.out + captured.err


def read(capsys: Said, *arguments: str, code: int = 0) -> Any:
    """The JSON of a command, which is all of its standard output; progress may be on the other one."""
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)
