"""Turns what botocore raises into errors of kastellan; codes are those of the S3 API reference, Error responses."""

from collections.abc import Iterator
from contextlib import contextmanager

from kastellan.adapters.aws.silence import CREDENTIALS, silence
from kastellan.domain.errors import (
    ForbiddenError,
    KastellanError,
    NotFoundError,
    RejectedError,
    ServerFaultError,
    ThrottledError,
    UnauthenticatedError,
)

_STORE = "the store"
MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
"""An object is not there."""
_THROTTLED = frozenset({"SlowDown", "503", "ThrottlingException", "RequestLimitExceeded"})
_UNKNOWN_IDENTITY = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "401"}
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Run calls of a client.

    Args:
        doing: operation and place, such as `listing the restore points in s3://b/`.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as cause:
        raise _answered(doing, cause) from cause
    except Boto3Error as cause:  # a transfer wraps what went wrong in it, in words
        inner = cause.__cause__ or cause.__context__
        raise (
            _answered(doing, inner) if isinstance(inner, ClientError) else silence(doing, _STORE, inner or cause)
        ) from cause
    except BotoCoreError as cause:
        raise silence(doing, _STORE, cause) from cause


def code_of(cause: BaseException) -> str:
    """The error code of an answer, such as `NoSuchKey`."""
    return str(getattr(cause, "response", {}).get("Error", {}).get("Code", ""))


def _answered(doing: str, cause: BaseException) -> KastellanError:
    code = code_of(cause)
    status = int(getattr(cause, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"{doing}: the store answered {code or status}"
    if code == "NoSuchBucket":
        return NotFoundError(said, remediation="make the bucket, or correct installation:restorePoints.bucket")
    if code in _UNKNOWN_IDENTITY:
        return UnauthenticatedError(said, remediation=CREDENTIALS)
    if code in ("AccessDenied", "403"):
        return ForbiddenError(
            said, remediation="allow s3:ListBucket, GetObject, PutObject, DeleteObject and AbortMultipartUpload there"
        )
    if code in _THROTTLED:
        return ThrottledError(said)
    if status >= 500:
        return ServerFaultError(said, remediation="repeat it later")
    return RejectedError(said, remediation="see the S3 API reference, Error responses, for this code")
