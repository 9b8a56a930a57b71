"""One object's difference between what the cluster holds and what it would hold: the unit of a preview.

Values are kept as compact JSON text, because a preview is for reading; a secret's values are never kept at all.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.reason import Reason

HIDDEN = "(hidden)"
"""Stands for every value of a Secret."""


class ChangeKind(StrEnum):
    """What an apply would do to one object."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """Delete and create again: only for a finished Job that failed."""
    DELETE = "delete"
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"
    """The server would not say; `rejections` holds why. Never to be read as unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOwner:
    """One entry of `metadata.managedFields` that owns a field.

    Attributes:
        manager: name that the client gave, such as `kubectl-edit`.
        operation: `Apply` or `Update`.
        at: when that manager last changed the object, in UTC; None where the server kept no time.
        subresource: such as `scale`; empty for the object itself.
    """

    manager: str
    operation: str
    at: datetime | None
    subresource: str = ""

    def __str__(self) -> str:
        when = f" at {self.at:%Y-%m-%dT%H:%M:%SZ}" if self.at else ""
        return f"{self.manager} ({self.operation}{when})"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field whose value would change.

    Attributes:
        path: such as `spec.template.spec.containers[name=zitadel].image`.
        before: compact JSON of the live value, None where the field is absent, `HIDDEN` in a Secret.
        after: the same of the value after the apply.
        owners: who owns the field, or something below it, in the live object; empty where nobody does.
    """

    path: str
    before: str | None
    after: str | None
    owners: tuple[FieldOwner, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """What an apply would do to one object, by the API server's own word.

    Attributes:
        ref: the object.
        kind: what would happen.
        fields: the fields that would change, sorted by path; empty for a created or deleted object.
        rejections: why the server would refuse the apply; empty where it would not.
    """

    ref: ObjectRef
    kind: ChangeKind
    fields: tuple[FieldChange, ...] = ()
    rejections: tuple[Reason, ...] = ()
