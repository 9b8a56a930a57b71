"""Runs the program's AWS half without an engine: moto answers every request, and every resource is recorded."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pulumi
from moto import mock_aws

from kastellan.config.aws_stack import aws_base
from kastellan.config.stack import parse_stack
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.making import hosted_zone, make
from tests.clouds.recorded import Monitor, open_secrets
from tests.clouds.reflection import reflect


class _Recorder(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = open_secrets(args.inputs)
        self.seen.append({"type": args.typ, "name": args.name, "inputs": inputs})
        if not args.typ.startswith("aws:"):
            return args.name, args.inputs
        key, computed = make(KINDS[args.typ], inputs, "", "eu-central-2")
        return key, args.inputs | computed

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"the program asks while it runs: {args.token}")


def record(values: dict[str, Any]) -> dict[str, Any]:
    """The base of a stack with these keys: its resources, all URNs, and the kubeconfig that comes of it.

    Only for a process of its own, as the SDK keeps global state.
    """
    recorder = _Recorder()
    monitor = Monitor(recorder)
    pulumi.runtime.set_mocks(recorder, project="installation", stack="acme", monitor=monitor)
    from kastellan.provision.aws.base import AwsPlatform, AwsPlatformArgs

    stack = parse_stack("acme", values, folder=Path.cwd())
    assert stack.aws is not None
    base = aws_base("acme", stack.installation.hosts, stack.aws, stack.sizing, stack.contract)

    told: list[str] = []

    @pulumi.runtime.test
    def declare() -> Any:
        escrow = {"masterkey": "m", "database-password": "p", "database-admin-password": "p"}
        platform = AwsPlatform(
            "platform", AwsPlatformArgs(base=base, master="operator", password="p" * 20, escrow=escrow)
        )
        return platform.kubeconfig.apply(told.append)

    declare()
    return {
        "resources": recorder.seen, "urns": sorted(monitor.get_registered_resources()), "kubeconfig": told[0],
    }  # fmt: skip


if __name__ == "__main__":
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # thousands, and EKS chooses its own
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        given = json.load(sys.stdin)
        hosted_zone(given["domain"], given["aws"]["dns"]["zoneId"], "")
        recorded = record(given)
        json.dump(recorded | {"schema": reflect(tuple(KINDS))}, sys.stdout)
        sys.stdout.flush()
        os._exit(0)  # moto would make everything anew
