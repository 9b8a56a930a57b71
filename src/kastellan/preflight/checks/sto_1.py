"""STO-1: every zone can mount volumes of the storage class, where there is one."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, broken, failed, folded, known, passed, tried, undecided, warned
from kastellan.preflight.eligible_node import eligible
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import API, Part, Verdict, in_zone
from kastellan.preflight.gate import Gate
from kastellan.preflight.halves import Half, both
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.platform_facts import Storage, StorageClass
from kastellan.preflight.requirement import Requirement

_STATIC = "kubernetes.io/no-provisioner"
"""Of a class whose volumes a person makes (kubernetes.io, "Storage Classes", section "Local")."""
_EVERYWHERE = "let the class provision in every zone (volumeBindingMode: WaitForFirstConsumer, allowedTopologies)"


def _volumes(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return both(
        Half(vantage=API, judge=lambda: _described(facts, requirement)),
        Half(vantage="pods in every zone", judge=lambda: _mounted(facts, requirement)),
    )


def _described(facts: Facts, requirement: Requirement) -> Verdict:
    seen = tried(facts.storage)
    zones = {node.zone for node in known(facts.nodes) if node.zone and not eligible(node, requirement)}
    chosen = next((one for one in seen.classes if one.name == seen.asked), None)
    if chosen is None:
        others = ", ".join(one.name for one in seen.classes) or "none"
        return failed(f"there is no StorageClass {seen.asked} (there are: {others})", "make it, or name another one")
    if not zones:
        return undecided("no zone takes pods, so it cannot be told where volumes are needed", "see ZON-1")
    told = f"{chosen.name} of {chosen.provisioner}"
    wrong = _wrong(chosen, seen, zones)
    if wrong:
        return failed(f"{told} {wrong}", _EVERYWHERE)
    weak = _weak(chosen, seen)
    if weak:
        return warned(f"{told} {', '.join(weak)}", "change the class, or know what it means for the database")
    return passed(
        f"{told} may provision in {', '.join(sorted(zones))}, lets volumes grow, reclaims by {chosen.reclaim}"
        + (", has a snapshot class" if seen.snapshots else "")
    )


def _wrong(chosen: StorageClass, seen: Storage, zones: set[str]) -> str:
    if chosen.zones is not None and (missing := sorted(zones - set(chosen.zones))):
        return f"does not provision in {', '.join(missing)} (allowedTopologies)"
    if seen.driver_zones is not None and (missing := sorted(zones - set(seen.driver_zones))):
        return f"has no driver on any node of {', '.join(missing)}"
    if not chosen.waits and seen.by_place:
        return "binds a volume before its pod is placed (Immediate), so the volume's zone decides for the pod"
    return ""


def _weak(chosen: StorageClass, seen: Storage) -> list[str]:
    defaults = [one.name for one in seen.classes if one.default]
    return [
        *(["provisions nothing by itself: every volume is made by a person"] if chosen.provisioner == _STATIC else []),
        *(["does not let volumes grow"] if not chosen.expands else []),
        *([f"is one of several that call themselves default ({', '.join(defaults)})"] if len(defaults) > 1 else []),
    ]


def _mounted(facts: Facts, requirement: Requirement) -> Verdict:
    seen = tried(facts.volumes)
    if seen.control_bound:
        return broken(
            "a claim of a class that nobody has was bound, so that others were bound proves nothing",
            "find out what bound it; if nothing on the platform explains it, report it as a defect",
        )
    parts = [
        Part(
            vantage=in_zone(one.zone),
            outcome=Outcome.PASS if one.held else Outcome.FAIL,
            observed=f"a volume of {one.storage_class} was bound, written and read" if one.held else one.said,
        )
        for one in seen.tried
    ]
    if len(parts) < requirement.zones:
        said = f"seen from {len(parts)} of {requirement.zones} zones only"
        parts.append(Part(vantage=API, outcome=Outcome.UNKNOWN, observed=said))
    return folded(parts, _EVERYWHERE)


STO_1 = Check(
    id="STO-1",
    title="every zone can mount volumes",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "the class may provision in every zone, where the pod is placed; a claim is bound, written and read in each, "
        "and one of a class that nobody has is not"
    ),
    judge=_volumes,
    reads=("storage", "nodes", "volumes"),
    vantage="pods in every zone",
    gates=frozenset({Gate.INSTALL}),
    version=3,
)
