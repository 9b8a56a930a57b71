"""How far a migration has come, by what the database itself records of it.

ZITADEL's `setup` writes an event when a step begins and one when it ends (facts measured on v4.13.1: aggregate type
`system`, types `system.migration.started`, `.done`, `.failed` and `.repeatable.done`, the step's name in the payload).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_PAUSE = timedelta(minutes=1)
"""A step begins at once when the one before has ended; after a longer pause it is another setup's."""
_GRAIN = 10
"""Seconds are told in tens, so that a line of progress is not a line a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationEvent:
    """One event.

    Attributes:
        step: name of the step, such as `03_default_instance`.
        began: whether the step began; else it ended, well or not.
        at: when, by the database's clock (UTC).
    """

    step: str
    began: bool
    at: datetime


def told(events: Sequence[MigrationEvent], now: datetime) -> str:
    """Where the newest setup stands, in a few words; empty where nothing is recorded.

    Args:
        events: the newest ones of the database, oldest first, of this setup and, where there was one, of that before.
        now: by the database's clock.
    """
    setups = _setups(events)
    if not setups:
        return ""
    last, before = setups[-1], setups[-2] if len(setups) > 1 else ()
    words = []
    open_ = last[-1] if last[-1].began else None
    if open_ is not None:
        words.append(f"step {open_.step} for {_tens(now - open_.at)}")
    ended = sum(not event.began for event in last)
    words.append(f"{ended} step{'' if ended == 1 else 's'} ended in {_tens(now - last[0].at)}")
    if before:
        words.append(f"the setup before took {_tens(before[-1].at - before[0].at)}")
    return ", ".join(words)


def _setups(events: Sequence[MigrationEvent]) -> list[Sequence[MigrationEvent]]:
    """Events by setup: a step that begins long after another ended, or while another is open, is of the next setup."""
    found: list[list[MigrationEvent]] = []
    for event in events:
        last = found[-1][-1] if found else None
        if last is None or (event.began and (last.began or event.at - last.at > _PAUSE)):
            found.append([])
        found[-1].append(event)
    return [*found]


def _tens(spent: timedelta) -> str:
    seconds = max(0, int(spent.total_seconds()))
    if seconds < _GRAIN:
        return f"less than {_GRAIN} s"
    return f"{seconds // _GRAIN * _GRAIN} s"
