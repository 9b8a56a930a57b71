"""The way in: an HTTPRoute of the Gateway API, an Ingress, or nothing; an edge of our own stands in `edge`.

`/debug` (health, metrics) must not be reachable from outside: it is routed to the login application, which answers 404
to every path but its own, because neither API has a portable way to refuse a path.
"""

from typing import Any, assert_never

from kastellan.domain.installation import Installation, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.identity import API, LOGIN, metadata

_PATHS = (("/ui/v2/login", LOGIN, LOGIN_PORT), ("/debug", LOGIN, LOGIN_PORT), ("/", API, PORT))
"""Longest first: the login's prefix must win over the root."""


def routes(installation: Installation) -> tuple[Manifest, ...]:
    """The objects that route the external domain to the Services."""
    match installation.routing.kind:
        case RoutingKind.GATEWAY:
            return (_http_route(installation),)
        case RoutingKind.INGRESS:
            return (_ingress(installation),)
        case RoutingKind.EDGE | RoutingKind.NONE:
            return ()
        case _ as never:
            assert_never(never)


def _http_route(installation: Installation) -> Manifest:
    routing = installation.routing
    parent = {"name": routing.gateway, "namespace": routing.gateway_namespace or installation.namespace}
    rules = [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": path}}],
            "backendRefs": [{"name": backend, "port": port}],
        }
        for path, backend, port in _PATHS
    ]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(installation, API),
        "spec": {"parentRefs": [parent], "hostnames": [installation.domain], "rules": rules},
    }


def _ingress(installation: Installation) -> Manifest:
    routing = installation.routing
    paths: list[dict[str, Any]] = [
        {"path": path, "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": port}}}}
        for path, backend, port in _PATHS
    ]
    tls = {"hosts": [installation.domain], **({"secretName": routing.tls_secret} if routing.tls_secret else {})}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata(installation, API),
        "spec": {
            **({"ingressClassName": routing.class_name} if routing.class_name else {}),
            "rules": [{"host": installation.domain, "http": {"paths": paths}}],
            "tls": [tls],
        },
    }
