"""Where the rollout of a Deployment stands, by its status."""

import pytest

from kastellan.planning.rollout_state import RolloutPhase, rollout_state


@pytest.mark.parametrize(
    ("replicas", "updated", "available", "new"),
    [
        pytest.param(3, 0, 3, 0, id="no new pod yet"),
        pytest.param(4, 1, 3, 0, id="the extra pod is not available"),
        pytest.param(4, 1, 4, 1, id="the extra pod is available"),
        pytest.param(4, 3, 4, 3, id="the last old pod is to go"),
        pytest.param(3, 3, 1, 1, id="a first rollout"),
        pytest.param(4, 1, 2, 0, id="an old pod is away too"),
    ],
)
def test_old_pods_that_serve_are_not_counted_as_new_ones(replicas: int, updated: int, available: int, new: int) -> None:
    status = {"replicas": replicas, "updatedReplicas": updated, "availableReplicas": available, "observedGeneration": 2}
    state = rollout_state({"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": status})
    assert (state.phase, state.updated, state.total) == (RolloutPhase.PROGRESSING, new, 3)


def test_a_status_of_the_generation_before_says_nothing() -> None:
    status = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3, "observedGeneration": 1}
    state = rollout_state({"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": status})
    assert (state.phase, state.updated) == (RolloutPhase.PROGRESSING, 0)
