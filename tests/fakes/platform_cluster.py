"""A customer's cluster in memory, as a preflight asks it: nodes with sizes, reviews of rights, dry runs of pods."""

from typing import Any

from kastellan.domain.errors import NotFoundError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from tests.fakes.cluster import FakeCluster

_ADMISSION = "admissionregistration.k8s.io/v1"


class PlatformCluster(FakeCluster):
    """Passes every check that asks a cluster, with a quota and a webhook so that what hangs on them is asked too."""

    def __init__(self, *, nodes: int = 3, pods: int = 3) -> None:
        super().__init__()
        self._put("v1", "Namespace", "kube-system", metadata={"uid": "6b1f0ad2"})
        self._put("v1", "Namespace", "zitadel")
        for number in range(nodes):
            self._node(f"node-{number}", f"zone-{'abc'[number % 3]}")
        for number in range(pods):
            self._put(
                "v1", "Pod", f"pod-{number}", namespace="other",
                spec={
                    "nodeName": f"node-{number % nodes}",
                    "containers": [{"name": "c", "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}],
                },
                status={"phase": "Running"},
            )  # fmt: skip
        hard = {"pods": "100", "requests.cpu": "100"}
        self._put(
            "v1", "ResourceQuota", "team", namespace="zitadel", spec={"hard": hard},
            status={"hard": hard, "used": {"pods": "0", "requests.cpu": "0"}},
        )  # fmt: skip
        self._put(
            "v1", "LimitRange", "sizes", namespace="zitadel",
            spec={"limits": [{"type": "Container", "max": {"cpu": "64"}}]},
        )  # fmt: skip
        webhook = {
            "name": "policy.customer.example",
            "clientConfig": {"service": {"namespace": "policy", "name": "policy"}},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "operations": ["CREATE"]}],
            "timeoutSeconds": 5,
        }
        self._put(_ADMISSION, "ValidatingWebhookConfiguration", "policy", webhooks=[webhook])
        self._put(_ADMISSION, "MutatingWebhookConfiguration", "other", webhooks=[])
        self._put(
            "discovery.k8s.io/v1", "EndpointSlice", "policy-1", namespace="policy",
            metadata={"labels": {"kubernetes.io/service-name": "policy"}},
            endpoints=[{"nodeName": f"node-{number}", "conditions": {"ready": True}} for number in range(2)],
        )  # fmt: skip

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        match body.get("kind"):
            case "SelfSubjectAccessReview":
                return {**body, "status": {"allowed": True}}
            case "SelfSubjectReview":
                return {**body, "status": {"userInfo": {"username": "sre@vendor.example"}}}
            case "Pod" if dry_run:
                return body
        raise NotFoundError(f"creating at {path}: no such collection")

    def _node(self, name: str, zone: str) -> None:
        self._put(
            "v1", "Node", name, metadata={"labels": {"topology.kubernetes.io/zone": zone}}, spec={},
            status={
                "conditions": [{"type": "Ready", "status": "True"}],
                "nodeInfo": {"architecture": "amd64", "kubeletVersion": "v1.35.4"},
                "allocatable": {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"},
            },
        )  # fmt: skip

    def _put(
        self, api_version: str, kind: str, name: str, *, namespace: str = "", metadata: Manifest | None = None,
        **content: Any,
    ) -> None:  # fmt: skip
        named = {"name": name, **({"namespace": namespace} if namespace else {}), "managedFields": []}
        live = {"apiVersion": api_version, "kind": kind, "metadata": {**named, **(metadata or {})}, **content}
        self.objects[ObjectRef(api_version, kind, namespace, name)] = live
