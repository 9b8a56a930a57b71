"""A run killed at a sample of its points; `tests/lab/test_run_kills.py` kills it at every one."""

from pathlib import Path

import pytest

from kastellan.domain.history import Verdict
from kastellan.domain.service_sample import Seen
from tests.running import kill_and_finish, points_of

STRIDE = 31
"""Odd, so that points before and points after a call are both tried."""


@pytest.mark.parametrize(("answers", "verdict"), [(Seen.GOOD, Verdict.PASSED), (Seen.WRONG, Verdict.FAILED)])
def test_killed_at_a_point_it_is_finished_by_the_next_call(tmp_path: Path, answers: Seen, verdict: Verdict) -> None:
    everywhere = points_of(tmp_path, answers)
    assert everywhere > 100
    for point in range(STRIDE, everywhere + 1, STRIDE):
        kill_and_finish(tmp_path, answers, verdict, point=point)
