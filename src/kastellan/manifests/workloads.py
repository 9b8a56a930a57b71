"""The Deployments of the API server and of the login application (login v2)."""

from typing import Any

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.secrets import Secrets
from kastellan.manifests.configuration import (
    CONFIG_FILE,
    DATABASE_WAIT_SECONDS,
    LOGIN_PORT,
    PORT,
    config_map,
    login_secret,
    server_secret,
)
from kastellan.manifests.identity import API, EDGE, LOGIN, labels, metadata, selector
from kastellan.manifests.pod import config_mount, config_volume, container, from_secret, spread, template

PRE_STOP_SECONDS = 15
"""How long a pod goes on serving after it was told to end: ZITADEL closes its listener at once on SIGTERM. In a
cluster, endpoints are withdrawn within about 5 s; cloud load balancers need up to 10 s more."""
SHUTDOWN_SECONDS = 5
"""ZITADEL's own limit for ending open requests (cmd/start)."""
_STARTUP_SECONDS = DATABASE_WAIT_SECONDS + 30
"""Longer than the wait for the database, or pods crash-loop while it is away."""
_KEY_FOLDER = "/login-client"


def api_deployment(installation: Installation, secrets: Secrets) -> Manifest:
    """ZITADEL itself."""
    server = server_secret(installation, secrets)
    main = container(
        API,
        installation.images.zitadel,
        installation.size.api,
        args=["start", "--masterkeyFromEnv", "--config", CONFIG_FILE],
        rest={
            "env": [
                from_secret("ZITADEL_DATABASE_POSTGRES_USER_PASSWORD", server, "database-password"),
                from_secret("ZITADEL_MASTERKEY", server, "masterkey"),
                {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            ],
            "ports": [{"name": "http2", "containerPort": PORT}],
            "volumeMounts": [config_mount()],
            "lifecycle": pre_stop(),
            **_probes(installation, PORT, live="/debug/healthz", ready="/debug/ready"),
        },
    )
    volumes = [config_volume(config_map(installation, secrets))]
    return deployment(installation, API, main, volumes, installation.size.replicas)


def login_deployment(installation: Installation, secrets: Secrets) -> Manifest:
    """The login application; it speaks to the API through its Service and signs in with its private key."""
    domain = installation.domain
    main = container(
        LOGIN,
        installation.images.login,
        installation.size.login,
        rest={
            "env": [
                {"name": "ZITADEL_API_URL", "value": f"http://{API}.{installation.namespace}.svc:{PORT}"},
                {"name": "CUSTOM_REQUEST_HEADERS", "value": f"Host:{domain},X-Zitadel-Public-Host:{domain}"},
                {"name": "ZITADEL_LOGINCLIENT_KEYFILE", "value": f"{_KEY_FOLDER}/tls.key"},
                {"name": "AUDIENCE", "value": f"https://{domain}"},
            ],
            "ports": [{"name": "http", "containerPort": LOGIN_PORT}],
            "volumeMounts": [
                {"name": "key", "mountPath": _KEY_FOLDER, "readOnly": True},
                {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - inside the container, its own
            ],
            "lifecycle": pre_stop(),
            **_probes(installation, LOGIN_PORT, live="/ui/v2/login/healthy", ready="/ui/v2/login/security"),
        },
    )
    key = {"secretName": login_secret(installation, secrets)["metadata"]["name"], "defaultMode": 0o440}
    volumes = [{"name": "key", "secret": key}, {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}]
    return deployment(installation, LOGIN, main, volumes, installation.size.login_replicas)


def deployment(
    installation: Installation,
    component: str,
    main: dict[str, Any],
    volumes: list[dict[str, Any]],
    replicas: int,
    *,
    versioned: bool = True,
) -> Manifest:
    """A Deployment whose pods are replaced one zone's worth at a time, none before its successor is ready.

    Without `versioned`, pods do not carry ZITADEL's version, and an update of it does not replace them.
    """
    pod = template(
        installation,
        component,
        {
            "terminationGracePeriodSeconds": PRE_STOP_SECONDS + SHUTDOWN_SECONDS + 10,
            "topologySpreadConstraints": spread(installation, component),
            "containers": [main],
            "volumes": volumes,
        },
        service_account=component,
        versioned=versioned,
    )
    # The autoscaler owns the field where there is one (server-side apply would fight it).
    count = {} if installation.autoscaling and component == API else {"replicas": replicas}
    surge = max(1, replicas // installation.minimum_zones)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(installation, component, component),
        "spec": {
            **count,
            "selector": {"matchLabels": selector(installation, component)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": surge}},
            "revisionHistoryLimit": 3,
            "progressDeadlineSeconds": int(installation.rollout_deadline.total_seconds()),
            "template": pod,
        },
    }


def services(installation: Installation) -> tuple[Manifest, Manifest]:
    """The Services of both; HTTP/2 without TLS to the API (`appProtocol`, KEP-3726)."""
    nodes = installation.routing.node_ports
    return (
        _service(installation, API, PORT, "http2", "kubernetes.io/h2c", nodes.api if nodes else 0),
        _service(installation, LOGIN, LOGIN_PORT, "http", "http", nodes.login if nodes else 0),
    )


def service_accounts(installation: Installation) -> tuple[Manifest, ...]:
    """Accounts without tokens: nothing in the pods speaks to the API server."""
    components = (API, LOGIN, EDGE) if installation.routing.edge else (API, LOGIN)
    return tuple(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata(installation, component, component),
            "automountServiceAccountToken": False,
        }
        for component in components
    )


def _service(
    installation: Installation, component: str, port: int, name: str, protocol: str, node_port: int
) -> Manifest:
    """On a port of the nodes, only nodes with a ready pod answer, so that the load balancer's check sees pods."""
    at = {"name": name, "port": port, "targetPort": name, "protocol": "TCP", "appProtocol": protocol}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**metadata(installation, component, component), "labels": labels(installation, component)},
        "spec": {
            **({"type": "NodePort", "externalTrafficPolicy": "Local"} if node_port else {"type": "ClusterIP"}),
            "selector": selector(installation, component),
            "ports": [at | ({"nodePort": node_port} if node_port else {})],
        },
    }


def pre_stop() -> dict[str, Any]:
    """Serve on while endpoints are withdrawn."""
    return {"preStop": {"sleep": {"seconds": PRE_STOP_SECONDS}}}


def _probes(installation: Installation, port: int, *, live: str, ready: str) -> dict[str, dict[str, Any]]:
    """Probes with the external host name: a foreign Host header is answered with 404."""

    def probe(path: str, **timing: int) -> dict[str, Any]:
        headers = [{"name": "Host", "value": installation.domain}]
        return {"httpGet": {"path": path, "port": port, "httpHeaders": headers}, **timing}

    return {
        "startupProbe": probe(ready, periodSeconds=1, failureThreshold=_STARTUP_SECONDS, timeoutSeconds=2),
        "readinessProbe": probe(ready, periodSeconds=5, failureThreshold=3, timeoutSeconds=3),
        "livenessProbe": probe(live, periodSeconds=5, failureThreshold=3, timeoutSeconds=3),
    }
