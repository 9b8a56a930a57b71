"""A customer's cluster in memory, as a preflight asks it: nodes with sizes, reviews of rights, dry runs of pods."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kastellan.domain.errors import NotFoundError, RejectedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from tests.fakes.cluster import FakeCluster

_ADMISSION = "admissionregistration.k8s.io/v1"
_STORAGE = "storage.k8s.io/v1"


def ca_bundle(ends: datetime = datetime(2046, 1, 1, tzinfo=UTC)) -> str:
    """The `caBundle` of an authority that ends then."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "policy")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins, ends)
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)).decode()


_AUTHORITY = ca_bundle()


class PlatformCluster(FakeCluster):
    """Passes every check that asks a cluster, with all that is asked of it only where it is there."""

    def __init__(self, *, nodes: int = 3, pods: int = 3) -> None:
        super().__init__()
        self.put("v1", "Namespace", "kube-system", metadata={"uid": "6b1f0ad2"})
        self.put("v1", "Namespace", "zitadel")
        self.put("v1", "Service", "kubernetes", namespace="default", spec={"ipFamilies": ["IPv4"]})
        for number in range(nodes):
            self._node(f"node-{number}", f"zone-{'abc'[number % 3]}")
        for number in range(pods):
            self.put(
                "v1", "Pod", f"pod-{number}", namespace="other",
                spec={
                    "nodeName": f"node-{number % nodes}",
                    "containers": [{"name": "c", "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}],
                },
                status={"phase": "Running"},
            )  # fmt: skip
        hard = {"pods": "100", "requests.cpu": "100"}
        self.put(
            "v1", "ResourceQuota", "team", namespace="zitadel", spec={"hard": hard},
            status={"hard": hard, "used": {"pods": "0", "requests.cpu": "0"}},
        )  # fmt: skip
        self.put(
            "v1", "LimitRange", "sizes", namespace="zitadel",
            spec={"limits": [{"type": "Container", "max": {"cpu": "64"}}]},
        )  # fmt: skip
        self._admission()
        self._way_in()
        self._installation()
        self._metrics_and_storage(nodes)

    def _admission(self) -> None:
        webhook = {
            "name": "policy.customer.example",
            "clientConfig": {"service": {"namespace": "policy", "name": "policy"}, "caBundle": _AUTHORITY},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "operations": ["CREATE"]}],
            "timeoutSeconds": 5,
        }
        self.put(_ADMISSION, "ValidatingWebhookConfiguration", "policy", webhooks=[webhook])
        self.put(_ADMISSION, "MutatingWebhookConfiguration", "other", webhooks=[])
        self._endpoints("policy", "policy")
        rule = {"apiGroups": ["apps"], "resources": ["deployments"], "operations": ["CREATE"]}
        self.put(
            _ADMISSION, "ValidatingAdmissionPolicy", "owners", spec={"matchConstraints": {"resourceRules": [rule]}}
        )
        self.put(
            _ADMISSION, "ValidatingAdmissionPolicyBinding", "owners",
            spec={"policyName": "owners", "validationActions": ["Deny"]},
        )  # fmt: skip

    def _way_in(self) -> None:
        self.put("networking.k8s.io/v1", "IngressClass", "web", spec={"controller": "traefik.io/ingress-controller"})
        self.put("v1", "Service", "entry", namespace="ingress", spec={"type": "LoadBalancer"})
        self._endpoints("ingress", "entry")
        certificate = {"spec": {"secretName": "tls"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
        self.put("cert-manager.io/v1", "Certificate", "entry", namespace="zitadel", **certificate)
        registries = json.dumps({"auths": {"ghcr.io": {"auth": "c2VjcmV0"}}}).encode()
        self.put(
            "v1", "Secret", "registry", namespace="zitadel", type="kubernetes.io/dockerconfigjson",
            data={".dockerconfigjson": base64.b64encode(registries).decode()},
        )  # fmt: skip

    def _installation(self) -> None:
        labels = {"app.kubernetes.io/managed-by": "kastellan", "app.kubernetes.io/instance": "acme"}
        self.put(
            "v1", "Pod", "zitadel-0", namespace="zitadel",
            metadata={"labels": {**labels, "app.kubernetes.io/name": "zitadel"}},
            spec={"containers": [{"name": "zitadel"}]},
            status={"phase": "Running"},
        )  # fmt: skip
        for namespace, marks in (("zitadel", labels), ("other", {})):
            self.put(
                "policy/v1", "PodDisruptionBudget", "budget", namespace=namespace, metadata={"labels": marks},
                spec={"maxUnavailable": 1}, status={"expectedPods": 3, "disruptionsAllowed": 1},
            )  # fmt: skip

    def _metrics_and_storage(self, nodes: int) -> None:
        available = {"conditions": [{"type": "Available", "status": "True"}]}
        self.put(
            "apiregistration.k8s.io/v1", "APIService", "v1beta1.metrics.k8s.io",
            spec={"service": {"namespace": "kube-system", "name": "metrics-server"}}, status=available,
        )  # fmt: skip
        self.put(
            _STORAGE, "StorageClass", "fast", provisioner="csi.example", volumeBindingMode="WaitForFirstConsumer",
            allowVolumeExpansion=True,
        )  # fmt: skip
        self.put(_STORAGE, "CSIDriver", "csi.example", spec={})
        self.put("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "fast", driver="csi.example")
        for number in range(nodes):
            name = f"node-{number}"
            self.put("metrics.k8s.io/v1beta1", "NodeMetrics", name, timestamp="2026-11-23T11:59:40Z")
            self.put(
                "coordination.k8s.io/v1", "Lease", name, namespace="kube-node-lease",
                spec={"renewTime": "2026-11-23T11:59:55.000000Z", "leaseDurationSeconds": 40},
            )  # fmt: skip
            driver = {"name": "csi.example", "topologyKeys": ["topology.kubernetes.io/zone"]}
            self.put(_STORAGE, "CSINode", name, spec={"drivers": [driver]})

    def _endpoints(self, namespace: str, service: str) -> None:
        self.put(
            "discovery.k8s.io/v1", "EndpointSlice", f"{service}-1", namespace=namespace,
            metadata={"labels": {"kubernetes.io/service-name": service}},
            endpoints=[{"nodeName": f"node-{number}", "conditions": {"ready": True}} for number in range(2)],
        )  # fmt: skip

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        return {"resources": []} if path == "/apis/cert-manager.io/v1" else super().request(path, query=query)

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        match body.get("kind"):
            case "SelfSubjectAccessReview":
                asked = body["spec"]["resourceAttributes"]
                dangerous = "namespace" not in asked and (
                    asked["resource"] == "secrets" or asked["verb"] in ("escalate", "bind", "impersonate")
                    or asked.get("subresource") in ("proxy", "exec")
                )  # fmt: skip
                return {**body, "status": {"allowed": not dangerous}}
            case "Eviction" if dry_run:
                return body
            case "Certificate" if dry_run:
                if "dnsNames" not in body["spec"]:
                    raise RejectedError(f"creating at {path}: no names")
                return body
            case "SelfSubjectReview":
                return {**body, "status": {"userInfo": {"username": "sre@vendor.example"}}}
            case "Pod" if dry_run:
                return body
        raise NotFoundError(f"creating at {path}: no such collection")

    def _node(self, name: str, zone: str) -> None:
        self.put(
            "v1", "Node", name, metadata={"labels": {"topology.kubernetes.io/zone": zone}}, spec={},
            status={
                "conditions": [{"type": "Ready", "status": "True"}],
                "nodeInfo": {"architecture": "amd64", "kubeletVersion": "v1.35.4"},
                "allocatable": {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"},
                "addresses": [{"type": "InternalIP", "address": "10.0.0.9"}],
            },
        )  # fmt: skip

    def put(
        self, api_version: str, kind: str, name: str, *, namespace: str = "", metadata: Manifest | None = None,
        **content: Any,
    ) -> None:  # fmt: skip
        """Let an object be there."""
        named = {"name": name, **({"namespace": namespace} if namespace else {}), "managedFields": []}
        live = {"apiVersion": api_version, "kind": kind, "metadata": {**named, **(metadata or {})}, **content}
        self.objects[ObjectRef(api_version, kind, namespace, name)] = live
