"""NET-1: the controller of the way in is there, is maintained, and outlives a zone."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, tried, undecided, warned
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.platform_facts import Entrance
from kastellan.preflight.requirement import Requirement

_RETIRED = {"k8s.io/ingress-nginx": "ingress-nginx is retired and gets no security fixes since March 2026"}
"""Source: kubernetes.io blog, 29 January 2026, statement on Ingress NGINX."""
_OUTSIDE = (
    "ingress.k8s.aws/alb",
    "gateway.k8s.aws/alb",
    "networking.gke.io/gateway",
    "azure/application-gateway",
    "alb.networking.azure.io/alb-controller",
)
"""Controllers whose load balancer is the provider's: no pod of the cluster lets requests in."""
_ADD = "let the controller run at least two replicas in different zones (topologySpreadConstraints, or a DaemonSet)"
_LEAST_ZONES = 2
"""Where any one zone may be lost (DI-2), one with a way in has to be left."""


def _controller(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = tried(facts.entrance)
    told = f"{seen.kind} {seen.name or '(default)'}"
    if not seen.controller:
        which = f"there is no {told}" if seen.name else f"no {seen.kind} is named, and none is the default"
        return failed("; ".join(seen.problems) or which, "install the controller, or name the class that it serves")
    told = f"{told} of {seen.controller}"
    if seen.controller in _RETIRED:
        return failed(
            f"{told}: {_RETIRED[seen.controller]}",
            "move to a maintained controller, best one of the Gateway API; until then, waive this check until a day",
        )
    if seen.problems:
        return failed(f"{told}: {'; '.join(seen.problems)}", "look at the status of the class and of the Gateway")
    if not seen.namespace or seen.controller in _OUTSIDE:
        return passed(f"{told}, which runs outside of the cluster")
    return _spread(told, seen)


def _told(ports: tuple[int, ...]) -> str:
    *others, last = map(str, ports)
    return f"{', '.join(others)} or {last}" if others else last


def _spread(told: str, seen: Entrance) -> Verdict:
    where = f"{told}, in namespace {seen.namespace}"
    ways = {one.name: one.zones for one in seen.services} | {one.told: one.zones for one in seen.hosts}
    if not ways:
        return undecided(
            f"{where}: no Service lets requests in there, and no pod does at host port {_told(seen.ports)}, so whether "
            "it outlives a zone cannot be seen",
            "correct installation:routing.controllerNamespace, or attest how requests come in (docs/checks/NET-1.md)",
        )
    zones = {name: {zone for zone in entries if zone} for name, entries in ways.items()}
    counted = "; ".join(f"{name}: {', '.join(sorted(zones[name])) or 'no zone'}" for name in sorted(zones))
    weak = [name for name in ways if len(zones[name]) < _LEAST_ZONES]
    if not weak:
        return passed(f"{where}, lets requests in from several zones ({counted})")
    if len(weak) < len(ways):
        return warned(f"{where}: not every way in stands in two zones ({counted})", _ADD)
    if any("" in ways[name] for name in weak):
        return undecided(f"{where}: the zones of its endpoints are not known ({counted})", "label the nodes (ZON-1)")
    return failed(f"{where}: its ready endpoints do not stand in two zones ({counted})", _ADD)


NET_1 = Check(
    id="NET-1",
    title="the controller of the way in outlives a zone",
    owner=Party.CUSTOMER,
    expected=lambda _: f"a maintained controller for the named class, with endpoints in {_LEAST_ZONES} zones or more",
    judge=_controller,
    reads=("entrance",),
    gates=frozenset({Gate.INSTALL}),
    guarantees=frozenset({Guarantee.ZONE_LOSS, Guarantee.AVAILABILITY}),
    clause="DI-2",
    version=2,
)
