"""What a customer may say, when, and what would follow from a denial."""

from datetime import datetime, timedelta

import pytest

from kastellan.domain import window_expansion
from kastellan.domain.errors import BlockedError
from kastellan.domain.history import Decided, DecisionKind, Fact, History, Item, TerminationNoticed
from kastellan.domain.interval import Interval
from kastellan.domain.standing import standing
from kastellan.planning.decision import Wish, decide
from kastellan.planning.what_if import if_denied
from tests.histories import CONTRACT, PATCHED, at, denied_month, emergency, enrolled, offered, ran, said

NOW = "2026-02-01T12:00"
OFFER = "2026-02-10T22:00"
EMERGENCY = f"emergency/{PATCHED}"


def windows_from(now: datetime) -> tuple[Interval, ...]:
    return window_expansion.windows(CONTRACT.window_plan({}), now, now + timedelta(days=396))


def attempt(
    kind: DecisionKind,
    *facts: Fact,
    item: str = "regular/2026-02",
    now: str = NOW,
    chosen: str | None = None,
    windows: tuple[Interval, ...] | None = None,
    who: str = "Ada Example",
    channel: str = "mail",
    reason: str = "a release of ours",
) -> Decided:
    history = History((enrolled(), *facts))
    wish = Wish(
        item=Item(item), kind=kind, chosen=at(chosen) if chosen else None, who=who, channel=channel, reason=reason
    )
    usable = windows_from(at(now)) if windows is None else windows
    return decide(CONTRACT, history, standing(CONTRACT, history, at(now)), usable, wish, at(now))


def refusals(*args: object, **rest: object) -> set[str]:
    with pytest.raises(BlockedError) as refused:
        attempt(*args, **rest)
    return {reason.code for reason in refused.value.reasons}


def test_a_denial_names_window_person_channel_and_reason() -> None:
    decided = attempt(DecisionKind.DENY, *offered(OFFER))
    assert (decided.start, decided.who, decided.channel) == (at(OFFER), "Ada Example", "mail")


def test_a_permit_needs_no_reason() -> None:
    assert attempt(DecisionKind.PERMIT, *offered(OFFER), reason="").reason == ""


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(BlockedError) as refused:
        attempt(DecisionKind.DENY, *offered(OFFER), who=" ", channel="", reason="")
    assert len(refused.value.reasons) == 3


@pytest.mark.parametrize("kind", [DecisionKind.DENY, DecisionKind.WITHDRAW, DecisionKind.PERMIT])
def test_in_a_window_that_has_begun_the_customer_may_object_and_take_that_back(kind: DecisionKind) -> None:
    begun, later = offered("2026-02-01T11:00"), offered(OFFER)
    assert attempt(kind, *begun, *later).start == at("2026-02-01T11:00"), "about the one that has begun"


def test_an_objection_in_the_window_counts_as_a_denied_month_unless_the_installation_was_changed() -> None:
    start = "2026-02-01T11:00"
    history = History((enrolled(), *offered(start)))
    decided = attempt(DecisionKind.DENY, *offered(start))
    follows = if_denied(CONTRACT, history, decided, windows_from(at(NOW)))
    assert "2026-02 counts as denied (1 in a row)" in follows[0].what


@pytest.mark.parametrize(
    ("code", "kind", "facts", "rest"),
    [
        ("never-offered", DecisionKind.DENY, (), {}),
        ("never-offered", DecisionKind.DENY, (), {"item": EMERGENCY}),
        ("already-past", DecisionKind.DENY, offered("2026-02-01T05:00"), {}),
        ("already-past", DecisionKind.DEFER, offered("2026-02-01T12:00"), {}),
        ("already-past", DecisionKind.PULL_FORWARD, offered("2026-02-01T11:00"), {"chosen": "2026-02-01T11:00"}),
        ("already-past", DecisionKind.PERMIT, offered("2026-02-01T12:00", received="2026-01-31"), {}),
        ("no-other-window", DecisionKind.DENY, offered("2026-02-01T12:00"), {"chosen": "2026-02-17T22:00"}),
        (
            "already-completed",
            DecisionKind.DENY,
            (*offered("2026-02-01T10:00"), ran("2026-02-01T10:00")),
            {},
        ),
        ("no-other-window", DecisionKind.DENY, offered(OFFER), {"chosen": "2026-02-17T22:00"}),
        ("no-window-chosen", DecisionKind.PULL_FORWARD, offered(OFFER), {}),
        ("no-such-window", DecisionKind.DEFER, offered(OFFER), {"chosen": "2026-02-17T22:00"}),
        (
            "no-window",
            DecisionKind.DEFER,
            emergency("2026-01-30", received="2026-01-30"),
            {"item": EMERGENCY},
        ),
        (
            "already-completed",
            DecisionKind.DENY,
            (*emergency("2026-01-30", received="2026-01-30"), ran("2026-01-31", item=EMERGENCY, version=PATCHED)),
            {"item": EMERGENCY},
        ),
        (
            "no-deferral-left",
            DecisionKind.DEFER,
            (
                *offered("2026-01-13T22:00"),
                said(DecisionKind.DEFER, "2026-01-13T22:00", when="2026-01-02"),
                *offered(OFFER),
            ),
            {},
        ),
        ("breaks-quarter", DecisionKind.DEFER, offered(OFFER), {"windows": ()}),
        (
            "escalated",
            DecisionKind.DEFER,
            (
                *denied_month("2026-01"),
                *denied_month("2026-02"),
                *denied_month("2026-03"),
                *offered("2026-04-14T22:00"),
            ),
            {"item": "regular/2026-04", "now": "2026-04-02"},
        ),
        (
            "contract-ended",
            DecisionKind.PERMIT,
            (*offered(OFFER), TerminationNoticed(at=at("2025-12-01"), who="a")),
            {},
        ),
    ],
)
def test_it_is_refused_where(code: str, kind: DecisionKind, facts: tuple[Fact, ...], rest: dict[str, str]) -> None:
    assert code in refusals(kind, *facts, **rest)


def test_a_deferral_within_the_budget_is_accepted() -> None:
    assert attempt(DecisionKind.DEFER, *offered(OFFER)).kind is DecisionKind.DEFER


def test_a_deferral_that_was_withdrawn_uses_no_budget() -> None:
    first = "2026-01-13T22:00"
    facts = (
        *offered(first),
        said(DecisionKind.DEFER, first, when="2026-01-02"),
        said(DecisionKind.WITHDRAW, first, when="2026-01-03"),
        *offered(OFFER),
    )
    assert attempt(DecisionKind.DEFER, *facts).kind is DecisionKind.DEFER


def test_an_earlier_window_may_be_asked_for_and_a_later_one_not() -> None:
    hour = timedelta(hours=1)
    early, late = (Interval(start=at(day), end=at(day) + 6 * hour, names=()) for day in ("2026-02-05", "2026-02-20"))
    given = {"windows": (early, late)}
    chosen = attempt(DecisionKind.PULL_FORWARD, *offered(OFFER), chosen="2026-02-05", **given).chosen
    assert chosen == at("2026-02-05")
    assert "wrong-side" in refusals(DecisionKind.PULL_FORWARD, *offered(OFFER), chosen="2026-02-20", **given)


def test_an_emergency_is_denied_without_a_window() -> None:
    decided = attempt(DecisionKind.DENY, *emergency("2026-01-30", received="2026-01-30"), item=EMERGENCY)
    assert decided.start is None


class TestWhatIf:
    def test_the_first_denial_shows_three_months_the_escalation_and_the_right(self) -> None:
        facts = (enrolled(), *offered(OFFER))
        decided = attempt(DecisionKind.DENY, *offered(OFFER))
        found = if_denied(CONTRACT, History(facts), decided, windows_from(at(NOW)))
        assert [(one.at, one.clause) for one in found] == [
            (at("2026-03-01"), "MU-4"),
            (at("2026-04-01"), "MU-4"),
            (at("2026-05-01"), "MU-4"),
            (at("2026-05-01"), "MU-4"),
            (at("2026-05-01"), "MU-6"),
            (at("2026-05-07"), "MU-5"),
        ]
        assert found[0].what == "2026-02 counts as denied (1 in a row)"

    def test_a_denied_emergency_shows_its_days(self) -> None:
        facts = emergency("2026-01-30", received="2026-01-30T10:00")
        decided = attempt(DecisionKind.DENY, *facts, item=EMERGENCY)
        found = if_denied(CONTRACT, History((enrolled(), *facts)), decided, windows_from(at(NOW)))
        assert [(one.at, one.clause) for one in found] == [
            (at("2026-02-05"), "MU-4"),
            (at("2026-02-05"), "MU-6"),
            (at("2026-02-11"), "MU-5"),
        ]
