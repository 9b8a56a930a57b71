"""Ends the wait for a job whose pod cannot begin, which would last for hours."""

from kastellan.domain.errors import StepFailedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.party import Party
from kastellan.execution.waiting import Lasting, Waiting
from kastellan.planning.rollout_state import cannot_start, has_no_node, pod_trouble


class JobStart:
    """The beginning of one job.

    Args:
        waiting: time and budgets.
        step: that waits for it.
        infrastructure: who acts where nodes are missing.
    """

    def __init__(self, waiting: Waiting, step: str, infrastructure: Party) -> None:
        self._budgets = waiting.budgets
        self._step = step
        self._infrastructure = infrastructure
        self._podless = Lasting(waiting.clock)
        self._imageless = Lasting(waiting.clock)
        self._troubled = Lasting(waiting.clock)

    def judge(self, ref: ObjectRef, pod: Manifest | None) -> None:
        """Look at the job's pod.

        Raises:
            StepFailedError: for too long it was not made, had no image or no node. The job is left as it is: it begins
                by itself when what hinders it is gone.
        """
        if self._podless.seconds(so=pod is None) >= self._budgets.refusal:
            raise self._failed(
                ref,
                f"no pod of {ref} is made: a quota or an admission policy refuses it",
                "make room in the quota or let the admission policy allow the pod",
                Party.CUSTOMER,
            )
        trouble = pod_trouble(pod) if pod else ""
        imageless = self._imageless.seconds(so=pod is not None and cannot_start(pod)) >= self._budgets.image
        if self._troubled.seconds(so=bool(trouble)) < self._budgets.job_start and not imageless:
            return
        homeless = pod is not None and has_no_node(pod)
        raise self._failed(
            ref,
            f"the pod of {ref} cannot start ({trouble})",
            "give its zone nodes with room (checks CAP-1 to CAP-3 say how much)"
            if homeless
            else "let the nodes have the image (check IMG-1), or delete the job, of which nothing ever ran",
            self._infrastructure if homeless else Party.VENDOR,
        )

    def _failed(self, ref: ObjectRef, message: str, remedy: str, owner: Party) -> StepFailedError:
        see = f"the job then begins by itself (kubectl -n {ref.namespace} describe job {ref.name})"
        return StepFailedError(message, step=self._step, owner=owner, remediation=f"{remedy}; {see}")
