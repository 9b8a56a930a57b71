"""Runs a Job to its end exactly once, however often it is called and wherever it was killed."""

import json
from collections.abc import Callable

from kastellan.domain.errors import KastellanError, StepFailedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.domain.migration_progress import told
from kastellan.domain.party import Party
from kastellan.execution.job_start import JobStart
from kastellan.execution.waiting import Waiting
from kastellan.manifests.identity import owned_selector
from kastellan.planning.job_state import JobPhase, job_state
from kastellan.planning.rollout_state import pod_trouble
from kastellan.ports.cluster import Cluster
from kastellan.ports.migration_log import MigrationLog


class JobRun:
    """Runs the jobs of one installation.

    Args:
        cluster: where.
        waiting: how to wait.
        infrastructure: who acts where nodes are missing.
    """

    def __init__(self, cluster: Cluster, waiting: Waiting, infrastructure: Party) -> None:
        self._cluster = cluster
        self._waiting = waiting
        self._infrastructure = infrastructure

    def ensure(
        self,
        step: str,
        job: Manifest,
        *,
        budget: float,
        remediation: str,
        before_again: Callable[[], None],
        records: MigrationLog | None = None,
    ) -> bool:
        """Run a job unless it has run; wait for it where it is running.

        Args:
            step: name of the step.
            job: its name stands for its content, so an object of this name is this very job.
            budget: seconds until a person is called.
            remediation: what to do when it fails or does not end.
            records: what the database records of its progress, told while one waits; None where there is nothing.
            before_again: called before a job that failed earlier is made anew; no pod of it lives then.

        Returns:
            Whether there was something to do.

        Raises:
            StepFailedError: it failed in this run; the last lines of its log are the evidence.
            StuckError: it neither ends nor fails; it was left as it is.
        """
        ref = ObjectRef.of(job)
        live = self._cluster.get(ref)
        match job_state(live).phase:
            case JobPhase.COMPLETE:
                return False
            case JobPhase.FAILED:
                self._waiting.progress.report(step, f"an earlier {ref} failed; it is made anew")
                self.remove(step, ref)
                before_again()
                self._cluster.apply(job)
            case JobPhase.ABSENT:
                self._cluster.apply(job)
            case JobPhase.ACTIVE:
                self._waiting.progress.report(step, f"{ref} is running already; waiting for it")
        self._wait(step, ref, budget=budget, remediation=remediation, recorded=_Recorded(records))
        return True

    def remove(self, step: str, ref: ObjectRef) -> None:
        """Delete a finished job and wait until it and its pods are gone."""
        self._cluster.delete(ref)
        self._waiting.until(
            step,
            lambda: (True if self._cluster.get(ref) is None else None, f"{ref} is being deleted"),
            budget=self._waiting.budgets.deletion,
            remediation=f"see what holds it: kubectl -n {ref.namespace} get job {ref.name} -o yaml",
        )

    def wait_for_others(self, step: str, job: Manifest, installation_name: str, *, budget: float) -> None:
        """Wait until no other job of the same component is running: two migrations at once lock each other.

        Raises:
            StepFailedError: one of them cannot start.
            StuckError: one goes on and on.
        """
        ref = ObjectRef.of(job)
        start = JobStart(self._waiting, step, self._infrastructure)

        def look() -> tuple[bool | None, str]:
            others = [name for name in self._active(job, installation_name) if name != ref.name]
            if not others:
                return True, ""
            other = ObjectRef(ref.api_version, ref.kind, ref.namespace, others[0])
            start.judge(other, self._pod(other))
            return None, f"job {other.name} is still running"

        self._waiting.until(
            step,
            look,
            budget=budget,
            remediation="wait for the other job, or find out why it does not end; never delete a running setup",
        )

    def failed_before(self, job: Manifest, installation_name: str) -> list[ObjectRef]:
        """Other jobs of the same component that failed."""
        found = self._same_component(job, installation_name)
        return [
            ObjectRef.of(live)
            for live in found
            if job_state(live).phase is JobPhase.FAILED and live["metadata"]["name"] != job["metadata"]["name"]
        ]

    def _active(self, job: Manifest, installation_name: str) -> list[str]:
        found = self._same_component(job, installation_name)
        return [live["metadata"]["name"] for live in found if job_state(live).phase is JobPhase.ACTIVE]

    def _same_component(self, job: Manifest, installation_name: str) -> list[Manifest]:
        component = job["metadata"]["labels"]["app.kubernetes.io/name"]
        labels = f"{owned_selector(installation_name)},app.kubernetes.io/name={component}"
        return [*self._cluster.list("batch/v1", "Job", namespace=job["metadata"]["namespace"], labels=labels)]

    def _wait(self, step: str, ref: ObjectRef, *, budget: float, remediation: str, recorded: "_Recorded") -> None:
        start = JobStart(self._waiting, step, self._infrastructure)

        def look() -> tuple[bool | None, str]:
            state = job_state(self._cluster.get(ref))
            if state.phase is JobPhase.COMPLETE:
                return True, "complete"
            pod = self._pod(ref)
            said = self._cluster.logs(ref.namespace, pod["metadata"]["name"], tail_lines=30) if pod else ""
            if state.phase is not JobPhase.ACTIVE:
                what = "failed" if state.phase is JobPhase.FAILED else "was deleted by somebody while it ran"
                raise StepFailedError(
                    f"{ref} {what} ({state.detail or 'no detail'})",
                    step=step,
                    evidence=said.rstrip(),
                    remediation=remediation,
                )
            start.judge(ref, pod)
            return None, "; ".join(filter(None, [_stands(pod, said), recorded.told() if pod else ""]))

        self._waiting.until(step, look, budget=budget, remediation=remediation)

    def _pod(self, ref: ObjectRef) -> Manifest | None:
        pods = self._cluster.list(
            "v1", "Pod", namespace=ref.namespace, labels=f"batch.kubernetes.io/job-name={ref.name}"
        )
        return next(iter(pods), None)


def _stands(pod: Manifest | None, said: str) -> str:
    if pod is None:
        return "no pod yet"
    if trouble := pod_trouble(pod):
        return f"pod {trouble}"
    last = _words(said.rstrip().rpartition("\n")[2])[:160]
    return f"pod {pod.get('status', {}).get('phase', 'Pending')}" + (f", {last}" if last else "")


class _Recorded:
    """Tells what the database records, for as long as it can be read from here; a wait never fails by it."""

    def __init__(self, records: MigrationLog | None) -> None:
        self._records = records

    def told(self) -> str:
        if self._records is None:
            return ""
        try:
            return told(*self._records.newest())
        except KastellanError:
            self._records = None  # not again: each try may take as long as a connection waits
            return "the database's records cannot be read from here"


def _words(line: str) -> str:
    """What a line of a log says: of a structured one its message and the name of the migration step."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    return " ".join(str(entry[key]) for key in ("msg", "message", "name") if entry.get(key)) or line
