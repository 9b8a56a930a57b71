"""STO-1: every zone can mount volumes of the storage class, where there is one."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, folded, tried
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Part, Verdict, in_zone
from kastellan.preflight.gate import Gate
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement


def _volumes(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = tried(facts.volumes)
    parts = [
        Part(
            vantage=in_zone(one.zone),
            outcome=Outcome.PASS if one.held else Outcome.FAIL,
            observed=f"a volume of {one.storage_class} was bound, written and read" if one.held else one.said,
        )
        for one in seen
    ]
    if len(parts) < requirement.zones:
        said = f"seen from {len(parts)} of {requirement.zones} zones only"
        parts.append(Part(vantage="api", outcome=Outcome.UNKNOWN, observed=said))
    return folded(
        parts, "let the class provision in every zone (volumeBindingMode: WaitForFirstConsumer, allowedTopologies)"
    )


STO_1 = Check(
    id="STO-1",
    title="every zone can mount volumes",
    owner=Party.CUSTOMER,
    expected=lambda _: "a claim of the storage class is bound, written and read in every zone",
    judge=_volumes,
    reads=("volumes",),
    vantage="pods in every zone",
    gates=frozenset({Gate.INSTALL}),
)
