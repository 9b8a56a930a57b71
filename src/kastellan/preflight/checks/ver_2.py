"""VER-2: kubelets fit the API server."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.version_number import minor_of

_OLDEST_KUBELET = 3
"""Minors by which a kubelet may be older than the API server; it may never be newer (kubernetes.io, version skew)."""


def _skew(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    server = minor_of(known(facts.server_version))
    nodes, wrong = known(facts.nodes), []
    if not nodes:
        return failed("there are no nodes", "add nodes")
    for node in nodes:
        kubelet = minor_of(node.kubelet)
        if kubelet > server or server[1] - kubelet[1] > _OLDEST_KUBELET or kubelet[0] != server[0]:
            wrong.append(f"{node.name} ({node.kubelet})")
    if wrong:
        return failed(
            f"outside the allowed skew: {', '.join(wrong[:5])}{' …' if len(wrong) > 5 else ''}",
            "finish the nodes' upgrade; the control plane is upgraded first",
        )
    return passed(f"all {len(nodes)} kubelets are within the allowed skew of {server[0]}.{server[1]}")


VER_2 = Check(
    id="VER-2",
    title="kubelets fit the API server",
    owner=Party.CUSTOMER,
    expected=lambda _: f"never newer, at most {_OLDEST_KUBELET} minor versions older",
    judge=_skew,
    reads=("server_version", "nodes"),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
    gates=frozenset({Gate.MAINTENANCE}),
)
