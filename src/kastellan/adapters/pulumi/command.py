"""Runs the `pulumi` command of the user in a project."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kastellan.domain.errors import InvalidInputError, NotFoundError, RejectedError

_INSTALL = "install Pulumi (https://www.pulumi.com/docs/iac/download-install/) and put it on PATH"

_LONG_SECONDS = 1800
"""For what asks providers: a cloud's answers to a whole base take minutes."""


class PulumiCommand:
    """`pulumi` in one project.

    Args:
        project: folder of `Pulumi.yaml`.

    Raises:
        NotFoundError: there is no `pulumi` on PATH.
    """

    def __init__(self, project: Path) -> None:
        found = shutil.which("pulumi")
        if found is None:
            raise NotFoundError("there is no `pulumi` on PATH", remediation=_INSTALL)
        self._program = found
        self._project = project

    def make_stack(self, name: str) -> None:
        """Make a stack unless it exists.

        Raises:
            InvalidInputError: Pulumi asks for something that is not there (backend, passphrase).
        """
        done = self._run("stack", "select", "--create", name)
        if done.returncode != 0:
            raise InvalidInputError(
                f"pulumi could not make stack {name}: {_last_error(done)}",
                remediation="log in to a backend (`pulumi login`) and give PULUMI_CONFIG_PASSPHRASE or a key service",
            )

    def configuration(self, stack: str, prefix: str) -> dict[str, Any]:
        """All values of a stack under a prefix, decrypted, structured ones parsed.

        Raises:
            InvalidInputError: Pulumi cannot read or decrypt it.
        """
        done = self._run("config", "--show-secrets", "--json", "--stack", stack)
        if done.returncode != 0:
            raise InvalidInputError(
                f"pulumi could not read the configuration of {stack}: {_last_error(done)}",
                remediation="log in to the stack's backend and give PULUMI_CONFIG_PASSPHRASE or its key service",
            )
        entries = json.loads(done.stdout)
        return {
            key.removeprefix(prefix): entry.get("objectValue", entry.get("value"))
            for key, entry in entries.items()
            if key.startswith(prefix)
        }

    def secret_output(self, stack: str, kind: str, name: str) -> Any:
        """An output of the stack's resource of a type, decrypted; None where there is none.

        Raises:
            InvalidInputError: Pulumi cannot read or decrypt the state.
        """
        done = self._run("stack", "export", "--show-secrets", "--stack", stack)
        if done.returncode != 0:
            refusal = InvalidInputError(f"pulumi could not read the state of {stack}: {_last_error(done)}")
            refusal.remediation = "log in to the stack's backend and give PULUMI_CONFIG_PASSPHRASE or its key service"
            raise refusal
        resources = json.loads(done.stdout).get("deployment", {}).get("resources", [])
        found = next((one.get("outputs", {}).get(name) for one in resources if one.get("type") == kind), None)
        # A decrypted secret is an envelope with the value as JSON text.
        return json.loads(found["plaintext"]) if isinstance(found, dict) and "plaintext" in found else found

    def outputs(self, stack: str) -> dict[str, Any]:
        """What the last update of a stack told, secrets included; empty before the first.

        Raises:
            InvalidInputError: Pulumi cannot read or decrypt it.
        """
        done = self._run("stack", "output", "--json", "--show-secrets", "--stack", stack)
        if done.returncode != 0:
            refusal = InvalidInputError(f"pulumi could not read the outputs of {stack}: {_last_error(done)}")
            refusal.remediation = "log in to the stack's backend and give PULUMI_CONFIG_PASSPHRASE or its key service"
            raise refusal
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def preview(self, stack: str) -> dict[str, Any]:
        """What the next update of a stack would do, step by step, as `pulumi preview --json` tells it.

        Raises:
            InvalidInputError: the preview fails; the message holds what it said.
        """
        done = self._run("preview", "--json", "--stack", stack, timeout_seconds=_LONG_SECONDS)
        try:
            told: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            told = {}
        if done.returncode != 0 or "steps" not in told:
            errors = [one["message"].strip() for one in told.get("diagnostics", ()) if one.get("severity") == "error"]
            said = "\n".join(dict.fromkeys(errors)) or _last_error(done)
            raise InvalidInputError(f"pulumi could not preview {stack}: {said}")
        return told

    def adopt(self, stack: str, document: Mapping[str, Any]) -> bool:
        """Take an object of the cloud over into the state; False where the cloud has none.

        Args:
            stack: which.
            document: one resource as `pulumi import --file` takes it.

        Raises:
            RejectedError: it could not be taken over for another reason.
        """
        with tempfile.NamedTemporaryFile("w", prefix="kastellan-", suffix=".json", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            options = ("--yes", "--skip-preview", "--generate-code=false", "--protect=false", "--suppress-outputs")
            done = self._run("import", "--file", file.name, *options, "--stack", stack, timeout_seconds=_LONG_SECONDS)
        if done.returncode == 0:
            return True
        if "does not exist" in done.stdout + done.stderr:
            return False
        raise RejectedError(f"pulumi could not take it over: {_last_error(done)}")

    def state(self, stack: str) -> list[dict[str, Any]]:
        """The resources of a stack's state, secrets sealed.

        Raises:
            InvalidInputError: Pulumi cannot read it.
        """
        done = self._run("stack", "export", "--stack", stack)
        if done.returncode != 0:
            raise InvalidInputError(f"pulumi could not read the state of {stack}: {_last_error(done)}")
        resources: list[dict[str, Any]] = json.loads(done.stdout).get("deployment", {}).get("resources", [])
        return resources

    def forget(self, stack: str, urn: str) -> None:
        """Take a resource out of the state; the cloud keeps the object.

        Raises:
            RejectedError: Pulumi refuses.
        """
        done = self._run("state", "delete", urn, "--yes", "--stack", stack)
        if done.returncode != 0:
            raise RejectedError(f"pulumi could not take {urn} out of the state: {_last_error(done)}")

    def set_secret(self, stack: str, path: str, value: str) -> None:
        """Encrypt a value into the stack's file; it goes by standard input, because arguments are seen by everybody.

        Raises:
            RejectedError: Pulumi refuses; the message holds what it said, which never repeats the value.
        """
        done = self._run("config", "set", "--secret", "--path", path, "--stack", stack, stdin=value)
        if done.returncode != 0:
            raise RejectedError(f"pulumi could not encrypt {path}: {_last_error(done)}")

    def _run(
        self, *arguments: str, stdin: str | None = None, timeout_seconds: float = 120
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self._program, *arguments, "--non-interactive"],
            cwd=self._project,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_seconds,
        )


def _last_error(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return (errors or lines or ["it said nothing"])[-1]
