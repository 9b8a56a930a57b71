"""Proves that a release serves: from every zone, each component, with the external host name."""

from collections.abc import Sequence

from kastellan.domain.errors import StuckError
from kastellan.domain.installation import Installation, Verification
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.service_sample import Seen
from kastellan.execution.pod_questions import PodQuestions
from kastellan.execution.rollout import ready_pods
from kastellan.execution.waiting import Waiting
from kastellan.manifests.identity import API
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.ports.cluster import Cluster


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
        questions = PodQuestions(
            cluster=cluster,
            clock=waiting.clock,
            installation=installation,
            request_seconds=waiting.budgets.request,
        )
        for zone in found:
            pod = by_zone[zone]
            for sample in questions.ask(deployment["metadata"]["name"], zone, pod):
                if sample.seen is not Seen.GOOD:
                    asked = f"pod {pod['metadata']['name']}, {sample.question.value}"
                    return None, f"zone {zone}: {asked}: {sample.detail}"
    return found, f"zones {', '.join(found)} answer"
