"""A run killed before and after every call of every port: the next call finishes it, and nothing happens twice."""

from pathlib import Path

import pytest

from kastellan.domain.history import Verdict
from kastellan.domain.service_sample import Seen
from tests.running import kill_and_finish, points_of


@pytest.mark.parametrize(("answers", "verdict"), [(Seen.GOOD, Verdict.PASSED), (Seen.WRONG, Verdict.FAILED)])
def test_killed_anywhere_it_is_finished_by_the_next_call(tmp_path: Path, answers: Seen, verdict: Verdict) -> None:
    for point in range(1, points_of(tmp_path, answers) + 1):
        kill_and_finish(tmp_path, answers, verdict, point=point)
