"""All objects of one installation, in the parts and in the order in which a release needs them."""

from dataclasses import dataclass

from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.domain.secrets import Secrets
from kastellan.manifests import availability, configuration, jobs, network, routing, workloads


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseManifests:
    """The objects of one release; the parts are applied in the order of the fields.

    Attributes:
        foundation: namespace, priority class, accounts, configuration, secrets, network policies, Services.
        init_job: makes the database ready for the first time.
        setup_job: migrates it to the release.
        workloads: Deployments of the API and of the login, in this order.
        availability: disruption budgets, and the autoscaler where asked for.
        routes: the way in.
    """

    foundation: tuple[Manifest, ...]
    init_job: Manifest
    setup_job: Manifest
    workloads: tuple[Manifest, ...]
    availability: tuple[Manifest, ...]
    routes: tuple[Manifest, ...]

    @property
    def objects(self) -> tuple[Manifest, ...]:
        """All objects in the order in which they are applied."""
        return (
            *self.foundation,
            self.init_job,
            self.setup_job,
            *self.workloads,
            *self.availability,
            *self.routes,
        )


def render(installation: Installation, secrets: Secrets) -> ReleaseManifests:
    """Build every object of an installation; pure, equal inputs give equal objects."""
    admin = configuration.admin_secret(installation, secrets)
    autoscaling = installation.autoscaling
    return ReleaseManifests(
        foundation=(
            availability.namespace(installation),
            availability.priority_class(installation),
            *workloads.service_accounts(installation),
            *network.network_policies(installation),
            configuration.config_map(installation, secrets),
            configuration.server_secret(installation, secrets),
            *((admin,) if admin else ()),
            configuration.login_secret(installation, secrets),
            *workloads.services(installation),
        ),
        init_job=jobs.init_job(installation, secrets),
        setup_job=jobs.setup_job(installation, secrets),
        workloads=(
            workloads.api_deployment(installation, secrets),
            workloads.login_deployment(installation, secrets),
        ),
        availability=(
            *availability.disruption_budgets(installation),
            *((availability.autoscaler(installation, autoscaling),) if autoscaling else ()),
        ),
        routes=routing.routes(installation),
    )
