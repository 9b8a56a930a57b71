"""The way in: HTTPRoutes of the Gateway API, an Ingress, or nothing; an edge of our own stands in `edge`.

`/debug` (health, metrics) must not be reachable from outside: it is routed to the login application, which answers 404
to every path but its own, because neither API has a portable way to refuse a path.

Of four host names, `api.` is passed on with the issuer's name in a header of ZITADEL's, and not by rewriting the host:
a header is set by every Gateway that conforms, and one that rewrites the host may tell the old one in
`X-Forwarded-Host`, which ZITADEL believes before the host (docs/adr/0006).
"""

from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from kastellan.domain.host_names import HostRole
from kastellan.domain.installation import Installation, RoutingKind
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.identity import API, LOGIN, metadata

_PATHS = (("/ui/v2/login", LOGIN, LOGIN_PORT), ("/debug", LOGIN, LOGIN_PORT), ("/", API, PORT))
"""Longest first: the login's prefix must win over the root."""
INSTANCE_HOST = "X-Zitadel-Instance-Host"
"""What ZITADEL finds the instance by before all else (cmd/defaults.yaml@00114481, `InstanceHostHeaders`)."""


def routes(installation: Installation) -> tuple[Manifest, ...]:
    """The objects that route the external names to the Services."""
    match installation.routing.kind:
        case RoutingKind.GATEWAY:
            return (_issuer_route(installation), *_further_routes(installation))
        case RoutingKind.INGRESS:
            return (_ingress(installation),)
        case RoutingKind.EDGE | RoutingKind.NONE:
            return ()
        case _ as never:
            assert_never(never)


def _issuer_route(installation: Installation) -> Manifest:
    return _http_route(installation, API, installation.domain, (_to(*path) for path in _PATHS))


def _further_routes(installation: Installation) -> Iterator[Manifest]:
    hosts = installation.hosts
    if not hosts.further:
        return
    named = {"set": [{"name": INSTANCE_HOST, "value": hosts.issuer}]}
    onward = {"filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": named}]}
    rules = (_leading("/ui", hosts.issuer), _to("/debug", LOGIN, LOGIN_PORT), _to("/", API, PORT) | onward)
    yield _http_route(installation, f"{API}-{HostRole.API}", hosts.name_of(HostRole.API), rules)
    for role, name, page in hosts.leading:
        ends = (_leading("/", hosts.issuer, page=page), _leading("/", hosts.issuer))
        yield _http_route(installation, f"{API}-{role}", name, ends)


def _http_route(installation: Installation, title: str, host: str, rules: Iterable[dict[str, Any]]) -> Manifest:
    routing = installation.routing
    parent = {"name": routing.gateway, "namespace": routing.gateway_namespace or installation.namespace}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(installation, title),
        "spec": {"parentRefs": [parent], "hostnames": [host], "rules": list(rules)},
    }


def _to(path: str, backend: str, port: int) -> dict[str, Any]:
    return {
        "matches": [{"path": {"type": "PathPrefix", "value": path}}],
        "backendRefs": [{"name": backend, "port": port}],
    }


def _leading(path: str, issuer: str, *, page: str = "") -> dict[str, Any]:
    """To the same path of the issuer's name, query and all; of exactly this path to a page, where one is given."""
    to = {"scheme": "https", "hostname": issuer, "statusCode": 302}
    replaced = {"path": {"type": "ReplaceFullPath", "replaceFullPath": page}} if page else {}
    return {
        "matches": [{"path": {"type": "Exact" if page else "PathPrefix", "value": path}}],
        "filters": [{"type": "RequestRedirect", "requestRedirect": to | replaced}],
    }


def _ingress(installation: Installation) -> Manifest:
    """Of one name alone: an Ingress has no portable way to serve further ones, so a stack with four is refused."""
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
