"""What a customer's platform brings along, as objects: a controller, cert-manager's and metrics' kinds, a driver."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from kastellan.domain.kubernetes_object import Manifest
from lab.simulated import ZONES

_NODES = tuple(f"node-{zone}-0" for zone in ZONES)
_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _kind(group: str, version: str, plural: str, kind: str, *, scope: str, schema: dict[str, Any]) -> Manifest:
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    # Groups under k8s.io are protected; the annotation says that a group's owner agrees (kubernetes/enhancements#2337).
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "unapproved, in a lab"},
        },
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [served],
        },
    }


_NAMED = {"rule": "has(self.dnsNames)", "message": "a certificate needs a name"}
_CERTIFICATE = {"type": "object", "properties": {"spec": {**_OPEN, "properties": {"dnsNames": {
    "type": "array", "maxItems": 9, "items": {"type": "string", "maxLength": 253}}},
    "x-kubernetes-validations": [_NAMED]}, "status": _OPEN}}  # fmt: skip

KINDS = (
    # A rule of the schema stands for cert-manager's webhook, which no pod of a simulated node could serve.
    _kind("cert-manager.io", "v1", "certificates", "Certificate", scope="Namespaced", schema=_CERTIFICATE),
    _kind("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", scope="Cluster", schema=_OPEN),
    _kind("snapshot.storage.k8s.io", "v1", "volumesnapshotclasses", "VolumeSnapshotClass", scope="Cluster",
          schema=_OPEN),
)  # fmt: skip


def platform() -> Iterator[Manifest]:
    """Everything that a preflight reads only where it is there; the namespace `zitadel` has to be."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ingress"}}
    yield from _controller()
    yield from _driver()
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    for node in _NODES:
        usage = {"cpu": "100m", "memory": "100Mi"}
        yield {"apiVersion": "metrics.k8s.io/v1beta1", "kind": "NodeMetrics", "metadata": {"name": node},
               "timestamp": now, "window": "20s", "usage": usage}  # fmt: skip
    credential = json.dumps({"auths": {"localhost": {"auth": "bm9ib2R5"}}}).encode()
    yield {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "registry", "namespace": "zitadel"},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(credential).decode()},
    }  # fmt: skip
    labels = {
        "app.kubernetes.io/name": "zitadel",
        "app.kubernetes.io/instance": "preflight",
        "app.kubernetes.io/managed-by": "kastellan",
    }
    container = {"name": "c", "image": "localhost/c", "resources": {"requests": {"cpu": "10m"}}}
    yield {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "zitadel-0", "namespace": "zitadel", "labels": labels},
        "spec": {"containers": [container]},
    }  # fmt: skip


def _controller() -> Iterator[Manifest]:
    yield {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "web"},
           "spec": {"controller": "traefik.io/ingress-controller"}}  # fmt: skip
    yield {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "entry", "namespace": "ingress"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 443}]},
    }  # fmt: skip
    yield {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "entry-1", "namespace": "ingress", "labels": {"kubernetes.io/service-name": "entry"}},
        "endpoints": [
            {"addresses": [f"10.128.9.{number}"], "nodeName": node, "conditions": {"ready": True}}
            for number, node in enumerate(_NODES, start=1)
        ],
    }  # fmt: skip


def _driver() -> Iterator[Manifest]:
    yield {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"},
           "provisioner": "csi.example", "volumeBindingMode": "WaitForFirstConsumer",
           "allowVolumeExpansion": True}  # fmt: skip
    yield {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "csi.example"}, "spec": {}}
    yield {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": {"name": "fast"},
           "driver": "csi.example", "deletionPolicy": "Delete"}  # fmt: skip
    for node in _NODES:
        driver = {"name": "csi.example", "nodeID": node, "topologyKeys": ["topology.kubernetes.io/zone"]}
        yield {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": node},
               "spec": {"drivers": [driver]}}  # fmt: skip
