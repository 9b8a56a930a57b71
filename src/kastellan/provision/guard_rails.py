"""What must hold of every resource on a cloud, whatever the program declares (DI-1, DI-2, DI-7).

Rules are pure functions of a resource's inputs, in one module a cloud. They have two faces to the engine: `guarding`
holds the program itself to them, whoever runs it; `policy_pack` is for a pipeline that judges any program.
"""

from collections.abc import Iterator

from kastellan.provision import aws_guard_rails, google_guard_rails
from kastellan.provision.guard_rail import Declared, GuardRail

_CLOUDS = (google_guard_rails.BROKEN, aws_guard_rails.BROKEN)


def violations(declared: Declared) -> Iterator[GuardRail]:
    """The rules that a resource breaks."""
    return (rail for rail in GUARD_RAILS if rail.broken(declared))


def _rail(name: str, clause: str, description: str) -> GuardRail:
    judges = [broken[name] for broken in _CLOUDS if name in broken]
    return GuardRail(
        name=name,
        clause=clause,
        description=description,
        broken=lambda declared: any(judge(declared) for judge in judges),
    )


GUARD_RAILS: tuple[GuardRail, ...] = tuple(
    _rail(name, clause, description)
    for name, clause, description in (
        ("three-zones", "DI-2", "clusters and node pools stand in at least three zones"),
        ("no-public-database", "DI-1", "a database has no public address"),
        ("database-over-tls", "DI-5", "a database takes encrypted connections only"),
        ("database-in-two-zones", "DI-2", "a database has a standby in another zone"),
        ("backups", "DI-7", "35 daily backups and point-in-time recovery"),
        ("encrypted-secrets", "DI-1", "Kubernetes' secrets are encrypted by a key of our own"),
        ("no-public-nodes", "DI-1", "nodes have no public address"),
        ("closed-control-plane", "DI-1", "the control plane is open to named networks only"),
        ("no-public-bucket", "DI-1", "a bucket can never become public"),
        ("labels", "DI-1", "what can be labelled names its installation"),
        ("protected", "DI-7", "Pulumi refuses to delete what holds data"),
        ("deletion-protection", "DI-7", "the cloud refuses to delete what holds data"),
        ("encrypted-disks", "DI-1", "disks of nodes and databases are encrypted"),
        ("closed-ports", "DI-1", "nothing but HTTP and HTTPS is open to everybody"),
        ("instance-metadata", "DI-1", "instance metadata asks for a token and is out of pods' reach"),
        ("key-rotation", "DI-1", "keys are rotated"),
    )
)
"""All rules, in the order in which they are shown."""
