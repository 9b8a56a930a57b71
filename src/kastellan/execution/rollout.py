"""Waits for the rollout of a Deployment and says early why it does not come about."""

from kastellan.domain.errors import StepFailedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.execution.pod_exchange import PodExchange
from kastellan.execution.waiting import Waiting
from kastellan.planning.rollout_state import (
    RolloutPhase,
    RolloutState,
    cannot_start,
    has_no_node,
    is_ready,
    pod_trouble,
    rollout_state,
)
from kastellan.ports.cluster import Cluster


def wait_for_rollout(cluster: Cluster, waiting: Waiting, deployment: Manifest, infrastructure: Party) -> None:
    """Wait until every pod of a Deployment is of the new revision and available.

    Old pods serve on as long as new ones are not ready (`maxUnavailable: 0`): a rollout that fails takes nothing away.

    Args:
        cluster: where.
        waiting: time.
        deployment: as it was applied.
        infrastructure: who acts where nodes are missing.

    Raises:
        StepFailedError: pods are refused, or the Deployment's progress deadline passed.
        StuckError: the budget ended.
    """
    ref = ObjectRef.of(deployment)
    step = f"rollout of {ref.name}"
    exchange = PodExchange(cluster)
    refused_since: float | None = None
    imageless_since: float | None = None

    def look() -> tuple[bool | None, str]:
        nonlocal refused_since, imageless_since
        live = cluster.get(ref)
        if live is None:
            raise StepFailedError(f"{ref} was deleted by somebody during its rollout", step=step, owner=Party.CUSTOMER)
        state = rollout_state(live)
        text = f"{state.updated} of {state.total} pods ready"
        match state.phase:
            case RolloutPhase.COMPLETE:
                return True, text
            case RolloutPhase.FAILED:
                raise _failed(cluster, live, step, state, infrastructure)
            case RolloutPhase.REFUSED:
                now = waiting.clock.monotonic()
                refused_since = refused_since if refused_since is not None else now
                if now - refused_since >= waiting.budgets.refusal:
                    raise _failed(cluster, live, step, state, infrastructure)
                return None, f"{text}; pods are refused: {state.detail}"
            case RolloutPhase.PROGRESSING:
                refused_since = None
        pods = _pods(cluster, live)
        exchange.mark(live, pods)
        if not any(map(cannot_start, pods)):
            imageless_since = None
        elif imageless_since is None:
            imageless_since = waiting.clock.monotonic()
        elif waiting.clock.monotonic() - imageless_since >= waiting.budgets.image:
            raise _failed(cluster, live, step, state, infrastructure)
        trouble = next((found for pod in pods if (found := pod_trouble(pod))), "")
        return None, f"{text}; a pod is {trouble}" if trouble else text

    waiting.until(
        step,
        look,
        budget=waiting.budgets.rollout,
        poll=waiting.budgets.exchange,
        remediation=f"see why: kubectl -n {ref.namespace} describe deployment {ref.name}; old pods go on serving",
    )


def ready_pods(cluster: Cluster, deployment: Manifest) -> list[Manifest]:
    """Pods of a Deployment that take requests, by name."""
    return sorted(
        (pod for pod in _pods(cluster, deployment) if is_ready(pod)), key=lambda p: str(p["metadata"]["name"])
    )


def _pods(cluster: Cluster, deployment: Manifest) -> list[Manifest]:
    labels = ",".join(f"{key}={value}" for key, value in deployment["spec"]["selector"]["matchLabels"].items())
    return [*cluster.list("v1", "Pod", namespace=deployment["metadata"]["namespace"], labels=labels)]


def _failed(
    cluster: Cluster, deployment: Manifest, step: str, state: RolloutState, infrastructure: Party
) -> StepFailedError:
    unready = [pod for pod in _pods(cluster, deployment) if not is_ready(pod)]
    evidence = []
    for pod in unready[:3]:
        name = pod["metadata"]["name"]
        # The API server refuses the log of a container that never was.
        log = (
            "" if cannot_start(pod) else cluster.logs(deployment["metadata"]["namespace"], name, tail_lines=10).rstrip()
        )
        evidence.append(f"pod {name}: {pod_trouble(pod) or 'not ready'}" + (f"\n{log}" if log else ""))
    refused = state.phase is RolloutPhase.REFUSED
    homeless = [pod for pod in unready if has_no_node(pod)]
    why = state.detail or next((found for pod in unready if (found := pod_trouble(pod))), "no reason is given")
    remedy = "find out from the evidence why new pods do not become ready"
    if refused:
        remedy = "make room in the quota or let the admission policy allow the pods"
    elif homeless:
        remedy = "give the zones of these pods nodes with room (checks CAP-1 to CAP-3 say how much)"
    return StepFailedError(
        f"only {state.updated} of {state.total} pods became ready ({why})",
        step=step,
        evidence="\n".join(evidence),
        owner=Party.CUSTOMER if refused else infrastructure if homeless else Party.VENDOR,
        remediation=f"{remedy}; old pods go on serving",
    )
