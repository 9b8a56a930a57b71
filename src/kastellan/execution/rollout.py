"""Waits for the rollout of Deployments and says early why one does not come about."""

from collections.abc import Sequence

from kastellan.domain.errors import StepFailedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.execution.pod_exchange import PodExchange
from kastellan.execution.waiting import Lasting, Waiting
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


def wait_for_rollouts(
    cluster: Cluster, waiting: Waiting, deployments: Sequence[Manifest], infrastructure: Party
) -> None:
    """Wait until every pod of these Deployments is of its new revision and available.

    They exchange their pods at the same time, so all are looked at each time. One that fails is told when the others
    have ended: until then, their pods are still to be marked. Old pods serve on as long as new ones are not ready
    (`maxUnavailable: 0`): a rollout that fails takes nothing away.

    Args:
        cluster: where.
        waiting: time.
        deployments: as they were applied.
        infrastructure: who acts where nodes are missing.

    Raises:
        StepFailedError: pods are refused, or a Deployment's progress deadline passed.
        StuckError: the budget ended.
    """
    rollouts = [_Rollout(cluster, waiting, deployment, infrastructure) for deployment in deployments]

    def look() -> tuple[bool | None, str]:
        for rollout in rollouts:
            rollout.look()
        text = "; ".join(f"{rollout.ref.name} {rollout.text}" for rollout in rollouts)
        if not all(rollout.ended for rollout in rollouts):
            return None, text
        for rollout in rollouts:
            if rollout.failure is not None:
                raise rollout.failure
        return True, text

    names = " ".join(rollout.ref.name for rollout in rollouts)
    namespace = rollouts[0].ref.namespace
    waiting.until(
        "rollout",
        look,
        budget=waiting.budgets.rollout,
        poll=waiting.budgets.exchange,
        remediation=f"see why: kubectl -n {namespace} describe deployment {names}; old pods go on serving",
    )


class _Rollout:
    """One Deployment on its way.

    Attributes:
        ref: which.
        text: how it stood when it was looked at last.
        ended: whether there is nothing more to wait for.
        failure: why it does not come about.
    """

    def __init__(self, cluster: Cluster, waiting: Waiting, deployment: Manifest, infrastructure: Party) -> None:
        self.ref = ObjectRef.of(deployment)
        self.text = "is not looked at yet"
        self.ended = False
        self.failure: StepFailedError | None = None
        self._cluster = cluster
        self._waiting = waiting
        self._infrastructure = infrastructure
        self._exchange = PodExchange(cluster)
        self._refused = Lasting(waiting.clock)
        self._imageless = Lasting(waiting.clock)

    def look(self) -> None:
        """See how it stands, unless it has ended, and mark which pods may go first."""
        if self.ended:
            return
        live = self._cluster.get(self.ref)
        if live is None:
            self._fail(
                StepFailedError(
                    f"{self.ref} was deleted by somebody during its rollout", step=self._step, owner=Party.CUSTOMER
                )
            )
            return
        pods = _pods(self._cluster, live)
        self._exchange.mark(live, pods)
        state = rollout_state(live)
        self.text = f"{state.updated} of {state.total} pods ready"
        if state.phase is RolloutPhase.COMPLETE:
            self.ended = True
            return
        budgets = self._waiting.budgets
        refused = self._refused.seconds(so=state.phase is RolloutPhase.REFUSED)
        imageless = self._imageless.seconds(so=any(map(cannot_start, pods)))
        if state.phase is RolloutPhase.FAILED or refused >= budgets.refusal or imageless >= budgets.image:
            self._fail(_failed(self._cluster, live, self._step, state, self._infrastructure))
        elif state.phase is RolloutPhase.REFUSED:
            self.text += f", pods are refused: {state.detail}"
        elif trouble := next((found for pod in pods if (found := pod_trouble(pod))), ""):
            self.text += f", a pod is {trouble}"

    @property
    def _step(self) -> str:
        return f"rollout of {self.ref.name}"

    def _fail(self, failure: StepFailedError) -> None:
        self.ended, self.failure, self.text = True, failure, f"failed: {failure.message}"


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
