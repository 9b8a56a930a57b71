"""The bucket of dumps and exports, besides the database's own backups (DI-7)."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.serviceaccount import Account
from pulumi_gcp.storage import Bucket, BucketIAMMember, BucketRetentionPolicyArgs, BucketVersioningArgs

from kastellan.domain.google_base import BACKUP_DAYS, GoogleBase


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupArgs:
    """The base, and the project once its APIs are enabled."""

    base: GoogleBase
    project: pulumi.Input[str]


class Backup(pulumi.ComponentResource):
    """A bucket in which nothing can be deleted for 35 days, and an identity that can only add to it.

    Attributes:
        bucket: its name.
    """

    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Backup", name, None, opts)
        base = args.base
        guarded = pulumi.ResourceOptions(parent=self, protect=base.protect)  # without who writes, no backup is made
        bucket = Bucket(
            "bucket",
            project=args.project,
            name=base.bucket,
            location=base.backup_location.upper(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=BucketVersioningArgs(enabled=True),
            retention_policy=BucketRetentionPolicyArgs(
                retention_period=str(BACKUP_DAYS * 86400), is_locked=base.lock_backups
            ),
            force_destroy=False,
            labels=base.all_labels,
            opts=guarded,
        )
        writer = Account(
            "backup",
            project=args.project,
            account_id=base.name("backup"),
            display_name=f"writes backups of {base.installation}",
            opts=guarded,
        )
        BucketIAMMember(
            "backup",
            bucket=bucket.name,
            role="roles/storage.objectCreator",
            member=writer.email.apply(lambda email: f"serviceAccount:{email}"),
            opts=guarded,
        )
        self.bucket = bucket.name
        self.register_outputs({"bucket": bucket.name})
