"""What is pending, with what it brings and when: soak times, several offered months, advisories."""

from datetime import timedelta

import pytest

from kastellan.domain import window_expansion
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.history import Fact, History
from kastellan.domain.release import Advisory, Release
from kastellan.domain.standing import standing
from kastellan.domain.version import Version
from kastellan.planning.pending_update import PendingUpdate, next_version, pending
from tests.histories import CONTRACT, NEW, OLD, at, denied, enrolled, offered, ran

MAJOR = Version(5, 0, 0)
SOAKED = Catalogue(
    releases=(
        Release(version=OLD, published=None, reachable_from=OLD),
        Release(version=NEW, published=None, reachable_from=OLD),
        Release(
            version=MAJOR,
            published=None,
            reachable_from=NEW,
            soak_days=7,
            downtime_expected=True,
            advisories=(Advisory(name="A-1", link="https://example.com/a1", published=None, action="soak first"),),
        ),
    )
)


def found(now: str, *facts: Fact) -> tuple[PendingUpdate, ...]:
    history, instant = History(facts), at(now)
    windows = window_expansion.windows(CONTRACT.window_plan({}), instant, instant + timedelta(days=100))
    return pending(CONTRACT, SOAKED, history, standing(CONTRACT, history, instant), windows, instant)


@pytest.mark.parametrize(
    ("start", "brings"),
    [("2026-01-20T22:59:59", NEW), ("2026-01-20T23:00", MAJOR), ("2026-02-10T22:00", MAJOR)],
)
def test_a_release_that_asks_for_a_soak_waits_for_it_to_the_second(start: str, brings: Version) -> None:
    history = History((enrolled(), *offered("2026-01-13T22:00"), ran("2026-01-13T22:00")))
    assert next_version(SOAKED, history, NEW, at(start)) == brings


def test_a_run_that_changed_nothing_does_not_begin_the_soak_again() -> None:
    again = ran("2026-01-20T22:00", when="2026-01-20T22:30")
    history = History((enrolled(), ran("2026-01-13T22:00"), again))
    assert next_version(SOAKED, history, NEW, at("2026-01-20T23:00")) == MAJOR


def test_an_installation_soaks_from_its_enrolment_for_nobody_knows_what_was_before() -> None:
    history = History((enrolled("2026-01-10", version=NEW),))
    assert next_version(SOAKED, history, NEW, at("2026-01-13T22:00")) == NEW
    assert next_version(SOAKED, history, NEW, at("2026-01-17")) == MAJOR


def test_every_month_that_was_offered_is_pending_until_its_window_is_over() -> None:
    facts = (enrolled(), *offered("2026-01-13T22:00"), denied("2026-01-13T22:00", when="2026-01-02"))
    facts = (*facts, *offered("2026-02-10T22:00"))
    assert [str(update.item) for update in found("2026-01-14T01:00", *facts)] == ["regular/2026-01", "regular/2026-02"]
    january, february = found("2026-01-14T01:00", *facts)
    assert (january.effective.at, february.effective.at) == (None, at("2026-02-10T22:00"))
    assert [str(update.item) for update in found("2026-01-14T12:00", *facts)] == ["regular/2026-02"]


def test_what_whoever_brings_it_must_read_is_named() -> None:
    (update,) = found("2026-02-01", enrolled(version=NEW))
    assert update.version == MAJOR
    assert update.downtime_expected
    assert [advisory.name for advisory in update.advisories] == ["A-1"]
