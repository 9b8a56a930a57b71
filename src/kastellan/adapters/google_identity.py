"""Access tokens for Google's APIs, found as Pulumi finds them for a state in a bucket.

Before the application default credentials, which every tool of Google's takes, come two variables that Pulumi shares
with Terraform: GOOGLE_CREDENTIALS, the content of a key file, and GOOGLE_OAUTH_ACCESS_TOKEN
(`pkg/authhelpers/gcpauth.go` of Pulumi 3.259).
"""

import json
import os
from collections.abc import Callable
from typing import Any

from kastellan.domain.errors import UnauthenticatedError, UnreachableError

CLOUD_SQL = "https://www.googleapis.com/auth/sqlservice.admin"
CLOUD_STORAGE = "https://www.googleapis.com/auth/devstorage.read_write"
_REMEDIATION = "gcloud auth application-default login, or give the workload an identity"


def access_tokens(scope: str) -> Callable[[], str]:
    """A function that gives a token for a scope which is valid now.

    Raises:
        UnauthenticatedError: there is no credential, or it is not accepted; also by the function.
        UnreachableError: nobody answers who could say; by the function.
    """
    given = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "")
    if given and not os.environ.get("GOOGLE_CREDENTIALS"):
        return lambda: given
    import urllib3
    from google.auth.exceptions import GoogleAuthError, TransportError
    from google.auth.transport.urllib3 import Request

    credentials = _credentials(scope)
    request = Request(urllib3.PoolManager())

    def token() -> str:
        if not credentials.valid:
            try:
                credentials.refresh(request)
            except TransportError as cause:
                raise UnreachableError("Google's authorisation gives no answer") from cause
            except GoogleAuthError as cause:
                raise UnauthenticatedError(
                    "Google does not accept the credentials", remediation=_REMEDIATION
                ) from cause
        return str(credentials.token)

    return token


def _credentials(scope: str) -> Any:
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    content = os.environ.get("GOOGLE_CREDENTIALS", "")
    try:
        if content:
            return google.auth.load_credentials_from_dict(json.loads(content), scopes=[scope])[0]
        return google.auth.default(scopes=[scope])[0]
    except DefaultCredentialsError as cause:
        where = "GOOGLE_CREDENTIALS holds none" if content else "there are no application default credentials"
        raise UnauthenticatedError(where, remediation=_REMEDIATION) from cause
    except ValueError as cause:  # its text may quote the key
        raise UnauthenticatedError("GOOGLE_CREDENTIALS is no JSON", remediation=_REMEDIATION) from cause
