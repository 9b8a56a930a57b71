"""The probes from this machine, as collectors of their groups of facts."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from kastellan.adapters.probe.deadline import within
from kastellan.adapters.probe.way_in import balancer, way_in
from kastellan.config.stack import StackConfig
from kastellan.domain.image import Image
from kastellan.domain.installation import Installation
from kastellan.domain.probing import EntryPoint, Probing
from kastellan.ports.cluster import Cluster
from kastellan.preflight.facts import Unknown, left_out
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.time_limits import HOST_PROBE_SECONDS

_NO_MAIL = NotProbed(why="no mail relay is named (installation:probes.mail)")
_NO_STORE = NotProbed(why="no object storage is named (installation:probes.objectStore)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAccess:
    """What probes may do and need to know.

    Attributes:
        probing: what to try.
        allowed: whether something may be put anywhere: a canary into the object storage, pods into the cluster.
        mail_password: of the relay's user.
        object_store_secret: of the access key.
        images: of the release, to be pulled in every zone; empty where no stack names them.
        settle_seconds: how long a network policy may take until every zone sees it.
    """

    probing: Probing = field(default_factory=Probing)
    allowed: bool = False
    mail_password: str = field(repr=False, default="")
    object_store_secret: str = field(repr=False, default="")
    images: tuple[Image, ...] = ()
    settle_seconds: float = 20.0

    @classmethod
    def of(cls, stack: StackConfig, *, allowed: bool) -> "ProbeAccess":
        """What a stack says; where its secrets are sealed, the probes that need one are left out."""
        secrets, of = stack.secrets, stack.installation
        return cls(
            images=(of.images.zitadel, of.images.login, *([of.routing.edge.image] if of.routing.edge else [])),
            probing=stack.probing,
            allowed=allowed,
            mail_password=secrets.mail_password if secrets else "",
            object_store_secret=secrets.object_store_secret if secrets else "",
        )


def host_collectors(
    cluster: Cluster, installation: Installation, access: ProbeAccess
) -> Mapping[str, Callable[[], Any]]:
    """A collector for every group that this machine can see."""
    probes: dict[str, Callable[[], Any]] = {
        "names": lambda: _names(cluster, installation, access.probing),
        "handshake": lambda: _handshake(cluster, installation, access.probing),
        "entry": lambda: _entry(cluster, installation, access.probing),
        "mail": lambda: _mail(access),
        "canary": lambda: _canary(installation, access),
    }
    return {name: _bounded(name, probe) for name, probe in probes.items()}


def _bounded(name: str, probe: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: within(HOST_PROBE_SECONDS, name, probe)


def _names(cluster: Cluster, installation: Installation, probing: Probing) -> Any:
    from kastellan.adapters.probe.dns_facts import collect_names

    entry = way_in(cluster, installation, probing)
    if not isinstance(entry, EntryPoint):
        return entry
    where = entry.addresses or balancer(cluster, installation)
    return _of_each(
        installation.hosts.every,
        lambda name: collect_names(
            name,
            probing.resolvers,
            balancer=[one for one in where if _is_address(one)],
            balancer_names=[one.rstrip(".") for one in where if not _is_address(one)],
            issuer=entry.issuer,
        ),
    )


def _handshake(cluster: Cluster, installation: Installation, probing: Probing) -> Any:
    from kastellan.adapters.probe.tls_facts import collect_handshake

    entry = way_in(cluster, installation, probing)
    if not isinstance(entry, EntryPoint):
        return entry
    return _of_each(installation.hosts.every, lambda name: collect_handshake(name, entry.port, entry.ca))


def _entry(cluster: Cluster, installation: Installation, probing: Probing) -> Any:
    from kastellan.adapters.probe.entry_facts import collect_entry

    entry = way_in(cluster, installation, probing, backend=True)
    if not isinstance(entry, EntryPoint):
        return entry
    return _of_each(installation.hosts.served, lambda name: collect_entry(name, entry.port, entry.ca))


def _of_each(names: Sequence[str], collect: Callable[[str], Any]) -> tuple[Any, ...]:
    """What is collected of each name, all at the same time, as one silence lasts as long as a whole probe."""
    if len(names) == 1:
        return (collect(names[0]),)
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        return tuple(pool.map(collect, names))


def _mail(access: ProbeAccess) -> Any:
    from kastellan.adapters.probe.mail_facts import collect_mail

    relay = access.probing.mail
    if relay is None:
        return _NO_MAIL
    if relay.user and not access.mail_password:
        return _sealed("the relay's password")
    return collect_mail(relay, access.mail_password, access.probing.resolvers)


def _canary(installation: Installation, access: ProbeAccess) -> Any:
    from kastellan.adapters.probe.object_store_facts import collect_canary

    store = access.probing.object_store
    if store is None:
        return _NO_STORE
    if not access.allowed:
        return left_out("writing a canary is left out of a read-only run", "run it with --probes")
    if not access.object_store_secret:
        return _sealed("the object storage's secret")
    return collect_canary(store, access.object_store_secret, owner=installation.name)


def _sealed(what: str) -> Unknown:
    return left_out(f"{what} is not known here", "run the preflight of the stack, which decrypts it")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
