"""A Pulumi provider that stands in for `aws` under the real engine: a moto server answers what is made.

Changes and deletions are only remembered, because moto is asked for its judgement of requests, not for a copy of
AWS. The server's address is the fact `moto`; cluster and database behind it are those that a test names.
"""

import base64
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from tests.clouds import judgement
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.making import computed, make
from tests.clouds.aws.models import problems
from tests.clouds.provider import SimulatedCloud, serve

_REGION = "eu-central-2"


class SimulatedAws(SimulatedCloud):
    """Judges by Amazon's models, and makes by moto."""

    cloud = "aws"
    replacing = frozenset({
        "name", "region", "bucket", "identifier", "cidrBlock", "vpcId", "availabilityZone", "clusterName", "username",
        "nodeGroupName", "instanceTypes", "fqdn", "domainName",
    })  # fmt: skip
    errors: Mapping[str, str] = MappingProxyType({
        "conflict": "ResourceInUseException: it already exists",
        "throttled": "ThrottlingException: Rate exceeded",
        "quota": "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
        "protected": "InvalidParameterCombination: Cannot delete protected resource, disable deletion protection first",
    })  # fmt: skip

    def slot(self, token: str, key: str) -> str:
        """A server and its subnets may have the same name."""
        return f"{token.rpartition(':')[2]} {key}"

    def judged(self, token: str, inputs: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """By the typed SDK, then by the requests that come of it."""
        wrong = list(judgement.shape_problems(self._shapes[token], inputs))
        return wrong or problems(KINDS[token], inputs)

    def made(self, token: str, inputs: dict[str, Any], content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """What moto refuses, AWS refuses."""
        try:
            key, told = make(KINDS[token], inputs, content["facts"]["moto"], _REGION)
        except ClientError as refused:
            raise RuntimeError(f"moto: {refused}") from refused
        return f"{key}", told | _facts(token, content["facts"])

    def told(
        self,
        token: str,
        inputs: Mapping[str, Any],
        known: Mapping[str, Any],
        facts: Mapping[str, Any],
        *,
        changed: bool,
    ) -> dict[str, Any]:
        """What was told when it was made, with inputs that changed since; a launch template counts its versions."""
        told = {
            key: {**value, **inputs[key]} if isinstance(value, dict) and isinstance(inputs.get(key), dict) else value
            for key, value in known["told"].items()
        }
        if changed and "latestVersion" in told:
            told["latestVersion"] += 1
        return told

    def late(self, token: str, inputs: Mapping[str, Any]) -> Iterable[str]:
        """From the mapping, with answers that have everything."""
        return computed(KINDS[token], inputs)


def _facts(token: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Where cluster and database really are."""
    if token == "aws:eks/cluster:Cluster":
        authority = base64.b64encode(facts.get("clusterCa", "").encode()).decode()
        endpoint = facts.get("clusterEndpoint", "https://192.0.2.10")
        return {"endpoint": endpoint, "certificateAuthority": {"data": authority}}
    if token == "aws:rds/instance:Instance" and "databaseHost" in facts:
        return {"address": facts["databaseHost"]}
    return {}


if __name__ == "__main__":
    serve("7.99.0", SimulatedAws)
