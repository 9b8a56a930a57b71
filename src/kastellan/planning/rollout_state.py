"""Where the rollout of a Deployment stands."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.kubernetes_object import Manifest


class RolloutPhase(StrEnum):
    """Phases of a rollout."""

    PROGRESSING = "progressing"
    COMPLETE = "complete"
    REFUSED = "refused"
    """Pods cannot be made: quota or admission."""
    FAILED = "failed"
    """The Deployment's progress deadline passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutState:
    """One look.

    Attributes:
        phase: where it stands.
        updated: pods of the new revision that are available; fewer where old ones are not.
        total: pods that there shall be.
        detail: what Kubernetes says, for people.
    """

    phase: RolloutPhase
    updated: int
    total: int
    detail: str = ""


def rollout_state(deployment: Manifest) -> RolloutState:
    """Judge a Deployment's status as `kubectl rollout status` does: everything updated, available, and nothing old."""
    status = deployment.get("status", {})
    total = int(deployment["spec"].get("replicas", 1))
    updated = int(status.get("updatedReplicas", 0))
    available = int(status.get("availableReplicas", 0))
    # A Deployment counts available pods of all revisions together: what is not available is taken for new.
    unavailable = max(0, int(status.get("replicas", 0)) - available)
    ready = max(0, min(updated - unavailable, available))
    current = int(status.get("observedGeneration", 0)) >= int(deployment["metadata"].get("generation", 1))
    conditions = {condition["type"]: condition for condition in status.get("conditions", ())}
    if current and updated >= total and available >= total and int(status.get("replicas", 0)) == updated:
        return RolloutState(phase=RolloutPhase.COMPLETE, updated=updated, total=total)
    progressing = conditions.get("Progressing", {})
    refused = conditions.get("ReplicaFailure", {})
    phase, detail = RolloutPhase.PROGRESSING, ""
    if current and refused.get("status") == "True":
        phase, detail = RolloutPhase.REFUSED, str(refused.get("message", ""))
    if current and progressing.get("reason") == "ProgressDeadlineExceeded":
        phase, detail = RolloutPhase.FAILED, str(progressing.get("message", ""))
    return RolloutState(phase=phase, updated=min(ready, total) if current else 0, total=total, detail=detail)


def pod_trouble(pod: Manifest) -> str:
    """Why a pod does not come up, in a few words; empty where it is fine or still on its way."""
    status = pod.get("status", {})
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return f"not scheduled: {condition.get('message', condition.get('reason', ''))}"
    for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            return ": ".join(word for word in (waiting["reason"], waiting.get("message", "")) if word)[:300]
    return ""


def has_no_node(pod: Manifest) -> bool:
    """Whether the scheduler finds no node for a pod."""
    conditions = pod.get("status", {}).get("conditions", ())
    return any(condition["type"] == "PodScheduled" and condition["status"] == "False" for condition in conditions)


_UNSTARTABLE = frozenset(
    {"InvalidImageName", "ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError"}
)
"""Reasons of the kubelet that a retry may heal (a registry that was away), and waiting longer will not."""


def cannot_start(pod: Manifest) -> bool:
    """Whether a container of the pod lacks its image, or an object that its environment is made of."""
    reasons = (
        container.get("state", {}).get("waiting", {}).get("reason")
        for container in pod.get("status", {}).get("containerStatuses", ())
    )
    return any(reason in _UNSTARTABLE for reason in reasons)


def is_ready(pod: Manifest) -> bool:
    """Whether a pod takes requests."""
    conditions = pod.get("status", {}).get("conditions", ())
    ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")
