"""A Gateway API controller as a customer has one: Traefik in a namespace of its own, with a Gateway for everybody.

It knows nothing of kastellan: it reads Gateways, HTTPRoutes, Services and endpoints, as its makers' documentation asks
for (https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-gateway/).
"""

import base64
import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.edge_image import edge_image
from lab.gateway_api import install_gateway_api
from lab.pki import Authority
from lab.real import RealCluster

NAMESPACE = "gateway-system"
NAME = "public"
_PORT = 8443
"""Of the listener, and so of Traefik's entry point: it puts the two together by their port."""
_GROUP = "gateway.networking.k8s.io"


@dataclass(frozen=True, slots=True)
class Gateway:
    """The customer's way in.

    Attributes:
        cluster: where.
        domain: the name that its certificate holds.
        authority: who signed its certificate.
    """

    cluster: RealCluster
    domain: str
    authority: Authority

    @property
    def routing(self) -> dict[str, str]:
        """What a stack says to be routed by it."""
        return {
            "kind": "gateway",
            "gateway": NAME,
            "gatewayNamespace": NAMESPACE,
            "controllerNamespace": NAMESPACE,
        }

    @property
    def address(self) -> str:
        """Where it takes connections, on port 443; the lab's machine reaches it."""
        found = json.loads(self.cluster.kubectl("-n", NAMESPACE, "get", "service", "traefik", "-o", "json"))
        return str(found["spec"]["clusterIP"])

    def accepts(self, namespace: str, route: str) -> bool:
        """Whether its controller says that it takes an HTTPRoute and finds what that leads to."""
        found = json.loads(self.cluster.kubectl("-n", namespace, "get", "httproute", route, "-o", "json"))
        said = {
            condition["type"]: condition["status"]
            for parent in found.get("status", {}).get("parents", ())
            for condition in parent["conditions"]
        }
        return said.get("Accepted") == "True" and said.get("ResolvedRefs") == "True"

    def status(self, path: str) -> int:
        """HTTP status that it answers to a GET; 0 where no answer comes."""
        context = ssl.create_default_context(cadata=self.authority.certificate)
        connection = http.client.HTTPSConnection(self.address, timeout=5)
        try:
            plain = socket.create_connection((self.address, 443), timeout=5)
            connection.sock = context.wrap_socket(plain, server_hostname=self.domain)
            connection.request("GET", path, headers={"Host": self.domain})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def write_authority(self, folder: Path) -> Path:
        """The authority as a file for clients."""
        file = folder / "gateway-ca.pem"
        file.write_text(self.authority.certificate)
        return file


def install_gateway(cluster: RealCluster, domain: str) -> Gateway:
    """Install definitions, controller and Gateway, and wait until the controller says that it is programmed.

    Raises:
        LabError: it does not come about within a minute.
    """
    install_gateway_api(cluster)
    image = edge_image()
    cluster.import_image(image.path, [image.by_digest])
    authority = Authority()
    credential = authority.server([domain])
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {"name": "certificate", "namespace": NAMESPACE},
            "data": {
                "tls.crt": base64.b64encode(credential.certificate.encode()).decode(),
                "tls.key": base64.b64encode(credential.private_key.encode()).decode(),
            },
        },
        *_identity(),
        *_controller(image.by_digest),
        {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "GatewayClass",
            "metadata": {"name": "traefik"},
            "spec": {"controllerName": "traefik.io/gateway-controller"},
        },
        {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "Gateway",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {"gatewayClassName": "traefik", "listeners": [_listener()]},
        },
    )
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/traefik", "--timeout=60s")
    cluster.kubectl("-n", NAMESPACE, "wait", "--for=condition=Programmed", f"gateway/{NAME}", "--timeout=60s")
    return Gateway(cluster, domain, authority)


def _listener() -> dict[str, Any]:
    return {
        "name": "https",
        "protocol": "HTTPS",
        "port": _PORT,
        "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": "certificate"}]},
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }


def _identity() -> list[dict[str, Any]]:
    read = ["get", "list", "watch"]
    rules = [
        {"apiGroups": [""], "resources": ["namespaces", "nodes", "services", "secrets", "configmaps"], "verbs": read},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": read},
        {"apiGroups": [_GROUP], "resources": ["*"], "verbs": [*read, "update", "patch"]},
    ]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "traefik"}
    account = {"name": "traefik", "namespace": NAMESPACE}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "traefik"},
            "rules": rules,
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "traefik"},
            "roleRef": role,
            "subjects": [{"kind": "ServiceAccount", **account}],
        },
    ]


def _controller(image: str) -> list[dict[str, Any]]:
    metadata = {"name": "traefik", "namespace": NAMESPACE}
    labels = {"app": "traefik"}
    arguments = [
        f"--entryPoints.https.address=:{_PORT}",
        "--entryPoints.ping.address=:8082",
        "--ping.entryPoint=ping",
        "--providers.kubernetesGateway",
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
    ]
    container = {
        "name": "traefik",
        "image": image,
        "args": arguments,
        "ports": [{"name": "https", "containerPort": _PORT}],
        "readinessProbe": {"httpGet": {"path": "/ping", "port": 8082}, "periodSeconds": 1},
    }
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"serviceAccountName": "traefik", "containers": [container]},
                },
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"name": "https", "port": 443, "targetPort": "https"}]},
        },
    ]
