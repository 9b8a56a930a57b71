"""Takes an installation down in order; the database is not touched."""

from collections.abc import Sequence

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.execution.observation import owned_objects
from kastellan.execution.waiting import Waiting
from kastellan.manifests.identity import INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL, owned_selector
from kastellan.manifests.pod import priority_class_name
from kastellan.planning.job_state import JobPhase, job_state
from kastellan.ports.cluster import Cluster

_SERVING = frozenset(
    {"Ingress", "HTTPRoute", "Gateway", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Deployment", "Job"}
)
"""What takes requests and what serves them; gone before the configuration and the secrets that it reads."""


def remove_installation(cluster: Cluster, waiting: Waiting, installation: Installation) -> None:
    """Remove routes, then workloads, then the rest, then the namespace and the priority class; may be repeated.

    A running setup is waited for, because killing it leaves a mark in the database that is kept.

    Raises:
        StuckError: something does not go away.
    """
    _wait_for_setup(cluster, waiting, installation)
    found = [ObjectRef.of(live) for live in owned_objects(cluster, installation.name, installation.namespace)]
    _delete(cluster, waiting, [ref for ref in found if ref.kind in _SERVING])
    _delete(cluster, waiting, [ref for ref in found if ref.kind not in _SERVING])
    _delete(cluster, waiting, [ref for ref in _around(installation) if _is_ours(cluster, ref, installation)])


def _around(installation: Installation) -> tuple[ObjectRef, ObjectRef]:
    return (
        ObjectRef("v1", "Namespace", "", installation.namespace),
        ObjectRef("scheduling.k8s.io/v1", "PriorityClass", "", priority_class_name(installation)),
    )


def _is_ours(cluster: Cluster, ref: ObjectRef, installation: Installation) -> bool:
    live = cluster.get(ref)
    labels = live["metadata"].get("labels", {}) if live else {}
    return bool(labels.get(INSTANCE_LABEL) == installation.name and labels.get(MANAGED_BY_LABEL) == MANAGED_BY)


def _wait_for_setup(cluster: Cluster, waiting: Waiting, installation: Installation) -> None:
    def look() -> tuple[bool | None, str]:
        jobs = cluster.list(
            "batch/v1", "Job", namespace=installation.namespace, labels=owned_selector(installation.name)
        )
        active = [job["metadata"]["name"] for job in jobs if job_state(job).phase is JobPhase.ACTIVE]
        return (None, f"job {active[0]} is still running") if active else (True, "")

    waiting.until(
        "removal",
        look,
        budget=waiting.budgets.setup,
        remediation="wait until the job has ended, or find out why it does not",
    )


def _delete(cluster: Cluster, waiting: Waiting, refs: Sequence[ObjectRef]) -> None:
    for ref in refs:
        waiting.progress.report("removal", f"deleting {ref}")
        cluster.delete(ref)
    left = list(refs)

    def look() -> tuple[bool | None, str]:
        while left:
            live = cluster.get(left[0])
            if live is not None:
                held = ", ".join([*live["metadata"].get("finalizers", ()), *live.get("spec", {}).get("finalizers", ())])
                return None, f"{left[0]} is still there" + (f", held by {held}" if held else "")
            left.pop(0)
        return True, ""

    waiting.until(
        "removal",
        look,
        budget=waiting.budgets.deletion,
        remediation="find out what its finalizers wait for; kastellan never removes a foreign finalizer",
    )
