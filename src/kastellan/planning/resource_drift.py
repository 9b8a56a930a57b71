"""A resource that is not as Pulumi's state has it, with what its provider knows about who changed it (DI-6)."""

from dataclasses import dataclass

from kastellan.planning.planned_step import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignChange:
    """One change that is not of our making, in the words of the provider that found it.

    Attributes:
        what: the object, the field and its values; no secrets.
        authors: names of those who made it, newest first (Kubernetes: field managers); empty where they left no trace.
    """

    what: str
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDrift:
    """One resource that a refresh would correct in the state.

    Attributes:
        urn: of the resource.
        type: token, such as `kastellan:index:Release`.
        name: logical name.
        operation: UPDATE where it differs, DELETE where it is gone.
        changed: paths of the properties that differ, sorted; never a value.
        changes: what the provider says about it; empty where a provider attributes nothing (clouds).
    """

    urn: str
    type: str
    name: str
    operation: Operation
    changed: tuple[str, ...] = ()
    changes: tuple[ForeignChange, ...] = ()
