"""Keys of the installation's own for what is at rest: the cluster's secrets, the database, the backups (DI-1)."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.kms import Alias, Key

from kastellan.domain.aws_base import AwsBase

_ROTATION_DAYS = 90
"""A quarter; older versions go on decrypting."""
_REGRET_DAYS = 30
"""Days that a deleted key can be brought back; the most that KMS gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysArgs:
    """Of the whole base."""

    base: AwsBase


class Keys(pulumi.ComponentResource):
    """One key a use; losing a key loses what it encrypts, so keys are protected.

    Attributes:
        cluster: ARN of the key for Kubernetes' secrets.
        database: ARN of the key for the database's disks, snapshots and insights.
        backup: ARN of the key for the bucket.
    """

    cluster: pulumi.Output[str]
    database: pulumi.Output[str]
    backup: pulumi.Output[str]

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Keys", name, None, opts)
        self.cluster, self.database, self.backup = (
            self._key(args.base, use) for use in ("cluster", "database", "backup")
        )
        self.register_outputs({"cluster": self.cluster, "database": self.database, "backup": self.backup})

    def _key(self, base: AwsBase, use: str) -> pulumi.Output[str]:
        key = Key(
            use,
            description=f"{use} of {base.installation}",
            enable_key_rotation=True,
            rotation_period_in_days=_ROTATION_DAYS,
            deletion_window_in_days=_REGRET_DAYS,
            tags=base.tagged(use),
            opts=pulumi.ResourceOptions(parent=self, protect=base.protect),
        )
        Alias(use, name=f"alias/{base.name(use)}", target_key_id=key.key_id, opts=pulumi.ResourceOptions(parent=self))
        arn: pulumi.Output[str] = key.arn
        return arn
