"""The real scheduler as the judge of the zone-loss model: small clusters side by side in one control plane.

Each cluster is a set of nodes with a label of its own that all its pods select; the test plays the owners of the pods.
"""

import itertools
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from kastellan.adapters.kubernetes.node_facts import node_of
from kastellan.adapters.kubernetes.pod_facts import pods_of
from kastellan.preflight.zone_loss.answer import Answer, answer
from kastellan.preflight.zone_loss.cluster_model import ClusterModel
from lab.simulated import NodeShape, SimulatedCluster

NAMESPACE = "oracle"
OURS = 1_000
PRIORITIES = {"low": -10, "ordinary": 0, "equal": OURS, "high": 2_000}
_INSTANCE = {"instance": "ours"}
_LABEL = "oracle/cluster"
_GROUP = "oracle/group"
_TAINT = {"key": "own", "value": "team", "effect": "NoSchedule"}
_PAUSE_SECONDS = 0.5
"""Between two looks: a look at a thousand pods or nodes costs the API server and us a tenth of a second each."""
_QUIET_SECONDS = 2.5
_PATIENCE_SECONDS = 15.0
_SETTLE_SECONDS = 60.0
_batches = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Machine:
    """A node: zone, CPU in quarters of a core, how many pods it takes, and whether it is tainted."""

    zone: int
    quarters: int
    pods: int = 6
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class Crew:
    """Equal pods of others: CPU in quarters of a core, how many, priority, whether they bear the taint, their zone."""

    quarters: int
    count: int
    priority: str = "ordinary"
    bears: bool = False
    zone: int | None = None


@dataclass(frozen=True, slots=True)
class Small:
    """A small cluster, our pods in it, and what is lost."""

    machines: tuple[Machine, ...]
    crews: tuple[Crew, ...]
    replicas: int
    quarters: int
    honor: bool
    lost: int
    deleted: bool

    def smaller(self) -> list["Small"]:
        """The same with one thing less."""
        less = [replace(self, machines=_without(self.machines, i)) for i in range(len(self.machines))]
        less += [replace(self, crews=_without(self.crews, i)) for i in range(len(self.crews))]
        for i, crew in enumerate(self.crews):
            if crew.count > 1:
                fewer = replace(crew, count=crew.count - 1)
                less.append(replace(self, crews=(*self.crews[:i], fewer, *self.crews[i + 1 :])))
        return [*less, *([replace(self, replicas=self.replicas - 1)] if self.replicas > 1 else [])]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the model says and what the scheduler did; `stood` is None where ours did not even stand before the loss."""

    cluster: Small
    said: Answer | None
    stood: bool | None

    @property
    def refuted(self) -> bool:
        """Whether a proof of the model is contradicted."""
        if self.said is None:
            return False
        return (self.said.outcome == "pass" and not self.stood) or (self.said.outcome == "fail" and bool(self.stood))


class Oracle:
    """Rules over batches of clusters."""

    def __init__(self, lab: SimulatedCluster) -> None:
        self._lab = lab
        lab.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
            *(
                {
                    "apiVersion": "scheduling.k8s.io/v1",
                    "kind": "PriorityClass",
                    "metadata": {"name": f"oracle-{name}"},
                    "value": value,
                }
                for name, value in {**PRIORITIES, "ours": OURS}.items()
            ),
        )
        self._pool = ThreadPoolExecutor(max_workers=12)

    def rule(self, clusters: Sequence[Small]) -> list[Ruling]:
        """Make them, lose a zone of each, and compare."""
        batch = next(_batches)
        names = [f"b{batch}-{number}" for number in range(len(clusters))]
        try:
            self._lab.add_nodes(
                [shape for name, one in zip(names, clusters, strict=True) for shape in _shapes(name, one)]
            )
            self._all(
                self._create, [pod for name, one in zip(names, clusters, strict=True) for pod in _pods(name, one)]
            )
            self._settle()
            return self._lose(dict(zip(names, clusters, strict=True)))
        finally:
            self._clear()

    def _lose(self, clusters: Mapping[str, Small]) -> list[Ruling]:
        nodes = self._by_cluster("/api/v1/nodes")
        pods = self._by_cluster(f"/api/v1/namespaces/{NAMESPACE}/pods")
        said: dict[str, Answer | None] = {}
        displaced: list[dict[str, Any]] = []
        gone: list[tuple[str, bool]] = []
        for name, cluster in clusters.items():
            live = pods.get(name, [])
            bound = [pod for pod in live if pod["spec"].get("nodeName")]
            self._all(self._delete, [pod for pod in live if not pod["spec"].get("nodeName")])
            if sum(_ours(pod) for pod in bound) < cluster.replicas:
                said[name] = None
                continue
            lost = {node["metadata"]["name"] for node in nodes[name] if _zone(node) == f"zone-{cluster.lost}"}
            model = ClusterModel([node_of(node) for node in nodes[name]], pods_of(map(_owned, bound), _INSTANCE, {}))
            said[name] = answer(model.situation(gone=lost, visible=not cluster.deleted))
            moving = [pod for pod in bound if pod["spec"]["nodeName"] in lost]
            self._all(self._delete, moving)
            displaced += [_again(pod) for pod in moving]
            gone += [(node, cluster.deleted) for node in lost]
        self._all(lambda one: self._take_away(*one), gone)
        self._await_taints([node for node, deleted in gone if not deleted])
        self._all(self._create, displaced)
        self._settle()
        rulings = self._compare(clusters, said)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while any(one.refuted and one.said and one.said.outcome == "pass" for one in rulings):
            if time.monotonic() > deadline:
                break
            time.sleep(_PAUSE_SECONDS)  # a pod that was refused once is tried again after seconds
            rulings = self._compare(clusters, said)
        return rulings

    def _compare(self, clusters: Mapping[str, Small], said: Mapping[str, Answer | None]) -> list[Ruling]:
        pods = self._by_cluster(f"/api/v1/namespaces/{NAMESPACE}/pods")
        return [
            Ruling(
                cluster, said[name], None if said[name] is None else _standing(pods.get(name, [])) >= cluster.replicas
            )
            for name, cluster in clusters.items()
        ]

    def _settle(self) -> None:
        """Wait until every pod is bound, or nothing moves any more."""
        before: object = None
        since = deadline = time.monotonic()
        while True:
            live = self._lab.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods?resourceVersion=0")["items"]
            state = {
                pod["metadata"]["name"]: pod["spec"].get("nodeName")
                for pod in live
                if "deletionTimestamp" not in pod["metadata"]
            }
            untried = [pod for pod in live if not pod["spec"].get("nodeName") and not _refused(pod)]
            now = time.monotonic()
            if state != before or untried or len(state) < len(live):
                before, since = state, now
            if (
                live and not untried and all(state.values()) and len(state) == len(live)
            ) or now - since > _QUIET_SECONDS:
                return
            if now - deadline > _SETTLE_SECONDS:
                raise AssertionError("the scheduler does not come to rest")
            time.sleep(_PAUSE_SECONDS)

    def _await_taints(self, names: Sequence[str]) -> None:
        waiting = set(names)
        deadline = time.monotonic() + _SETTLE_SECONDS
        while waiting:
            live = self._lab.request("GET", "/api/v1/nodes")["items"]
            waiting -= {
                node["metadata"]["name"]
                for node in live
                if any(taint["key"] == "node.kubernetes.io/unreachable" for taint in node["spec"].get("taints", ()))
            }
            assert time.monotonic() < deadline, f"no taint on {waiting}"
            time.sleep(_PAUSE_SECONDS if waiting else 0)

    def _take_away(self, node: str, deleted: bool) -> None:
        if deleted:
            self._lab.remove_node(node)
        else:
            self._lab.set_ready(node, ready=False)

    def _clear(self) -> None:
        self._lab.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods?gracePeriodSeconds=0")
        self._lab.request("DELETE", f"/api/v1/nodes?labelSelector={_LABEL.replace('/', '%2F')}")

    def _by_cluster(self, path: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self._lab.request("GET", path)["items"]:
            if name := one["metadata"].get("labels", {}).get(_LABEL):
                found.setdefault(name, []).append(one)
        return found

    def _create(self, pod: Mapping[str, Any]) -> None:
        self._lab.request("POST", f"/api/v1/namespaces/{NAMESPACE}/pods", pod)

    def _delete(self, pod: Mapping[str, Any]) -> None:
        name = pod["metadata"]["name"]
        self._lab.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods/{name}?gracePeriodSeconds=0")

    def _all(self, act: Any, items: Sequence[Any]) -> None:
        list(self._pool.map(act, items))


def _without(items: tuple[Any, ...], index: int) -> tuple[Any, ...]:
    return (*items[:index], *items[index + 1 :])


def _shapes(name: str, cluster: Small) -> list[NodeShape]:
    return [
        NodeShape(
            name=f"{name}-{number}",
            zone=f"zone-{machine.zone}",
            cpu=f"{machine.quarters * 250}m",
            pods=machine.pods,
            taints=(_TAINT,) if machine.tainted else (),
            labels={_LABEL: name},
        )
        for number, machine in enumerate(cluster.machines)
    ]


def _pods(name: str, cluster: Small) -> list[dict[str, Any]]:
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "nodeTaintsPolicy": "Honor" if cluster.honor else "Ignore",
        "labelSelector": {"matchLabels": {_LABEL: name, **_INSTANCE}},
    }
    ours = [
        _pod(name, "ours", number, cluster.quarters, "ours", labels=_INSTANCE, topologySpreadConstraints=[spread])
        for number in range(cluster.replicas)
    ]
    others = [
        _pod(
            name,
            f"crew-{index}",
            number,
            crew.quarters,
            crew.priority,
            zone=crew.zone,
            tolerations=[{**_TAINT, "operator": "Equal"}] if crew.bears else [],
        )
        for index, crew in enumerate(cluster.crews)
        for number in range(crew.count)
    ]
    return [*others, *ours]


def _pod(
    name: str,
    group: str,
    number: int,
    quarters: int,
    priority: str,
    *,
    labels: Mapping[str, str] | None = None,
    zone: int | None = None,
    **spec: Any,
) -> dict[str, Any]:
    where = {} if zone is None else {"topology.kubernetes.io/zone": f"zone-{zone}"}
    container = {"name": "main", "image": "localhost/oracle", "resources": {"requests": {"cpu": f"{quarters * 250}m"}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{name}-{group}-{number}", "labels": {_LABEL: name, _GROUP: group, **(labels or {})}},
        "spec": {
            "nodeSelector": {_LABEL: name, **where},
            "priorityClassName": f"oracle-{priority}",
            "terminationGracePeriodSeconds": 0,
            "containers": [container],
            **spec,
        },
    }


def _again(pod: Mapping[str, Any]) -> dict[str, Any]:
    """The replacement that the owner of a pod makes."""
    spec = {key: value for key, value in pod["spec"].items() if key not in ("nodeName", "priority", "preemptionPolicy")}
    spec["tolerations"] = [one for one in spec.get("tolerations", ()) if one.get("key") == _TAINT["key"]]
    metadata = {"name": f"{pod['metadata']['name']}-again", "labels": pod["metadata"]["labels"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _owned(pod: Mapping[str, Any]) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": pod["metadata"]["labels"][_GROUP], "controller": True}
    return {**pod, "metadata": {**pod["metadata"], "ownerReferences": [owner]}}


def _ours(pod: Mapping[str, Any]) -> bool:
    return pod["metadata"]["labels"][_GROUP] == "ours"


def _standing(pods: Sequence[Mapping[str, Any]]) -> int:
    return sum(
        1 for pod in pods if _ours(pod) and pod["spec"].get("nodeName") and "deletionTimestamp" not in pod["metadata"]
    )


def _zone(node: Mapping[str, Any]) -> str:
    return str(node["metadata"]["labels"]["topology.kubernetes.io/zone"])


def _refused(pod: Mapping[str, Any]) -> bool:
    return any(
        one["type"] == "PodScheduled" and one["status"] == "False"
        for one in pod.get("status", {}).get("conditions", ())
    )
