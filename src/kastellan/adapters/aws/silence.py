"""What it means when an API that speaks Amazon's language gives no answer at all: botocore's errors in our words."""

from kastellan.domain.errors import (
    DeadlineExceededError,
    InvalidInputError,
    KastellanError,
    UnauthenticatedError,
    UnreachableError,
    UntrustedError,
)

CREDENTIALS = (
    "give credentials as every AWS tool takes them: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role"
)


def silence(doing: str, who: str, cause: BaseException) -> KastellanError:
    """The error for something that botocore raised, other than an answer.

    Args:
        doing: operation and place, such as `listing the snapshots of acme-db`.
        who: is silent, such as `AWS`.
        cause: what was raised.
    """
    from botocore import exceptions

    match cause:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError() | exceptions.ProfileNotFound():
            return UnauthenticatedError(f"{doing}: there are no credentials", remediation=CREDENTIALS)
        case exceptions.SSLError():
            return UntrustedError(
                f"{doing}: the certificate of {who} does not verify", remediation="name its authority in AWS_CA_BUNDLE"
            )
        case exceptions.ReadTimeoutError():
            return DeadlineExceededError(f"{doing}: {who} did not answer in time")
        case exceptions.NoRegionError() | exceptions.InvalidRegionError() | exceptions.ParamValidationError():
            return InvalidInputError(f"{doing}: {str(cause)[:200]}")
        case exceptions.HTTPClientError() | exceptions.ConnectionError():
            return UnreachableError(f"{doing}: {who} cannot be reached", remediation="check the way there")
        case _:
            return UnreachableError(f"{doing}: {who} broke off ({type(cause).__name__})", remediation="repeat it")
