"""NET-2: HTTP/2 and gRPC come through the way in to the backend, with trailers."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, passed, tried
from kastellan.preflight.dialogue_verdict import problem
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import OPERATOR_HOST, Verdict
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement

_STEPS = ("dns", "tcp", "tls", "alpn", "http2", "grpc", "trailers", "idle", "header")
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
    seen = tried(facts.entry)
    wrong = problem(seen, _REMEDIATIONS, steps=_STEPS)
    if wrong:
        return wrong
    said = {step.name: step.said for step in seen.steps}
    return passed(f"{seen.told}: gRPC with trailers over HTTP/2; {said['idle']}; {said['header']}")


NET_2 = Check(
    id="NET-2",
    title="gRPC comes through the way in",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "a gRPC health call over HTTP/2 is answered with trailers, also after silence and with 8 KiB headers"
    ),
    judge=_entry,
    reads=("entry",),
    vantage=OPERATOR_HOST,
    gates=BOTH,
    guarantees=frozenset({Guarantee.AVAILABILITY}),
)
