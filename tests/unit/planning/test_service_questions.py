"""What a run has to ask: an edge and further names only where there are any, and names only from outside."""

import pytest

from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.installation import Installation, Routing, RoutingKind, Verification
from kastellan.domain.service_sample import Question
from kastellan.planning.service_questions import questions_of
from tests.builders import installation
from tests.unit.manifests.test_release import EDGE

FOUR = installation(hosts=HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS))
ALWAYS = set(Question) - {Question.EDGE, Question.NAMES}


@pytest.mark.parametrize(
    ("of", "outside", "more"),
    [
        (installation(), True, set()),
        (installation(routing=EDGE), False, {Question.EDGE}),
        (installation(routing=Routing(kind=RoutingKind.NONE)), False, set()),
        (FOUR, True, {Question.NAMES}),
        (FOUR, False, set()),
    ],
)
def test_what_is_asked_follows_from_what_there_is(of: Installation, outside: bool, more: set[Question]) -> None:
    assert set(questions_of(of, outside=outside)) == ALWAYS | more


def test_where_pods_may_not_be_asked_readiness_has_to_do() -> None:
    assert questions_of(installation(verification=Verification.READINESS), outside=True) == (Question.READINESS,)
