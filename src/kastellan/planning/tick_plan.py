"""What a tick records and sends: everything that has become due since the last one, however long ago that was.

A pure function of contract, catalogue, history and now. Every draft has the instant at which it became due, not that of
the tick, and a key of its own; so two ticks record what one would have, and one after a week what seven would have.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from kastellan.domain import history_record
from kastellan.domain.canonical import digest
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.catalogue_mark import mark_draft, mark_of
from kastellan.domain.contract import Contract
from kastellan.domain.contract_record import contract_document, contract_draft
from kastellan.domain.history import (
    EmergencyOpened,
    Enrolled,
    History,
    Item,
    RunEnded,
    RunStarted,
    Verdict,
    WindowOffered,
)
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import Draft, Json, utc_instant, utc_text
from kastellan.domain.local_time import Month, end_of_day
from kastellan.domain.message import Message
from kastellan.domain.month_record import MonthState
from kastellan.domain.offers import Offer, offers
from kastellan.domain.reason import Reason
from kastellan.domain.standing import Standing, standing
from kastellan.domain.version import Version
from kastellan.domain.window_promise import Computed, WindowPromise, change, extensions
from kastellan.planning.notice import Notice, message, written
from kastellan.planning.pending_update import admissible, installed_version, next_version, urgent_releases

REMINDERS = {
    Notice.REMINDER_14_DAYS: timedelta(days=14),
    Notice.REMINDER_3_DAYS: timedelta(days=3),
    Notice.REMINDER_24_HOURS: timedelta(hours=24),
}
"""How long before a window a reminder is due (MU-3)."""
DELAY = timedelta(minutes=30)
"""After so long without a run a window counts as delayed, as in the best-run fleets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that has become due: a record and the messages about it.

    Attributes:
        draft: what is recorded.
        messages: what is sent because of it, one a channel; empty where it would come too late to be of use.
    """

    draft: Draft
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TickInput:
    """All that a tick looks at.

    Attributes:
        installation: its name.
        contract: of the installation.
        catalogue: known releases.
        channels: names of the channels that get notices.
        configured: version that the stack is configured with.
        history: what happened.
        recorded: keys of everything in the ledger.
        computed: maintenance windows from now on as the contract gives them.
        promise: the windows that were promised.
        recorded_contract: digest of the contract that was recorded last; empty where none was.
        signed: whether the catalogue was read with a signature that the stack asks for; it is recorded then.
        broken: why the contract's windows break the quarterly promise; then nothing is promised by them (MU-2).
        now: one instant for the whole tick (UTC).
    """

    installation: str
    contract: Contract
    catalogue: Catalogue
    channels: tuple[str, ...]
    configured: Version
    history: History
    recorded: Set[str]
    computed: Computed
    promise: WindowPromise
    recorded_contract: str
    signed: bool = False
    broken: tuple[Reason, ...] = ()
    now: datetime

    @property
    def usable(self) -> tuple[Interval, ...]:
        """Windows in which something may be planned: the promised ones, once there are any."""
        promised = self.promise.windows(self.now) if self.promise.spans else self.computed.windows
        return admissible(promised)


def due(given: TickInput) -> tuple[Due, ...]:
    """Everything that is due and not recorded, in the order of the instants; what it brings about may be due next."""
    installed = installed_version(given.history)
    contract = (*_contract(given), *_catalogue(given))
    if installed is None:
        enrolled = Enrolled(at=given.now, version=given.configured)
        return (*contract, Due(draft=history_record.draft(enrolled)))
    found = standing(given.contract, given.history, given.now)
    everything = (
        *contract,
        *_windows(given),
        *_emergencies(given, installed),
        *_offers(given, found, installed),
        *_reminders(given),
        *_runs(given),
        *_delays(given, found),
        *_transitions(given, found),
    )
    new = (one for one in everything if one.draft.key not in given.recorded)
    return tuple(sorted(new, key=lambda one: (one.draft.at, one.draft.key)))


def _contract(given: TickInput) -> Iterator[Due]:
    if digest(contract_document(given.contract)) != given.recorded_contract:
        yield Due(draft=contract_draft(given.contract, given.now))


def _catalogue(given: TickInput) -> Iterator[Due]:
    mark = mark_of(given.catalogue) if given.signed else None
    if mark is not None:
        yield Due(draft=mark_draft(mark, given.now))


def _windows(given: TickInput) -> Iterator[Due]:
    if given.broken:
        return  # what was promised stays, and so do its clocks
    zone = given.contract.zone
    for draft in extensions(given.promise, given.computed, given.now):
        yield Due(draft=draft)
    notice = timedelta(days=given.contract.terms.offer_days)
    named = {offered.start for offered in given.history.of(WindowOffered)}
    proposed = change(given.promise, given.computed, named, notice, given.now)
    if proposed is not None:
        values = {name: _instants(proposed.body[name], zone) for name in ("added", "removed", "changed")}
        values["since"] = written(given.now + notice, zone)
        yield _due(given, Notice.WINDOWS_CHANGE, proposed, values)


def _instants(texts: Json, zone: str) -> str:
    found = [written(utc_instant(str(text)), zone) for text in texts] if isinstance(texts, list) else []
    return "; ".join(found) or "none"


def _emergencies(given: TickInput, installed: Version) -> Iterator[Due]:
    known = {opened.item for opened in given.history.of(EmergencyOpened)}
    for version, release_class in urgent_releases(given.catalogue, installed):
        item = Item.emergency(version)
        if item in known:
            continue
        opened = EmergencyOpened(at=given.now, item=item, release_class=release_class)
        days = given.contract.terms.emergency_days
        values = {"item": item, "version": version, "release_class": release_class.value, "days": days}
        yield _due(given, Notice.EMERGENCY, history_record.draft(opened), values)


def _offers(given: TickInput, found: Standing, installed: Version) -> Iterator[Due]:
    offered = {fact.item for fact in given.history.of(WindowOffered)}
    done = {record.month for record in found.months if record.state is MonthState.COMPLETED}
    upcoming = (window for window in given.usable if window.start > given.now)
    for month, windows in groupby(upcoming, key=lambda window: Month.of(window.start, given.contract.zone)):
        item = Item.regular(month)
        if month in done or item in offered:
            continue
        window, at, in_time = _offered_window(given, tuple(windows))
        if at > given.now:
            return  # and so are all later ones
        version = next_version(given.catalogue, given.history, installed, window.start)
        offer = WindowOffered(at=at, item=item, start=window.start, end=window.end, version=version)
        values = {
            "item": item,
            "start": window.start,
            "end": window.end,
            "version": version,
            "silence": "silence is consent" if in_time else "as it is offered late, it runs only with your permit",
        }
        yield _due(given, Notice.OFFER, history_record.draft(offer), values)


def _offered_window(given: TickInput, windows: Sequence[Interval]) -> tuple[Interval, datetime, bool]:
    """The first window of a month that can be offered in time, or the first; when that is due, and whether in time."""
    terms, zone = given.contract.terms, given.contract.zone
    enrolled = next(given.history.of(Enrolled))
    dated = [(window, max(window.start - timedelta(days=terms.offer_days), enrolled.at)) for window in windows]
    for window, at in dated:
        if at < end_of_day(window.start, zone, days=-terms.timely_days):
            return window, at, True
    return (*dated[0], False)


def _reminders(given: TickInput) -> Iterator[Due]:
    for notice, lead in REMINDERS.items():
        for offered in given.history.of(WindowOffered):
            at = offered.start - lead
            key = f"{notice}/{offered.item}/{utc_text(offered.start)}"
            if not offered.at < at <= given.now or f"notice-due/{key}" in given.recorded:
                continue
            # As it stood then, so that a late tick records what a punctual one would have.
            then = offers(given.history.until(at), given.contract.terms, given.contract.zone)
            offer = next(one for one in then if (one.item, one.start) == (offered.item, offered.start))
            if offer.moved:
                continue
            draft = _record("notice-due", key, at, notice=notice.value)
            values = {
                "item": offer.item,
                "start": offer.start,
                "end": offer.end,
                "version": offer.version,
                "standing": _standing(offer),
            }
            yield _due(given, notice, draft, values, useful=given.now < offer.start)


def _standing(offer: Offer) -> str:
    if offer.denied:
        return "you denied it"
    if offer.permitted:
        return "you permitted it" if offer.decision else "it runs, for silence is consent"
    return "it runs only if you permit it, for it was offered late"


def _runs(given: TickInput) -> Iterator[Due]:
    for fact in given.history.facts:
        if not isinstance(fact, RunStarted | RunEnded) or fact.at > given.now:
            continue
        notice = Notice.STARTED
        values: dict[str, object] = {"item": fact.item, "at": fact.at, "version": fact.version}
        if isinstance(fact, RunEnded):
            notice = Notice.COMPLETED if fact.verdict is Verdict.PASSED else Notice.FAILED
            values |= {"verdict": fact.verdict.value, "party": fact.attribution.value, "reason": fact.reason}
        draft = _record("notice-due", f"{notice}/{fact.item}/{utc_text(fact.at)}", fact.at, notice=notice.value)
        yield _due(given, notice, draft, values)


def _delays(given: TickInput, found: Standing) -> Iterator[Due]:
    for offer in found.offers:
        at = offer.start + DELAY
        if not offer.permitted or at > given.now:
            continue
        runs = (fact for fact in given.history.facts if isinstance(fact, RunStarted | RunEnded))
        if any(run.item == offer.item and run.at <= at for run in runs):
            continue
        key = f"{Notice.DELAYED}/{offer.item}/{utc_text(offer.start)}"
        draft = _record("notice-due", key, at, notice=Notice.DELAYED.value)
        values = {"item": offer.item, "start": offer.start}
        yield _due(given, Notice.DELAYED, draft, values, useful=given.now < offer.end)


def _transitions(given: TickInput, found: Standing) -> Iterator[Due]:
    for record in found.months:
        if record.state is not MonthState.OPEN and record.closes_at <= given.now:
            body = {"month": str(record.month), "state": record.state.value, "deniedInRow": str(record.denied_in_row)}
            yield Due(draft=_record("month-closed", str(record.month), record.closes_at, **body))
    for one in found.escalations:
        item = one.item
        draft = _record("escalated", str(item), one.failed_at, item=str(item), because=one.because)
        values = {"item": item, "because": one.because, "at": one.failed_at, "resolve_by": one.resolve_by}
        yield _due(given, Notice.ESCALATED, draft, values)
        if one.right_at:
            draft = _record("termination-right-arose", str(item), one.right_at, item=str(item))
            yield _due(given, Notice.TERMINATION_RIGHT, draft, {"item": item, "at": one.right_at})
        if one.completed_at:
            yield Due(draft=_record("escalation-ended", str(item), one.completed_at, item=str(item)))
    for cadence in found.cadences:
        if cadence.missed_for:
            party = cadence.missed_for.value
            draft = _record("promise-broken", utc_text(cadence.due_by), cadence.due_by, party=party)
            yield _due(given, Notice.PROMISE_BROKEN, draft, {"at": cadence.due_by, "party": party})


def _record(kind: str, key: str, at: datetime, **body: str) -> Draft:
    return Draft(kind=kind, key=f"{kind}/{key}", at=at, body=body)


def _due(given: TickInput, notice: Notice, draft: Draft, values: Mapping[str, object], *, useful: bool = True) -> Due:
    if not useful:
        return Due(draft=draft)
    values = {"installation": given.installation, **values}
    zone = given.contract.zone
    return Due(draft=draft, messages=tuple(message(notice, name, draft.key, zone, **values) for name in given.channels))
