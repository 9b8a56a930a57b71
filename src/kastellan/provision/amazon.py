"""The AWS half of the program: makes the base, and says what the installation gets of it."""

from collections.abc import Mapping
from typing import Any

import pulumi

from kastellan.config.aws_model import AwsModel
from kastellan.config.aws_stack import aws_base
from kastellan.config.cloud_stack import made_values
from kastellan.config.stack import StackConfig
from kastellan.provision.guarding import hold_to_guard_rails


def make_aws(name: str, stack: StackConfig, aws: AwsModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Declare the base; returns the configuration of the installation that stands on it.

    Args:
        name: of the stack.
        stack: its parsed configuration.
        aws: its keys about AWS.
        values: its values, secrets marked.
    """
    # Here and not above: the SDK takes seconds to import, and other platforms must not wait for it.
    from kastellan.provision.aws.base import AwsPlatform, AwsPlatformArgs

    hold_to_guard_rails("aws", protect=aws.protect)
    installation = stack.installation
    database = values["database"]
    master = database["admin"]["password"]
    platform = AwsPlatform(
        "platform",
        AwsPlatformArgs(
            base=aws_base(name, installation.hosts, aws, stack.sizing, stack.contract),
            master=installation.database.admin_user,
            password=master,
            escrow={
                "masterkey": values["masterkey"],
                "database-password": database["password"],
                "database-admin-password": master,
            },
        ),
    )
    pulumi.export("address", platform.address)
    pulumi.export("backupBucket", platform.bucket)
    made: dict[str, dict[str, Any]] = {
        "cluster": {"kubeconfig": platform.kubeconfig},
        "database": {"host": platform.database_host, "port": 5432},
    }
    pulumi.export("base", made)
    return made_values(name, values, cluster=made["cluster"], database=made["database"])
