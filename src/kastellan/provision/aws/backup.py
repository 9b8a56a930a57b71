"""The bucket of dumps and exports, besides the database's own backups (DI-7)."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.iam import Policy
from pulumi_aws.s3 import (
    Bucket,
    BucketLifecycleConfiguration,
    BucketLifecycleConfigurationRuleArgs,
    BucketLifecycleConfigurationRuleFilterArgs,
    BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs,
    BucketObjectLockConfiguration,
    BucketObjectLockConfigurationRuleArgs,
    BucketObjectLockConfigurationRuleDefaultRetentionArgs,
    BucketPolicy,
    BucketPublicAccessBlock,
    BucketServerSideEncryptionConfiguration,
    BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs,
    BucketServerSideEncryptionConfigurationRuleArgs,
    BucketVersioning,
    BucketVersioningVersioningConfigurationArgs,
)

from kastellan.domain.aws_base import BACKUP_DAYS, AwsBase
from kastellan.provision.aws.policy import tls_only, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupArgs:
    """The base, and the key of what lies in the bucket."""

    base: AwsBase
    key: pulumi.Input[str]


class Backup(pulumi.ComponentResource):
    """A bucket in which nothing can be deleted for 35 days, and a policy for those who may only add to it.

    Attributes:
        bucket: its name, known once it is versioned, locked and closed.
    """

    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Backup", name, None, opts)
        base = args.base
        # Settings are worth as much as what lies in it: no `destroy` that is refused may open it, or end the backups.
        guarded = pulumi.ResourceOptions(parent=self, protect=base.protect)
        bucket = Bucket(
            "bucket",
            bucket=base.bucket,
            object_lock_enabled=True,
            force_destroy=False,
            tags=base.tagged("backup"),
            opts=guarded,
        )
        closed = BucketPublicAccessBlock(
            "bucket",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=guarded,
        )
        versioned = BucketVersioning(
            "bucket",
            bucket=bucket.id,
            versioning_configuration=BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=guarded,
        )
        encrypted = BucketServerSideEncryptionConfiguration(
            "bucket",
            bucket=bucket.id,
            rules=[
                BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=args.key
                    ),
                    bucket_key_enabled=True,
                )
            ],
            opts=guarded,
        )
        BucketPolicy(
            "bucket",
            bucket=bucket.id,
            policy=bucket.arn.apply(tls_only),
            opts=pulumi.ResourceOptions(parent=self, protect=base.protect, depends_on=[closed]),
        )
        after_versioning = pulumi.ResourceOptions(parent=self, protect=base.protect, depends_on=[versioned])
        locked = BucketObjectLockConfiguration(
            "bucket",
            bucket=bucket.id,
            rule=BucketObjectLockConfigurationRuleArgs(
                default_retention=BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode="COMPLIANCE" if base.lock_backups else "GOVERNANCE", days=BACKUP_DAYS
                )
            ),
            opts=after_versioning,
        )
        BucketLifecycleConfiguration(
            "bucket",
            bucket=bucket.id,
            rules=[
                BucketLifecycleConfigurationRuleArgs(
                    id="what-was-replaced",
                    status="Enabled",
                    filter=BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=BACKUP_DAYS
                    ),
                )
            ],
            opts=after_versioning,
        )
        Policy(
            "writer",
            name=base.name("backup-writer"),
            description=f"Adds backups of {base.installation}; reads and deletes none",
            policy=pulumi.Output.all(bucket.arn, args.key).apply(lambda known: writing(known[0], known[1])),
            tags=base.tagged("backup-writer"),
            opts=guarded,
        )
        self.bucket = pulumi.Output.all(bucket.id, closed.id, encrypted.id, locked.id).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"bucket": self.bucket})
