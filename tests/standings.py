"""Where an installation of the tests stands."""

from datetime import timedelta

from kastellan.domain.history import Fact, History
from kastellan.domain.standing import Standing, standing
from tests.histories import (
    CONTRACT,
    at,
    denied_month,
    enrolled,
)

SECOND = timedelta(seconds=1)


THREE = (enrolled(), *denied_month("2026-01"), *denied_month("2026-02"), *denied_month("2026-03"))


def stand(when: str, *facts: Fact) -> Standing:
    return standing(CONTRACT, History(tuple(facts)), at(when))


def months(found: Standing) -> list[str]:
    return [record.state.value for record in found.months]
