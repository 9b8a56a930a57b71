"""Which fail-closed webhooks see objects of ours."""

from typing import Any

import pytest

from kastellan.adapters.kubernetes.webhook_facts import webhooks
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.planning.rights import Right
from tests.fakes.cluster import FakeCluster

RIGHTS = (Right("create", "apps", "deployments", "zitadel"), Right("get", "", "nodes"))


def cluster_with(**rule: Any) -> FakeCluster:
    cluster = FakeCluster()
    hook: Manifest = {
        "name": "policy.example",
        "clientConfig": {"url": "https://policy.example"},
        "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "operations": ["CREATE"], **rule}],
    }
    kind = "ValidatingWebhookConfiguration"
    ref = ObjectRef("admissionregistration.k8s.io/v1", kind, "", "policy")
    cluster.objects[ref] = {
        "apiVersion": ref.api_version, "kind": kind, "metadata": {"name": "policy"}, "webhooks": [hook],
    }  # fmt: skip
    return cluster


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        ({}, True),
        ({"resources": ["*"]}, True),
        ({"resources": ["*/*"]}, True),
        ({"resources": ["deployments/scale"]}, True),
        ({"apiGroups": ["*"], "operations": ["*"]}, True),
        ({"apiGroups": [""], "resources": ["pods"], "operations": ["DELETE"]}, True),
        ({"apiGroups": [""]}, False),
        ({"resources": ["daemonsets"]}, False),
        ({"operations": ["CONNECT"]}, False),
        ({"apiGroups": [""], "resources": ["nodes"]}, False),
    ],
)
def test_a_webhook_counts_when_its_rules_match_something_that_we_write(rule: dict[str, Any], seen: bool) -> None:
    assert bool(webhooks(cluster_with(**rule), RIGHTS)) is seen


def test_a_webhook_that_fails_open_does_not_count() -> None:
    cluster = cluster_with()
    (configuration,) = cluster.objects.values()
    configuration["webhooks"][0]["failurePolicy"] = "Ignore"
    assert webhooks(cluster, RIGHTS) == ()
