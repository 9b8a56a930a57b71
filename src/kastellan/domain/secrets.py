"""The secrets of one installation, kept apart from its description so that no `repr`, log or report can hold them."""

from dataclasses import dataclass, field

LOGIN_CLIENT = "login-client"
"""System user of the login application."""
ADMIN_CLIENT = "admin-client"
"""System user of the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUserKey:
    """An RSA key pair of a system user (SystemAPIUsers): valid for new and existing instances, and rotatable.

    Attributes:
        name: user id that the token's issuer and subject carry, such as `login-client`.
        public_key: PEM that the server verifies with (SubjectPublicKeyInfo).
        private_key: PEM, PKCS#8.
    """

    name: str
    public_key: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What must never be shown.

    Attributes:
        masterkey: exactly 32 bytes; its loss is the loss of all encrypted data, and it cannot be rotated.
        database_password: of the role ZITADEL runs as.
        database_admin_password: of the role that makes role and database; empty where there is none.
        login_client: key of the login application (role IAM_LOGIN_CLIENT).
        admin_client: key of the operator's system user (role IAM_OWNER).
    """

    masterkey: str = field(repr=False)
    database_password: str = field(repr=False)
    database_admin_password: str = field(repr=False, default="")
    login_client: SystemUserKey = field(repr=False)
    admin_client: SystemUserKey = field(repr=False)

    @classmethod
    def placeholders(cls) -> "Secrets":
        """Values that protect nothing, for dry runs and comparisons that need no real ones."""
        names = (LOGIN_CLIENT, ADMIN_CLIENT)
        login, admin = (SystemUserKey(name=name, public_key="", private_key="") for name in names)
        return cls(masterkey="0" * 32, database_password="", login_client=login, admin_client=admin)
