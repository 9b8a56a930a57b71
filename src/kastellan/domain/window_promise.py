"""The windows that a customer was promised, as they were recorded, and how they may change.

Rules, holidays and time zones change with files and libraries; a promise does not. Windows are materialised thirteen
months ahead. What a recomputation would change is proposed with a notice and takes effect after it; the rest stays.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import rfc8785

from kastellan.domain.interval import Interval
from kastellan.domain.ledger import Draft, Json, LedgerEntry, utc_instant, utc_text
from kastellan.domain.local_time import Month
from kastellan.domain.quarterly_promise import MONTHS_AHEAD

PLANNED = "windows-planned"
CHANGED = "windows-change-proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedSpan:
    """Windows that begin in a stretch of time.

    Attributes:
        since: from when on these windows hold.
        until: up to when they were planned.
        windows: those that begin in between, ascending.
    """

    since: datetime
    until: datetime
    windows: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class WindowPromise:
    """All that was promised, in the order in which it was recorded; a later span replaces what it overlaps."""

    spans: tuple[PromisedSpan, ...] = ()

    @property
    def until(self) -> datetime | None:
        """Up to when windows are promised; None before anything is."""
        return self.spans[-1].until if self.spans else None

    def windows(self, since: datetime) -> tuple[Interval, ...]:
        """The promised windows that end after an instant, ascending."""
        found: list[Interval] = []
        for span in self.spans:
            found = [window for window in found if window.start < span.since]
            found += span.windows
        return tuple(window for window in found if window.end > since)


def promise_of(entries: Iterable[LedgerEntry]) -> WindowPromise:
    """What a ledger says was promised."""
    return WindowPromise(tuple(_span(entry.body) for entry in entries if entry.kind in (PLANNED, CHANGED)))


def extensions(
    promise: WindowPromise, computed: Sequence[Interval], sources: Mapping[str, str], zone: str, now: datetime
) -> Iterator[Draft]:
    """The months that have come within reach since windows were planned last, one record each; or the first thirteen.

    Args:
        promise: what was promised.
        computed: windows as the contract gives them now, ascending.
        sources: versions of the data that they rest on.
        zone: the contract's.
        now: the instant (UTC).
    """
    if promise.until is None:
        until = Month.of(now, zone).shifted(MONTHS_AHEAD).start(zone)
        yield _draft(PLANNED, now, now, until, computed, sources)
        return
    month = Month.of(promise.until, zone)
    while (at := month.shifted(1 - MONTHS_AHEAD).start(zone)) <= now:
        yield _draft(PLANNED, at, month.start(zone), month.end(zone), computed, sources)
        month = month.shifted(1)


def change(
    promise: WindowPromise, computed: Sequence[Interval], sources: Mapping[str, str], notice: timedelta, now: datetime
) -> Draft | None:
    """What a recomputation would change, as a proposal that takes effect after a notice; None where nothing."""
    since, until = now + notice, promise.until
    if until is None or until <= since:
        return None
    before = [(window.start, window.end) for window in promise.windows(now) if since <= window.start < until]
    after = [(window.start, window.end) for window in computed if since <= window.start < until]
    if before == after:
        return None
    body: dict[str, Json] = {
        "added": [utc_text(start) for start, _ in sorted(set(after) - set(before))],
        "removed": [utc_text(start) for start, _ in sorted(set(before) - set(after))],
    }
    return _draft(CHANGED, now, since, until, computed, sources, body)


def _draft(
    kind: str,
    at: datetime,
    since: datetime,
    until: datetime,
    computed: Sequence[Interval],
    sources: Mapping[str, str],
    more: Mapping[str, Json] | None = None,
) -> Draft:
    windows: list[Json] = [
        {"start": utc_text(window.start), "end": utc_text(window.end), "names": list(window.names)}
        for window in computed
        if since <= window.start < until
    ]
    body: dict[str, Json] = {
        "since": utc_text(since),
        "until": utc_text(until),
        "windows": windows,
        "digest": hashlib.sha256(rfc8785.dumps(windows)).hexdigest(),
        "sources": dict(sources),
        **(more or {}),
    }
    return Draft(kind=kind, key=f"{kind}/{utc_text(since)}", at=at, body=body)


def _span(body: Mapping[str, Json]) -> PromisedSpan:
    rows = body["windows"]
    windows = tuple(_window(row) for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()
    return PromisedSpan(since=utc_instant(str(body["since"])), until=utc_instant(str(body["until"])), windows=windows)


def _window(row: Mapping[str, Json]) -> Interval:
    names = row["names"]
    return Interval(
        start=utc_instant(str(row["start"])),
        end=utc_instant(str(row["end"])),
        names=tuple(map(str, names)) if isinstance(names, list) else (),
    )
