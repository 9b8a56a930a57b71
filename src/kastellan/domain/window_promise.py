"""The windows that a customer was promised, as they were recorded, and how they may change.

Rules, holidays and time zones change with files and libraries; a promise does not. Windows are materialised thirteen
months ahead. What a recomputation would change is proposed with a notice and takes effect after it; the rest stays.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kastellan.domain.canonical import digest
from kastellan.domain.contract_record import recurring_document, span_document
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import Draft, Json, LedgerEntry, utc_instant, utc_text
from kastellan.domain.local_time import Month
from kastellan.domain.quarterly_promise import MONTHS_AHEAD
from kastellan.domain.window import WindowPlan

PLANNED = "windows-planned"
CHANGED = "windows-change-proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Windows as the contract gives them now, and what they rest on.

    Attributes:
        windows: for thirteen months, ascending.
        plan: the rules and closed times that they follow from.
        sources: versions of the data that were used, such as tzdata's.
    """

    windows: Sequence[Interval]
    plan: WindowPlan
    sources: Mapping[str, str]

    def inputs(self, since: datetime, until: datetime) -> str:
        """SHA-256 of everything that decides about the windows of a stretch of time, apart from the time zones."""
        plan = self.plan
        first, last = since.date() - timedelta(days=2), until.date() + timedelta(days=2)
        return digest(
            {
                "zone": plan.zone,
                "windows": [recurring_document(rule) for rule in plan.windows],
                "blackouts": [span_document(span) for span in plan.blackouts],
                "recurringBlackouts": [recurring_document(rule) for rule in plan.recurring_blackouts],
                "imported": [
                    {"start": utc_text(span.start), "end": utc_text(span.end), "names": list(span.names)}
                    for span in plan.imported_blackouts
                    if span.start < until and span.end > since
                ],
                "holidays": {day.isoformat(): name for day, name in plan.holidays.items() if first <= day <= last},
            }
        )


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


def extensions(promise: WindowPromise, computed: Computed, now: datetime) -> Iterator[Draft]:
    """The months that have come within reach since windows were planned last, one record each; or the first thirteen.

    Args:
        promise: what was promised.
        computed: windows as the contract gives them now.
        now: the instant (UTC).
    """
    zone = computed.plan.zone
    if promise.until is None:
        until = Month.of(now, zone).shifted(MONTHS_AHEAD).start(zone)
        yield _draft(PLANNED, now, now, until, computed.windows, computed)
        return
    month = Month.of(promise.until, zone)
    while (at := month.shifted(1 - MONTHS_AHEAD).start(zone)) <= now:
        yield _draft(PLANNED, at, month.start(zone), month.end(zone), computed.windows, computed)
        month = month.shifted(1)


def change(
    promise: WindowPromise, computed: Computed, frozen: Collection[datetime], notice: timedelta, now: datetime
) -> Draft | None:
    """What a recomputation would change, as a proposal that takes effect after a notice; None where nothing.

    Args:
        promise: what was promised.
        computed: windows as the contract gives them now.
        frozen: starts of the windows that the customer was told of by name; they stay as they are.
        notice: how long before it takes effect a change is told.
        now: the instant (UTC).
    """
    since, until = now + notice, promise.until
    if until is None or until <= since:
        return None
    before = [window for window in promise.windows(now) if since <= window.start < until]
    kept = [window for window in before if window.start in frozen]
    free = [window for window in computed.windows if not any(_overlap(window, one) for one in kept)]
    after = sorted((*kept, *free), key=lambda window: window.start)
    spans = [(window.start, window.end) for window in after if since <= window.start < until]
    if spans == [(window.start, window.end) for window in before]:
        return None
    starts_before, starts = {window.start for window in before}, {start for start, _ in spans}
    ends = {window.start: window.end for window in before}
    body: dict[str, Json] = {
        "added": [utc_text(start) for start in sorted(starts - starts_before)],
        "removed": [utc_text(start) for start in sorted(starts_before - starts)],
        "changed": [utc_text(start) for start, end in spans if ends.get(start, end) != end],
    }
    return _draft(CHANGED, now, since, until, after, computed, body)


def _overlap(one: Interval, other: Interval) -> bool:
    return one.start < other.end and other.start < one.end


def _draft(
    kind: str,
    at: datetime,
    since: datetime,
    until: datetime,
    found: Sequence[Interval],
    computed: Computed,
    more: Mapping[str, Json] | None = None,
) -> Draft:
    windows: list[Json] = [
        {"start": utc_text(window.start), "end": utc_text(window.end), "names": list(window.names)}
        for window in found
        if since <= window.start < until
    ]
    body: dict[str, Json] = {
        "since": utc_text(since),
        "until": utc_text(until),
        "windows": windows,
        "digest": digest(windows),
        "inputs": computed.inputs(since, until),
        "sources": dict(computed.sources),
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
