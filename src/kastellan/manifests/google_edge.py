"""The way in on GKE: a Gateway on Google's global load balancer, with Cloud Armor before each Service (RL-1, RL-2).

GKE's own Gateway controller acts on these objects; nothing has to be installed in the cluster. The load balancer
reaches pods directly, from Google's ranges, and checks their health with the external host name, because ZITADEL
answers a foreign one with 404.

Sources: cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources, …/how-to/secure-gateway.
"""

from typing import Any

from kastellan.domain.installation import GoogleLoadBalancer, Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.identity import API, LOGIN, metadata

LOAD_BALANCER_RANGES = ("130.211.0.0/22", "35.191.0.0/16")
"""Where Google's proxies and health checks come from (cloud.google.com/load-balancing/docs/firewall-rules)."""
GATEWAY_CLASS = "gke-l7-global-external-managed"
_POLICY_API = "networking.gke.io/v1"
_HEALTH = ((API, PORT, "/debug/ready"), (LOGIN, LOGIN_PORT, "/ui/v2/login/security"))
_ONE_HOUR = 3600
"""Seconds; the longest request is a stream of events, which clients open anew."""


def google_edge(installation: Installation, balancer: GoogleLoadBalancer) -> tuple[Manifest, ...]:
    """The Gateway, and for each Service the policies of its backend and of its health check."""
    return (
        _gateway(installation, balancer),
        *(_backend_policy(installation, balancer, component) for component, _, _ in _HEALTH),
        *(_health_check(installation, component, port, path) for component, port, path in _HEALTH),
    )


def _gateway(installation: Installation, balancer: GoogleLoadBalancer) -> Manifest:
    described, hosts = metadata(installation, installation.routing.gateway, API), installation.hosts
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {**described, "annotations": {"networking.gke.io/certmap": balancer.certificate_map}},
        "spec": {
            "gatewayClassName": GATEWAY_CLASS,
            "addresses": [{"type": "NamedAddress", "value": balancer.address}],
            "listeners": [
                _listener("https", hosts.issuer),
                *(_listener(f"https-{role}", name) for role, name in hosts.further),
            ],
        },
    }


def _listener(title: str, hostname: str) -> dict[str, Any]:
    return {
        "name": title,
        "port": 443,
        "protocol": "HTTPS",
        "hostname": hostname,
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }


def _backend_policy(installation: Installation, balancer: GoogleLoadBalancer, component: str) -> Manifest:
    return {
        "apiVersion": _POLICY_API,
        "kind": "GCPBackendPolicy",
        "metadata": metadata(installation, component, component),
        "spec": {
            "default": {
                "securityPolicy": balancer.security_policy,
                "timeoutSec": _ONE_HOUR,
                "connectionDraining": {"drainingTimeoutSec": 60},
                "logging": {"enabled": True, "sampleRate": 100000},
            },
            "targetRef": _service(component),
        },
    }


def _health_check(installation: Installation, component: str, port: int, path: str) -> Manifest:
    check = {"portSpecification": "USE_FIXED_PORT", "port": port, "requestPath": path, "host": installation.domain}
    return {
        "apiVersion": _POLICY_API,
        "kind": "HealthCheckPolicy",
        "metadata": metadata(installation, component, component),
        "spec": {
            "default": {
                "checkIntervalSec": 5,
                "timeoutSec": 3,
                "healthyThreshold": 1,
                "unhealthyThreshold": 2,
                "config": {"type": "HTTP", "httpHealthCheck": check},
            },
            "targetRef": _service(component),
        },
    }


def _service(component: str) -> dict[str, str]:
    return {"group": "", "kind": "Service", "name": component}
