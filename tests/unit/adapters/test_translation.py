"""What an API server says becomes an error of ours; where secrets were sent, only names of rights and fields show."""

import json

import pytest

from kastellan.adapters.kubernetes.translation import answer_error
from kastellan.domain.errors import ForbiddenError, KastellanError

_RIGHT = 'User "sre" cannot create resource "secrets" in API group "" in the namespace "zitadel"'


def _error(message: str, *, confidential: bool) -> KastellanError:
    body = json.dumps({"kind": "Status", "reason": "Forbidden", "message": message}).encode()
    return answer_error("trying Secret zitadel/key", 403, {}, body, confidential=confidential)


def test_a_missing_right_is_named_with_secrets_too() -> None:
    error = _error(f'secrets "key" is forbidden: {_RIGHT}', confidential=True)
    assert isinstance(error, ForbiddenError)
    assert _RIGHT in error.message


def test_a_path_that_may_not_be_asked_is_a_missing_right_too() -> None:
    error = _error('forbidden: User "sre" cannot get path "/api/v1"', confidential=False)
    assert isinstance(error, ForbiddenError)
    assert "RBAC-1" in error.remediation


@pytest.mark.parametrize(
    "message",
    [
        "admission webhook denied: value S3cret",
        'is forbidden: User "S3cret of somebody" cannot create',
        f"S3cret is forbidden: {_RIGHT} because of S3cret",
    ],
)
def test_nothing_else_of_what_was_said_about_a_secret_is_shown(message: str) -> None:
    assert "S3cret" not in _error(message, confidential=True).message
    assert "S3cret" in _error(message, confidential=False).message
