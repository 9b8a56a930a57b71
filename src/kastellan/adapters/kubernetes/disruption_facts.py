"""Disruption budgets that allow nothing, and whether pods of ours could be evicted; every eviction is a dry run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kastellan.domain.errors import NotFoundError, RejectedError, ThrottledError
from kastellan.domain.kubernetes_object import Manifest
from kastellan.ports.cluster import Cluster
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.platform_facts import Budget, Disruptions

_NAME = "app.kubernetes.io/name"


def disruptions(cluster: Cluster, namespace: str, instance_labels: Mapping[str, str]) -> Disruptions:
    """Read every budget of the cluster; try evictions of ours only where no budget speaks against them.

    Raises:
        KastellanError: budgets or pods may not be listed, or evictions not be made.
    """
    live = [one for one in cluster.list("policy/v1", "PodDisruptionBudget") if _pods(one)]
    budgets = [_budget(one, namespace, instance_labels) for one in live]
    blocking = tuple(one for one, of in zip(budgets, live, strict=True) if one.beside or not _allowed(of))
    clear = not any(one.ours or one.beside for one in blocking)
    evictions = tuple(_evictions(cluster, namespace, instance_labels)) if clear else ()
    return Disruptions(budgets=len(live), blocking=blocking, evictions=evictions)


def _pods(budget: Manifest) -> int:
    return int(budget.get("status", {}).get("expectedPods", 0))


def _allowed(budget: Manifest) -> int:
    return int(budget.get("status", {}).get("disruptionsAllowed", 0))


def _budget(live: Manifest, namespace: str, instance_labels: Mapping[str, str]) -> Budget:
    metadata, spec = live["metadata"], live["spec"]
    labels = metadata.get("labels") or {}
    ours = metadata["namespace"] == namespace and all(labels.get(key) == one for key, one in instance_labels.items())
    least, away = spec.get("minAvailable"), spec.get("maxUnavailable")
    return Budget(
        name=f"{metadata['namespace']}/{metadata['name']}",
        ours=ours,
        beside=metadata["namespace"] == namespace and not ours,
        pods=_pods(live),
        never=away in (0, "0%") or least == "100%" or (isinstance(least, int) and least >= _pods(live)),
    )


def _evictions(cluster: Cluster, namespace: str, instance_labels: Mapping[str, str]) -> Iterator[DryRun]:
    labels = ",".join(f"{key}={value}" for key, value in instance_labels.items())
    by_component: dict[str, list[str]] = defaultdict(list)
    for pod in cluster.list("v1", "Pod", namespace=namespace, labels=labels):
        if _stands(pod):
            by_component[pod["metadata"]["labels"].get(_NAME, "")].append(pod["metadata"]["name"])
    for component, names in sorted(by_component.items()):
        answers = (_evicted(cluster, namespace, name) for name in names)
        gone = DryRun(
            subject=f"pods of {component}", accepted=None, message="none was there any more when it was asked"
        )
        yield next((answer for answer in answers if answer), gone)


def _stands(pod: Manifest) -> bool:
    """Whether it is one of a Deployment that serves; a Job's pod is never evicted by us."""
    owners = [owner["kind"] for owner in pod["metadata"].get("ownerReferences") or ()]
    running = pod.get("status", {}).get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
    return running and "Job" not in owners


def _evicted(cluster: Cluster, namespace: str, name: str) -> DryRun | None:
    subject = f"eviction of pod {namespace}/{name}"
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
    try:
        cluster.create(f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", eviction, dry_run=True)
    except NotFoundError:  # it went away meanwhile; another one of its kind stands for it
        return None
    except RejectedError as refusal:
        return DryRun(subject=subject, accepted=False, message=refusal.message)
    except ThrottledError as refusal:
        if "disruption budget" not in refusal.message:  # the API server is busy, which says nothing about it
            raise
        return DryRun(subject=subject, accepted=False, message=refusal.message)
    return DryRun(subject=subject, accepted=True)
