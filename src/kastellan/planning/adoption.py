"""What a preview would make although it may be there already, because the engine never heard that it was made.

A process that ends after the cloud has made something, and before Pulumi has noted it, leaves an object that no state
knows. The next update is refused by the cloud (`409 … already exists`), so that nothing goes on; or, where the cloud
gives the name, makes and pays a second one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kastellan.planning.previewed import previewed

Identify = Callable[[str, Mapping[str, Any]], Iterable[str]]
"""Type and inputs → the ids under which the cloud may know the object; several where it may be there twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """One resource that may be taken over.

    Attributes:
        urn: of the resource.
        kind: type token.
        name: logical name.
        identity: the cloud's id of it.
        parent: URN of its component.
        provider: URN of its provider.
    """

    urn: str
    kind: str
    name: str
    identity: str
    parent: str
    provider: str

    def __str__(self) -> str:
        return f"{self.kind.rpartition(':')[2]} {self.name} ({self.identity})"

    @property
    def document(self) -> dict[str, Any]:
        """As `pulumi import --file` takes it."""
        resource = {
            "type": self.kind,
            "name": self.name,
            "id": self.identity,
            "parent": "parent",
            "provider": "provider",
        }
        return {"nameTable": {"parent": self.parent, "provider": self.provider}, "resources": [resource]}


def adoptables(preview: Mapping[str, Any], identify: Identify, *, names: Collection[str] = ()) -> Iterator[Adoptable]:
    """What a preview would create and the cloud may have.

    Args:
        preview: document of `pulumi preview --json`.
        identify: how the cloud calls it.
        names: logical names; all where none is given.
    """
    standing = previewed(preview)
    creating = {
        step["urn"]: step["newState"].get("provider", "").rpartition("::")[0]
        for step in preview["steps"]
        if step["op"] == "create"
    }
    for one in standing:
        if one.urn not in creating or (names and one.name not in names):
            continue
        for identity in identify(one.kind, one.inputs) if one.parent else ():
            yield Adoptable(
                urn=one.urn,
                kind=one.kind,
                name=one.name,
                identity=identity,
                parent=one.parent,
                provider=creating[one.urn],
            )


def is_of(resource: Mapping[str, Any], installation: str) -> bool:
    """Whether a resource of the state may belong to the installation: by our label, wherever there are labels.

    Args:
        resource: as `pulumi stack export` tells it.
        installation: its name.
    """
    outputs = resource.get("outputs", {})
    inside = (outputs.get("settings") or {}).get("userLabels")
    labelled = (outputs.get("labels"), outputs.get("resourceLabels"), inside, outputs.get("tags"))
    found = [labels for labels in labelled if labels]
    return all(labels.get("installation") == installation for labels in found)
