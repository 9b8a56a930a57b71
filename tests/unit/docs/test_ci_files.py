"""The shell lines of docs/ci, as the two services would run them: extracted, and run on a small project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.adapters.store.signing import load_signer

ROOT = Path(__file__).parents[3]
CI = ROOT / "docs" / "ci"
GITHUB: dict[str, Any] = yaml.safe_load((CI / "github-actions.yml").read_text())
GITLAB: dict[str, Any] = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["maintain"]


def github_lines() -> list[str]:
    return [step["run"] for step in GITHUB["jobs"]["maintain"]["steps"] if "run" in step]


def gitlab_lines() -> list[str]:
    return [*GITLAB["before_script"], *GITLAB["script"], *GITLAB["after_script"]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "stacks").mkdir(parents=True)
    shutil.copy(ROOT / "Pulumi.yaml", project)
    shutil.copy(ROOT / "stacks" / "Pulumi.example.yaml", project / "stacks" / "Pulumi.acme.yaml")
    (tmp_path / "channels.yaml").write_text("operations: file:///nowhere\n")
    (tmp_path / "channels.yaml").chmod(0o600)
    load_signer(tmp_path / "key.pem")
    return project


def run(lines: list[str], project: Path, **more: str) -> list[int]:
    """Exit codes, line by line; the rest is not run after one that is not 0."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "KASTELLAN_STORE": f"sqlite:///{project.parent / 'store.sqlite'}",
        "KASTELLAN_CHANNELS": str(project.parent / "channels.yaml"),
        "KASTELLAN_SIGNING_KEY": str(project.parent / "key.pem"),
        "CHANNELS": "operations: file:///nowhere",
        "SIGNING_KEY": (project.parent / "key.pem").read_text(),
        "DRY_RUN": "",
        **more,
    }
    codes: list[int] = []
    for line in lines:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", line], cwd=project, env=environment, check=False)
        codes.append(done.returncode)
        if done.returncode:
            break
    return codes


def after_the_secrets(lines: list[str]) -> list[str]:
    """The commands that follow what a service does about its secrets."""
    whole = "\n".join(lines).split("\n")
    return whole[next(number for number, line in enumerate(whole) if line.startswith("kastellan")) :]


def test_both_services_run_the_same_commands() -> None:
    assert [line.strip() for line in after_the_secrets(github_lines())] == [
        line.strip() for line in after_the_secrets(gitlab_lines())
    ]


def test_where_nothing_is_due_every_line_ends_well_and_leaves_its_artifacts(project: Path) -> None:
    lines = github_lines()
    assert run(lines, project) == [0] * len(lines)
    assert (project / "maintain.json").read_text().startswith("{")
    assert (project / "maintain.xml").read_text().startswith("<")
    assert (project / "evidence" / "acme.json").exists()


def test_a_broken_stack_stops_the_pipeline_as_bad_input(project: Path) -> None:
    (project / "stacks" / "Pulumi.acme.yaml").write_text("config: {installation:contract: {}}\n")
    lines = github_lines()
    ticking = next(number for number, line in enumerate(lines) if line.startswith("kastellan tick"))
    assert run(lines, project) == [0] * ticking + [2]


def test_secrets_that_are_files_already_are_closed_to_others(project: Path) -> None:
    key = project.parent / "key.pem"
    key.chmod(0o644)
    (first,) = GITLAB["before_script"]
    assert run([first], project) == [0]
    assert key.stat().st_mode & 0o077 == 0


def test_secrets_become_files_that_nobody_else_can_read(project: Path) -> None:
    (first,) = (line for line in github_lines() if "umask" in line)
    written = project.parent / "written.pem"
    assert run([first], project, KASTELLAN_SIGNING_KEY=str(written)) == [0]
    assert written.stat().st_mode & 0o077 == 0
    assert load_signer(written).key_id == load_signer(project.parent / "key.pem").key_id


def test_a_pipeline_has_no_more_rights_than_it_needs_and_is_never_cut_off() -> None:
    assert GITHUB["permissions"] == {"contents": "read"}
    assert GITHUB["concurrency"]["cancel-in-progress"] is False
    assert set(GITHUB[True]) == {"schedule", "workflow_dispatch"}, "YAML 1.1 reads `on` as true"
    assert GITLAB["interruptible"] is False
    assert GITLAB["resource_group"] == "maintenance"


def test_every_file_names_the_artifacts_that_it_keeps() -> None:
    upload = GITHUB["jobs"]["maintain"]["steps"][-1]
    assert upload["with"]["path"].split() == ["maintain.json", "maintain.xml", "evidence/"]
    assert GITLAB["artifacts"]["reports"]["junit"] == "maintain.xml"
