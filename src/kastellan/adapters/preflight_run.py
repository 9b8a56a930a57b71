"""One preflight: collect from cluster and database at the same time, then judge."""

from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

from kastellan.adapters.kubernetes.cluster_facts import ClusterQuestions, collect_cluster
from kastellan.adapters.postgres.database_facts import DatabaseAccess, collect_database
from kastellan.domain.installation import Installation
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.manifests.identity import INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from kastellan.manifests.release_manifests import ReleaseManifests
from kastellan.planning.needs import requirement_of, sample_pods
from kastellan.planning.rights import rights_of
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.ports.progress import Progress
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.report import Report, judge


def run_preflight(
    cluster: Cluster,
    database: DatabaseAccess | None,
    installation: Installation,
    manifests: ReleaseManifests,
    *,
    target: str,
    clock: Clock,
    progress: Progress,
) -> Report:
    """Validate a cluster and a database for an installation; nothing is changed in either.

    Args:
        cluster: to be asked.
        database: how to reach it, or None where nobody said: then its checks are UNKNOWN.
        installation: what shall run there.
        manifests: its objects.
        target: names the cluster and the database for people.
        clock: for the times in the report.
        progress: told after each group of facts.

    Raises:
        KastellanError: the cluster cannot be asked at all.
    """
    started = clock.now()
    questions = ClusterQuestions(
        namespace=installation.namespace,
        instance_labels={INSTANCE_LABEL: installation.name, MANAGED_BY_LABEL: MANAGED_BY},
        rights=rights_of(installation, manifests),
        objects=manifests.objects,
        pods=sample_pods(manifests),
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        asked = pool.submit(collect_database, database) if database else None
        facts: dict[str, Any] = collect_cluster(cluster, questions, progress)
        progress.report("collecting", "database")
        facts["database"] = asked.result() if asked else _not_given()
    return judge(
        Facts(**facts),
        requirement_of(installation, manifests),
        target=target,
        started=started,
        finished=clock.now(),
        tool=version("kastellan"),
    )


def _not_given() -> Unknown:
    return Unknown(
        Reason(
            code="no-database",
            message="no database was given",
            owner=Party.CUSTOMER,
            remediation="give --database and --database-ca, or a stack that names it",
            clause="DI-4",
        )
    )
