"""Bringing an installation to a release: one ordered, resumable procedure for `pulumi up` by hand and for the runner.

The procedure holds no state of its own. Every step looks at the cluster before it acts, so that a run that was killed
at any point is finished by the next one.
"""

from collections.abc import Callable

from kastellan.domain.errors import BlockedError, StepFailedError
from kastellan.domain.installation import Installation, OnDrift
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.release_record import BroughtObject, ReleaseRecord, StepTiming
from kastellan.execution.budgets import Budgets
from kastellan.execution.foreign_fields import take_out_added
from kastellan.execution.job_run import JobRun
from kastellan.execution.observation import observe, owned_objects
from kastellan.execution.pruning import prune
from kastellan.execution.rebalancing import rebalance, unbalanced
from kastellan.execution.removal import remove_installation
from kastellan.execution.rollout import wait_for_rollouts
from kastellan.execution.verification import verify
from kastellan.execution.waiting import Waiting
from kastellan.planning.desired_release import DesiredRelease
from kastellan.planning.drift import Drift
from kastellan.planning.drift_finding import drift_since_applied
from kastellan.planning.object_change import ObjectChange
from kastellan.planning.release_plan import ReleasePlan, plan_release
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.ports.migration_log import MigrationLog
from kastellan.ports.progress import Progress


class ReleaseProcedure:
    """Brings, previews, compares and removes one installation on one cluster.

    Args:
        cluster: wrap it in the retry decorator: the procedure itself repeats nothing.
        clock: time and waiting.
        progress: told at least every `budgets.report` seconds while the procedure waits.
        budgets: how long to wait before calling a person.
        migrations: what the database records of its migrations; None where it is not asked.
    """

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        progress: Progress,
        *,
        budgets: Budgets | None = None,
        migrations: MigrationLog | None = None,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._progress = progress
        self._budgets = budgets or Budgets()
        self._waiting = Waiting(clock, progress, self._budgets)
        self._migrations = migrations

    def plan(self, desired: DesiredRelease) -> ReleasePlan:
        """What `bring` would do, object by object, by the API server's own dry run, and why not; changes nothing.

        Objects of a namespace that does not exist yet are shown as created. An object that the server would refuse has
        the reasons in `rejections`: nothing is raised for it, so that all are seen at once.

        Raises:
            TemporaryError, UnauthenticatedError, ForbiddenError, UntrustedError: the cluster cannot be asked.
        """
        namespace = desired.installation.namespace
        budgets = [*self._cluster.list("policy/v1", "PodDisruptionBudget", namespace=namespace)]
        return plan_release(desired, observe(self._cluster, desired.manifests.objects), budgets)

    def preview(self, desired: DesiredRelease) -> tuple[ObjectChange, ...]:
        """The changes of `plan`."""
        return self.plan(desired).changes

    def bring(self, desired: DesiredRelease) -> ReleaseRecord:
        """Bring the installation to the desired release, or finish what an earlier run began. Idempotent.

        Raises:
            BlockedError: refused before anything was changed; carries every reason.
            StepFailedError: a step ended in failure; the message says what still serves and who has to act.
            StuckError: a step neither ends nor fails within its budget; it was left as it is.
            KastellanError: whatever the port raises, after the retry decorator's budget.
        """
        installation, manifests = desired.installation, desired.manifests
        started = self._clock.now()
        timings: list[StepTiming] = []
        plan = self.plan(desired)
        if plan.blocked:
            raise BlockedError(f"{installation.version} is not brought to {installation.name}", plan.blocked)
        force = installation.on_drift is OnDrift.REVERT
        if force:
            take_out_added(self._cluster, self._progress, manifests.objects, plan.foreign)

        def timed(step: str, act: Callable[[], bool]) -> None:
            self._progress.report(step, "begins")
            began = self._clock.monotonic()
            acted = act()
            seconds = self._clock.monotonic() - began
            timings.append(StepTiming(step=step, seconds=round(seconds, 3), done_already=not acted))
            self._progress.report(step, f"done after {seconds:.0f} s" if acted else "nothing to do")

        def apply(*objects: dict[str, object]) -> bool:
            changes = {change.ref: change for change in plan.changes}
            for manifest in objects:
                self._cluster.apply(manifest, force=force)
            return any(changes[ObjectRef.of(manifest)].kind != "unchanged" for manifest in objects)

        def roll_out() -> bool:
            # The autoscaler comes before the wait: without it a Deployment that leaves its replicas open has one pod.
            acted = apply(*manifests.workloads, *manifests.availability)
            wait_for_rollouts(self._cluster, self._waiting, manifests.workloads, installation.platform.infrastructure)
            return acted

        zones: tuple[str, ...] = ()

        def check() -> bool:
            nonlocal zones
            zones = verify(self._cluster, self._waiting, installation, manifests.workloads)
            return True

        timed("objects", lambda: apply(*manifests.foundation))
        if manifests.migrates:
            timed("init", lambda: self._init(desired))
            timed("setup", lambda: self._setup(desired))
        timed("rollout", roll_out)
        timed("rebalancing", lambda: any([rebalance(self._cluster, self._waiting, d) for d in manifests.workloads]))
        timed("verification", check)
        timed("routes", lambda: apply(*manifests.routes))
        timed("pruning", lambda: prune(self._cluster, self._progress, desired))
        return ReleaseRecord(
            version=installation.version,
            started=started,
            finished=self._clock.now(),
            objects=self._brought(desired),
            zones=zones,
            timings=tuple(timings),
            jobs=tuple(job["metadata"]["name"] for job in manifests.jobs),
        )

    def drift(self, desired: DesiredRelease) -> tuple[Drift, ...]:
        """What differs since `desired` was brought, with who did it and when; empty where nothing does.

        Raises:
            KastellanError: the cluster cannot be asked; an empty answer always means that it was.
        """
        installation = desired.installation
        owned = owned_objects(self._cluster, installation.name, installation.namespace)
        changed = drift_since_applied(observe(self._cluster, desired.manifests.objects), owned)
        return (*changed, *unbalanced(self._cluster, desired.manifests.workloads))

    def remove(self, installation: Installation) -> None:
        """Remove every object of the installation in order, the namespace last; the database is kept. Idempotent.

        Raises:
            StuckError: an object does not go away; the message names it and its finalizers.
        """
        remove_installation(self._cluster, self._waiting, installation)

    def _jobs(self, desired: DesiredRelease) -> JobRun:
        return JobRun(self._cluster, self._waiting, desired.installation.platform.infrastructure)

    def _init(self, desired: DesiredRelease) -> bool:
        return self._jobs(desired).ensure(
            "init",
            desired.manifests.init_job,
            budget=self._budgets.init,
            remediation="correct what the log says (database rights: check PG-2), then run `pulumi up` again",
            before_again=lambda: None,
        )

    def _setup(self, desired: DesiredRelease) -> bool:
        name, setup = desired.installation.name, desired.manifests.setup_job
        self._jobs(desired).wait_for_others("setup", setup, name, budget=self._budgets.setup)
        for ref in self._jobs(desired).failed_before(setup, name):
            self._free_the_database(desired, ref)
        return self._jobs(desired).ensure(
            "setup",
            setup,
            budget=self._budgets.setup,
            remediation="the version before serves on; correct what the log says, then run `pulumi up` again",
            before_again=lambda: self._clean_up(desired),
            records=self._migrations,
        )

    def _free_the_database(self, desired: DesiredRelease, failed: ObjectRef) -> None:
        """A setup of another release failed: its mark would hold up ours for ever."""
        self._clean_up(desired)
        self._jobs(desired).remove("setup", failed)

    def _clean_up(self, desired: DesiredRelease) -> None:
        """Take back the mark of a killed setup; only called while no setup job is active, so none can be running."""
        job = desired.manifests.cleanup_job
        self._jobs(desired).remove("setup", ObjectRef.of(job))  # an earlier one says nothing about the failure of today
        try:
            self._jobs(desired).ensure(
                "setup",
                job,
                budget=self._budgets.init,
                remediation="correct what the log says, then run `pulumi up` again",
                before_again=lambda: None,
            )
        except StepFailedError as failure:
            failure.message = f"the mark of the failed setup could not be taken back: {failure.message}"
            raise
        self._jobs(desired).remove("setup", ObjectRef.of(job))

    def _brought(self, desired: DesiredRelease) -> tuple[BroughtObject, ...]:
        found = []
        for manifest in desired.manifests.objects:
            ref = ObjectRef.of(manifest)
            live = self._cluster.get(ref)
            if live is None:
                raise StepFailedError(f"{ref} was deleted by somebody during the update", step="record")
            found.append(BroughtObject(ref=ref, uid=live["metadata"]["uid"]))
        return tuple(found)
