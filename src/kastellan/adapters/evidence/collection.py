"""Collects groups of facts at the same time; each is there, or Unknown with its reason, and one never stops another."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, fields
from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Facts, and how each group of them was come by.

    Attributes:
        facts: what was seen.
        evidence: by the name of the group.
    """

    facts: Facts
    evidence: Mapping[str, Evidence]


def collect(collectors: Mapping[str, Collector], clock: Clock, progress: Progress) -> Collected:
    """Run all collectors at the same time.

    Args:
        collectors: by the name of the group in `Facts`; a group without one is Unknown.
        clock: for the times of the evidence.
        progress: told after each group.
    """
    facts: dict[str, Any] = {}
    evidence: dict[str, Evidence] = {}
    with ThreadPoolExecutor(max_workers=max(1, len(collectors))) as pool:
        running = {pool.submit(_collected, look, clock): name for name, look in collectors.items()}
        for done, future in enumerate(as_completed(running), start=1):
            name = running[future]
            facts[name], started, milliseconds = future.result()
            evidence[name] = evidence_of(name, facts[name], started, milliseconds)
            progress.report("collecting", name.replace("_", " "), done=done, total=len(running))
    missing = {field.name: _NOBODY for field in fields(Facts) if field.name not in facts}
    return Collected(facts=Facts(**facts, **missing), evidence=evidence)


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
