"""TLS-2's probe as a collector: when a certificate is asked for, and when it is not and why."""

import math
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from kastellan.adapters.kubernetes.access_facts import access as access_of
from kastellan.adapters.kubernetes.issuance_facts import unasked
from kastellan.adapters.probe.host_probes import ProbeAccess
from kastellan.adapters.probe.issuance_run import IssuanceRun, issuer_ref
from kastellan.adapters.probe.own_thread import OwnThread
from kastellan.adapters.probe.waiting import Waiting
from kastellan.domain.errors import ForbiddenError
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.party import Party
from kastellan.domain.probing import Issuer
from kastellan.domain.reason import Reason
from kastellan.planning.issuance_rights import issuance_rights
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress
from kastellan.preflight.acme_directory import in_earnest
from kastellan.preflight.facts import Unknown, left_out
from kastellan.preflight.probe_facts import NotProbed

_NO_ISSUER = left_out(
    "no issuer is named, so no certificate was asked for",
    "name cert-manager's issuer of the way in, for ACME one of its staging directory, in installation:probes.issuer, "
    "and run it with --probes",
)
_READ_ONLY = left_out("asking for a certificate is left out of a read-only run", "run it with --probes")


def issuance_collector(
    cluster: Cluster,
    installation: Installation,
    access: ProbeAccess,
    clock: Clock,
    progress: Progress,
    *,
    ends: float = math.inf,
) -> Mapping[str, Callable[[], Any]]:
    """The collector of `issued`; before `ends`, on the monotonic clock, it ends so early that all can be taken away."""
    waiting = Waiting.of_run(clock, progress, ends=ends)
    return {"issued": lambda: _issued(cluster, installation, access, waiting)}


def _issued(cluster: Cluster, installation: Installation, access: ProbeAccess, waiting: Waiting) -> Any:
    issuer = access.probing.issuer
    nothing = unasked(cluster, installation)
    if isinstance(nothing, NotProbed):
        return nothing
    if issuer is None:
        return _NO_ISSUER
    if not access.allowed:
        return _READ_ONLY
    if nothing is not None:
        return nothing
    _expect_rights(cluster, installation, issuer)
    directory = _directory(cluster.get(issuer_ref(installation, issuer)))
    if in_earnest(directory):
        return _not_asked(issuer, directory)
    run = IssuanceRun(
        cluster=cluster, waiting=waiting, installation=installation, issuer=issuer, run=secrets.token_hex(6)
    )
    return OwnThread(lambda: {"issued": run.issued()}, name="asking for a certificate").group("issued")


def _expect_rights(cluster: Cluster, installation: Installation, issuer: Issuer) -> None:
    """Before anything is made: whoever may make a Certificate and not delete it would leave it there."""
    rights = issuance_rights(installation, issuer)
    missing = [answer.right for answer in access_of(cluster, rights) if not answer.allowed]
    if missing:
        raise ForbiddenError(
            f"nothing was asked for, because our identity may not: {', '.join(missing)}",
            owner=Party.CUSTOMER,
            remediation="grant what `kastellan preflight rbac --probes` prints, or leave the issuer out of "
            "installation:probes",
        )


def _directory(live: Manifest | None) -> str:
    spec = (live or {}).get("spec", {})
    return str(spec.get("acme", {}).get("server", ""))


def _not_asked(issuer: Issuer, directory: str) -> Unknown:
    reason = Reason(
        code="not-asked",
        message=f"{issuer} issues in earnest ({directory}), so it was not asked: its certificates are limited by "
        "domain and week",
        owner=Party.VENDOR,
        remediation="name an issuer of the authority's staging directory in installation:probes.issuer; where there is "
        "none, the customer makes it like that of the way in, with the same solvers",
        clause="DI-4",
    )
    return Unknown(reason)
