"""Runs the program's Google Cloud half without an engine, and records every resource with its inputs."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor

from kastellan.config.google_stack import google_base
from kastellan.config.stack import parse_stack
from tests.clouds.outputs import identity, outputs
from tests.clouds.reflection import GOOGLE, reflect

_NOW = datetime(2026, 11, 24, tzinfo=UTC)


class _Recorder(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.seen.append({"type": args.typ, "name": args.name, "inputs": open_secrets(args.inputs)})
        if not args.typ.startswith("gcp:"):
            return args.name, args.inputs
        return identity(args.typ, args.inputs), args.inputs | outputs(args.typ, args.inputs, {})

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"the program asks while it runs: {args.token}")


def open_secrets(value: Any) -> Any:
    """Without the marks of secrets, and whole numbers as such, which travel as floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return (
            open_secrets(value["value"])
            if rpc._special_sig_key in value
            else {k: open_secrets(v) for k, v in value.items()}
        )
    return [open_secrets(one) for one in value] if isinstance(value, list) else value


def record(values: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The base of a stack with these keys, and all URNs; for a process of its own, as the SDK keeps global state."""
    recorder = _Recorder()
    monitor = Monitor(recorder)
    pulumi.runtime.set_mocks(recorder, project="installation", stack="acme", monitor=monitor)
    from kastellan.provision.gcp.base import GooglePlatform, GooglePlatformArgs

    stack = parse_stack("acme", values, folder=Path.cwd())
    assert stack.google is not None
    base = google_base("acme", stack.installation.hosts, stack.google, stack.sizing, stack.contract, _NOW)

    @pulumi.runtime.test
    def make() -> None:
        GooglePlatform(
            "platform",
            GooglePlatformArgs(
                base=base,
                database="zitadel",
                user="zitadel",
                password="p",
                escrow={"masterkey": "m", "database-password": "p"},
            ),
        )

    make()
    return recorder.seen, sorted(monitor.get_registered_resources())


class Monitor(MockMonitor):
    """Makes URNs as the engine does: with the types of all components above, where the SDK's has only the next one."""

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        above = parent.split("::")[2] if parent else ""
        qualified = type_ if above in ("", "pulumi:pulumi:Stack") else f"{above}${type_}"
        return "::".join(["urn:pulumi:acme", "installation", qualified, name])


if __name__ == "__main__":
    recorded, urns = record(json.load(sys.stdin))
    json.dump({"resources": recorded, "urns": urns, "schema": reflect(GOOGLE)}, sys.stdout)
