"""The pictures of what is made are those of the saved previews, which the real engine printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "docs" / "platforms" / "picture.py"
PLATFORMS = ("gke", "eks")


def _preview(platform: str) -> Path:
    return ROOT / "tests" / "unit" / "cli" / f"preview-{platform}.json"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_picture_on_the_page_is_current(platform: str, tmp_path: Path) -> None:
    page, copy = ROOT / "docs" / "platforms" / f"{platform}.md", tmp_path / "page.md"
    copy.write_text(page.read_text())
    subprocess.run([sys.executable, str(SCRIPT), str(_preview(platform)), str(copy)], check=True)
    assert copy.read_text() == page.read_text(), f"python {SCRIPT.relative_to(ROOT)} draws it anew"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_saved_preview_makes_exactly_what_is_pinned(platform: str) -> None:
    pinned = (ROOT / "tests" / "unit" / "provision" / "golden" / f"{platform}.urns").read_text().split()
    made = [step["urn"] for step in json.loads(_preview(platform).read_text())["steps"]]
    ours = [urn for urn in made if "kastellan:index:" not in urn and "pulumi:pulumi:Stack" not in urn]
    assert sorted(ours) == pinned, f"python -m tests.clouds.saved_preview {platform}"
