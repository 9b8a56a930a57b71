"""A year of a fleet on paper: what a policy of windows, notices and denials would lead to, before anybody agrees to it.

Every customer is played by chance, from a seed; offers, months and clocks are those of the product: the same functions
compute the same dates as for a real installation.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby

from dateutil.relativedelta import relativedelta

from kastellan.domain.contract import Contract
from kastellan.domain.history import (
    Decided,
    DecisionKind,
    Enrolled,
    Fact,
    History,
    Item,
    NoticeReceived,
    RunEnded,
    Verdict,
    WindowOffered,
)
from kastellan.domain.interval import Interval
from kastellan.domain.local_time import Month, local_day
from kastellan.domain.party import Party
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.standing import standing
from kastellan.domain.version import Version
from kastellan.domain.window import ClosedSpan, Recurrence, RecurringTime
from kastellan.domain.window_expansion import windows
from kastellan.planning.pending_update import admissible

Chance = Callable[[], float]
"""Gives numbers from 0 (included) to 1 (excluded)."""

ZONES = ("Europe/Zurich", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Australia/Sydney")
RULES = ("FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=SA", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=-1")
_RUN = timedelta(hours=1)
"""Longest run, with its rollback reserve; a start lies so long before the window's end."""
_BEFORE, _AFTER = Version(1, 0), Version(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How likely things are; the defaults are guesses of ours, for a start.

    Attributes:
        stubborn: share of customers who deny as they like; all others never do.
        denies: how likely a stubborn customer denies a window.
        fails: how likely a run of ours fails.
        freezes: share of customers with a freeze of three weeks at the end of the year.
    """

    stubborn: float = 0.1
    denies: float = 0.5
    fails: float = 0.02
    freezes: float = 0.3


@dataclass(slots=True)
class Tally:
    """What came of it, added up; instants are not kept, so that memory does not grow with the fleet."""

    installations: int = 0
    runs: int = 0
    failed: int = 0
    denied: int = 0
    not_offered: int = 0
    missed_by: Counter[Party] = field(default_factory=Counter)
    escalations: int = 0
    termination_rights: int = 0
    nights: Counter[str] = field(default_factory=Counter)
    """Runs that begin on a date (UTC)."""


def simulate(number: int, months: int, begin: datetime, policy: Policy, chance: Chance) -> Iterator[Tally]:
    """Play a fleet; yields the tally after each installation, for progress, and always the same object.

    Args:
        number: installations.
        months: how long.
        begin: from when on (UTC).
        policy: how likely things are.
        chance: where chance comes from.
    """
    tally = Tally()
    end = begin + relativedelta(months=months)
    expanded: dict[Contract, tuple[Interval, ...]] = {}
    for index in range(number):
        contract = _contract(policy, begin, chance)
        if contract not in expanded:  # customers who agreed on the same share the work
            expanded[contract] = admissible(windows(contract.window_plan({}), begin, end))
        _play(f"installation-{index}", contract, expanded[contract], begin, end, policy, chance, tally)
        yield tally


def start_within(installation: str, window: Interval) -> datetime:
    """When an installation's run begins: spread over the window by a hash, the same each time it is asked for.

    Source: as maintenance is spread in Gardener, by a checksum, not by chance.
    """
    room = int((window.duration - _RUN).total_seconds())
    offset = zlib.crc32(f"{installation}/{window.start.isoformat()}".encode()) % max(room, 1)
    return window.start + timedelta(seconds=offset)


def _midnight(year: int, month: int, day: int) -> datetime:
    """Of the customer's own clock."""
    return datetime.combine(date(year, month, day), time())


def _contract(policy: Policy, begin: datetime, chance: Chance) -> Contract:
    zone = ZONES[int(chance() * len(ZONES))]
    rule = RULES[int(chance() * len(RULES))]
    freeze: tuple[ClosedSpan, ...] = ()
    if chance() < policy.freezes:
        year = begin.year
        freeze = tuple(
            ClosedSpan(name="freeze", start=_midnight(y, 12, 15), end=_midnight(y + 1, 1, 5))
            for y in (year - 1, year, year + 1)
        )
    return Contract(
        plan=ServicePlan.ADVANCED,
        zone=zone,
        windows=(
            RecurringTime(
                name="w",
                recurrence=Recurrence(rule),
                first=begin.date().replace(day=1),
                start=time(22),
                duration=timedelta(hours=6),
            ),
        ),
        blackouts=freeze,
    )


def _play(
    name: str,
    contract: Contract,
    usable: Sequence[Interval],
    begin: datetime,
    end: datetime,
    policy: Policy,
    chance: Chance,
    tally: Tally,
) -> None:
    stubborn = chance() < policy.stubborn
    facts: list[Fact] = [Enrolled(at=begin, version=_BEFORE)]
    lead = timedelta(days=contract.terms.offer_days)
    for month, found in groupby(usable, key=lambda window: Month.of(window.start, contract.zone)):
        timely = timedelta(days=contract.terms.timely_days + 1)
        window = next((one for one in found if one.start - timely >= begin), None)
        if window is None:
            tally.not_offered += 1
            continue
        facts += _month(name, Item.regular(month), window, max(window.start - lead, begin), chance, policy, stubborn)
    history = History(tuple(fact for fact in facts if fact.at < end))
    position = standing(contract, history, end)
    tally.installations += 1
    tally.escalations += len(position.escalations)
    tally.termination_rights += sum(one.right_at is not None for one in position.escalations)
    tally.missed_by.update(one.missed_for for one in position.cadences if one.missed_for)
    for fact in history.facts:
        if isinstance(fact, RunEnded):
            tally.runs += 1
            tally.failed += fact.verdict is not Verdict.PASSED
            tally.nights[local_day(fact.at - _RUN, "UTC").isoformat()] += 1
        tally.denied += isinstance(fact, Decided)


def _month(
    name: str, item: Item, window: Interval, at: datetime, chance: Chance, policy: Policy, stubborn: bool
) -> Iterator[Fact]:
    yield WindowOffered(at=at, item=item, start=window.start, end=window.end, version=_AFTER)
    yield NoticeReceived(at=at, item=item, start=window.start)
    if stubborn and chance() < policy.denies:
        told = at + timedelta(days=1)
        yield Decided(
            at=told, item=item, kind=DecisionKind.DENY, start=window.start, who=name, channel="mail", reason="chance"
        )
        return
    verdict = Verdict.FAILED if chance() < policy.fails else Verdict.PASSED
    ended = start_within(name, window) + _RUN
    yield RunEnded(at=ended, item=item, verdict=verdict, start=window.start, version=_AFTER)
