"""Between typed facts and ledger entries: every fact has one kind and one key, and is read as it was written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from kastellan.domain.history import (
    Decided,
    DecisionKind,
    EmergencyOpened,
    Enrolled,
    Fact,
    History,
    Item,
    NoticeReceived,
    RunEnded,
    RunStarted,
    TerminationNoticed,
    TerminationWithdrawn,
    Verdict,
    WindowOffered,
)
from kastellan.domain.ledger import Draft, Json, LedgerEntry, utc_instant, utc_text
from kastellan.domain.party import Party
from kastellan.domain.release import ReleaseClass
from kastellan.domain.version import Version

KINDS: Mapping[str, type[Fact]] = {
    "enrolled": Enrolled,
    "emergency-opened": EmergencyOpened,
    "window-offered": WindowOffered,
    "notice-received": NoticeReceived,
    "decided": Decided,
    "run-started": RunStarted,
    "run-ended": RunEnded,
    "termination-noticed": TerminationNoticed,
    "termination-withdrawn": TerminationWithdrawn,
}
"""Kind of the ledger entry → type of the fact."""
_KIND_OF = {kind: name for name, kind in KINDS.items()}
_REPEATABLE = frozenset({"decided", "run-started", "run-ended", "termination-noticed", "termination-withdrawn"})
"""Kinds of which one item may have several: their instant is part of the key."""
_READERS: Mapping[str, Callable[[str], Any]] = {
    "item": Item,
    "start": utc_instant,
    "end": utc_instant,
    "chosen": utc_instant,
    "version": Version.parse,
    "kind": DecisionKind,
    "verdict": Verdict,
    "attribution": Party,
    "release_class": ReleaseClass,
}
"""Field → how its text is read; every other field is text itself."""


def draft(fact: Fact) -> Draft:
    """What the ledger records of a fact."""
    kind = _KIND_OF[type(fact)]
    body = {each.name: _json(getattr(fact, each.name)) for each in fields(fact) if each.name != "at"}
    parts = [kind, *(str(body[name]) for name in ("item", "start") if body.get(name))]
    if kind in _REPEATABLE:
        parts.append(utc_text(fact.at))
    return Draft(kind=kind, key="/".join(parts), at=fact.at, body=body)


def read(entries: Iterable[LedgerEntry]) -> History:
    """The facts that a ledger holds; kinds that are no facts about clocks, such as deliveries, are left out.

    Raises:
        ValueError: an entry is none that `draft` could have made.
    """
    return History(tuple(_fact(entry) for entry in entries if entry.kind in KINDS))


def _fact(entry: LedgerEntry) -> Fact:
    kind = KINDS[entry.kind]
    try:
        values = {name: _read(name, value) for name, value in entry.body.items()}
        return kind(at=entry.at, **values)
    except (TypeError, ValueError) as cause:
        raise ValueError(f"entry {entry.sequence} of {entry.installation} is no {entry.kind}: {cause}") from cause


def _read(name: str, value: Json) -> Any:
    reader = _READERS.get(name)
    return reader(str(value)) if reader is not None and value is not None else value


def _json(value: object) -> Json:
    if value is None:
        return None
    return utc_text(value) if isinstance(value, datetime) else str(value)
