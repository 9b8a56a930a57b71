"""Every date of the worked example in docs/terms.md is what the automaton says."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kastellan.domain.history import Fact, History, TerminationNoticed
from kastellan.domain.month_record import MonthState
from kastellan.domain.party import Party
from kastellan.domain.standing import Standing, State, standing
from tests.histories import CONTRACT, ZONE, at, denied, enrolled, offered, ran

TEXT = Path("docs/terms.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d{4}-\d\d-\d\d \d\d:\d\d) \| (.+?) \| (MU-\d) \|$", re.MULTILINE)
WINDOWS = ("2026-01-13T22:00", "2026-02-10T22:00", "2026-03-10T22:00")
FACTS: tuple[Fact, ...] = (
    enrolled("2026-01-01"),
    *(fact for start in WINDOWS for fact in (*offered(start), denied(start, when=f"{start[:7]}-01T09:00"))),
)


def local(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")


def rows(found: Standing) -> Iterator[tuple[str, str, str]]:
    for record in found.months:
        if record.state is MonthState.DENIED:
            yield local(record.closes_at), f"{record.month} counts as denied ({record.denied_in_row} in a row)", "MU-4"
    for one in found.escalations:
        yield local(one.failed_at), f"escalation: {one.because}", "MU-4"
        yield local(one.failed_at), "service level and liability are suspended", "MU-6"
    assert found.cadence
    if found.cadence.missed_for is Party.CUSTOMER:
        yield local(found.cadence.due_by), "the quarterly promise is broken, on the customer's side", "MU-2"
    for one in found.escalations:
        if one.right_at:
            yield local(one.right_at), "the vendor may terminate", "MU-5"


def test_every_row_of_the_table_is_computed_and_none_is_missing() -> None:
    assert list(rows(standing(CONTRACT, History(FACTS), at("2026-04-30")))) == ROW.findall(TEXT)


def test_each_row_becomes_true_at_its_instant_and_not_a_second_before() -> None:
    for instant, *_ in ROW.findall(TEXT):
        when = at(instant.replace(" ", "T"))
        before = list(rows(standing(CONTRACT, History(FACTS), when - timedelta(seconds=1))))
        assert all(row[0] < instant for row in before)
        assert any(row[0] == instant for row in rows(standing(CONTRACT, History(FACTS), when)))


def test_with_the_january_window_taken_the_quarter_trips_before_the_row_of_months() -> None:
    taken = (enrolled("2026-01-01"), *offered(WINDOWS[0]), ran(WINDOWS[0]))
    april = "2026-04-14T22:00"
    later = tuple(
        fact
        for start in (*WINDOWS[1:], april)
        for fact in (*offered(start), denied(start, when=f"{start[:7]}-01T09:00"))
    )
    found = standing(CONTRACT, History((*taken, *later)), at("2026-05-01"))
    assert found.cadence
    assert local(found.cadence.due_by - timedelta(seconds=1)).startswith("2026-04-13")
    assert [local(one.failed_at) for one in found.escalations] == ["2026-05-01 00:00"]


def test_the_window_of_april_ends_all_of_it() -> None:
    april = "2026-04-14T22:00"
    found = standing(CONTRACT, History((*FACTS, *offered(april), ran(april))), at("2026-04-15"))
    assert found.state is State.NORMAL
    (suspension,) = found.suspensions
    assert suspension.until
    assert f"from {local(suspension.since)} to {local(suspension.until)}" in TEXT


def test_a_notice_of_the_eighth_ends_the_contract() -> None:
    found = standing(CONTRACT, History((*FACTS, TerminationNoticed(at=at("2026-04-08"), who="a"))), at("2026-04-09"))
    assert found.ends_at
    assert f"the contract ends on {local(found.ends_at)}" in TEXT
