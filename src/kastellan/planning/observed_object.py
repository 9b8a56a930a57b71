"""What was seen of one object before a plan is made: as it is, and as the server says it would be."""

from dataclasses import dataclass

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ObservedObject:
    """One look at one object.

    Attributes:
        desired: what we want, as it would be applied.
        live: as it is, or None where it does not exist.
        result: the server's answer to a dry run that takes every field back; None where there was none, because the
            object is new in a namespace that does not exist yet, or because the server refused it.
        rejections: why the server refused it.
    """

    desired: Manifest
    live: Manifest | None
    result: Manifest | None
    rejections: tuple[Reason, ...] = ()

    @property
    def ref(self) -> ObjectRef:
        """Names the object."""
        return ObjectRef.of(self.desired)
