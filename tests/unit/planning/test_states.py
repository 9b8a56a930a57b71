"""Where jobs, rollouts and pods stand."""

from typing import Any

import pytest

from kastellan.planning.job_state import JobPhase, job_state
from kastellan.planning.rollout_state import RolloutPhase, is_ready, pod_trouble, rollout_state


def condition(kind: str, status: str = "True", **rest: str) -> dict[str, str]:
    return {"type": kind, "status": status, **rest}


@pytest.mark.parametrize(
    ("job", "phase"),
    [
        (None, JobPhase.ABSENT),
        ({}, JobPhase.ACTIVE),
        ({"status": {"active": 1}}, JobPhase.ACTIVE),
        ({"status": {"conditions": [condition("FailureTarget")]}}, JobPhase.ACTIVE),
        ({"status": {"conditions": [condition("Complete", "False")]}}, JobPhase.ACTIVE),
        ({"status": {"conditions": [condition("SuccessCriteriaMet"), condition("Complete")]}}, JobPhase.COMPLETE),
        ({"status": {"conditions": [condition("Failed", reason="BackoffLimitExceeded")]}}, JobPhase.FAILED),
    ],
)
def test_a_job_has_ended_only_when_kubernetes_says_so(job: Any, phase: JobPhase) -> None:
    assert job_state(job).phase is phase


def deployment(*conditions: dict[str, str], observed: int = 2, **status: int) -> dict[str, Any]:
    return {
        "metadata": {"generation": 2},
        "spec": {"replicas": 3},
        "status": {"observedGeneration": observed, "conditions": [*conditions], **status},
    }


WHOLE = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}


@pytest.mark.parametrize(
    ("live", "phase"),
    [
        (deployment(**WHOLE), RolloutPhase.COMPLETE),
        (deployment(observed=1, **WHOLE), RolloutPhase.PROGRESSING),
        (deployment(**{**WHOLE, "replicas": 4}), RolloutPhase.PROGRESSING),
        (deployment(**{**WHOLE, "updatedReplicas": 2}), RolloutPhase.PROGRESSING),
        (deployment(**{**WHOLE, "availableReplicas": 2}), RolloutPhase.PROGRESSING),
        (deployment(condition("ReplicaFailure", message="quota")), RolloutPhase.REFUSED),
        (deployment(condition("Progressing", "False", reason="ProgressDeadlineExceeded")), RolloutPhase.FAILED),
        (
            deployment(condition("Progressing", "False", reason="ProgressDeadlineExceeded"), observed=1),
            RolloutPhase.PROGRESSING,
        ),
    ],
)
def test_a_rollout_is_complete_only_when_nothing_old_is_left(live: dict[str, Any], phase: RolloutPhase) -> None:
    assert rollout_state(live).phase is phase


def test_a_pod_without_a_node_says_why() -> None:
    pod = {"status": {"conditions": [condition("PodScheduled", "False", message="0/3 nodes are available")]}}
    assert pod_trouble(pod) == "not scheduled: 0/3 nodes are available"


def test_a_pod_whose_image_is_missing_says_so() -> None:
    waiting = {"state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}
    assert pod_trouble({"status": {"containerStatuses": [waiting]}}) == "ErrImagePull: not found"


def test_a_pod_that_is_being_made_is_in_no_trouble() -> None:
    assert (
        pod_trouble({"status": {"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}}) == ""
    )


def test_a_pod_that_is_being_deleted_takes_no_requests() -> None:
    status = {"conditions": [condition("Ready")]}
    assert is_ready({"metadata": {}, "status": status})
    assert not is_ready({"metadata": {"deletionTimestamp": "2026-11-23T12:00:00Z"}, "status": status})
