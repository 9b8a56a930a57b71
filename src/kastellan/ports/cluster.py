"""The Kubernetes cluster of one installation, as planning's executor and the preflight's collectors need it.

Objects are plain mappings, as the API server speaks them: the port is about what may be relied on, not about types.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kastellan.domain.kubernetes_object import Manifest, ObjectRef


class Cluster(Protocol):
    """A cluster through one identity.

    Every call is bounded in time by the adapter and raises only `kastellan.domain.errors`. Nothing is retried here: a
    decorator does that, for temporary errors. Reads are of the latest state (no watch cache that lags a write of ours).
    """

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        """Server-side apply under our field manager; idempotent. Returns the object as the server holds it, or would.

        Raises:
            ForeignOwnerError: without `force`, somebody else manages a field that differs; the message names who and what.
            RejectedError: admission, quota or validation refuses.
        """
        ...

    def get(self, ref: ObjectRef) -> Manifest | None:
        """The live object, or None where it does not exist (the namespace and the kind's API may be missing as well)."""
        ...

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        """All objects of a kind, in pages; an empty namespace means all; `labels` is a selector as kubectl takes it.

        Raises:
            NotFoundError: the API is not served.
        """
        ...

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        """Delete in the foreground (dependents first); with `uid`, only that very object.

        Returns:
            Whether there was something to delete. Returning does not mean that it is gone: `get` tells.
        """
        ...

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        """The last lines of a container's log; empty where it has none yet."""
        ...

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        """GET a path of the API server (`/version`, `/readyz`, an API group) and parse it as JSON where it is JSON."""
        ...

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        """POST to a collection: access reviews, and dry-run creation of Pods for admission."""
        ...

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> "HttpAnswer":
        """GET from a pod through a port-forward, with the given headers (also `Host`).

        Raises:
            UnreachableError: the pod or its port cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """Status, headers (names in lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
