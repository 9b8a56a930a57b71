"""Makes a resource by sending its requests to moto, whose judgement of parameters and order is not ours."""

import functools
import os
import threading
from collections.abc import Mapping
from typing import Any
from unittest import mock

import boto3
from botocore.config import Config

from tests.clouds.aws.models import request_problems
from tests.clouds.aws.request import ANYTHING, Inputs, Kind, Made, Send

NOT_SERVED = frozenset({
    ("eks", "create_addon"), ("eks", "update_addon"), ("eks", "delete_addon"), ("eks", "create_access_entry"),
    ("eks", "delete_access_entry"), ("eks", "associate_access_policy"), ("eks", "disassociate_access_policy"),
    ("eks", "update_cluster_version"), ("eks", "update_nodegroup_version"),
    # moto's node groups come without the scaling group that EKS makes
    ("autoscaling", "attach_load_balancer_target_groups"), ("autoscaling", "detach_load_balancer_target_groups"),
})  # fmt: skip
"""What moto 5 does not serve; only Amazon's models judge it."""


_ONE_AT_A_TIME = threading.Lock()


def client(service: str, endpoint: str, region: str) -> Any:
    """A client of a moto server, or of moto in this process where there is no endpoint; made once, whoever asks."""
    with _ONE_AT_A_TIME:
        return _client(service, endpoint, region)


@functools.cache
def _client(service: str, endpoint: str, region: str) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.setdefault(name, "simulated")
    plain = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, region_name=region, endpoint_url=endpoint or None, config=plain)


def make(kind: Kind, inputs: Mapping[str, Any], endpoint: str, region: str) -> Made:
    """Send all requests; gives the id and what is computed.

    Raises:
        botocore.exceptions.ClientError: moto refuses.
        RuntimeError: Amazon's models do.
    """
    return kind(Inputs(inputs), sender(endpoint, inputs.get("region") or region))


def sender(endpoint: str, place: str) -> Send:
    """Sends requests to moto in a region; first Amazon's models judge them."""

    def send(service: str, operation: str, /, **parameters: Any) -> Any:
        given = {key: value for key, value in parameters.items() if value is not None}
        if wrong := list(request_problems(service, operation, given)):
            raise RuntimeError(f"{service}: {wrong}")
        if (service, operation) in NOT_SERVED:
            return ANYTHING
        if (service, operation) == ("s3", "create_bucket"):
            given["CreateBucketConfiguration"] = {"LocationConstraint": place}
        return getattr(client(service, endpoint, place), operation)(**given)

    return send


def computed(kind: Kind, inputs: Mapping[str, Any]) -> list[str]:
    """Names of the properties that only the cloud knows."""
    return list(kind(Inputs(inputs), lambda *_, **__: ANYTHING)[1])


def hosted_zone(domain: str, known_as: str, endpoint: str) -> None:
    """A zone of Route 53 that is there before; moto runs in this process, and its ids begin with no Z by themselves."""
    with mock.patch("moto.route53.models.create_route53_zone_id", return_value=known_as):
        client("route53", endpoint, "us-east-1").create_hosted_zone(Name=domain, CallerReference=known_as)
