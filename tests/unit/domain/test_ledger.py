"""The chain of a ledger: what is hashed, and that no text of a stored entry passes for another."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.json_text import JsonText
from kastellan.domain.ledger import Draft, LedgerEntry, canonical, chained, first_flaw, utc_instant, utc_text

Body = dict[str, Any]
START = datetime(2026, 12, 1, 21, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(TEXTS, VALUES, max_size=4)


def _chain(bodies: Sequence[Body]) -> list[LedgerEntry]:
    """As the store keeps it: every body as its text."""
    entries: list[LedgerEntry] = []
    for number, body in enumerate(bodies):
        draft = Draft(kind="decided", key=f"key/{number}", at=START + timedelta(days=number), body=body)
        entry = chained("acme", draft, noticed_at=START, after=entries[-1] if entries else None)
        entries.append(replace(entry, body=JsonText(rfc8785.dumps(body).decode())))
    return entries


@given(BODIES, TEXTS, TEXTS, TEXTS)
def test_what_is_hashed_is_the_canonical_json_of_the_entry(body: Body, installation: str, kind: str, key: str) -> None:
    draft = Draft(kind=kind, key=key, at=START, body=body)
    entry = chained(installation, draft, noticed_at=START, after=None)
    document: Body = {
        "schemaVersion": 1,
        "installation": installation,
        "sequence": 1,
        "kind": kind,
        "key": key,
        "at": "2026-12-01T21:00:00Z",
        "noticedAt": "2026-12-01T21:00:00Z",
        "body": body,
        "previous": "0" * 64,
    }
    assert canonical(entry) == rfc8785.dumps(document)
    assert canonical(replace(entry, body=JsonText(rfc8785.dumps(body).decode()))) == canonical(entry)


@given(st.lists(BODIES, min_size=1, max_size=4), st.data())
def test_a_body_of_another_text_is_found_wherever_it_stands_even_where_it_says_the_same(
    bodies: list[Body], data: st.DataObject
) -> None:
    entries = _chain(bodies)
    assert first_flaw(entries) is None
    place = data.draw(st.integers(0, len(entries) - 1))
    body = entries[place].body
    assert isinstance(body, JsonText)
    cut = data.draw(st.integers(0, len(body.text)))
    more = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3))
    entries[place] = replace(entries[place], body=JsonText(body.text[:cut] + more + body.text[cut:]))
    flaw = first_flaw(entries)
    assert flaw is not None
    assert (flaw.sequence, flaw.what) == (place + 1, "its content does not have its hash")


@pytest.mark.parametrize("text", ["{", "[]", "", '{"who":"Ada"} ', '{"who": "Ada"}', "null"])
def test_a_body_that_is_no_object_is_a_flaw_and_no_crash(text: str) -> None:
    (entry,) = _chain([{"who": "Ada"}])
    flaw = first_flaw([replace(entry, body=JsonText(text))])
    assert flaw is not None
    assert flaw.what == "its content does not have its hash"


def test_members_cannot_be_moved_between_the_body_and_what_follows_it() -> None:
    (entry,) = _chain([{"who": "Ada"}])
    text = canonical(entry).decode()
    for end in range(text.index('"body":') + 7, len(text)):  # every longer and every shorter body of the same bytes
        other = JsonText(text[text.index('"body":') + 7 : end])
        assert isinstance(entry.body, JsonText)
        assert other.text == entry.body.text or first_flaw([replace(entry, body=other)]) is not None


class TestJsonText:
    def test_it_is_equal_to_what_it_holds_and_looks_like_it(self) -> None:
        found = JsonText('{"a":[1,{"b":null}],"c":"d"}')
        assert found == {"a": [1, {"b": None}], "c": "d"}
        assert found == {"a": [1, {"b": None}], "c": "d"}
        assert (list(found), len(found), found["c"], found.get("x")) == (["a", "c"], 2, "d", None)
        assert dict(found.items()) == dict(found)

    @pytest.mark.parametrize("text", ["[]", "1", "{"])
    def test_what_is_no_object_says_so_to_whoever_looks(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"no JSON object|Expecting"):
            len(JsonText(text))


class TestInstants:
    @given(st.timedeltas(timedelta(0), timedelta(days=300_000)))
    def test_what_is_written_is_read_back(self, later: timedelta) -> None:
        instant = datetime(1500, 1, 1, tzinfo=UTC) + later
        whole = instant.replace(microsecond=0)
        assert utc_text(instant) == utc_text(whole)
        assert utc_instant(utc_text(instant)) == whole
        assert json.loads(json.dumps(utc_text(instant))) == f"{whole:%Y-%m-%dT%H:%M:%SZ}"

    def test_the_two_instants_of_a_repeated_hour_are_two(self) -> None:
        first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Zurich"))
        assert (utc_text(first), utc_text(first.replace(fold=1))) == ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")

    def test_another_offset_is_turned_into_utc(self) -> None:
        assert utc_text(datetime(2026, 12, 1, 22, tzinfo=timezone(timedelta(hours=1)))) == "2026-12-01T21:00:00Z"

    @pytest.mark.parametrize(
        "text",
        [
            "2026-12-01T21:00:00+00:00", "2026-12-01T21:00:00.5Z", "20261201T210000Z", "2026-12-01 21:00:00Z",
            "2026-12-01T21:00Z", "2026-12-01T21:00:00+01:00", "2026-12-01", "soon",
        ],
    )  # fmt: skip
    def test_any_other_form_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"no instant of the form|Invalid isoformat"):
            utc_instant(text)
