"""A Kubernetes object as the API server speaks it, and the name that finds it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
"""One object as JSON: desired, live, or the server's answer to a dry run."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """Names one object. `namespace` is empty for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "ObjectRef":
        """The reference of a manifest or of a live object.

        Raises:
            KeyError: `apiVersion`, `kind` or `metadata.name` is missing.
        """
        metadata = manifest["metadata"]
        return cls(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"])

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"
