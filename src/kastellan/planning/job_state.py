"""Where a Job stands."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.kubernetes_object import Manifest


class JobPhase(StrEnum):
    """The phases that matter for a job that runs once."""

    ABSENT = "absent"
    ACTIVE = "active"
    COMPLETE = "complete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """Phase of a job, and what Kubernetes said about its end."""

    phase: JobPhase
    detail: str = ""


def job_state(job: Manifest | None) -> JobState:
    """Read the conditions of a Job (kubernetes.io, "Job", section "Job termination").

    `FailureTarget` is not taken for the end: the pod may still be running then.
    """
    if job is None:
        return JobState(phase=JobPhase.ABSENT)
    for condition in job.get("status", {}).get("conditions", ()):
        if condition["status"] == "True" and condition["type"] in ("Complete", "Failed"):
            phase = JobPhase.COMPLETE if condition["type"] == "Complete" else JobPhase.FAILED
            words = (condition.get("reason", ""), condition.get("message", ""))
            return JobState(phase=phase, detail=": ".join(word for word in words if word))
    return JobState(phase=JobPhase.ACTIVE)
