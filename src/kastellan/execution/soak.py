"""Watches an installation for a while, or just long enough to judge it."""

from collections.abc import Sequence

from kastellan.domain.history import Verdict
from kastellan.domain.service_sample import Look, Seen
from kastellan.planning.service_verdict import ServiceLimits, ServiceVerdict, hopeless, judge
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress
from kastellan.ports.service_probe import ServiceProbe

_SHORTEST_PAUSE = 0.1
"""Seconds between two looks where one look takes longer than the interval."""
_VERIFICATION_PAUSE = 1.0
"""Seconds between two looks of a verification."""


def soak(probe: ServiceProbe, clock: Clock, progress: Progress, limits: ServiceLimits) -> ServiceVerdict:
    """Look again and again for `limits.soak`, and judge everything that was seen.

    Ends early where it can no longer pass: the rest of the window belongs to undoing.
    """
    looks: list[Look] = []
    began = clock.monotonic()
    total = limits.soak.total_seconds()
    while True:
        looked = clock.monotonic()
        looks.append(probe.look())
        spent = clock.monotonic() - began
        progress.report("soak", _told(looks), done=int(min(spent, total)), total=int(total))
        if hopeless(looks, limits) or (spent >= total and len(looks) >= limits.looks):
            return judge(looks, limits)
        clock.sleep(max(_SHORTEST_PAUSE, limits.pause.total_seconds() - (clock.monotonic() - looked)))


def verify_service(
    probe: ServiceProbe, clock: Clock, progress: Progress, limits: ServiceLimits, *, budget_seconds: float = 120.0
) -> ServiceVerdict:
    """Look until the last few looks, as many as a judgement needs, pass: for the moment right after a change.

    Ends when they do, or with what they say when the budget is spent.
    """
    looks: list[Look] = []
    began = clock.monotonic()
    while True:
        looks = [*looks, probe.look()][-limits.looks :]
        verdict = judge(looks, limits)
        spent = clock.monotonic() - began
        progress.report("verification", f"{spent:.0f} s, {_told(looks)}")
        if verdict.verdict is Verdict.PASSED or (spent >= budget_seconds and len(looks) >= limits.looks):
            return verdict
        clock.sleep(_VERIFICATION_PAUSE)


def _told(looks: Sequence[Look]) -> str:
    samples = [sample for look in looks for sample in look.samples]
    return f"{sum(sample.seen is Seen.GOOD for sample in samples)} of {len(samples)} answers good"
