"""Collects groups of facts at the same time; each is there, or Unknown with its reason, and one never stops another."""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from queue import Empty, Queue
from typing import Any

from kastellan.adapters.evidence.facts_document import group_document
from kastellan.domain.canonical import digest
from kastellan.domain.errors import ForbiddenError, KastellanError, TemporaryError
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.ports.clock import Clock
from kastellan.ports.progress import Progress
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.finding import Evidence

Collector = Callable[[], Any]
"""Collects one group of `Facts`; what it raises makes the group Unknown."""
_LOOK_SECONDS = 0.1
"""How often the clock is looked at while nobody answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Facts, and how each group of them was come by.

    Attributes:
        facts: what was seen.
        evidence: by the name of the group.
    """

    facts: Facts
    evidence: Mapping[str, Evidence]


def collect(
    collectors: Mapping[str, Collector], clock: Clock, progress: Progress, *, ends: float = math.inf
) -> Collected:
    """Run all collectors at the same time.

    A thread cannot be killed: one that has not ended by the end of the run goes on by itself, its waits are bounded,
    and nobody hears what it finds.

    Args:
        collectors: by the name of the group in `Facts`; a group without one is Unknown.
        clock: for the times of the evidence, and for the end.
        progress: told after each group.
        ends: instant on the monotonic clock after which every group that is not there is Unknown.
    """
    facts: dict[str, Any] = {}
    evidence: dict[str, Evidence] = {}
    started, began = clock.now(), clock.monotonic()
    answers: Queue[tuple[str, Any, datetime, int]] = Queue()
    for name, look in collectors.items():
        task = partial(_answer, answers, name, look, clock)
        threading.Thread(target=task, name=f"collecting {name}", daemon=True).start()
    while len(facts) < len(collectors):
        try:
            name, facts[name], since, milliseconds = answers.get(timeout=_LOOK_SECONDS)
        except Empty:
            if clock.monotonic() >= ends:
                break
            continue
        evidence[name] = evidence_of(name, facts[name], since, milliseconds)
        progress.report("collecting", name.replace("_", " "), done=len(facts), total=len(collectors))
    for name in collectors.keys() - facts.keys():
        facts[name] = _late(clock.monotonic() - began)
        evidence[name] = evidence_of(name, facts[name], started, round((clock.monotonic() - began) * 1000))
    missing = {field.name: _NOBODY for field in fields(Facts) if field.name not in facts}
    return Collected(facts=Facts(**facts, **missing), evidence=evidence)


def _answer(answers: "Queue[tuple[str, Any, datetime, int]]", name: str, look: Collector, clock: Clock) -> None:
    answers.put((name, *_collected(look, clock)))


def _late(seconds: float) -> Unknown:
    return Unknown(
        Reason(
            code="no-time",
            message=f"no answer within {seconds:.0f} s, after which a whole run ends",
            owner=Party.CUSTOMER,
            remediation="see what does not answer, or answers so slowly, and run the preflight again; --only leaves "
            "the rest out",
            clause="DI-4",
        )
    )


def evidence_of(name: str, group: Any, started: datetime, milliseconds: int) -> Evidence:
    """A group's evidence, with the digest of what was seen."""
    return Evidence(facts=name, sha256=digest(group_document(name, group)), started=started, milliseconds=milliseconds)


def _collected(look: Collector, clock: Clock) -> tuple[Any, datetime, int]:
    started, began = clock.now(), clock.monotonic()
    try:
        group = look()
    except KastellanError as problem:
        group = Unknown(_reason(problem))
    except Exception as malformed:  # whatever it is, the other groups go on and the checks of this one say so
        group = Unknown(
            Reason(
                code="not-understood",
                message=f"an answer is not as its API describes it ({_short(malformed)})",
                owner=Party.VENDOR,
                remediation="look at the object with kubectl; if it is valid, report this as a defect of kastellan",
                clause="DI-4",
            )
        )
    return group, started, round((clock.monotonic() - began) * 1000)


def _short(malformed: Exception) -> str:
    return " ".join(f"{type(malformed).__name__}: {malformed}".split())[:200]


def _reason(problem: KastellanError) -> Reason:
    if isinstance(problem, ForbiddenError):
        code = "right-missing"
    else:
        code = "no-answer" if isinstance(problem, TemporaryError) else "not-collected"
    return Reason(
        code=code,
        message=problem.message,
        owner=problem.owner,
        remediation=problem.remediation or "run the preflight again",
        clause="DI-4",
    )


_NOBODY = Unknown(
    Reason(
        code="not-collected",
        message="nobody collected it",
        owner=Party.VENDOR,
        remediation="run the preflight with everything that it needs",
        clause="DI-4",
    )
)
