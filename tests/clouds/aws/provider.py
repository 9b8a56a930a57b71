"""A Pulumi provider that stands in for `aws` under the real engine: a moto server answers what is made.

So does it what is changed and taken down, and it is asked about what tests change behind the program's back. The
server's address is the fact `moto`; cluster and database behind it are those that a test names.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from tests.clouds import judgement
from tests.clouds.aws.changes import CHANGES, looked
from tests.clouds.aws.kinds import KINDS
from tests.clouds.aws.making import computed, make, sender
from tests.clouds.aws.models import problems
from tests.clouds.aws.removals import REMOVALS
from tests.clouds.aws.request import Inputs, Send
from tests.clouds.outputs import SIMULATED
from tests.clouds.provider import SimulatedCloud, serve

_REGION = "eu-central-2"


class SimulatedAws(SimulatedCloud):
    """Judges by Amazon's models, and makes by moto."""

    cloud = "aws"
    replacing = frozenset({
        "name", "region", "bucket", "identifier", "cidrBlock", "vpcId", "availabilityZone", "clusterName", "username",
        "nodeGroupName", "instanceTypes", "fqdn", "domainName", "autoscalingGroupName", "lbTargetGroupArn",
    })  # fmt: skip
    errors: Mapping[str, str] = MappingProxyType({
        "conflict": "ResourceInUseException: it already exists",
        "throttled": "ThrottlingException: Rate exceeded",
        "quota": "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
        "missing": "couldn't find resource",
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
        key, told = _asked(lambda: make(KINDS[token], inputs, content["facts"]["moto"], _REGION))
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

    def takes_the_place(self, inputs: Mapping[str, Any], changed: Collection[str]) -> bool:
        """As Pulumi's bridge decides: where it has a name of ours, and that stays the same."""
        return bool(_NAMES & inputs.keys()) and not _NAMES & set(changed)

    def changed(self, token: str, key: str, before: Mapping[str, Any], inputs: Mapping[str, Any], facts: Any) -> None:
        """What cannot be changed here is not said to be; neither is an input that no request carries."""
        if token not in CHANGES:
            raise RuntimeError(f"{SIMULATED}: changes of {token} are not simulated")
        old, new = Inputs(before), Inputs(inputs)
        _asked(lambda: CHANGES[token](old, new, key, _send(inputs, facts)))
        forgotten = {name for name in {*before, *inputs} - new.used if before.get(name) != inputs.get(name)}
        if forgotten - _OF_REMOVALS:
            raise RuntimeError(f"{SIMULATED}: no request carries {', '.join(sorted(forgotten))}")

    def removed(self, token: str, key: str, inputs: Mapping[str, Any], facts: Any) -> None:
        """Moto says whether something still hangs on it."""
        _asked(lambda: REMOVALS[token](key, Inputs(inputs), _send(inputs, facts)))

    def seen(self, token: str, key: str, inputs: dict[str, Any], facts: Any) -> dict[str, Any] | None:
        """What moto knows better."""
        try:
            return inputs | looked(token, key, Inputs(inputs), _send(inputs, facts))
        except ClientError as gone:
            if "NotFound" in str(gone) or "NoSuch" in str(gone):
                return None
            raise

    def _known_as(self, token: str, asked: str, objects: Mapping[str, Any]) -> str:
        """An import asks by a name or a number, which mostly is the id."""
        if self.slot(token, asked) in objects:
            return asked
        stands = {slot.partition(" ")[2]: one["inputs"] for slot, one in objects.items() if one["token"] == token}
        match token.rpartition(":")[2]:
            case "WebAcl":
                return asked.partition("/")[0]
            case "Route":
                return f"r-{asked.partition('_')[0]}"
            case "RouteTableAssociation":
                tied = (key for key, one in stands.items() if asked == f"{one['subnetId']}/{one['routeTableId']}")
                return next(tied, asked)
            case "AccessPolicyAssociation":
                return ":".join(asked.split("#")[:2])
        return asked.partition("@")[0]

    def late(self, token: str, inputs: Mapping[str, Any]) -> Iterable[str]:
        """From the mapping, with answers that have everything."""
        return computed(KINDS[token], inputs)


_NAMES = frozenset({"name", "identifier", "bucket", "nodeGroupName"})
"""Inputs by which Amazon tells objects of a kind apart."""
_OF_REMOVALS = frozenset({"skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups"})
"""Inputs that are the provider's own until it deletes."""


def _send(inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> Send:
    return sender(facts["moto"], inputs.get("region") or _REGION)


def _asked(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except ClientError as refused:
        raise RuntimeError(f"moto: {refused}") from refused


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
