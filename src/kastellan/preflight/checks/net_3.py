"""NET-3: network policies are enforced."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, failed, passed, tried, undecided
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement

_PHASES = ("baseline", "ingress denied", "ingress allowed", "egress denied", "egress allowed")


def _isolation(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    phases = tried(facts.isolation).phases
    if not phases:
        return undecided("nothing was tried", "run the preflight again")
    last = phases[-1]
    if last.others:
        where = ", ".join(last.others)
        if last.name == "baseline":
            return broken(
                f"the probe's server is not reached from {where} without a policy, so blocking proves nothing",
                "see whether the cluster closes new namespaces by itself; if it does not, report a defect",
            )
        waited = f"after {last.milliseconds / 1000:.0f} s"
        if last.reachable:
            return failed(
                f"{last.name}: what a policy allows is still blocked from {where} {waited}",
                "see why the CNI does not apply the policy that allows; ask its vendor with docs/checks/NET-3.md",
            )
        return failed(
            f"{last.name}: the server is still reached from {where} {waited}: policies are accepted and not enforced",
            "use a CNI that enforces NetworkPolicy (such as Cilium or Calico), or switch its policy engine on",
        )
    if tuple(phase.name for phase in phases) != _PHASES:
        return undecided(f"it ended after {last.name}", "run the preflight again")
    if len(last.zones) < requirement.zones:
        return undecided(
            f"enforced, but seen from {len(last.zones)} zone(s) only: {', '.join(last.zones)}",
            "let the other zones have real nodes that take pods (ZON-1)",
        )
    slowest = max(phase.milliseconds for phase in phases[1:]) / 1000
    return passed(
        f"denied and allowed in both directions from {', '.join(last.zones)}, within {slowest:.0f} s",
        Measure(value=slowest, unit="seconds", more_is_better=False),
    )


NET_3 = Check(
    id="NET-3",
    title="network policies are enforced",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "reached without a policy, blocked by one that denies, reached by one that allows; both directions"
    ),
    judge=_isolation,
    reads=("isolation",),
    vantage="pods in every zone",
    gates=frozenset({Gate.INSTALL}),
    guarantees=frozenset({Guarantee.ISOLATION}),
    clause="DI-1",
)
