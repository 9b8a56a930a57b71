"""The `init` and `setup` Jobs: once before any new pod, never killed by a deadline, never repeated blindly.

A `setup` that is killed leaves its step marked as started in the database, and every later one waits for it for ever
(ZITADEL's internal/migration). So there is no `activeDeadlineSeconds`, nothing may evict the pod for its own
convenience, and a failure is not retried by the Job controller: the release procedure looks first.
"""

from typing import Any

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.secrets import Secrets
from kastellan.manifests.configuration import CONFIG_FILE, admin_secret, migration_config_map, server_secret
from kastellan.manifests.identity import API, content_hash, metadata
from kastellan.manifests.pod import config_mount, config_volume, container, from_secret, template

COMPONENT_INIT = "zitadel-init"
COMPONENT_SETUP = "zitadel-setup"
COMPONENT_CLEANUP = "zitadel-setup-cleanup"


def init_job(installation: Installation, secrets: Secrets) -> Manifest:
    """Makes role, database and schemas with the administrator; with none, only the schemas (`init zitadel`)."""
    admin = admin_secret(installation, secrets)
    command = ["init"] if admin else ["init", "zitadel"]
    environment = [_own_password(server_secret(installation, secrets))]
    if admin:
        environment.append(from_secret("ZITADEL_DATABASE_POSTGRES_ADMIN_PASSWORD", admin, "password"))
    args = [*command, "--config", CONFIG_FILE]
    return _job(installation, secrets, COMPONENT_INIT, args, environment)


def setup_job(installation: Installation, secrets: Secrets) -> Manifest:
    """Migrates the database to the release; replays projections here, so that new pods are ready at once."""
    server = server_secret(installation, secrets)
    args = ["setup", "--masterkeyFromEnv", "--config", CONFIG_FILE, "--steps", CONFIG_FILE, "--init-projections=true"]
    environment = [_own_password(server), from_secret("ZITADEL_MASTERKEY", server, "masterkey")]
    return _job(installation, secrets, COMPONENT_SETUP, args, environment)


def cleanup_job(installation: Installation, secrets: Secrets) -> Manifest:
    """Takes back the mark that a killed `setup` left at a migration step; does nothing where there is none."""
    environment = [_own_password(server_secret(installation, secrets))]
    args = ["setup", "cleanup", "--config", CONFIG_FILE]
    return _job(installation, secrets, COMPONENT_CLEANUP, args, environment)


def _own_password(server: Manifest) -> dict[str, Any]:
    return from_secret("ZITADEL_DATABASE_POSTGRES_USER_PASSWORD", server, "database-password")


def _job(
    installation: Installation, secrets: Secrets, component: str, args: list[str], environment: list[dict[str, Any]]
) -> Manifest:
    pod = template(
        installation,
        component,
        {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 300,  # a step that has begun shall be able to end
            "containers": [
                container(
                    component,
                    installation.images.zitadel,
                    installation.size.api,
                    args=args,
                    rest={"env": environment, "volumeMounts": [config_mount()]},
                )
            ],
            "volumes": [config_volume(migration_config_map(installation))],
        },
        service_account=API,
    )
    pod["metadata"]["annotations"] = {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        "karpenter.sh/do-not-disrupt": "true",
    }
    version = str(installation.version).replace(".", "-")
    name = f"{component}-{version}-{content_hash(pod)}"
    spec = {"backoffLimit": 0, "completions": 1, "parallelism": 1, "template": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(installation, name, component),
        "spec": spec,
    }
