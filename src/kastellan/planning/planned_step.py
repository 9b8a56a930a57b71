"""What Pulumi's engine means to do to one resource, without any of its values."""

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """The engine's step operations (https://www.pulumi.com/docs/reference/, `apitype.OpType`)."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"
    UNKNOWN = "unknown"
    """A word that this kastellan does not know; never to be read as harmless."""

    @classmethod
    def parse(cls, text: str) -> "Operation":
        """The operation of that name, or UNKNOWN."""
        try:
            return cls(text)
        except ValueError:
            return cls.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step of a preview.

    Attributes:
        urn: of the resource.
        type: token, such as `kastellan:index:Release`.
        name: logical name, the last part of the URN.
        operation: what would be done.
        changed: paths of the properties that differ, such as `configuration.version`; sorted, never a value.
        warnings: what the provider warned of while it previewed; one text each, no secrets.
    """

    urn: str
    type: str
    name: str
    operation: Operation
    changed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
