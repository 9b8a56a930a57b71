"""Keys of the installation's own for what is at rest: the cluster's secrets and the database (DI-1)."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.kms import CryptoKey, CryptoKeyIAMMember, KeyRing
from pulumi_gcp.projects import ServiceIdentity

from kastellan.domain.google_base import GoogleBase

_ROTATION = f"{90 * 86400}s"
"""A quarter; older versions go on decrypting."""
_USERS = {"cluster": "container.googleapis.com", "database": "sqladmin.googleapis.com"}
"""Key → the Google service that uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysArgs:
    """The base, and the project once its APIs are enabled."""

    base: GoogleBase
    project: pulumi.Input[str]


class Keys(pulumi.ComponentResource):
    """One key a use, each usable by the one service that needs it.

    Key rings cannot be deleted on Google Cloud; losing a key loses what it encrypts, so keys are protected.

    Attributes:
        cluster: id of the key for Kubernetes' secrets, known once GKE may use it.
        database: id of the key for the database's disks and backups, known once Cloud SQL may use it.
    """

    cluster: pulumi.Output[str]
    database: pulumi.Output[str]

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Keys", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        guarded = pulumi.ResourceOptions(parent=self, protect=base.protect)
        ring = KeyRing("keys", project=args.project, name=base.name(), location=base.region, opts=guarded)
        usable = {}
        for use, service in _USERS.items():
            key = CryptoKey(
                use,
                name=base.name(use),
                key_ring=ring.id,
                purpose="ENCRYPT_DECRYPT",
                rotation_period=_ROTATION,
                labels=base.all_labels,
                opts=guarded,
            )
            agent = ServiceIdentity(use, project=args.project, service=service, opts=inside)
            grant = CryptoKeyIAMMember(
                use,
                crypto_key_id=key.id,
                role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
                member=agent.email.apply(lambda email: f"serviceAccount:{email}"),
                opts=inside,
            )
            usable[use] = pulumi.Output.all(key.id, grant.id).apply(lambda both: both[0])
        self.cluster, self.database = usable["cluster"], usable["database"]
        self.register_outputs({"cluster": self.cluster, "database": self.database})
