"""Something wrong with a stack besides its shape, named by its path in the stack file."""

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason

PREFIX = "installation:"
"""Before every key of a stack."""


def reason_at(path: str, message: str, remediation: str) -> Reason:
    """A reason at a path, which is written without the prefix; the vendor writes stack files."""
    return Reason(
        code="configuration", message=message, owner=Party.VENDOR, remediation=remediation, path=PREFIX + path
    )
