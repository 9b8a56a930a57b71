"""The objects of one release, in the parts and in the order in which the release procedure needs them."""

from dataclasses import dataclass

from kastellan.domain.kubernetes_object import Manifest


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReleaseManifests:
    """The objects of one release; the parts are applied in the order of the fields.

    Attributes:
        foundation: namespace, priority class, accounts, configuration, secrets, network policies, Services.
        init_job: makes the database ready for the first time.
        setup_job: migrates it to the release.
        cleanup_job: frees the database of the mark of a killed setup; run only when one failed, so not among `objects`.
        workloads: Deployments of the API, of the login, and of the edge where it is ours, in this order.
        availability: disruption budgets, and the autoscaler where asked for.
        routes: the way in.
        migrates: whether the jobs run; not where an update is undone, for the schema stays as it is.
    """

    foundation: tuple[Manifest, ...]
    init_job: Manifest
    setup_job: Manifest
    cleanup_job: Manifest
    workloads: tuple[Manifest, ...]
    availability: tuple[Manifest, ...]
    routes: tuple[Manifest, ...]
    migrates: bool = True

    @property
    def jobs(self) -> tuple[Manifest, ...]:
        """The jobs that run before the workloads, in order."""
        return (self.init_job, self.setup_job) if self.migrates else ()

    @property
    def objects(self) -> tuple[Manifest, ...]:
        """All objects in the order in which they are applied."""
        return (
            *self.foundation,
            *self.jobs,
            *self.workloads,
            *self.availability,
            *self.routes,
        )
