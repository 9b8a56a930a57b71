"""What a preflight is run against: a stack, or a bare cluster and database."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.cli.unsealed_stack import unsealed_stack
from kastellan.config.catalogue_file import packaged_catalogue
from kastellan.config.stack import StackConfig
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.host_names import HostNames
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.installation import Database, Installation
from kastellan.domain.restore_storage import RestorePointSettings
from kastellan.domain.secrets import Secrets
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.size import SizeName
from kastellan.manifests.release import render
from kastellan.manifests.release_manifests import ReleaseManifests

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""RFC 1123 label (kubernetes.io, "Object Names and IDs")."""
_ANY_DIGEST = "sha256:" + "0" * 64
"""Nothing of a preflight pulls an image, so for a cluster without a stack any digest does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightTarget:
    """One target.

    Attributes:
        name: for people.
        kubeconfig: content of the kubeconfig.
        context: context in it, or empty.
        installation: what shall run there.
        manifests: its objects; their secrets are placeholders, because dry runs need none.
        database: how to reach it, or None.
        probes: what to try besides.
        plan: of the contract, if there is one.
        exemptions: file of waivers and attestations that the stack names, if it does.
        restore_points: where they lie; a provider that is named there is asked about the database, too.
    """

    name: str
    kubeconfig: str = field(repr=False)
    context: str
    installation: Installation
    manifests: ReleaseManifests
    database: DatabaseAccess | None
    probes: ProbeAccess = field(default_factory=ProbeAccess)
    plan: ServicePlan | None = None
    exemptions: Path | None = None
    restore_points: RestorePointSettings | None = None


def stack_target(name: str, *, kubeconfig: str, context: str, database: DatabaseAccess | None) -> PreflightTarget:
    """A stack's own installation; cluster and database may be given instead of the stack's.

    Raises:
        InvalidInputError: the stack is not there, or its configuration is not valid.
    """
    return target_of(unsealed_stack(name), kubeconfig=kubeconfig, context=context, database=database)


def target_of(
    stack: StackConfig, *, kubeconfig: str = "", context: str = "", database: DatabaseAccess | None = None
) -> PreflightTarget:
    """The target that a parsed stack describes."""
    return PreflightTarget(
        name=f"stack {stack.installation.name}",
        kubeconfig=kubeconfig or stack.kubeconfig,
        context=context or stack.context,
        installation=stack.installation,
        manifests=render(stack.installation, Secrets.placeholders()),
        database=database or DatabaseAccess.of(stack),
        probes=ProbeAccess.of(stack, allowed=False),
        plan=stack.contract.plan if stack.contract else None,
        exemptions=stack.exemptions,
        restore_points=stack.restore_points,
    )


def bare_target(
    kubeconfig: str, context: str, database: DatabaseAccess | None, *, size: str, namespace: str
) -> PreflightTarget:
    """A cluster that has no stack yet: judged for the newest release in the given size.

    Raises:
        InvalidInputError: no namespace can have this name.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise InvalidInputError(
            f"--namespace: {namespace[:70]!r} is no name of a namespace: lower-case letters, digits and -, at most 63"
        )
    newest = packaged_catalogue().newest
    if newest is None:
        raise InvalidInputError("the release catalogue is empty")
    image = Image("localhost/preflight", _ANY_DIGEST)
    installation = Installation(
        name="preflight",
        version=newest.version,
        images=ImageSet(zitadel=image, login=image),
        hosts=HostNames(issuer="id.preflight.example"),
        namespace=namespace,
        size_name=SizeName(size),
        database=Database(
            host=database.host if database else "db.preflight.example",
            port=database.port if database else 5432,
            name=database.name if database else "zitadel",
            user=database.user if database else "zitadel",
            ca=database.ca if database else "",
        ),
    )
    manifests = render(installation, Secrets.placeholders())
    return PreflightTarget(
        name="a cluster without a stack",
        kubeconfig=kubeconfig,
        context=context,
        installation=installation,
        manifests=manifests,
        database=database,
    )
