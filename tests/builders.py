"""Valid domain values for tests; each test overrides only what it is about."""

from typing import Any

from kastellan.domain.host_names import HostNames
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.installation import Database, Installation
from kastellan.domain.secrets import Secrets, SystemUserKey
from kastellan.domain.version import Version

MASTERKEY = "0123456789abcdef0123456789abcdef"
CA = "-----BEGIN CERTIFICATE-----\nYXV0aG9yaXR5\n-----END CERTIFICATE-----\n"


def images(tag: str = "a") -> ImageSet:
    """Images whose digests differ with the tag."""
    return ImageSet(
        zitadel=Image("ghcr.io/zitadel/zitadel", "sha256:" + tag * 64),
        login=Image("ghcr.io/zitadel/zitadel-login", "sha256:" + tag * 64),
    )


def database(**overrides: Any) -> Database:
    """A database with an administrator."""
    values = {"host": "db.customer.example", "name": "zitadel", "user": "zitadel", "ca": CA, "admin_user": "postgres"}
    return Database(**(values | overrides))


def installation(**overrides: Any) -> Installation:
    """A small installation on a customer's cluster."""
    values: dict[str, Any] = {
        "name": "acme",
        "version": Version.parse("v4.13.1"),
        "images": images(),
        "hosts": HostNames(issuer="id.customer.example"),
        "database": database(),
    }
    return Installation(**(values | overrides))


def secrets(**overrides: Any) -> Secrets:
    """Secrets that are easy to find again where they must not be."""
    values: dict[str, Any] = {
        "masterkey": MASTERKEY,
        "database_password": "secret-database-password",
        "database_admin_password": "secret-admin-password",
        "login_client": SystemUserKey(
            name="login-client", public_key="login public key\n", private_key="secret-login-key"
        ),
        "admin_client": SystemUserKey(
            name="admin-client", public_key="admin public key\n", private_key="secret-admin-key"
        ),
    }
    return Secrets(**(values | overrides))
