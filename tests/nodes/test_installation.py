"""The demo as a whole, on real nodes."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_shows_what_it_says_and_cleans_up(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "lab", "demo", "--nodes", "real"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for shown in ("ZON-1 and PG-2", "v4.13.1 serves", "60 of 60 requests", "customer-admin"):
        assert shown in done.stdout
    status = subprocess.run(
        [sys.executable, "-m", "lab", "status"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
