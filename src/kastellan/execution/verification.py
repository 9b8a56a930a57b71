"""Proves that a release serves: from every zone, each component, with the external host name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kastellan.domain.errors import KastellanError, StuckError
from kastellan.domain.installation import Installation, Verification
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.execution.rollout import ready_pods
from kastellan.execution.waiting import Waiting
from kastellan.manifests.configuration import LOGIN_PORT, PORT
from kastellan.manifests.edge import OPERATIONS_PORT
from kastellan.manifests.identity import API, EDGE, LOGIN
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.ports.cluster import Cluster, HttpAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    port: int
    path: str
    issuer: bool = False


_REQUESTS = {
    API: (
        _Request(port=PORT, path="/debug/ready"),
        _Request(port=PORT, path="/.well-known/openid-configuration", issuer=True),
        _Request(port=PORT, path="/oauth/v2/keys"),
    ),
    LOGIN: (_Request(port=LOGIN_PORT, path="/ui/v2/login/healthy"),),
    EDGE: (_Request(port=OPERATIONS_PORT, path="/ping"),),
}


def verify(
    cluster: Cluster, waiting: Waiting, installation: Installation, deployments: Sequence[Manifest]
) -> tuple[str, ...]:
    """Verify that ready pods of every Deployment stand in enough zones and that one in each zone answers.

    Returns:
        Zones with a ready and answering API pod, sorted (DI-2).

    Raises:
        StuckError: it did not come about within the budget; the message says what is missing.
    """
    zones: tuple[str, ...] = ()
    for deployment in deployments:
        name = deployment["metadata"]["name"]

        def look(deployment: Manifest = deployment) -> tuple[tuple[str, ...] | None, str]:
            return _look(cluster, waiting, installation, deployment)

        try:
            answered = waiting.until(
                f"verification of {name}",
                look,
                budget=waiting.budgets.verification,
                remediation=f"look at the pods and nodes: kubectl -n {installation.namespace} get pods -o wide",
            )
        except StuckError as stuck:
            raise StuckError(f"{stuck.message} [DI-2]", owner=stuck.owner, remediation=stuck.remediation) from stuck
        zones = answered if name == API else zones
    return zones


def _look(
    cluster: Cluster, waiting: Waiting, installation: Installation, deployment: Manifest
) -> tuple[tuple[str, ...] | None, str]:
    by_zone: dict[str, Manifest] = {}
    zones: dict[str, str] = {}
    for pod in ready_pods(cluster, deployment):
        node = pod["spec"].get("nodeName", "")
        if node not in zones:
            live = cluster.get(ObjectRef("v1", "Node", "", node))
            zones[node] = (live or {}).get("metadata", {}).get("labels", {}).get(ZONE_LABEL, "")
        by_zone.setdefault(zones[node], pod)
    by_zone.pop("", None)
    found = tuple(sorted(by_zone))
    if len(found) < installation.minimum_zones:
        return None, f"ready pods stand in {len(found)} of {installation.minimum_zones} zones ({', '.join(found)})"
    if installation.verification is Verification.REQUESTS:
        for zone in found:
            problem = _ask(cluster, waiting, installation, deployment["metadata"]["name"], by_zone[zone])
            if problem:
                return None, f"zone {zone}: {problem}"
    return found, f"zones {', '.join(found)} answer"


def _ask(cluster: Cluster, waiting: Waiting, installation: Installation, component: str, pod: Manifest) -> str:
    name = pod["metadata"]["name"]
    headers: Mapping[str, str] = {"Host": installation.domain, "X-Forwarded-Proto": "https"}
    for request in _REQUESTS[component]:
        try:
            answer = cluster.forwarded_get(
                installation.namespace,
                name,
                request.port,
                request.path,
                headers=headers,
                timeout_seconds=waiting.budgets.request,
            )
        except KastellanError as problem:
            return problem.message
        if answer.status != 200:
            return f"pod {name} answers {request.path} with {answer.status}"
        if request.issuer and _issuer(answer) != f"https://{installation.domain}":
            return f"pod {name} names {_issuer(answer) or 'nobody'} as issuer instead of https://{installation.domain}"
    return ""


def _issuer(answer: HttpAnswer) -> str:
    try:
        document = json.loads(answer.body)
    except ValueError:
        return ""
    return str(document.get("issuer", "")) if isinstance(document, dict) else ""
