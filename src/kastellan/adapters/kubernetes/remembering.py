"""Asks a cluster for the same thing once in a run: a decorator around the cluster port for those who only read.

Collectors run at the same time and several need nodes, or whether the namespace is there. The first one asks, the
others wait for its answer. Of what a whole cluster has, only nodes are kept, and of a namespace no list of all its
pods: everything else is read by one collector, and would be most of the memory.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster, HttpAnswer


class RememberingCluster:
    """A cluster whose reads are remembered for the life of this object; errors are not. Safe for concurrent use.

    Whoever gets a remembered object must not change it. Writes go through, and are not for a run that remembers.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._answers: dict[object, Any] = {}
        self._locks: dict[object, Lock] = {}
        self._lock = Lock()

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        """See the port."""
        return self._cluster.apply(manifest, dry_run=dry_run, force=force)

    def replace(self, manifest: Manifest) -> Manifest:
        """See the port."""
        return self._cluster.replace(manifest)

    def get(self, ref: ObjectRef) -> Manifest | None:
        """See the port."""
        found: Manifest | None = self._once(("get", ref), lambda: self._cluster.get(ref))
        return found

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        """See the port."""

        def ask() -> Iterator[Manifest]:
            return self._cluster.list(api_version, kind, namespace=namespace, labels=labels)

        if kind != "Node" and not (namespace and (labels or kind != "Pod")):
            return ask()
        return iter(self._once(("list", api_version, kind, namespace, labels), lambda: [_kept(one) for one in ask()]))

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        """See the port."""
        return self._cluster.delete(ref, uid=uid)

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        """See the port; a log grows, so it is not remembered."""
        return self._cluster.logs(namespace, pod, container=container, tail_lines=tail_lines)

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        """See the port."""
        key = ("request", path, tuple(sorted((query or {}).items())))
        return self._once(key, lambda: self._cluster.request(path, query=query))

    def server_time(self) -> datetime:
        """See the port; not remembered."""
        return self._cluster.server_time()

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        """See the port."""
        return self._cluster.create(path, body, dry_run=dry_run)

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        """See the port; not remembered."""
        return self._cluster.forwarded_get(namespace, pod, port, path, headers=headers, timeout_seconds=timeout_seconds)

    def _once(self, key: object, ask: Callable[[], Any]) -> Any:
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._answers:
                self._answers[key] = ask()
            return self._answers[key]


def _kept(live: Manifest) -> Manifest:
    """What a preflight looks at: neither who wrote which field nor a node's images, which are most of an object."""
    live["metadata"].pop("managedFields", None)
    if live.get("kind") == "Node":
        live.get("status", {}).pop("images", None)
    return live
