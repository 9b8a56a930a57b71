"""Network policies: everything is denied, then exactly what is needed is allowed (DI-1)."""

import ipaddress
from typing import Any

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.edge import HTTP_PORT, HTTPS_PORT
from kastellan.manifests.google_edge import LOAD_BALANCER_RANGES
from kastellan.manifests.identity import API, EDGE, INSTANCE_LABEL, LOGIN, metadata, selector
from kastellan.manifests.jobs import COMPONENT_CLEANUP, COMPONENT_INIT, COMPONENT_SETUP

_PRIVATE_V4 = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
_PRIVATE_V6 = ["fc00::/7", "fe80::/10"]


def network_policies(installation: Installation) -> tuple[Manifest, ...]:
    """Default deny, then: DNS, database, login to API, the way in, the internet for identity brokering and mail."""
    pods = {"matchLabels": {INSTANCE_LABEL: installation.name}}
    with_database = {
        "matchLabels": {INSTANCE_LABEL: installation.name},
        "matchExpressions": [
            {
                "key": "app.kubernetes.io/name",
                "operator": "In",
                "values": [API, COMPONENT_INIT, COMPONENT_SETUP, COMPONENT_CLEANUP],
            }
        ],
    }
    dns = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return (
        _policy(installation, "default-deny", {}, ingress=[], egress=[]),
        _policy(installation, "allow-dns", pods, egress=[{"ports": dns}]),
        _policy(installation, "allow-database", with_database, egress=[_database(installation)]),
        _policy(
            installation,
            "allow-login-to-api",
            {"matchLabels": selector(installation, LOGIN)},
            egress=[{"to": [_pods(selector(installation, API))], "ports": _tcp(PORT)}],
        ),
        _policy(
            installation,
            "allow-to-api",
            {"matchLabels": selector(installation, API)},
            ingress=[{"from": [_pods(selector(installation, LOGIN)), *_way_in(installation)], "ports": _tcp(PORT)}],
        ),
        *(
            [
                _policy(
                    installation,
                    "allow-to-login",
                    {"matchLabels": selector(installation, LOGIN)},
                    ingress=[{"from": _way_in(installation), "ports": _tcp(LOGIN_PORT)}],
                )
            ]
            if _way_in(installation)
            else []
        ),
        *(_own_edge(installation) if installation.routing.edge else []),
        _policy(
            installation,
            "allow-internet",
            {"matchLabels": selector(installation, API)},
            egress=[{"to": _internet(installation), "ports": _tcp(*installation.egress.internet_ports)}],
        ),
    )


def _database(installation: Installation) -> dict[str, Any]:
    """To the database's port; to its address alone where it is given as an address (a name cannot be a rule)."""
    rule: dict[str, Any] = {"ports": _tcp(installation.database.port)}
    try:
        address = ipaddress.ip_address(installation.database.host)
    except ValueError:
        return rule
    return {"to": [{"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}], **rule}


def _own_edge(installation: Installation) -> list[Manifest]:
    pods = {"matchLabels": selector(installation, EDGE)}
    inside = [
        {"to": [_pods(selector(installation, component))], "ports": _tcp(port)}
        for component, port in ((API, PORT), (LOGIN, LOGIN_PORT))
    ]
    return [
        _policy(installation, "allow-to-edge", pods, ingress=[{"ports": _tcp(HTTPS_PORT, HTTP_PORT)}]),
        _policy(installation, "allow-edge-inside", pods, egress=inside),
    ]


def _way_in(installation: Installation) -> list[dict[str, Any]]:
    if installation.routing.edge:
        return [_pods(selector(installation, EDGE))]
    if installation.routing.google:
        return [{"ipBlock": {"cidr": cidr}} for cidr in LOAD_BALANCER_RANGES]
    if installation.routing.node_ports:
        return [{"ipBlock": {"cidr": cidr}} for cidr in installation.routing.node_ports.sources]
    name = installation.routing.controller_namespace
    if not name:
        return []
    return [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}]


def _internet(installation: Installation) -> list[dict[str, Any]]:
    return [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": _PRIVATE_V4}},
        {"ipBlock": {"cidr": "::/0", "except": _PRIVATE_V6}},
        *({"ipBlock": {"cidr": cidr}} for cidr in installation.egress.private_ranges),
    ]


def _pods(match: dict[str, str]) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": match}}


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _policy(
    installation: Installation,
    name: str,
    pods: dict[str, Any],
    *,
    ingress: list[dict[str, Any]] | None = None,
    egress: list[dict[str, Any]] | None = None,
) -> Manifest:
    directions = {"Ingress": ingress, "Egress": egress}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(installation, name),
        "spec": {
            "podSelector": pods,
            "policyTypes": [direction for direction, rules in directions.items() if rules is not None],
            **{direction.lower(): rules for direction, rules in directions.items() if rules},
        },
    }
