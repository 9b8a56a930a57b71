"""An installation on real nodes: the demo as a whole, and what happens when a setup dies or a migration fails."""

import os
import subprocess
import sys
from pathlib import Path

from lab.place import Place
from tests.waiting import until

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


def test_a_setup_whose_pod_is_killed_is_cleaned_up_and_finished_by_the_next_up(place: Place, tmp_path: Path) -> None:
    place.up()
    place.stack.change(version="v4.14.0")  # its migration takes some fifteen seconds
    running = place.stack.pulumi.start("up", "--yes", "--skip-preview", "--stack", place.name, log=tmp_path / "log")
    until(lambda: place.marks("62_sessions_user") == ["started"], seconds=90)
    setup = "app.kubernetes.io/name=zitadel-setup,app.kubernetes.io/version=v4.14.0"
    place.kubectl("delete", "pods", "-l", setup, "--grace-period=0", "--force")
    assert running.wait(120) != 0
    assert "the version before serves on" in (tmp_path / "log").read_text()
    assert place.versions() == {"v4.13.1"}
    assert place.marks("62_sessions_user") == ["started"], "a killed setup leaves its mark"

    said = place.up()
    assert "made anew" in said
    assert place.marks("62_sessions_user") == ["started", "failed", "started", "done"]
    until(lambda: place.versions() == {"v4.14.0"})  # the old pods serve on for their grace period


def test_a_migration_that_fails_leaves_the_version_before_serving(place: Place) -> None:
    place.stack.change(version="v4.14.0")
    place.up()
    place.stack.change(version="v4.15.0")
    said = place.up(succeeds=False)
    assert "the version before serves on" in said
    assert "63_sessions_agent" in said, "the log of the failed job is the evidence"
    until(lambda: place.versions() == {"v4.14.0"})  # the old pods serve on for their grace period
    assert place.marks("63_sessions_agent")[-1] == "failed"
