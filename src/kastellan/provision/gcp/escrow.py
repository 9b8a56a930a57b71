"""A second place for what cannot be made again: masterkey and database password in Secret Manager, by option."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp.secretmanager import Secret, SecretReplicationArgs, SecretReplicationAutoArgs, SecretVersion

from kastellan.domain.google_base import GoogleBase


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowArgs:
    """The base, and the secrets by name; values are Pulumi secrets."""

    base: GoogleBase
    project: pulumi.Input[str]
    secrets: Mapping[str, pulumi.Input[str]]


class Escrow(pulumi.ComponentResource):
    """One secret a value; nobody is given access by it, the project's owners have it."""

    def __init__(self, name: str, args: EscrowArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Escrow", name, None, opts)
        base = args.base
        guarded = pulumi.ResourceOptions(parent=self, protect=base.protect)
        for title, value in args.secrets.items():
            secret = Secret(
                title,
                project=args.project,
                secret_id=base.name(title),
                replication=SecretReplicationArgs(auto=SecretReplicationAutoArgs()),
                labels=base.all_labels,
                opts=guarded,
            )
            SecretVersion(title, secret=secret.id, secret_data=value, opts=guarded)
        self.register_outputs({})
