"""Tells Kubernetes, while it exchanges the pods of a Deployment, which old ones may go first."""

from collections.abc import Sequence
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

    A mark that stays costs as much: a rollout that is undone leaves marked pods that go on serving, and in the next one
    they would go before those of the right zone. So marks that nothing asks for any more are taken back.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._zones: dict[str, str] = {}

    def mark(self, deployment: Manifest, pods: Sequence[Manifest]) -> None:
        """Mark what may go first, and nothing else; writes nothing where all is as it should be.

        Raises:
            KastellanError: whatever the port raises, but for pods that are gone or that somebody else has marked.
        """
        staying = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        cheap = {pod["metadata"]["name"] for pod in self._spared(deployment, staying)}
        for pod in staying:
            if is_marked(pod) is not (pod["metadata"]["name"] in cheap):
                self._set(pod, {} if is_marked(pod) else {COST_ANNOTATION: CHEAP})

    def _spared(self, deployment: Manifest, pods: Sequence[Manifest]) -> Sequence[Manifest]:
        """None where all pods are of one revision: nothing is exchanged then."""
        if len({pod["metadata"].get("labels", {}).get(REVISION_LABEL) for pod in pods}) < 2:
            return ()
        namespace = deployment["metadata"]["namespace"]
        labels = ",".join(f"{key}={value}" for key, value in deployment["spec"]["selector"]["matchLabels"].items())
        newest = newest_revision(
            [*self._cluster.list("apps/v1", "ReplicaSet", namespace=namespace, labels=labels)], deployment
        )
        if not newest:
            return ()
        for node in {pod["spec"].get("nodeName", "") for pod in pods} - self._zones.keys() - {""}:
            self._zones[node] = self._zone(node)
        return spared(pods, self._zones, newest=newest, replicas=int(deployment["spec"].get("replicas", 1)))

    def _zone(self, node: str) -> str:
        live = self._cluster.get(ObjectRef("v1", "Node", "", node))
        return str((live or {}).get("metadata", {}).get("labels", {}).get(ZONE_LABEL, ""))

    def _set(self, pod: Manifest, annotations: dict[str, str]) -> None:
        # A pod that has gone meanwhile is not made anew: the API server refuses one without containers.
        metadata = {key: pod["metadata"][key] for key in ("name", "namespace")} | {"annotations": annotations}
        with suppress(ForeignOwnerError, NotFoundError, RejectedError):
            self._cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})
