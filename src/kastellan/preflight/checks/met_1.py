"""MET-1: the autoscaler has metrics to go by."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, tried, undecided, warned
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Measure, Verdict
from kastellan.preflight.gate import WARN_ONLY
from kastellan.preflight.requirement import Requirement

_OLDEST_SECONDS = 300
"""metrics-server measures every 15 s by default; after five minutes an autoscaler acts on what was, not on what is."""
_SHOWN = 5


def _metrics(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = tried(facts.metrics)
    install = "install or mend metrics-server: without metrics the HorizontalPodAutoscaler does nothing"
    if seen.problem:
        return failed(seen.problem, install)
    if not seen.nodes:
        return undecided("no node is ready", "see ZON-1")
    if len(seen.silent) == seen.nodes:
        return failed(f"none of {seen.nodes} ready nodes has metrics", install)
    measure = Measure(value=seen.oldest_seconds, unit="seconds", limit=_OLDEST_SECONDS, more_is_better=False)
    if seen.oldest_seconds > _OLDEST_SECONDS:
        return failed(f"metrics of a node are {seen.oldest_seconds} s old", install, measure=measure)
    if seen.silent:
        more = " …" if len(seen.silent) > _SHOWN else ""
        said = f"{len(seen.silent)} of {seen.nodes} ready nodes have no metrics: {', '.join(seen.silent[:_SHOWN])}"
        return warned(said + more, "see why metrics-server does not reach their kubelets", measure)
    return passed(f"all {seen.nodes} ready nodes have metrics, at most {seen.oldest_seconds} s old", measure)


MET_1 = Check(
    id="MET-1",
    title="the autoscaler has metrics to go by",
    owner=Party.CUSTOMER,
    expected=lambda _: f"metrics of every ready node, at most {_OLDEST_SECONDS} s old",
    judge=_metrics,
    reads=("metrics",),
    gates=WARN_ONLY,
    clause="DI-2",
)
