"""The error tree of kastellan: adapters translate what they catch into it and chain the original.

Temporary or permanent is part of the type, so that a retry policy is one `isinstance`. A message names the operation
and the thing once, then what to do; it never holds a secret or a raw response body.
"""

from collections.abc import Sequence

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason


class KastellanError(Exception):
    """Base of all errors that kastellan raises on purpose.

    Args:
        message: operation, thing and what went wrong, in one sentence without a full stop.
        owner: who has to act (IN-2).
        remediation: what that party does next.
    """

    def __init__(self, message: str, *, owner: Party = Party.VENDOR, remediation: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.owner = owner
        self.remediation = remediation

    def __str__(self) -> str:
        return f"{self.message}. {self.owner.value} acts: {self.remediation}" if self.remediation else self.message


class TemporaryError(KastellanError):
    """The same call may succeed later without anybody acting."""


class UnreachableError(TemporaryError):
    """No connection: refused, no route, name not found, cut in the middle."""


class DeadlineExceededError(TemporaryError):
    """No answer within the time allowed for one call."""


class ThrottledError(TemporaryError):
    """The other side asks to slow down (HTTP 429, too many connections).

    Attributes:
        retry_after: seconds that it asked to wait (`Retry-After`); 0.0 where it named none.
    """

    def __init__(
        self, message: str, *, owner: Party = Party.VENDOR, remediation: str = "", retry_after: float = 0.0
    ) -> None:
        super().__init__(message, owner=owner, remediation=remediation)
        self.retry_after = retry_after


class ServerFaultError(TemporaryError):
    """The other side failed by its own account (HTTP 5xx)."""


class ConflictError(TemporaryError):
    """The object changed between look and write (HTTP 409, reason Conflict or AlreadyExists)."""


class PermanentError(KastellanError):
    """Repeating the call cannot help; somebody has to act."""


class UnauthenticatedError(PermanentError):
    """The credential is missing, expired or not accepted (HTTP 401)."""


class ForbiddenError(PermanentError):
    """The identity lacks a right (HTTP 403)."""


class NotFoundError(PermanentError):
    """The thing, or the kind of thing, does not exist (HTTP 404)."""


class RejectedError(PermanentError):
    """The other side understood and refused: invalid object, admission, quota (HTTP 400, 403 by admission, 422)."""


class ForeignOwnerError(PermanentError):
    """Somebody else manages a field that differs from ours; taking it back is a decision (DI-6).

    Attributes:
        conflicts: pairs of field manager and field path, as the server names them.
    """

    def __init__(
        self,
        message: str,
        *,
        owner: Party = Party.VENDOR,
        remediation: str = "",
        conflicts: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message, owner=owner, remediation=remediation)
        self.conflicts = tuple(conflicts)


class UntrustedError(PermanentError):
    """TLS verification failed: wrong authority, wrong name, expired."""


class StepFailedError(PermanentError):
    """A step of a procedure ended in failure.

    Attributes:
        step: stable name of the step, such as `setup`.
        evidence: what the cluster said, such as the last lines of a log; no secrets.
    """

    def __init__(
        self, message: str, *, step: str, evidence: str = "", owner: Party = Party.VENDOR, remediation: str = ""
    ) -> None:
        super().__init__(message, owner=owner, remediation=remediation)
        self.step = step
        self.evidence = evidence

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}\n{self.evidence}" if self.evidence else text


class StuckError(PermanentError):
    """A procedure stands still and repeating it would do harm; a person has to look."""


class LeaseLostError(PermanentError):
    """Another worker took the lease over; this one has to stop before it changes anything else."""


class _ReasonedError(PermanentError):
    """A refusal that carries every reason at once (rule 10 of ARCHITECTURE.md)."""

    def __init__(
        self, message: str, reasons: Sequence[Reason] = (), *, owner: Party = Party.VENDOR, remediation: str = ""
    ) -> None:
        super().__init__(message, owner=owner, remediation=remediation)
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  - {reason}" for reason in self.reasons)])


class InvalidInputError(_ReasonedError):
    """Configuration or arguments are wrong."""


class BlockedError(_ReasonedError):
    """A plan was refused before anything was changed; the reasons say who has to act first."""
