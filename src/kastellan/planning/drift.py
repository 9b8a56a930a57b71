"""Drift: what somebody else did to an installation's objects, with the name they left (DI-6)."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.planning.object_change import FieldChange, FieldOwner


class DriftKind(StrEnum):
    """The ways in which a cluster can differ from what was brought to it."""

    CHANGED = "changed"
    """A field that we set has another value, or is gone."""
    ADDED = "added"
    """Somebody set a field of an object's specification that we leave alone."""
    MISSING = "missing"
    """An object of ours does not exist."""
    UNEXPECTED = "unexpected"
    """An object carries our labels and was not made by us."""
    UNBALANCED = "unbalanced"
    """A zone takes pods and has none of a Deployment, another has several: a zone that was away is back (DI-2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference that is not of our making.

    Attributes:
        kind: what differs.
        ref: the object.
        field: the field and its values (before: as found, after: as desired); None for a whole object.
        authors: the foreign field managers, newest first; empty where they left no trace (a deleted object).
        zone: the zone without a pod; only where pods are unbalanced.
    """

    kind: DriftKind
    ref: ObjectRef
    field: FieldChange | None = None
    authors: tuple[FieldOwner, ...] = ()
    zone: str = ""

    def __str__(self) -> str:
        if self.kind is DriftKind.UNBALANCED:
            return f"{self.ref} has no pod in {self.zone}, which takes pods; an update moves one there [DI-2]"
        who = ", ".join(map(str, self.authors)) or "an unknown author"
        if self.field is None:
            return f"{self.ref} is {self.kind.value} ({who})"
        if self.kind is DriftKind.ADDED:
            return f"{self.ref}: {self.field.path} was added: {self.field.before} ({who})"
        return f"{self.ref}: {self.field.path} is {self.field.before}, desired {self.field.after} ({who})"
