"""A stack on each cloud with the least that is needed, and what is said against one that differs from it."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.config.stack import parse_stack
from kastellan.domain.errors import InvalidInputError
from tests.builders import CA, MASTERKEY

_DIGEST = "sha256:" + "a" * 64
_COMMON: dict[str, Any] = {
    "version": "v4.13.1",
    "domain": "id.customer.example",
    "masterkey": MASTERKEY,
    "images": {"zitadel": f"r/z@{_DIGEST}", "login": f"r/l@{_DIGEST}"},
}
STACKS: dict[str, dict[str, Any]] = {
    "google": _COMMON
    | {
        "platform": "gke",
        "database": {"password": "secret-of-the-role"},
        "google": {
            "project": "acme-zitadel",
            "region": "europe-west6",
            "authorisedNetworks": {"operators": "198.51.100.0/24"},
        },
    },
    "aws": _COMMON
    | {
        "platform": "eks",
        "database": {"password": "of-the-role", "ca": CA, "admin": {"password": "of-the-master"}},
        "aws": {
            "account": "123456789012",
            "region": "eu-central-2",
            "administrators": ["arn:aws:iam::123456789012:role/operators"],
            "dns": {"zoneId": "Z0123456789EXAMPLE"},
        },
    },
}
"""Key of the cloud → values of a stack."""


def errors(cloud: str, name: str = "acme", values: dict[str, Any] | None = None, **base: Any) -> dict[str, str]:
    """Path → message and remediation of everything that is wrong with a stack.

    Args:
        cloud: whose stack it is.
        name: of the stack.
        values: keys that differ from the good stack's.
        base: keys of the cloud's part that differ.
    """
    stack = STACKS[cloud]
    with pytest.raises(InvalidInputError) as caught:
        parse_stack(name, stack | (values or {}) | {cloud: stack[cloud] | base}, folder=Path.cwd())
    found: dict[str, str] = {}
    for reason in caught.value.reasons:
        path = reason.path.removeprefix("installation:")
        found[path] = "; ".join(filter(None, (found.get(path), f"{reason.message} -> {reason.remediation}")))
    return found
