"""What an installation's calendar shows: the promised windows, what was offered in them, and what was called off.

The calendar is a convenience; the notice in the ledger is what counts (MU-3). An event keeps its uid for ever and
counts its changes, so that calendars replace it; one that is called off is shown as cancelled, not left out.
"""

from collections.abc import Iterator
from datetime import datetime

from kastellan.domain.calendar_event import CalendarEvent
from kastellan.domain.history import Decided, History, WindowOffered
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import utc_text
from kastellan.domain.offers import Offer
from kastellan.domain.standing import Standing
from kastellan.domain.window_promise import WindowPromise


def calendar_events(
    installation: str, promise: WindowPromise, history: History, found: Standing, enrolled_at: datetime
) -> tuple[CalendarEvent, ...]:
    """Every window that was ever promised or offered, by start.

    Args:
        installation: its name.
        promise: the windows that were promised.
        history: what happened.
        found: the standing.
        enrolled_at: when the first windows were promised (UTC).
    """
    offered = {offer.start: offer for offer in found.offers}
    standing = {window.start for window in promise.windows(enrolled_at)}
    events = [_of_offer(installation, offer, history) for offer in found.offers]
    for since, window in _promised(promise):
        if window.start not in offered:
            events.append(_of_window(installation, window, since, enrolled_at, called_off=window.start not in standing))
    return tuple(sorted(events, key=lambda event: (event.start, event.uid)))


def _promised(promise: WindowPromise) -> Iterator[tuple[datetime | None, Interval]]:
    """Each promised window once, with the beginning of the first later span that does not have it any more."""
    seen: set[datetime] = set()
    for number, span in enumerate(promise.spans):
        for window in span.windows:
            if window.start in seen:
                continue
            seen.add(window.start)
            later = (other for other in promise.spans[number + 1 :] if other.since <= window.start < other.until)
            dropped = next((other.since for other in later if window not in other.windows), None)
            yield dropped, window


def _of_window(
    installation: str, window: Interval, dropped: datetime | None, enrolled_at: datetime, *, called_off: bool
) -> CalendarEvent:
    return CalendarEvent(
        uid=_uid(installation, window.start),
        start=window.start,
        end=window.end,
        summary=f"{installation}: maintenance window",
        description=f"{', '.join(window.names)}. Nothing is planned in it yet.",
        sequence=1 if called_off else 0,
        changed_at=dropped if called_off and dropped else enrolled_at,
        cancelled=called_off,
    )


def _of_offer(installation: str, offer: Offer, history: History) -> CalendarEvent:
    said = [fact for fact in history.of(Decided) if (fact.item, fact.start) == (offer.item, offer.start)]
    made = [fact for fact in history.of(WindowOffered) if (fact.item, fact.start) == (offer.item, offer.start)]
    last = said[-1].at if said else made[-1].at
    state = "permitted" if offer.permitted else "not permitted"
    return CalendarEvent(
        uid=_uid(installation, offer.start),
        start=offer.start,
        end=offer.end,
        summary=f"{installation}: maintenance {offer.item}",
        description=f"It brings {offer.version}; {state} as things stand. [MU-3]",
        sequence=2 + len(said),
        changed_at=last,
        cancelled=offer.moved or offer.denied,
    )


def _uid(installation: str, start: datetime) -> str:
    return f"{utc_text(start)}/{installation}@kastellan.dev"
