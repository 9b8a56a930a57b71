"""Asking by the external name: what says something about an installation, and what only about where one stands."""

from collections.abc import Mapping

import pytest

from kastellan.domain.errors import (
    DeadlineExceededError,
    KastellanError,
    NotFoundError,
    ServerFaultError,
    UnreachableError,
    UntrustedError,
)
from kastellan.domain.history import Verdict
from kastellan.domain.service_sample import OUTSIDE, Look, Question, Seen
from kastellan.execution.outside_questions import OutsideQuestions
from kastellan.planning.service_verdict import ServiceLimits, judge
from kastellan.ports.cluster import HttpAnswer
from tests.fakes.clock import FakeClock
from tests.unit.planning.test_service_verdict import LIMITS, look

BODIES = {
    "/.well-known/openid-configuration": b'{"issuer": "https://id.customer.example"}',
    "/oauth/v2/keys": b'{"keys": [{}]}',
}


class FakeEntrance:
    """A way in that answers, or fails as a test wants it to."""

    def __init__(self) -> None:
        self.error: KastellanError | None = None
        self.tokens: list[str] = []

    def get(self, path: str, *, headers: Mapping[str, str], timeout_seconds: float) -> HttpAnswer:
        if self.error:
            raise self.error
        self.tokens += [headers["Authorization"]] if "Authorization" in headers else []
        return HttpAnswer(status=200, headers={}, body=BODIES.get(path, b"{}"))


def questions(entrance: FakeEntrance) -> OutsideQuestions:
    return OutsideQuestions(entrance=entrance, clock=FakeClock(), domain="id.customer.example")


def together(asking: OutsideQuestions) -> Look:
    """What is asked inside, which is good, and outside."""
    inside = look()
    samples = (*inside.samples, *asking.ask("a-token"))
    return Look(at=inside.at, samples=samples, zones=inside.zones, old_pods=inside.old_pods)


def test_users_questions_are_asked_and_the_token_is_used() -> None:
    entrance = FakeEntrance()
    found = list(questions(entrance).ask("a-token"))
    assert {one.question for one in found} == {
        Question.DISCOVERY, Question.KEYS, Question.LOGIN, Question.SYSTEM_USER,
    }  # fmt: skip
    assert {(one.place, one.seen) for one in found} == {(OUTSIDE, Seen.GOOD)}
    assert entrance.tokens == ["Bearer a-token"]


def test_a_host_that_never_reached_it_knows_nothing_and_that_is_no_pass() -> None:
    entrance = FakeEntrance()
    entrance.error = UnreachableError("the name is not known here")
    asking = questions(entrance)
    verdict = judge([together(asking) for _ in range(5)], LIMITS)
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert {reason.code for reason in verdict.reasons} == {"too-few-answers"}
    assert "installation:probes.externalName" in verdict.reasons[0].remediation


def test_what_was_reached_once_and_is_gone_has_failed() -> None:
    entrance = FakeEntrance()
    asking = questions(entrance)
    looks = [together(asking)]
    entrance.error = UnreachableError("refused")
    looks += [together(asking) for _ in range(9)]
    assert judge(looks, LIMITS).verdict is Verdict.FAILED


@pytest.mark.parametrize("error", [UntrustedError("expired"), ServerFaultError("cut"), DeadlineExceededError("slow")])
def test_who_takes_the_connection_and_does_not_answer_has_failed(error: KastellanError) -> None:
    entrance = FakeEntrance()
    entrance.error = error
    asking = questions(entrance)
    assert judge([together(asking) for _ in range(5)], LIMITS).verdict is Verdict.FAILED


def test_without_a_key_the_system_user_is_unknown_and_the_rest_is_asked() -> None:
    found = {one.question: one.seen for one in questions(FakeEntrance()).ask(NotFoundError("no key"))}
    assert found.pop(Question.SYSTEM_USER) is Seen.UNKNOWN
    assert set(found.values()) == {Seen.GOOD}


def test_where_it_has_to_be_asked_its_absence_is_no_pass_and_elsewhere_it_is_told() -> None:
    asked = ServiceLimits(outside=True)
    assert [reason.message for reason in judge([look()] * 5, asked).reasons] == [
        "nothing was asked by the external name"
    ]
    assert judge([together(questions(FakeEntrance())) for _ in range(5)], asked).verdict is Verdict.PASSED
    assert judge([look()] * 5, LIMITS).summary.endswith("the way in was not asked and is unknown")
