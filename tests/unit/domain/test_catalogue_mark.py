"""Which catalogues are too old to decide by."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.catalogue_mark import CatalogueMark, last_mark, mark_draft, mark_of, mark_refusals
from kastellan.domain.ledger import LedgerEntry, chained

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CATALOGUE = Catalogue(releases=(), source="catalogue.yaml", as_of=date(2026, 11, 1), serial=4, digest="a" * 64)
MARKS = st.builds(
    CatalogueMark,
    as_of=st.dates(date(2026, 11, 1), date(2026, 11, 3)),
    serial=st.integers(0, 3),
    digest=st.sampled_from(["a" * 64, "b" * 64]),
)


def codes(catalogue: Catalogue, adopted: CatalogueMark | None, now: datetime = NOW) -> list[str]:
    return [reason.code for reason in mark_refusals(catalogue, adopted, now)]


def of(mark: CatalogueMark) -> Catalogue:
    return replace(CATALOGUE, as_of=mark.as_of, serial=mark.serial, digest=mark.digest)


def adopted_in_turn(*marks: CatalogueMark) -> CatalogueMark | None:
    entries: list[LedgerEntry] = []
    for mark in marks:
        entries.append(chained("acme", mark_draft(mark, NOW), noticed_at=NOW, after=entries[-1] if entries else None))
    return last_mark(entries)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (CATALOGUE, []),
        (replace(CATALOGUE, serial=5, digest="b" * 64), []),
        (replace(CATALOGUE, serial=3, digest="b" * 64), ["catalogue-older"]),
        (replace(CATALOGUE, serial=0, digest="b" * 64), ["catalogue-older"]),
        (replace(CATALOGUE, serial=5, as_of=date(2026, 10, 31)), ["catalogue-older"]),
        (replace(CATALOGUE, digest="b" * 64), ["catalogue-twice"]),
        (replace(CATALOGUE, as_of=date(2026, 11, 2)), []),
    ],
)
def test_older_ones_and_a_second_one_of_a_serial_are_refused(found: Catalogue, expected: list[str]) -> None:
    assert codes(found, mark_of(CATALOGUE)) == expected
    assert codes(found, None) == [], "the first one is taken as it is"


def test_without_a_serial_another_one_of_the_same_day_is_taken() -> None:
    before = replace(CATALOGUE, serial=0)
    assert codes(replace(before, digest="b" * 64), mark_of(before)) == []


@pytest.mark.parametrize(("seconds", "expected"), [(-1, []), (0, ["catalogue-expired"])])
def test_it_holds_until_its_last_day_is_over_in_utc(seconds: int, expected: list[str]) -> None:
    end = datetime(2026, 12, 2, tzinfo=UTC) + timedelta(seconds=seconds)
    assert codes(replace(CATALOGUE, expires=date(2026, 12, 1)), None, end) == expected


def test_a_catalogue_of_no_file_has_no_mark() -> None:
    assert mark_of(Catalogue(releases=())) is None
    assert codes(Catalogue(releases=()), mark_of(CATALOGUE)) == []


@given(st.lists(MARKS, min_size=1, max_size=5))
def test_whatever_was_adopted_once_is_never_followed_by_an_older_one(offered: list[CatalogueMark]) -> None:
    taken: list[CatalogueMark] = []
    for mark in offered:
        if not mark_refusals(of(mark), adopted_in_turn(*taken), NOW):
            taken.append(mark)
    assert [mark.serial for mark in taken] == sorted(mark.serial for mark in taken)
    assert [mark.as_of for mark in taken] == sorted(mark.as_of for mark in taken)
    assert offered[0] in taken
