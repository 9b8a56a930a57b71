"""Tells Kubernetes, while it exchanges the pods of a Deployment, which old ones may go first."""

from contextlib import suppress

from kastellan.domain.errors import ForeignOwnerError, NotFoundError, RejectedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.planning.exchange_order import (
    CHEAP,
    COST_ANNOTATION,
    REVISION_LABEL,
    is_marked,
    newest_revision,
    spared,
)
from kastellan.ports.cluster import Cluster


class PodExchange:
    """Marks pods of one Deployment during its rollout.

    A mark must stand before a new pod is ready, for then an old one goes; ZITADEL needs some seconds for that, and a
    rollout is looked at at least every `Budgets.exchange`. A mark that comes too late, or that a killed run never set,
    costs a zone its spare pod for a while, and no request.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._zones: dict[str, str] = {}

    def mark(self, deployment: Manifest, pods: list[Manifest]) -> None:
        """Mark what may go first; does nothing where all pods are of one revision.

        Raises:
            KastellanError: whatever the port raises, but for pods that are gone or that somebody else has marked.
        """
        if len({pod["metadata"].get("labels", {}).get(REVISION_LABEL) for pod in pods}) < 2:
            return
        metadata = deployment["metadata"]
        labels = ",".join(f"{key}={value}" for key, value in deployment["spec"]["selector"]["matchLabels"].items())
        sets = [*self._cluster.list("apps/v1", "ReplicaSet", namespace=metadata["namespace"], labels=labels)]
        newest = newest_revision(sets, deployment)
        if not newest:
            return
        for node in {pod["spec"].get("nodeName", "") for pod in pods} - self._zones.keys() - {""}:
            self._zones[node] = self._zone(node)
        for pod in spared(pods, self._zones, newest=newest, replicas=int(deployment["spec"].get("replicas", 1))):
            if not is_marked(pod):
                self._mark(pod)

    def _zone(self, node: str) -> str:
        live = self._cluster.get(ObjectRef("v1", "Node", "", node))
        return str((live or {}).get("metadata", {}).get("labels", {}).get(ZONE_LABEL, ""))

    def _mark(self, pod: Manifest) -> None:
        # A pod that has gone meanwhile is not made anew: the API server refuses one without containers.
        known = {key: pod["metadata"][key] for key in ("name", "namespace")}
        with suppress(ForeignOwnerError, NotFoundError, RejectedError):
            self._cluster.apply(
                {"apiVersion": "v1", "kind": "Pod", "metadata": {**known, "annotations": {COST_ANNOTATION: CHEAP}}}
            )
