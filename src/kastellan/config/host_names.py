"""What does not fit together in the host names of a stack, whatever the platform is."""

from collections.abc import Iterator

from kastellan.config.stack_model import ClusterModel, InstallationModel
from kastellan.config.stack_problem import reason_at
from kastellan.domain.host_names import HostNames, HostRole, Layout
from kastellan.domain.installation import RoutingKind
from kastellan.domain.reason import Reason

_LONGEST_NAME = 253
"""Characters of a fully qualified name (RFC 1035, section 2.3.4)."""


def hosts_of(model: InstallationModel) -> HostNames:
    """The names that a stack says."""
    return HostNames.of(model.domain, model.host_names)


def host_name_problems(model: InstallationModel) -> Iterator[Reason]:
    """Names that are too long, or taken by something else of the stack; a way in that cannot serve them."""
    hosts = hosts_of(model)
    yield from _taken(model, hosts)
    if model.host_names is Layout.SINGLE_DOMAIN:
        return
    first, _, rest = model.domain.partition(".")
    if first in [*HostRole]:
        message = f"the four names lie below the domain, so one of them would be {HostRole.ISSUER}.{model.domain}"
        yield reason_at("domain", message, f"write {rest}, or hostNames: {Layout.SINGLE_DOMAIN}")
    longest = max(hosts.every, key=len)
    if len(longest) > _LONGEST_NAME:
        message = f"{longest.partition('.')[0]}.… would have {len(longest)} characters, allowed are {_LONGEST_NAME}"
        yield reason_at("domain", message, "take a shorter domain")
    if isinstance(model, ClusterModel) and model.routing.kind is RoutingKind.INGRESS:
        message = (
            "an Ingress can neither name the issuer to ZITADEL nor lead to another host, so it cannot serve four names"
        )
        yield reason_at("routing.kind", message, "take gateway or edge, or none and route by own means (docs/adr/0006)")


def _taken(model: InstallationModel, hosts: HostNames) -> Iterator[Reason]:
    """A server of the customer's that has one of the names would not be found any more."""
    relay = model.probes.mail
    others = {
        "database.host": model.database.host if isinstance(model, ClusterModel) else "",
        "probes.mail.host": relay.host if relay else "",
    }
    for path, name in others.items():
        if name.lower() in hosts.every:
            yield reason_at(path, f"{name} is a name of the installation itself", "give the server another name")
