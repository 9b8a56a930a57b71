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
from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.service_sample import OUTSIDE, Look, Question, Sample, Seen
from kastellan.execution.name_questions import further_names
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


class FurtherEntrance:
    """The way in by a further name, with one answer to everything."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer

    def get(self, path: str, *, headers: Mapping[str, str], timeout_seconds: float) -> HttpAnswer:
        assert "Authorization" not in headers, "the operator's token is for the issuer alone"
        return self.answer


FOUR = HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
ISSUER, API, ACCOUNTS, CONSOLE = FOUR.every
SERVES = HttpAnswer(status=200, headers={}, body=f'{{"issuer": "https://{ISSUER}"}}'.encode())


def _led(page: str, *, status: int = 302) -> HttpAnswer:
    return HttpAnswer(status=status, headers={"location": f"https://{page}"}, body=b"")


GOOD = {API: SERVES, ACCOUNTS: _led(f"{ISSUER}/ui/v2/login/loginname"), CONSOLE: _led(f"{ISSUER}:443/ui/console/")}


def _of_names(**changes: HttpAnswer) -> list[Sample]:
    answers = GOOD | {f"{label}.customer.example": answer for label, answer in changes.items()}
    asking = questions(FakeEntrance())
    asking.further = further_names(FOUR, lambda name: FurtherEntrance(answers[name]))
    return [one for one in asking.ask("a-token") if one.question is Question.NAMES]


def test_every_further_name_is_asked_for_what_it_is_for() -> None:
    asking = questions(FakeEntrance())
    asking.domain = ISSUER
    asking.further = further_names(FOUR, lambda name: FurtherEntrance(GOOD[name]))
    found = [one.seen for one in asking.ask("a-token") if one.question is Question.NAMES]
    assert found == [Seen.GOOD] * 3
    assert further_names(HostNames(issuer=ISSUER), lambda name: FurtherEntrance(SERVES)) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"api": HttpAnswer(status=404, headers={}, body=b"")}, f"{API}: HTTP 404"),
        ({"api": HttpAnswer(status=200, headers={}, body=f'{{"issuer": "https://{API}"}}'.encode())},
         f"{API}: the issuer is 'https://{API}' instead of https://id.customer.example"),
        ({"console": HttpAnswer(status=200, headers={}, body=b"parked")}, f"{CONSOLE}: HTTP 200 instead of leading to"),
        ({"accounts": _led("elsewhere.example/")}, f"{ACCOUNTS}: it leads to https://elsewhere.example/ instead of"),
        ({"accounts": HttpAnswer(status=302, headers={}, body=b"")}, f"{ACCOUNTS}: it leads to nowhere"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_the_installation_is_wrong_and_is_told(changes: dict[str, HttpAnswer], said: str) -> None:
    assert any(one.seen is Seen.WRONG and one.detail.startswith(said) for one in _of_names(**changes))


def test_a_name_that_leads_elsewhere_while_every_zone_answers_is_whose_way_in_it_is() -> None:
    def at(n: int) -> Look:
        inside = look()
        wrong = Sample(place=OUTSIDE, question=Question.NAMES, seen=Seen.WRONG, seconds=0.0, detail="HTTP 404")
        return Look(at=inside.at, samples=(*inside.samples, wrong), zones=inside.zones, old_pods=inside.old_pods)

    verdict = judge([at(n) for n in range(5)], LIMITS)
    assert (verdict.verdict, verdict.reasons[0].owner) == (Verdict.FAILED, LIMITS.infrastructure)
    assert "names by the external name" in verdict.reasons[0].message
