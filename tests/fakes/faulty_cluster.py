"""A cluster that fails where a test says: a decorator of the port, so that every call of every collector can be hit."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from kastellan.domain.errors import (
    ConflictError,
    DeadlineExceededError,
    ForbiddenError,
    NotFoundError,
    ServerFaultError,
    ThrottledError,
)
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster, HttpAnswer

Fault = Callable[[str, Any], Any]
"""Gets the call's name and, for what answers, the answer; raises or gives another answer."""


def refused(call: str, answer: Any) -> Any:
    raise ForbiddenError(f"{call} is forbidden", remediation="grant it")


def late(call: str, answer: Any) -> Any:
    raise DeadlineExceededError(f"{call}: no answer in time")


def throttled(call: str, answer: Any) -> Any:
    raise ThrottledError(f"{call}: slow down")


def broken(call: str, answer: Any) -> Any:
    raise ServerFaultError(f"{call}: internal error")


def absent(call: str, answer: Any) -> Any:
    raise NotFoundError(f"{call}: the server could not find the requested resource")


def malformed(call: str, answer: Any) -> Any:
    return [{}, 7] if isinstance(answer, list) else {}


def truncated(call: str, answer: Any) -> Any:
    """The first half of a list, then an end in the middle."""
    if not isinstance(answer, list):
        raise ServerFaultError(f"{call}: the answer is cut off, or no JSON")

    def pieces() -> Iterator[Any]:
        yield from answer[: len(answer) // 2]
        raise ConflictError(f"{call}: the list changed too much between two pages")

    return pieces()


FAULTS: Mapping[str, Fault] = {
    "403": refused, "timeout": late, "429": throttled, "500": broken, "404": absent, "malformed": malformed,
    "truncated": truncated,
}  # fmt: skip


class FaultyCluster:
    """Implements `ports.cluster.Cluster` over another.

    Attributes:
        calls: every distinct call that was made, such as `list Node` or `create /api/v1/namespaces/zitadel/pods`.
    """

    def __init__(self, cluster: Cluster, fault: Fault | None = None, *, at: str = "") -> None:
        self._cluster = cluster
        self._fault = fault
        self._at = at
        self.calls: set[str] = set()

    def _answer(self, call: str, act: Callable[[], Any]) -> Any:
        self.calls.add(call)
        return self._fault(call, act()) if self._fault and call == self._at else act()

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        answer: Manifest = self._answer(
            f"apply {manifest['kind']}", lambda: self._cluster.apply(manifest, dry_run=dry_run, force=force)
        )
        return answer

    def replace(self, manifest: Manifest) -> Manifest:
        raise AssertionError("a preflight replaces nothing")

    def get(self, ref: ObjectRef) -> Manifest | None:
        answer: Manifest | None = self._answer(f"get {ref.kind} {ref.name}", lambda: self._cluster.get(ref))
        return answer

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        def act() -> Any:
            return [*self._cluster.list(api_version, kind, namespace=namespace, labels=labels)]

        return iter(self._answer(f"list {kind}", act))

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        raise AssertionError("a preflight deletes nothing")

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        raise AssertionError("a preflight reads no logs")

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        return self._answer(f"request {path}", lambda: self._cluster.request(path, query=query))

    def server_time(self) -> datetime:
        answer: datetime = self._answer("server time", self._cluster.server_time)
        return answer

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        answer: Manifest = self._answer(f"create {path}", lambda: self._cluster.create(path, body, dry_run=dry_run))
        return answer

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        raise AssertionError("a preflight asks no pod")
