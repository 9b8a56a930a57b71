"""A resource of a cloud as a Pulumi program declares it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredResource:
    """One resource.

    Attributes:
        urn: Pulumi's name of it.
        kind: type token, such as `gcp:container/nodePool:NodePool`.
        parent: URN of the component or resource that it stands under; empty for the stack's own.
        inputs: by their public names; what is known only after the update is absent, and None in a list.
    """

    urn: str
    kind: str
    parent: str = ""
    inputs: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def cloud(self) -> str:
        """Package of the type: `gcp`, `aws`, `kastellan`, `pulumi`."""
        return self.kind.partition(":")[0]

    @property
    def part(self) -> str:
        """The component that it belongs to, in lower case; its own type where it belongs to none."""
        above = self.urn.split("::")[2].split("$")[:-1] if "::" in self.urn else []
        return (above[-1] if above else self.kind).rpartition(":")[2].lower()
