"""Builds all objects of one installation."""

from kastellan.domain.installation import Installation
from kastellan.domain.secrets import Secrets
from kastellan.manifests import availability, configuration, edge, google_edge, jobs, network, routing, workloads
from kastellan.manifests.release_manifests import ReleaseManifests


def render(installation: Installation, secrets: Secrets) -> ReleaseManifests:
    """Build every object of an installation; pure, equal inputs give equal objects."""
    admin = configuration.admin_secret(installation, secrets)
    autoscaling, own_edge = installation.autoscaling, installation.routing.edge
    return ReleaseManifests(
        foundation=(
            availability.namespace(installation),
            availability.priority_class(installation),
            *workloads.service_accounts(installation),
            *network.network_policies(installation),
            configuration.migration_config_map(installation),
            configuration.config_map(installation, secrets),
            configuration.server_secret(installation, secrets),
            *((admin,) if admin else ()),
            configuration.login_secret(installation, secrets),
            *workloads.services(installation),
            *(
                (edge.edge_config_map(installation, own_edge), edge.edge_service(installation, own_edge))
                if own_edge
                else ()
            ),
        ),
        init_job=jobs.init_job(installation, secrets),
        setup_job=jobs.setup_job(installation, secrets),
        cleanup_job=jobs.cleanup_job(installation, secrets),
        workloads=(
            workloads.api_deployment(installation, secrets),
            workloads.login_deployment(installation, secrets),
            *((edge.edge_deployment(installation, own_edge),) if own_edge else ()),
        ),
        availability=(
            *availability.disruption_budgets(installation),
            *((availability.autoscaler(installation, autoscaling),) if autoscaling else ()),
        ),
        routes=(
            *(google_edge.google_edge(installation, balancer) if (balancer := installation.routing.google) else ()),
            *routing.routes(installation),
        ),
        migrates=installation.undoing is None,
    )
