"""A `pulumi` on PATH that answers from files: preview.json, cloud.json with the cloud's objects, state.json."""

import shutil
import stat
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = """
import json, sys
from pathlib import Path

folder, arguments = Path(__file__).parent, sys.argv[1:]
state = folder / "state.json"
cloud = json.loads((folder / "cloud.json").read_text()) if (folder / "cloud.json").exists() else {}
known = json.loads(state.read_text()) if state.exists() else []
if arguments[0] == "preview":
    preview = json.loads((folder / "preview.json").read_text())
    print(json.dumps(preview))
    sys.exit(0 if "steps" in preview else 255)
elif arguments[0] == "import":
    (asked,) = json.loads(Path(arguments[arguments.index("--file") + 1]).read_text())["resources"]
    if asked["id"] not in cloud:
        sys.exit("error: Preview failed: resource '" + asked["id"] + "' does not exist")
    if cloud[asked["id"]] == "broken":
        sys.exit("error: inputs to import do not match the existing resource")
    urn = [s["urn"] for s in json.loads((folder / "preview.json").read_text())["steps"]
           if s["urn"].endswith(asked["type"] + "::" + asked["name"])][0]
    state.write_text(json.dumps([*known, {"urn": urn, "outputs": cloud[asked["id"]]}]))
elif arguments[:2] == ["stack", "export"]:
    print(json.dumps({"deployment": {"resources": known}}))
elif arguments[:2] == ["state", "delete"]:
    state.write_text(json.dumps([one for one in known if one["urn"] != arguments[2]]))
else:
    sys.exit("error: not expected: " + " ".join(arguments))
"""


def engine_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder with stacks/Pulumi.acme.yaml, the example on Google Cloud, and the program."""
    (folder / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    (folder / "stacks").mkdir()
    shutil.copy(ROOT / "stacks" / "Pulumi.example-gke.yaml", folder / "stacks" / "Pulumi.acme.yaml")
    (folder / "engine.py").write_text(ENGINE)
    program = folder / "pulumi"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{folder}/engine.py" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.chdir(folder)
    return folder
