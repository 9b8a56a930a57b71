"""The picture of what is made is the one of the saved preview, which the real engine printed."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "platforms" / "gke.md"
PREVIEW = ROOT / "tests" / "unit" / "cli" / "preview-gke.json"


def test_the_picture_on_the_page_is_current(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text(PAGE.read_text())
    script = ROOT / "docs" / "platforms" / "picture.py"
    subprocess.run([sys.executable, str(script), str(PREVIEW), str(copy)], check=True)
    assert copy.read_text() == PAGE.read_text(), f"python {script.relative_to(ROOT)} draws it anew"


def test_the_saved_preview_makes_exactly_what_is_pinned() -> None:
    pinned = (ROOT / "tests" / "unit" / "provision" / "golden" / "gke.urns").read_text().split()
    made = [step["urn"] for step in json.loads(PREVIEW.read_text())["steps"]]
    ours = [urn for urn in made if "kastellan:index:" not in urn and "pulumi:pulumi:Stack" not in urn]
    assert sorted(ours) == pinned, "print a new one: pulumi preview --json of stacks/Pulumi.example-gke.yaml"
