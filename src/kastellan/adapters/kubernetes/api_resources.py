"""Which URL a kind has: from the server's own discovery, asked once for each group and version."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from kastellan.domain.errors import NotFoundError
from kastellan.domain.kubernetes_object import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResource:
    """One kind as the server serves it; `plural` is its name in URLs and in access rules."""

    api_version: str
    plural: str
    namespaced: bool


class ApiResources:
    """Finds URLs; safe for concurrent use.

    Args:
        fetch: GET of a path of the API server, parsed.
    """

    def __init__(self, fetch: Callable[[str], Any]) -> None:
        self._fetch = fetch
        self._known: dict[str, dict[str, ApiResource]] = {}
        self._lock = Lock()

    def find(self, api_version: str, kind: str) -> ApiResource:
        """The resource of a kind.

        Raises:
            NotFoundError: the server does not serve it. Not remembered, because it may be installed later.
        """
        with self._lock:
            if kind not in self._known.get(api_version, {}):
                self._known[api_version] = self._discover(api_version)
            resource = self._known[api_version].get(kind)
        if resource is None:
            raise NotFoundError(f"the cluster does not serve {kind} of {api_version}")
        return resource

    def collection(self, api_version: str, kind: str, namespace: str) -> str:
        """Path of the collection; an empty namespace means all."""
        resource = self.find(api_version, kind)
        inside = f"/namespaces/{namespace}" if namespace and resource.namespaced else ""
        return f"{_root(api_version)}{inside}/{resource.plural}"

    def item(self, ref: ObjectRef) -> str:
        """Path of one object."""
        return f"{self.collection(ref.api_version, ref.kind, ref.namespace)}/{ref.name}"

    def _discover(self, api_version: str) -> dict[str, ApiResource]:
        listed = self._fetch(_root(api_version))["resources"]
        return {
            entry["kind"]: ApiResource(
                api_version=api_version, plural=entry["name"], namespaced=bool(entry["namespaced"])
            )
            for entry in listed
            if "/" not in entry["name"]
        }


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
