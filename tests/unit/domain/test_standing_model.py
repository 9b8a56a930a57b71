"""The automaton against a tiny clockwork that is wound forward event by event, as a clerk with a calendar would do it.

The product computes everything anew from the history; the clerk keeps running totals and never looks back. Whatever the
order of notices, denials, runs and jumps of the clock, both must say the same.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kastellan.domain.contract import Contract
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
    Verdict,
    WindowOffered,
)
from kastellan.domain.local_time import Month
from kastellan.domain.party import Party
from kastellan.domain.release import ReleaseClass
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.standing import State, standing
from kastellan.domain.version import Version

CONTRACT = Contract(plan=ServicePlan.ADVANCED, zone="UTC")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def day_after(instant: datetime, days: int) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)


@dataclass
class Trouble:
    """One failure to permit, as the clerk notes it."""

    resolve_by: datetime
    blocked: bool = True
    right: bool = False


@dataclass
class Clerk:
    """Running totals of one customer."""

    month: tuple[int, int]
    row: int = 0
    offered_in_time: bool = False
    offered: bool = False
    customers_fault: bool = False
    completed: bool = False
    regular: Trouble | None = None
    deadlines: dict[Item, datetime] = field(default_factory=dict)
    blocked: dict[Item, bool] = field(default_factory=dict)
    urgent: dict[Item, Trouble] = field(default_factory=dict)

    def wind(self, since: datetime, until: datetime) -> None:
        """Every midnight between two instants, in order: all deadlines are midnights."""
        midnight = day_after(since, 0)
        while midnight <= until:
            self._months(midnight)
            for item, deadline in self.deadlines.items():
                if midnight >= deadline and self.blocked[item] and item not in self.urgent:
                    self.urgent[item] = Trouble(day_after(midnight, 5))
            self._rights(midnight)
            midnight += DAY

    def _months(self, midnight: datetime) -> None:
        if (midnight.year, midnight.month) == self.month:
            return
        if self.completed:
            self.row = 0
        elif self.offered_in_time and self.customers_fault:
            self.row += 1
        else:
            self.row = 0
        if self.row >= 3 and self.regular is None:
            self.regular = Trouble(day_after(midnight, 5))
        self.month = (midnight.year, midnight.month)
        self.offered = self.offered_in_time = self.customers_fault = self.completed = False

    def _rights(self, now: datetime) -> None:
        for trouble in (self.regular, *self.urgent.values()):
            if trouble and trouble.blocked and now >= trouble.resolve_by:
                trouble.right = True

    def stands_in_the_way(self, item: Item, now: datetime, *, blocked: bool) -> None:
        if item.month:
            if self.regular:
                self.regular.blocked = blocked
        elif item in self.blocked:
            self.blocked[item] = blocked
            if item in self.urgent:
                self.urgent[item].blocked = blocked
            elif blocked and item in self.deadlines and now >= self.deadlines[item]:
                self.urgent[item] = Trouble(day_after(now, 5))
        self._rights(now)

    def brought(self, version: Version) -> None:
        for item in [item for item in self.blocked if item.version and item.version <= version]:
            for kept in (self.deadlines, self.blocked, self.urgent):
                kept.pop(item, None)

    @property
    def state(self) -> State:
        troubles = [trouble for trouble in (self.regular, *self.urgent.values()) if trouble]
        if any(trouble.right for trouble in troubles):
            return State.TERMINATION_RIGHT
        if troubles:
            return State.ESCALATED
        return State.DENYING if self.row else State.NORMAL


class Customers(RuleBasedStateMachine):
    @initialize(day=st.integers(0, 27))
    def enrol(self, day: int) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        self.facts: list[Fact] = [Enrolled(at=self.now, version=Version(4, 1, 0))]
        self.clerk = Clerk(month=(2026, 1))
        self.patches = 0

    def move(self, step: timedelta) -> None:
        later = self.now + step
        self.clerk.wind(self.now, later)
        self.now = later

    @property
    def item(self) -> Item:
        return Item.regular(Month(self.now.year, self.now.month))

    @property
    def window(self) -> datetime:
        return self.now.replace(day=25, hour=22, minute=0, second=0)

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.move(timedelta(hours=hours))

    @rule(month=st.booleans())
    def time_jumps_to_a_midnight_or_to_the_second_before(self, month: bool) -> None:
        boundary = day_after(self.now, 0)
        if month:
            boundary = Month(self.now.year, self.now.month).end("UTC")
        self.move(boundary - SECOND - self.now)

    @precondition(lambda self: not self.clerk.offered and self.now < self.window)
    @rule()
    def a_window_is_offered(self) -> None:
        version = Version(4, 2, 0)
        end = self.window + timedelta(hours=1)
        self.facts += [
            WindowOffered(at=self.now, item=self.item, start=self.window, end=end, version=version),
            NoticeReceived(at=self.now, item=self.item, start=self.window),
        ]
        self.clerk.offered = True
        self.clerk.offered_in_time = self.now.day <= 11

    @rule(hours=st.integers(0, 24 * 10))
    def a_whole_month_is_denied(self, hours: int) -> None:
        self.move(Month(self.now.year, self.now.month).end("UTC") - self.now + timedelta(hours=hours))
        self.a_window_is_offered()
        self.move(SECOND)
        self.the_customer_decides(DecisionKind.DENY)
        self.time_jumps_to_a_midnight_or_to_the_second_before(month=True)

    @precondition(lambda self: self.clerk.offered and self.now < self.window)
    @rule(kind=st.sampled_from([DecisionKind.PERMIT, DecisionKind.DENY, DecisionKind.DENY, DecisionKind.WITHDRAW]))
    def the_customer_decides(self, kind: DecisionKind) -> None:
        self.facts.append(self.decided(self.item, kind, self.window))
        self.clerk.customers_fault = kind is DecisionKind.DENY
        self.clerk.stands_in_the_way(self.item, self.now, blocked=kind is DecisionKind.DENY)
        self.move(SECOND)

    @precondition(lambda self: self.clerk.offered and not self.clerk.completed and self.now >= self.window)
    @rule(verdict=st.sampled_from(Verdict), party=st.sampled_from(Party))
    def a_run_ends(self, verdict: Verdict, party: Party) -> None:
        self.facts.append(self.ended(self.item, verdict, party, Version(4, 2, 0), self.window))
        self.clerk.customers_fault = verdict is Verdict.BLOCKED and party is Party.CUSTOMER
        if verdict is Verdict.PASSED:
            self.clerk.completed, self.clerk.row, self.clerk.regular = True, 0, None
        elif self.clerk.customers_fault:
            self.clerk.stands_in_the_way(self.item, self.now, blocked=True)
        self.move(SECOND)

    @rule(received=st.booleans())
    def an_emergency_opens(self, received: bool) -> None:
        self.patches += 1
        item = Item.emergency(Version(4, 3, self.patches))
        self.facts.append(EmergencyOpened(at=self.now, item=item, release_class=ReleaseClass.SECURITY))
        self.clerk.blocked[item] = False
        if received:
            self.facts.append(NoticeReceived(at=self.now, item=item))
            self.clerk.deadlines[item] = day_after(self.now, 5)
        self.move(SECOND)

    @precondition(lambda self: bool(self.clerk.blocked))
    @rule(data=st.data(), deny=st.booleans())
    def the_customer_decides_about_an_emergency(self, data: st.DataObject, deny: bool) -> None:
        item = data.draw(st.sampled_from(sorted(self.clerk.blocked)))
        self.facts.append(self.decided(item, DecisionKind.DENY if deny else DecisionKind.PERMIT, None))
        self.clerk.stands_in_the_way(item, self.now, blocked=deny)
        self.move(SECOND)

    @precondition(lambda self: bool(self.clerk.blocked))
    @rule(data=st.data(), verdict=st.sampled_from(Verdict), party=st.sampled_from(Party))
    def an_emergency_run_ends(self, data: st.DataObject, verdict: Verdict, party: Party) -> None:
        item = data.draw(st.sampled_from(sorted(self.clerk.blocked)))
        assert item.version
        passed = verdict is Verdict.PASSED
        self.facts.append(self.ended(item, verdict, party, item.version if passed else Version(4, 1, 0), None))
        if passed:
            self.clerk.brought(item.version)
        elif verdict is Verdict.BLOCKED and party is Party.CUSTOMER:
            self.clerk.stands_in_the_way(item, self.now, blocked=True)
        self.move(SECOND)

    @invariant()
    def both_say_the_same(self) -> None:
        found = standing(CONTRACT, History(tuple(self.facts)), self.now)
        troubled = self.clerk.regular is not None or bool(self.clerk.urgent)
        assert found.suspended is troubled
        if troubled:
            assert found.state is self.clerk.state
        else:
            assert found.state in (State.NORMAL, State.DENYING)
        assert sum(escalation.completed_at is None for escalation in found.escalations) == (
            len(self.clerk.urgent) + (self.clerk.regular is not None)
        )

    def decided(self, item: Item, kind: DecisionKind, start: datetime | None) -> Decided:
        return Decided(at=self.now, item=item, kind=kind, start=start, who="a", channel="mail", reason="r")

    def ended(self, item: Item, verdict: Verdict, by: Party, version: Version, start: datetime | None) -> RunEnded:
        return RunEnded(at=self.now, item=item, verdict=verdict, attribution=by, version=version, start=start)


Customers.TestCase.settings = settings(stateful_step_count=60)
TestCustomers = Customers.TestCase
