"""A second place for what cannot be made again: masterkey and passwords in Secrets Manager, by option."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws.secretsmanager import Secret, SecretVersion

from kastellan.domain.aws_base import AwsBase


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowArgs:
    """The base, and the secrets by name; values are Pulumi secrets."""

    base: AwsBase
    secrets: Mapping[str, pulumi.Input[str]]


class Escrow(pulumi.ComponentResource):
    """One secret a value; nobody is given access by it, the account's administrators have it."""

    def __init__(self, name: str, args: EscrowArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Escrow", name, None, opts)
        base = args.base
        guarded = pulumi.ResourceOptions(parent=self, protect=base.protect)
        for title, value in args.secrets.items():
            secret = Secret(
                title,
                name=f"{base.installation}/{title}",
                description=f"{title} of {base.installation}",
                recovery_window_in_days=30,
                tags=base.tagged(title),
                opts=guarded,
            )
            SecretVersion(title, secret_id=secret.id, secret_string=value, opts=guarded)
        self.register_outputs({})
