"""Facts survive the ledger unchanged."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain import history_record
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
    RunStarted,
    TerminationNoticed,
    TerminationWithdrawn,
    Verdict,
    WindowOffered,
)
from kastellan.domain.ledger import LedgerEntry, chained
from kastellan.domain.local_time import Month
from kastellan.domain.party import Party
from kastellan.domain.release import ReleaseClass
from kastellan.domain.version import Version

instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
versions = st.builds(Version, st.integers(2, 9), st.integers(0, 99), st.integers(0, 99))
items = st.builds(Item.emergency, versions) | st.builds(
    Item.regular, st.builds(Month, st.integers(2025, 2030), st.integers(1, 12))
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
maybe = st.none() | instants
facts = st.one_of(
    st.builds(Enrolled, at=instants, version=versions),
    st.builds(EmergencyOpened, at=instants, item=items, release_class=st.sampled_from(ReleaseClass)),
    st.builds(WindowOffered, at=instants, item=items, start=instants, end=instants, version=versions),
    st.builds(NoticeReceived, at=instants, item=items, start=maybe),
    st.builds(
        Decided,
        at=instants,
        item=items,
        kind=st.sampled_from(DecisionKind),
        start=maybe,
        chosen=maybe,
        who=text,
        channel=text,
        reason=text,
    ),
    st.builds(
        RunEnded,
        at=instants,
        item=items,
        verdict=st.sampled_from(Verdict),
        attribution=st.sampled_from(Party),
        start=maybe,
        version=versions,
        reason=text,
    ),
    st.builds(RunStarted, at=instants, item=items, start=maybe, version=versions),
    st.builds(TerminationNoticed, at=instants, who=text),
    st.builds(TerminationWithdrawn, at=instants, who=text, reason=text),
)


def entries(*recorded: Fact) -> list[LedgerEntry]:
    chain: list[LedgerEntry] = []
    for fact in recorded:
        noticed_at = fact.at + timedelta(hours=1)
        after = chain[-1] if chain else None
        chain.append(chained("acme", history_record.draft(fact), noticed_at=noticed_at, after=after))
    return chain


@given(st.lists(facts, max_size=8))
def test_what_is_read_is_what_was_written(recorded: list[Fact]) -> None:
    assert history_record.read(entries(*recorded)) == History(tuple(recorded))


@given(facts)
def test_the_same_fact_has_the_same_key(fact: Fact) -> None:
    assert history_record.draft(fact) == history_record.draft(fact)


def test_an_entry_that_no_fact_could_have_made_is_named() -> None:
    whole = entries(Enrolled(at=datetime(2026, 1, 1, tzinfo=UTC), version=Version(4, 1, 0)))[0]
    broken = LedgerEntry(
        installation="acme",
        sequence=7,
        kind=whole.kind,
        key=whole.key,
        at=whole.at,
        noticed_at=whole.noticed_at,
        body={"version": "newest"},
        previous=whole.previous,
        hash=whole.hash,
    )
    with pytest.raises(ValueError, match="entry 7 of acme is no enrolled: 'newest' is not a version"):
        history_record.read([broken])
