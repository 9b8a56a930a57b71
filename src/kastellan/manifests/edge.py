"""An edge of our own for a customer without one: Traefik, which ends TLS, enforces the rate limits and hides `/debug`.

It routes by a file and not by the Gateway API, so that it needs no right in the cluster at all (docs/adr/0004). One
connection of HTTP/2 would tie each edge pod to one API pod, because the Service balances connections; so HTTP/2 goes
to the API only where gRPC needs it, and all else by HTTP/1.1 on many connections.
"""

from typing import Any

import yaml

from kastellan.domain.installation import Edge, Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.rate_limit import PAGES, REQUESTS, RateLimit
from kastellan.domain.size import PodResources
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.edge_names import PUBLIC, host_rule, leading, leading_rule, serving
from kastellan.manifests.identity import API, EDGE, LOGIN, content_hash, metadata, selector
from kastellan.manifests.pod import container
from kastellan.manifests.workloads import deployment, pre_stop

HTTPS_PORT = 8443
HTTP_PORT = 8080
OPERATIONS_PORT = 8082
"""Health and metrics; in no Service, so not reachable from outside."""
REPLICAS = 3
"""At the least, so that losing a zone leaves two (DI-2)."""
RESOURCES = PodResources(cpu_request=100, cpu_limit=1000, memory_request=128, memory_limit=256)
"""Traefik forwards some thousand requests a second per core; RL-2 of a hundred clients at once stays below that."""
_FOLDER = "/edge"
_ROUTES = "routes.yaml"
_GRPC = "HeaderRegexp(`Content-Type`, `^application/grpc`)"


def edge_service(installation: Installation, edge: Edge) -> Manifest:
    """The way in from outside.

    Limits are kept per edge pod, so a client stays with one (`sessionAffinity`); and the client's own address must
    arrive (`externalTrafficPolicy: Local`), or all clients behind one node would share a limit.
    """
    outside = edge.exposure != "ClusterIP"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(installation, EDGE, EDGE),
        "spec": {
            "type": edge.exposure.value,
            **({"externalTrafficPolicy": "Local"} if outside else {}),
            "sessionAffinity": "ClientIP",
            "selector": selector(installation, EDGE),
            "ports": [
                {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
                for name, port in (("https", 443), ("http", 80))
            ],
        },
    }


def edge_config_map(installation: Installation, edge: Edge) -> Manifest:
    """What it routes where; a change makes a new object, and the pods are replaced one by one."""
    data = {_ROUTES: yaml.safe_dump(edge_routes(installation, edge), sort_keys=True)}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(installation, f"{EDGE}-{content_hash(data)}", EDGE),
        "immutable": True,
        "data": data,
    }


def edge_deployment(installation: Installation, edge: Edge) -> Manifest:
    """The pods of the edge."""
    main = container(
        EDGE,
        edge.image,
        RESOURCES,
        args=_arguments(edge),
        rest={
            "ports": [
                {"name": "https", "containerPort": HTTPS_PORT},
                {"name": "http", "containerPort": HTTP_PORT},
                {"name": "operations", "containerPort": OPERATIONS_PORT},
            ],
            "volumeMounts": [{"name": "edge", "mountPath": _FOLDER, "readOnly": True}],
            "lifecycle": pre_stop(),
            "readinessProbe": _probe(periodSeconds=2, failureThreshold=2),
            "livenessProbe": _probe(periodSeconds=5, failureThreshold=3),
        },
    )
    sources = [
        {"configMap": {"name": edge_config_map(installation, edge)["metadata"]["name"]}},
        {"secret": {"name": installation.routing.tls_secret}},
    ]
    # One folder for both: a certificate that was renewed changes the folder, which Traefik watches.
    volumes = [{"name": "edge", "projected": {"sources": sources, "defaultMode": 0o440}}]
    return deployment(installation, EDGE, main, volumes, edge_replicas(installation), versioned=False)


def edge_replicas(installation: Installation) -> int:
    """One pod a zone."""
    return max(REPLICAS, installation.minimum_zones)


def edge_routes(installation: Installation, edge: Edge) -> dict[str, Any]:
    """Traefik's dynamic configuration (https://doc.traefik.io/traefik/reference/routing-configuration/).

    A limit is kept for each router, so names that are served have their routers in common.
    """
    hosts, namespace = installation.hosts, installation.namespace
    issuer, served = host_rule(hosts.issuer), host_rule(*hosts.served)
    onward, elsewhere, rule = serving(hosts), leading(hosts), leading_rule(hosts)

    def router(priority: int, rule: str, service: str, *middlewares: str) -> dict[str, Any]:
        return {
            "priority": priority,
            "entryPoints": ["https"],
            "rule": rule,
            "service": service,
            "middlewares": [*middlewares],
            "tls": {},
        }

    def service(url: str) -> dict[str, Any]:
        return {"loadBalancer": {"servers": [{"url": url}], "serversTransport": "inside", "passHostHeader": True}}

    return {
        "http": {
            "routers": {
                **({"leading": router(50, rule, "noop@internal", "pages", *elsewhere)} if rule else {}),
                "login": router(40, f"{issuer} && PathPrefix(`/ui/v2/login`)", "login", "pages"),
                "pages": router(30, f"{issuer} && PathPrefix(`/ui`)", "api", "pages"),
                "grpc": router(20, f"{served} && {PUBLIC} && {_GRPC}", "grpc", "requests", *onward),
                "rest": router(10, f"{served} && {PUBLIC}", "api", "requests", *onward),
                # Routed here and not by an argument: a pod is ready when it has its routes, and not before.
                "health": {"entryPoints": ["operations"], "rule": "Path(`/ping`)", "service": "ping@internal"},
            },
            "middlewares": {
                "pages": _limit(PAGES, edge),
                "requests": _limit(REQUESTS, edge),
                **onward,
                **elsewhere,
            },
            "services": {
                "login": service(f"http://{LOGIN}.{namespace}.svc:{LOGIN_PORT}"),
                "api": service(f"http://{API}.{namespace}.svc:{PORT}"),
                "grpc": service(f"h2c://{API}.{namespace}.svc:{PORT}"),
            },
            "serversTransports": {
                "inside": {
                    "maxIdleConnsPerHost": 64,
                    # A node without power says nothing: who is connected to it finds out by asking.
                    "forwardingTimeouts": {"dialTimeout": "2s", "readIdleTimeout": "4s", "pingTimeout": "2s"},
                }
            },
        },
        "tls": {
            "certificates": [{"certFile": f"{_FOLDER}/tls.crt", "keyFile": f"{_FOLDER}/tls.key"}],
            "options": {"default": {"minVersion": "VersionTLS12", "sniStrict": True}},
        },
    }


def _limit(limit: RateLimit, edge: Edge) -> dict[str, Any]:
    """A bucket that holds one period's requests: whoever keeps to the average over a period is never refused.

    The client is the last address that no trusted proxy has; of IPv6 its network counts, as it chooses the rest freely.
    """
    proxies = {"excludedIPs": list(edge.trusted_proxies)} if edge.trusted_proxies else {}
    return {
        "rateLimit": {
            "sourceCriterion": {"ipStrategy": {"ipv6Subnet": 64, **proxies}},
            "average": limit.per_period,
            "period": f"{limit.period_seconds}s",
            "burst": limit.per_period,
        }
    }


def _arguments(edge: Edge) -> list[str]:
    """Traefik's static configuration; what it would tell its makers is switched off."""
    return [
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
        "--log.format=json",
        f"--entryPoints.http.address=:{HTTP_PORT}",
        "--entryPoints.http.http.redirections.entryPoint.to=:443",
        "--entryPoints.http.http.redirections.entryPoint.scheme=https",
        f"--entryPoints.https.address=:{HTTPS_PORT}",
        *(
            [f"--entryPoints.https.forwardedHeaders.trustedIPs={','.join(edge.trusted_proxies)}"]
            if edge.trusted_proxies
            else []
        ),
        f"--entryPoints.operations.address=:{OPERATIONS_PORT}",
        "--ping=true",
        "--ping.manualRouting=true",
        "--metrics.prometheus=true",
        "--metrics.prometheus.entryPoint=operations",
        f"--providers.file.directory={_FOLDER}",
        "--providers.file.watch=true",
    ]


def _probe(**timing: int) -> dict[str, Any]:
    return {"httpGet": {"path": "/ping", "port": OPERATIONS_PORT}, "timeoutSeconds": 2, **timing}
