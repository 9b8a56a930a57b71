"""The Kubernetes cluster of one installation, as planning's executor and the preflight's collectors need it.

Objects are plain mappings, as the API server speaks them: the port is about what may be relied on, not about types.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kastellan.domain.kubernetes_object import Manifest, ObjectRef


class Cluster(Protocol):
    """A cluster through one identity.

    Every call is bounded in time by the adapter and raises only `kastellan.domain.errors`, whose messages name the
    operation and the object and never hold a secret. Nothing is retried here: a decorator does that, for temporary
    errors, so every call must bear repeating. Reads are of the latest state (no watch cache that lags a write of ours).

    Besides what the methods name, every one may raise UnreachableError, DeadlineExceededError, ThrottledError,
    ServerFaultError, UnauthenticatedError, ForbiddenError and UntrustedError.
    """

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        """Server-side apply under our field manager; idempotent. Returns the object as the server holds it, or would.

        Raises:
            ForeignOwnerError: without `force`, somebody else manages a field that differs; names who and what.
            RejectedError: admission, quota or validation refuses.
            NotFoundError: the namespace or the kind's API does not exist.
        """
        ...

    def replace(self, manifest: Manifest) -> Manifest:
        """Write a whole object as it was read and then edited: the only way to take out what somebody else added.

        Raises:
            ConflictError: the object changed since it was read (`metadata.resourceVersion`).
            RejectedError: admission, quota or validation refuses.
            NotFoundError: it does not exist any more.
        """
        ...

    def get(self, ref: ObjectRef) -> Manifest | None:
        """The live object, or None where it does not exist (the namespace or the kind's API may be missing too)."""
        ...

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        """All objects of a kind, in pages; an empty namespace means all; `labels` is a selector as kubectl takes it.

        Objects come as they are read, so an error may follow some of them; what was given then is not all.

        Raises:
            NotFoundError: the API is not served.
            ConflictError: the list changed too much between two pages (HTTP 410); begin again.
        """
        ...

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        """Delete in the foreground (dependents first); with `uid`, only that very object.

        Returns:
            Whether there was something to delete. Returning does not mean that it is gone: `get` tells.
        """
        ...

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        """The last lines of a container's log; empty where it has none yet, or the pod is gone."""
        ...

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        """GET a path of the API server (`/version`, `/readyz`, an API group) and parse it as JSON where it is JSON.

        Raises:
            NotFoundError: there is no such path.
        """
        ...

    def server_time(self) -> datetime:
        """The API server's clock in UTC: the whole second that it is in (`Date`, RFC 9110, section 6.6.1)."""
        ...

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        """POST to a collection: access reviews, and dry-run creation of Pods for admission.

        Raises:
            RejectedError: admission, quota or validation refuses.
            NotFoundError: there is no such collection, or no such namespace.
        """
        ...

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> "HttpAnswer":
        """GET from a pod through a port-forward, with the given headers (also `Host`); redirects are not followed.

        Raises:
            UnreachableError: the pod or its port cannot be reached.
            DeadlineExceededError: no whole answer within the timeout.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """Status, headers (names in lower case) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
