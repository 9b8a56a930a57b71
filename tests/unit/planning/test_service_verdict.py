"""What answers of an installation are worth: passed, failed, or inconclusive, and whose turn it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.service_plan import Platform
from kastellan.domain.service_sample import OUTSIDE, Look, Question, Sample, Seen
from kastellan.planning.service_verdict import ServiceLimits, hopeless, judge

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONES = ("a", "b", "c")
LIMITS = ServiceLimits(soak=timedelta(minutes=1), interval=timedelta(seconds=5))
SERIES = [(zone, question) for zone in ZONES for question in Question]


def look(
    bad: dict[tuple[str, Question], Sample] | None = None,
    *,
    places: tuple[str, ...] = ZONES,
    zones: tuple[str, ...] | None = ZONES,
    old_pods: tuple[str, ...] | None = (),
    seconds: float = 0.02,
) -> Look:
    bad = bad or {}
    samples = tuple(
        bad.get((place, question), Sample(place=place, question=question, seen=Seen.GOOD, seconds=seconds, status=200))
        for place in places
        for question in Question
    )
    return Look(at=NOW, samples=samples, zones=zones, old_pods=old_pods)


def sample(
    place: str = "a", question: Question = Question.KEYS, seen: Seen = Seen.NOTHING, status: int = 0, detail: str = "x"
) -> Sample:
    return Sample(place=place, question=question, seen=seen, seconds=1.0, status=status, detail=detail)


def wrong(*samples: Sample) -> Look:
    return look({(one.place, one.question): one for one in samples})


def codes(looks: list[Look], limits: ServiceLimits = LIMITS) -> list[str]:
    return [reason.code for reason in judge(looks, limits).reasons]


def test_good_answers_from_every_zone_pass() -> None:
    found = judge([look()] * 10, LIMITS)
    assert (found.verdict, found.reasons) == (Verdict.PASSED, ())
    assert found.summary == (
        "3 zones answered 10 times; 95 of 100 answers within 20 ms; the way in was not asked and is unknown"
    )
    assert found.evidence["looks"] == 10


def test_nothing_seen_is_inconclusive() -> None:
    found = judge([], LIMITS)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert {reason.code for reason in found.reasons} == {"not-asked"}


def test_too_few_answers_are_inconclusive_though_all_are_good() -> None:
    found = judge([look()] * 4, LIMITS)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert {reason.code for reason in found.reasons} == {"too-few-answers"}


def test_a_way_that_broke_says_nothing_about_the_installation() -> None:
    unknown = wrong(*(sample(zone, question, Seen.UNKNOWN, detail="HTTP 403") for zone, question in SERIES))
    found = judge([unknown] * 50, LIMITS)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert {reason.owner for reason in found.reasons} == {Party.CUSTOMER}
    assert "0 answers say something, 5 are needed (HTTP 403)" in found.reasons[0].message


def test_one_bad_answer_in_a_hundred_is_noise_and_two_are_not() -> None:
    bad = wrong(sample(seen=Seen.WRONG, status=503, detail="HTTP 503"))
    assert judge([look()] * 99 + [bad], LIMITS).verdict is Verdict.PASSED
    found = judge([look()] * 98 + [bad] * 2, LIMITS)
    assert found.verdict is Verdict.FAILED
    assert found.reasons[0].message == "keys in zone a: 2 of 100 answers were bad (HTTP 503)"
    assert found.reasons[0].owner is Party.VENDOR


def test_a_zone_that_never_answers_is_not_averaged_away() -> None:
    dead = wrong(*(sample("c", question) for question in Question))
    found = judge([dead] * 10, LIMITS)
    assert found.verdict is Verdict.FAILED
    assert {reason.path.split("/")[0] for reason in found.reasons} == {"c"}


def test_slow_answers_fail() -> None:
    found = judge([look()] * 18 + [look(seconds=2.5)] * 2, LIMITS)
    assert {reason.code for reason in found.reasons} == {"slow-answers"}
    assert judge([look()] * 19 + [look(seconds=2.5)], LIMITS).verdict is Verdict.PASSED


def test_what_fails_only_by_the_external_name_lies_with_the_way_in() -> None:
    outside = look({(OUTSIDE, one): sample(OUTSIDE, one) for one in Question}, places=(*ZONES, OUTSIDE))
    found = judge([outside] * 10, LIMITS)
    assert {reason.owner for reason in found.reasons} == {Party.CUSTOMER}
    ours = ServiceLimits(platform=Platform.GKE)
    assert {reason.owner for reason in judge([outside] * 10, ours).reasons} == {Party.VENDOR}


def test_a_database_that_is_away_lies_with_whom_it_belongs_to() -> None:
    away = wrong(*(sample(zone, Question.READINESS, Seen.WRONG, 412, "HTTP 412") for zone in ZONES))
    assert {reason.owner for reason in judge([away] * 10, LIMITS).reasons} == {Party.CUSTOMER}
    mixed = wrong(sample("a", Question.READINESS, Seen.WRONG, 503))
    assert {reason.owner for reason in judge([away] * 9 + [mixed], LIMITS).reasons} == {Party.CUSTOMER, Party.VENDOR}


@pytest.mark.parametrize(
    ("last", "verdict", "code"),
    [
        (look(old_pods=("zitadel-1",)), Verdict.FAILED, "old-pods"),
        (look(zones=("a", "b")), Verdict.FAILED, "too-few-zones"),
        (look(zones=None), Verdict.INCONCLUSIVE, "pods-unknown"),
        (look(old_pods=None), Verdict.INCONCLUSIVE, "pods-unknown"),
    ],
)
def test_where_pods_stand_at_the_end_counts(last: Look, verdict: Verdict, code: str) -> None:
    found = judge([look()] * 9 + [last], LIMITS)
    assert (found.verdict, [reason.code for reason in found.reasons]) == (verdict, [code])
    assert judge([last] * 9 + [look()], LIMITS).verdict is Verdict.PASSED


Rounds = list[list[tuple[tuple[str, Question], Seen]]]
seen = st.lists(st.tuples(st.sampled_from(SERIES), st.sampled_from(list(Seen))), max_size=3)


@given(st.lists(seen, max_size=30))
def test_a_verdict_is_passed_only_where_every_series_was_answered_well_often_enough(rounds: Rounds) -> None:
    looks = [wrong(*(sample(*place, kind) for place, kind in one)) for one in rounds]
    found = judge(looks, LIMITS)
    if found.verdict is Verdict.PASSED:
        assert {(one.place, one.question) for one in found.series} == set(SERIES)
        assert all(one.good >= LIMITS.looks * 0.99 and one.errors <= LIMITS.errors for one in found.series)
    else:
        assert found.reasons
        assert all(reason.remediation for reason in found.reasons)


@given(st.lists(seen, min_size=1, max_size=20), st.sampled_from(SERIES))
def test_one_more_bad_answer_never_helps(rounds: Rounds, place: tuple[str, Question]) -> None:
    looks = [wrong(*(sample(*where, kind) for where, kind in one)) for one in rounds]
    before = judge(looks, LIMITS).verdict
    last = looks[-1]
    worse = [one if (one.place, one.question) != place else sample(*place) for one in last.samples]
    after = judge([*looks[:-1], Look(at=NOW, samples=tuple(worse), zones=ZONES, old_pods=())], LIMITS).verdict
    if before is not Verdict.PASSED:
        assert after is not Verdict.PASSED


@given(st.lists(seen, min_size=1, max_size=30), st.integers(0, 40))
def test_what_is_hopeless_never_passes(rounds: Rounds, more: int) -> None:
    looks = [wrong(*(sample(*where, kind) for where, kind in one)) for one in rounds]
    if hopeless(looks, LIMITS):
        rest = min(more, max(0, LIMITS.planned - len(looks)))
        assert judge([*looks, *[look()] * rest], LIMITS).verdict is Verdict.FAILED
