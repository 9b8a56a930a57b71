"""The real Pulumi engine, with state, plugins and configuration apart from the user's own."""

import os
import subprocess
import sys
from pathlib import Path

from lab.tool_pins import ENGINE
from lab.tools import ensure

ROOT = Path(__file__).parent.parent


class PulumiCli:
    """Runs `pulumi` on this repository's program with a state folder of its own.

    Attributes:
        home: PULUMI_HOME and state; nothing of the user's is read or written.
        environment: what the engine's processes get.
        stack_folder: where the stack files lie; a copy of the project, so that the repository stays as it is.
    """

    def __init__(self, home: Path, *, passphrase: str = "lab") -> None:
        """Make the folders; nothing runs yet."""
        tools = ensure(ENGINE)
        self.home = home
        self.project = home / "project"
        (home / "state").mkdir(parents=True, exist_ok=True)
        self._copy_project()
        folders = [str(Path(sys.executable).parent), *(str(path.parent) for path in tools.values())]
        self.environment: dict[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PATH": os.pathsep.join([*folders, os.environ.get("PATH", "")]),
            "VIRTUAL_ENV": sys.prefix,
            "PULUMI_HOME": str(home / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{home / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def run(
        self, *arguments: str, stdin: str | None = None, timeout_seconds: float = 600
    ) -> "subprocess.CompletedProcess[str]":
        """Run one command and return what came of it; a failure is not raised, because tests look at it."""
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.project,
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_seconds,
        )

    def start(self, *arguments: str, log: Path) -> "subprocess.Popen[bytes]":
        """Start a command in a session of its own, so that a test can kill it or what it started."""
        with log.open("wb") as out:
            return subprocess.Popen(
                ["pulumi", *arguments, "--non-interactive"],
                cwd=self.project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _copy_project(self) -> None:
        """The project file with absolute paths, and the program; stack files are written beside it."""
        self.project.mkdir(exist_ok=True)
        text = (ROOT / "Pulumi.yaml").read_text()
        (self.project / "Pulumi.yaml").write_text(text.replace(".venv", sys.prefix))
        stacks = self.project / "stacks"
        stacks.mkdir(exist_ok=True)
        (stacks / "__main__.py").write_text((ROOT / "stacks" / "__main__.py").read_text())
