"""Repeats what failed for a moment: a decorator around the cluster port, so that procedures hold no retry code."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter
from tenacity.wait import wait_base

from kastellan.domain.errors import ConflictError, TemporaryError, ThrottledError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster, HttpAnswer
from kastellan.ports.progress import Progress

_Answer = TypeVar("_Answer")


class _Wait(wait_base):
    """Exponential with jitter, but never sooner than the server asked for."""

    def __init__(self) -> None:
        self._own = wait_exponential_jitter(multiplier=0.2, max=10.0, jitter=0.2)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.retry_after if isinstance(error, ThrottledError) else 0.0
        return max(asked, self._own(retry_state))


def _passes(error: BaseException) -> bool:
    return isinstance(error, TemporaryError) and not isinstance(error, ConflictError)


class RetryingCluster:
    """A cluster whose temporary errors are repeated for a while.

    A conflict is not repeated: the caller has to look again first. Requests to pods are not repeated either, because
    the verification counts them.

    Args:
        cluster: what is decorated.
        clock: waits.
        patience_seconds: how long one call may be repeated; the last error is raised as it is where the next wait,
            which a server may have asked for, would end after it.
        progress: told about every repetition, or None.
    """

    def __init__(
        self, cluster: Cluster, clock: Clock, *, patience_seconds: float = 60.0, progress: Progress | None = None
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._patience = patience_seconds
        self._progress = progress

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        """See the port."""
        return self._repeat(lambda: self._cluster.apply(manifest, dry_run=dry_run, force=force))

    def replace(self, manifest: Manifest) -> Manifest:
        """See the port."""
        return self._repeat(lambda: self._cluster.replace(manifest))

    def get(self, ref: ObjectRef) -> Manifest | None:
        """See the port."""
        return self._repeat(lambda: self._cluster.get(ref))

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        """See the port; a listing that breaks off begins anew, and gives only what it has not given yet.

        Objects are handed on as they come, so that a list of any length needs no memory.
        """
        given: set[tuple[str, str]] = set()
        for attempt in self._attempts():
            with attempt:
                for one in self._cluster.list(api_version, kind, namespace=namespace, labels=labels):
                    name = (one["metadata"].get("namespace", ""), one["metadata"]["name"])
                    if name not in given:
                        given.add(name)
                        yield one

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        """See the port."""
        return self._repeat(lambda: self._cluster.delete(ref, uid=uid))

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        """See the port."""
        return self._repeat(lambda: self._cluster.logs(namespace, pod, container=container, tail_lines=tail_lines))

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        """See the port."""
        return self._repeat(lambda: self._cluster.request(path, query=query))

    def server_time(self) -> datetime:
        """See the port."""
        return self._repeat(self._cluster.server_time)

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        """See the port."""
        return self._repeat(lambda: self._cluster.create(path, body, dry_run=dry_run))

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        """See the port; not repeated."""
        return self._cluster.forwarded_get(namespace, pod, port, path, headers=headers, timeout_seconds=timeout_seconds)

    def _repeat(self, call: Callable[[], _Answer]) -> _Answer:
        for attempt in self._attempts():
            with attempt:
                return call()
        raise AssertionError("unreachable: tenacity raises the last error")

    def _attempts(self) -> Retrying:
        began = self._clock.monotonic()
        return Retrying(
            retry=retry_if_exception(_passes),
            stop=lambda state: self._clock.monotonic() - began + state.upcoming_sleep > self._patience,
            wait=_Wait(),
            sleep=self._clock.sleep,
            before_sleep=self._tell,
            reraise=True,
        )

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if self._progress and isinstance(error, TemporaryError):
            self._progress.report("waiting", f"{error.message}; trying again (attempt {state.attempt_number + 1})")
