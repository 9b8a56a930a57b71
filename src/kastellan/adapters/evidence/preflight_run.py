"""One preflight: collect from everywhere at the same time, then judge."""

from importlib.metadata import version

from kastellan.adapters.evidence.collection import Collected, Collector, collect
from kastellan.adapters.kubernetes.cluster_facts import ClusterQuestions, cluster_collectors
from kastellan.adapters.postgres.database_facts import DatabaseAccess, collect_database
from kastellan.adapters.probe.host_probes import ProbeAccess, host_collectors
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
from kastellan.preflight.facts import Unknown
from kastellan.preflight.gate import Gate
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
    gate: Gate = Gate.INSTALL,
    probes: ProbeAccess | None = None,
) -> Report:
    """Validate a platform for an installation; without probes that are allowed, nothing is changed in it.

    Args:
        cluster: to be asked.
        database: how to reach it, or None where nobody said: then its checks are UNKNOWN.
        installation: what shall run there.
        manifests: its objects.
        target: names the cluster and the database for people.
        clock: for the times in the report.
        progress: told after each group of facts.
        gate: for which it is validated.
        probes: what may be tried, and how; without it, nothing is put anywhere.

    Raises:
        KastellanError: the cluster cannot be asked at all.
    """
    started = clock.now()
    found = _collected(cluster, database, installation, manifests, clock, progress, probes or ProbeAccess())
    return judge(
        found.facts,
        requirement_of(installation, manifests),
        target=target,
        started=started,
        finished=clock.now(),
        tool=version("kastellan"),
        gate=gate,
        evidence=found.evidence,
    )


def _collected(
    cluster: Cluster,
    database: DatabaseAccess | None,
    installation: Installation,
    manifests: ReleaseManifests,
    clock: Clock,
    progress: Progress,
    probes: ProbeAccess,
) -> Collected:
    cluster.request("/version")  # one that cannot be asked at all is no finding about it
    questions = ClusterQuestions(
        namespace=installation.namespace,
        instance_labels={INSTANCE_LABEL: installation.name, MANAGED_BY_LABEL: MANAGED_BY},
        rights=rights_of(installation, manifests),
        objects=manifests.objects,
        pods=sample_pods(manifests),
    )
    ask: Collector = (lambda: collect_database(database)) if database else _not_given
    collectors = {
        **cluster_collectors(cluster, questions),
        "database": ask,
        **host_collectors(cluster, installation, probes),
    }
    return collect(collectors, clock, progress)


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
