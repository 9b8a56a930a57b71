"""Clients of Amazon's APIs, for one account and region: credentials as every tool of Amazon's takes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kastellan.adapters.aws.silence import CREDENTIALS, silence
from kastellan.domain.errors import (
    ConflictError,
    ForbiddenError,
    KastellanError,
    NotFoundError,
    RejectedError,
    ServerFaultError,
    ThrottledError,
    UnauthenticatedError,
)

_THROTTLED = ("Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequests")
_UNKNOWN_IDENTITY = (
    "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId",
    "SignatureDoesNotMatch", "UnrecognizedClientException",
)  # fmt: skip
_FORBIDDEN = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized")
"""Codes of refusals: docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html, and the same of EC2."""


class AwsAccount:
    """One region of one account; no request goes to another account.

    Args:
        number: of the account; the first client asks whose credentials these are.
        region: of all clients, unless told otherwise.
        attempts: of each request, the first one included; the caller has a budget of its own.
    """

    def __init__(self, number: str, region: str, *, attempts: int = 4) -> None:
        self.number, self.region = number, region
        self._attempts = attempts
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = "") -> Any:
        """A client of a service.

        Raises:
            UnauthenticatedError: there are no credentials, or they are no good.
            ForbiddenError: they belong to another account.
            UnreachableError: nobody answers.
        """
        place = region or self.region
        if not self._clients:
            self._session = self.session()
            with answered("asking whose the credentials are"):
                found = str(self._made("sts", self.region).get_caller_identity()["Account"])
            if found != self.number:
                raise ForbiddenError(
                    f"the credentials are of account {found}, and this is about account {self.number}",
                    remediation="choose the right profile (AWS_PROFILE), or correct the account's number in the stack",
                )
        if (service, place) not in self._clients:
            self._clients[service, place] = self._made(service, place)
        return self._clients[service, place]

    def session(self) -> Any:
        """What finds the credentials, and reads the models of the APIs once."""
        import boto3

        with answered("looking for credentials"):
            return boto3.session.Session()

    def _made(self, service: str, region: str) -> Any:
        from botocore.config import Config

        retries: Any = {"mode": "standard", "total_max_attempts": self._attempts}
        patience = Config(connect_timeout=10, read_timeout=60, retries=retries)
        with answered(f"beginning with {service}"):
            return self._session.client(service, region_name=region, config=patience)


@contextmanager
def answered(doing: str, *, allow: str = "") -> Iterator[None]:
    """Run calls of a client, and turn what botocore raises into errors of kastellan.

    Args:
        doing: what for, such as `listing the snapshots of acme-db`.
        allow: which actions an identity needs for it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as cause:
        raise _refusal(doing, allow, cause) from cause
    except BotoCoreError as cause:
        raise silence(doing, "AWS", cause) from cause


def _refusal(doing: str, allow: str, cause: Any) -> KastellanError:
    code = str(cause.response.get("Error", {}).get("Code", ""))
    status = int(cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    message = f"{doing}: AWS answered {code or status}: {cause.response.get('Error', {}).get('Message', '')}"
    if code in _UNKNOWN_IDENTITY:
        return UnauthenticatedError(message, remediation=CREDENTIALS)
    if code in _FORBIDDEN:
        return ForbiddenError(message, remediation=f"allow {allow or 'the action that the message names'}")
    if code in _THROTTLED:
        return ThrottledError(message, remediation="wait a minute")
    if "NotFound" in code:
        return NotFoundError(message, remediation="see whether account, region and name are those of `pulumi up`")
    if (code.startswith("Invalid") and code.endswith(("State", "StateFault"))) or "AlreadyExists" in code:
        return ConflictError(message, remediation="wait until what goes on there has ended")
    if status >= 500:
        return ServerFaultError(message)
    return RejectedError(message)
