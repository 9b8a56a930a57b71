"""An installation's records, kept in memory from tick to tick."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from kastellan.domain import window_expansion
from kastellan.domain.canonical import digest
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract_record import last_contract
from kastellan.domain.history import Fact, History, Item, NoticeReceived, Verdict, WindowOffered
from kastellan.domain.history_record import draft, read
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import Draft, LedgerEntry
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.release import Release, ReleaseClass
from kastellan.domain.window_promise import Computed, WindowPromise, promise_of
from kastellan.planning.tick_plan import TickInput, due
from tests.histories import CATALOGUE, CONTRACT, OLD, PATCHED, at, denied, enrolled, ran

if TYPE_CHECKING:
    from kastellan.domain.message import Message

DAY = timedelta(days=1)


URGENT = Catalogue(
    releases=(
        *CATALOGUE.releases,
        Release(version=PATCHED, published=None, reachable_from=OLD, release_class=ReleaseClass.SECURITY),
    )
)


@cache
def all_windows() -> tuple[Interval, ...]:
    return window_expansion.windows(CONTRACT.window_plan({}), at("2026-01-01"), at("2027-09-01"))


def entry(one: Draft) -> LedgerEntry:
    return LedgerEntry(
        installation="acme",
        sequence=1,
        kind=one.kind,
        key=one.key,
        at=one.at,
        noticed_at=one.at,
        body=one.body,
        previous="",
        hash="",
    )


MARCH = Item("regular/2026-03")


BROKEN = Reason(code="month-without-window", message="none", owner=Party.CUSTOMER, remediation="add one", clause="MU-2")


class Book:
    """Ledger and outbox of one installation, as plain dictionaries; what is said to it is on record at once."""

    def __init__(self, *facts: Fact, catalogue: Catalogue = CATALOGUE) -> None:
        self.windows: Sequence[Interval] = all_windows()
        self.catalogue = catalogue
        self.broken: tuple[Reason, ...] = ()
        self.drafts: dict[str, Draft] = {}
        self.messages: dict[str, Message] = {}
        self.later = sorted(facts, key=lambda fact: fact.at)
        self.known: tuple[History, WindowPromise, str] | None = None

    def record(self, one: Draft) -> None:
        if one.key not in self.drafts:
            self.known = None
        self.drafts[one.key] = one

    def tick(self, now: datetime) -> int:
        """Tick until nothing is new; every notice of an offer counts as received when the offer was due."""
        for fact in [fact for fact in self.later if fact.at <= now]:
            self.record(draft(fact))
        new = 0
        while True:
            found = due(self.given(now))
            if not found:
                return new
            new += len(found)
            for one in found:
                self.record(one.draft)
                self.messages.update({message.key: message for message in one.messages})
            for fact in self.history().of(WindowOffered):
                self.record(draft(NoticeReceived(at=fact.at, item=fact.item, start=fact.start)))

    def given(self, now: datetime) -> TickInput:
        history, promise, contract = self.read()
        return TickInput(
            installation="acme",
            contract=CONTRACT,
            catalogue=self.catalogue,
            channels=("operations", "customer"),
            configured=OLD,
            history=history,
            recorded=self.drafts.keys(),
            computed=Computed(
                windows=[window for window in self.windows if window.end > now],
                plan=CONTRACT.window_plan({}),
                sources={"tzdata": "2026.1"},
            ),
            promise=promise,
            recorded_contract=contract,
            broken=self.broken,
            now=now,
        )

    def read(self) -> tuple[History, WindowPromise, str]:
        """What the drafts say; read again only where one was added."""
        if self.known is None:
            entries = [entry(one) for one in self.drafts.values()]
            self.known = (read(entries), promise_of(entries), digest(last_contract(entries)))
        return self.known

    def history(self) -> History:
        return self.read()[0]

    def kinds(self) -> list[str]:
        return [one.key for one in sorted(self.drafts.values(), key=lambda one: (one.at, one.key))]


def ticked(book: Book, instants: Sequence[datetime]) -> Book:
    for instant in instants:
        book.tick(instant)
    return book


SCRIPT: tuple[Fact, ...] = (
    enrolled("2026-01-01"),
    denied("2026-01-13T22:00", when="2026-01-05T09:00"),
    denied("2026-02-10T22:00", when="2026-02-05T09:00"),
    denied("2026-03-10T22:00", when="2026-03-05T09:00"),
    ran("2026-04-14T22:00", Verdict.FAILED),
    ran("2026-05-12T22:00"),
)


END = at("2026-07-01")
