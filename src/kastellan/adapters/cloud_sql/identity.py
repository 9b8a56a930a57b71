"""Access tokens for Google's APIs, as every tool of Google's takes them: application default credentials."""

from collections.abc import Callable

from kastellan.domain.errors import UnauthenticatedError, UnreachableError

_SCOPE = "https://www.googleapis.com/auth/sqlservice.admin"


def access_tokens() -> Callable[[], str]:
    """A function that gives a token which is valid now.

    Raises:
        UnauthenticatedError: there is no credential, or it is not accepted; also by the function.
        UnreachableError: nobody answers who could say; by the function.
    """
    import google.auth
    import urllib3
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
    from google.auth.transport.urllib3 import Request

    remediation = "gcloud auth application-default login, or give the workload an identity"
    try:
        credentials, _ = google.auth.default(scopes=[_SCOPE])
    except DefaultCredentialsError as cause:
        raise UnauthenticatedError("there are no application default credentials", remediation=remediation) from cause
    request = Request(urllib3.PoolManager())

    def token() -> str:
        if not credentials.valid:
            try:
                credentials.refresh(request)
            except TransportError as cause:
                raise UnreachableError("Google's authorisation gives no answer") from cause
            except GoogleAuthError as cause:
                raise UnauthenticatedError(
                    "Google does not accept the application default credentials", remediation=remediation
                ) from cause
        return str(credentials.token)

    return token
