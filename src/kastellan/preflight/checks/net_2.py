"""NET-2: HTTP/2 and gRPC come through the way in to the backend, with trailers.

What a GatewayClass claims is told as long as nothing can be tried: a claim is nobody's proof (GEP-2162, "Non-Goals"),
so it neither passes nor fails anything once a call went through.
"""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, not_applicable, passed, settled, tried, warned
from kastellan.preflight.dialogue import Dialogue
from kastellan.preflight.dialogue_verdict import problem
from kastellan.preflight.every_name import of_every
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import API, OPERATOR_HOST, Verdict
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.halves import Half, both
from kastellan.preflight.requirement import Requirement

_STEPS = ("dns", "tcp", "tls", "alpn", "http2", "grpc", "trailers", "idle", "header")
_H2C = "HTTPRouteBackendProtocolH2C"
"""An extended feature (gateway-api.sigs.k8s.io, "Backend Protocol")."""
_BACKEND = "let the proxy speak HTTP/2 to the backend (appProtocol kubernetes.io/h2c), and no other proxy before it"
_REMEDIATIONS = {
    "dns": "make the domain's records first (DNS-1)",
    "tcp": "open the port from here to the load balancer, or run the preflight from where users are",
    "tls": "see TLS-1",
    "alpn": "switch HTTP/2 on at the load balancer",
    "http2": "let whatever answers at the load balancer speak the HTTP/2 that it agrees to",
    "grpc": _BACKEND,
    "trailers": _BACKEND,
    "idle": "raise the idle and backend timeouts of every proxy on the way to a minute or more",
    "header": "let every proxy on the way take header fields of 8 KiB and more",
}


def _entry(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    called = settled(lambda: _called(facts))
    if called.left_out:
        return both(
            Half(vantage=OPERATOR_HOST, judge=lambda: _called(facts)),
            Half(vantage=API, judge=lambda: _claimed(facts)),
        )
    return called


def _called(facts: Facts) -> Verdict:
    return of_every(tried(facts.entry), _through)


def _through(seen: Dialogue) -> Verdict:
    wrong = problem(seen, _REMEDIATIONS, steps=_STEPS)
    if wrong:
        return wrong
    said = {step.name: step.said for step in seen.steps}
    return passed(f"{seen.told}: gRPC with trailers over HTTP/2; {said['idle']}; {said['header']}")


def _claimed(facts: Facts) -> Verdict:
    seen = tried(facts.entrance)
    if seen.kind != "GatewayClass" or not seen.controller:  # its absence is NET-1's
        return not_applicable("an Ingress has no way to claim HTTP/2 to the backend")
    told = f"GatewayClass {seen.name} of {seen.controller}"
    if seen.features is None:
        return warned(f"{told} says nothing about what it supports", "run this again once a release serves")
    if _H2C not in seen.features:
        return warned(f"{told} does not claim {_H2C}", f"{_BACKEND}; ask the controller's documentation")
    return passed(f"{told} claims {_H2C}, which nobody has verified yet")


NET_2 = Check(
    id="NET-2",
    title="gRPC comes through the way in",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "a gRPC health call over HTTP/2 is answered with trailers, also after silence and with 8 KiB headers"
    ),
    judge=_entry,
    reads=("entry", "entrance"),
    vantage=OPERATOR_HOST,
    gates=BOTH,
    guarantees=frozenset({Guarantee.AVAILABILITY}),
    version=2,
)
