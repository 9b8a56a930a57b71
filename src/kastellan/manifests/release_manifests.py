"""The objects of one release, grouped by when they may be applied: the procedure's order is in the type."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kastellan.domain.kubernetes_object import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseManifests:
    """What `render` returns; holds Secrets, so nothing of it is in its `repr`.

    Attributes:
        foundation: namespace first, then what every pod needs: accounts, configuration, secrets, policies, Services.
        init_job: makes role, database and schemas.
        setup_job: runs the migrations.
        workloads: the Deployments, the API before the login.
        availability: disruption budgets and autoscalers.
        routes: the way in; may be empty.
    """

    foundation: tuple[Manifest, ...] = field(repr=False)
    init_job: Manifest = field(repr=False)
    setup_job: Manifest = field(repr=False)
    workloads: tuple[Manifest, ...] = field(repr=False)
    availability: tuple[Manifest, ...] = field(repr=False)
    routes: tuple[Manifest, ...] = field(repr=False)

    def __iter__(self) -> Iterator[Manifest]:
        """All objects in the order in which they are applied."""
        yield from self.foundation
        yield self.init_job
        yield self.setup_job
        yield from self.availability
        yield from self.workloads
        yield from self.routes
