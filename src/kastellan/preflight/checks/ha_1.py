"""HA-1: pods can be evicted, ours and those that a drain meets."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, known, passed, undecided, warned
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.platform_facts import Budget
from kastellan.preflight.requirement import Requirement

_SHOWN = 5


def _disruptions(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = known(facts.disruptions)
    own = [one for one in seen.blocking if one.ours]
    beside = [one for one in seen.blocking if one.beside]
    refused = [one for one in seen.evictions if one.accepted is False]
    unclear = [one for one in seen.evictions if one.accepted is None]
    if own:
        return failed(
            f"our own budgets allow no eviction at present, because pods are missing: {_named(own)}",
            "see why pods of the installation are not ready: kubectl describe pod",
            owner=Party.VENDOR,
        )
    if beside:
        return failed(
            f"a second budget stands beside ours, and a pod of two budgets cannot be evicted: {_named(beside)}",
            "remove it: the installation brings its own budgets (DI-6)",
        )
    if refused:
        return failed(
            "; ".join(f"{one.subject}: {one.message}" for one in refused[:_SHOWN]),
            "let this identity evict pods of the installation; the API server's words say what refuses it",
        )
    if unclear:
        return undecided("; ".join(f"{one.subject}: {one.message}" for one in unclear[:_SHOWN]), "run it again")
    foreign = [one for one in seen.blocking if not one.ours]
    tried = f"; {len(seen.evictions)} evictions of ours were accepted in a dry run" if seen.evictions else ""
    if foreign:
        never = [one for one in foreign if one.never]
        said = f"{len(foreign)} of {seen.budgets} budgets allow no eviction, so a drain of their nodes waits"
        ever = f"; by their own terms never: {_named(never)}" if never else f": {_named(foreign)}"
        return warned(said + ever + tried, "let their owners allow one disruption, or bring back the pods they miss")
    return passed(f"each of {seen.budgets} budgets with pods allows an eviction{tried}")


def _named(budgets: list[Budget]) -> str:
    more = f" and {len(budgets) - _SHOWN} more" if len(budgets) > _SHOWN else ""
    return ", ".join(f"{one.name} ({one.pods} pods)" for one in budgets[:_SHOWN]) + more


HA_1 = Check(
    id="HA-1",
    title="pods can be evicted",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "every disruption budget allows an eviction, and one pod of each component of ours may be evicted"
    ),
    judge=_disruptions,
    reads=("disruptions",),
    gates=frozenset({Gate.MAINTENANCE}),
    guarantees=frozenset({Guarantee.MAINTENANCE}),
    clause="DI-2",
)
