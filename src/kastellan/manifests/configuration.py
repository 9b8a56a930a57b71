"""ZITADEL's configuration as an immutable ConfigMap, and its secrets as immutable Secrets.

Names carry a hash of the content: a new configuration is a new object, so that old pods that restart in the middle of
an update still read the one they were made for, and a rollback finds it unchanged. The hash of a Secret is keyed with
the masterkey, so that a name gives nothing away about a weak password.
"""

import base64
from typing import Any

import yaml

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.secrets import Secrets
from kastellan.manifests.identity import API, LOGIN, content_hash, metadata

CONFIG_FOLDER = "/config"
CONFIG_FILE = f"{CONFIG_FOLDER}/zitadel.yaml"
DATABASE_CA_FILE = f"{CONFIG_FOLDER}/database-ca.crt"
PORT = 8080
LOGIN_PORT = 3000
DATABASE_WAIT_SECONDS = 300
"""How long a starting process waits for the database (`AwaitInitialConn`); the startup probe allows more."""


def migration_configuration(installation: Installation) -> dict[str, Any]:
    """The configuration file of `init` and `setup`, without any secret (key names: ZITADEL's cmd/defaults.yaml).

    The system users are absent: only the server asks for them, and new keys of theirs must not migrate again.
    """
    database = installation.database
    tls = {"Mode": "verify-full", "RootCert": DATABASE_CA_FILE}
    postgres: dict[str, Any] = {
        "Host": database.host,
        "Port": database.port,
        "Database": database.name,
        "MaxOpenConns": installation.size.connections_per_replica,
        "MaxIdleConns": installation.size.connections_per_replica // 2,
        "AwaitInitialConn": f"{DATABASE_WAIT_SECONDS}s",
        "User": {"Username": database.user, "SSL": tls},
    }
    if database.admin_user:
        postgres["Admin"] = {"Username": database.admin_user, "SSL": tls}
    return {
        "ExternalDomain": installation.domain,
        "ExternalPort": 443,  # the binary's default is 8080, and every issued URL carries it
        "ExternalSecure": True,
        "Port": PORT,
        "TLS": {"Enabled": False},  # TLS ends at the edge
        "Machine": {
            "Identification": {
                "Hostname": {"Enabled": True},
                "PrivateIp": {"Enabled": False},
                "Webhook": {"Enabled": False},
            }
        },
        "ServicePing": {"Enabled": False},  # it would report the customer's domains to a third party
        "Database": {"postgres": postgres},
    }


def server_configuration(installation: Installation, secrets: Secrets) -> dict[str, Any]:
    """The configuration file of the server: that of the migration, and who may sign in as a system user."""
    return migration_configuration(installation) | {
        "SystemAPIUsers": {
            secrets.login_client.name: _system_user(f"{CONFIG_FOLDER}/login-client.pub", "IAM_LOGIN_CLIENT"),
            secrets.admin_client.name: _system_user(f"{CONFIG_FOLDER}/admin-client.pub", "IAM_OWNER"),
        },
    }


def config_map(installation: Installation, secrets: Secrets) -> Manifest:
    """The server's configuration, the database's authority and the system users' public keys; none of it is secret."""
    public_keys = {
        "login-client.pub": secrets.login_client.public_key,
        "admin-client.pub": secrets.admin_client.public_key,
    }
    return _config_map(installation, f"{API}-config", server_configuration(installation, secrets), public_keys)


def migration_config_map(installation: Installation) -> Manifest:
    """The configuration of `init` and `setup`, and the database's authority."""
    return _config_map(installation, f"{API}-migration-config", migration_configuration(installation), {})


def _config_map(
    installation: Installation, name: str, configuration: dict[str, Any], public_keys: dict[str, str]
) -> Manifest:
    data = {
        "zitadel.yaml": yaml.safe_dump(configuration, sort_keys=True),
        "database-ca.crt": installation.database.ca,
        **public_keys,
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(installation, f"{name}-{content_hash(data)}"),
        "immutable": True,
        "data": data,
    }


def server_secret(installation: Installation, secrets: Secrets) -> Manifest:
    """What every ZITADEL process needs: masterkey and the password of its own role."""
    return _secret(
        installation,
        secrets,
        API,
        "server",
        {"masterkey": secrets.masterkey, "database-password": secrets.database_password},
    )


def admin_secret(installation: Installation, secrets: Secrets) -> Manifest | None:
    """The database administrator's password, for the `init` Job alone; None where there is no administrator."""
    if not installation.database.admin_user:
        return None
    return _secret(installation, secrets, API, "database-admin", {"password": secrets.database_admin_password})


def login_secret(installation: Installation, secrets: Secrets) -> Manifest:
    """The login application's private key."""
    return _secret(installation, secrets, LOGIN, "key", {"tls.key": secrets.login_client.private_key})


def _system_user(path: str, role: str) -> dict[str, Any]:
    return {"Path": path, "Memberships": [{"MemberType": "System", "Roles": [role]}]}


def _secret(
    installation: Installation, secrets: Secrets, component: str, purpose: str, values: dict[str, str]
) -> Manifest:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    keyed = content_hash({"key": secrets.masterkey, "data": data})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": metadata(installation, f"{component}-{purpose}-{keyed}", component),
        "immutable": True,
        "data": data,
    }
