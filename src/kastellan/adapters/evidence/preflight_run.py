"""One preflight: collect from everywhere at the same time, then judge."""

from collections.abc import Iterable

from kastellan.adapters.evidence.collection import Collector, collect
from kastellan.adapters.evidence.survey import Survey
from kastellan.adapters.evidence.tool import this_tool
from kastellan.adapters.kubernetes.cluster_facts import ClusterQuestions, cluster_collectors
from kastellan.adapters.kubernetes.remembering import RememberingCluster
from kastellan.adapters.kubernetes.retrying import RetryingCluster
from kastellan.adapters.postgres.database_facts import collect_database
from kastellan.adapters.postgres.following_facts import collect_archiving, collect_replication
from kastellan.adapters.postgres.session import DatabaseAccess
from kastellan.adapters.probe.deadline import within
from kastellan.adapters.probe.host_probes import ProbeAccess, host_collectors
from kastellan.adapters.probe.issuance_probe import issuance_collector
from kastellan.adapters.probe.zone_probes import zone_collectors
from kastellan.domain.canonical import digest
from kastellan.domain.errors import KastellanError, UnauthenticatedError, UnreachableError, UntrustedError
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.party import Party
from kastellan.domain.probing import EntryPoint
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import ServicePlan
from kastellan.manifests.identity import INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from kastellan.manifests.release_manifests import ReleaseManifests
from kastellan.planning.made_database import made_database
from kastellan.planning.needs import requirement_of, sample_pods
from kastellan.planning.rights import rights_of
from kastellan.ports.clock import Clock
from kastellan.ports.cluster import Cluster
from kastellan.ports.managed_database import ManagedDatabase
from kastellan.ports.progress import Progress
from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.circumstances import Circumstances
from kastellan.preflight.delta import Earlier
from kastellan.preflight.exemption import Exemption
from kastellan.preflight.facts import Unknown
from kastellan.preflight.gate import Gate
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.report import Report, judge
from kastellan.preflight.selection import ALL, Selection
from kastellan.preflight.time_limits import HOST_PROBE_SECONDS, PATIENCE_SECONDS, PROBING_SECONDS, READING_SECONDS

_LEAST_SECONDS = 1.0
_NO_PROVIDER = NotProbed(why="no provider is named that could be asked")


def patient(cluster: Cluster, clock: Clock, progress: Progress) -> Cluster:
    """A cluster as a preflight asks it: what fails for a moment is repeated, and given up long before the run ends."""
    return RetryingCluster(cluster, clock, patience_seconds=PATIENCE_SECONDS, progress=progress)


def survey(
    cluster: Cluster,
    database: DatabaseAccess | None,
    installation: Installation,
    manifests: ReleaseManifests,
    *,
    target: str,
    gate: Gate = Gate.INSTALL,
    plan: ServicePlan | None = None,
    selection: Selection = ALL,
    clock: Clock,
    progress: Progress,
    probes: ProbeAccess | None = None,
    managed: ManagedDatabase | None = None,
) -> Survey:
    """Collect everything about a platform for an installation; without probes that are allowed, nothing is changed.

    Args:
        cluster: to be asked; `patient` is for one that may fail for a moment.
        database: how to reach it, or None where nobody said: then its checks are UNKNOWN.
        installation: what shall run there.
        manifests: its objects.
        target: names the cluster and the database for people.
        gate: for which it is validated.
        plan: of the contract, if there is one.
        selection: only the facts that these checks judge are collected.
        clock: for the times in the report.
        progress: told after each group of facts.
        probes: what may be tried, and how; without it, nothing is put anywhere.
        managed: the provider's view of the database, where it may be asked.

    Raises:
        UnreachableError: the cluster cannot be reached at all, which is no finding about it.
        UnauthenticatedError: it does not accept the credential.
        UntrustedError: its certificate does not verify.
    """
    started = clock.now()
    ends = clock.monotonic() + (PROBING_SECONDS if probes and probes.allowed else READING_SECONDS)
    acting, cluster = cluster, RememberingCluster(cluster)
    _ask_at_all(cluster)
    access = probes or ProbeAccess()
    questions = ClusterQuestions(
        installation=installation,
        instance_labels={INSTANCE_LABEL: installation.name, MANAGED_BY_LABEL: MANAGED_BY},
        rights=rights_of(installation, manifests),
        objects=manifests.objects,
        pods=sample_pods(manifests),
        storage_class=access.probing.storage_class,
        images=access.images,
        entry_port=(access.probing.entry or EntryPoint()).port,
    )
    collectors: dict[str, Collector] = {
        **cluster_collectors(cluster, questions),
        **_database_collectors(cluster, database, installation, managed),
        **host_collectors(cluster, installation, access),
        # Probes change things and wait for it: what was seen a second ago is no answer to them.
        **zone_collectors(acting, installation, access, database, clock, progress, ends=ends),
        **issuance_collector(acting, installation, access, clock, progress, ends=ends),
    }
    wanted = {name for check in CHECKS if not selection.left_out(check.id) for name in check.reads}
    chosen = {name: look for name, look in collectors.items() if name in wanted}
    found = collect(chosen, clock, progress, ends=ends)
    rest = max(_LEAST_SECONDS, ends - clock.monotonic())
    requirement = requirement_of(installation, manifests)
    return Survey(
        facts=found.facts,
        evidence=found.evidence,
        requirement=requirement,
        circumstances=Circumstances(
            target=target,
            gate=gate,
            started=started,
            collected=clock.now(),
            spec=digest({"objects": [one for one in manifests.objects if one["kind"] != "Secret"]}),
            identity=_identity(cluster, rest),
            cluster=_uid(cluster, rest),
            namespaces=(installation.namespace,),
            read_only=not access.allowed,
            platform=installation.platform,
            plan=plan,
        ),
    )


def judged(
    seen: Survey,
    clock: Clock,
    *,
    selection: Selection = ALL,
    exemptions: Iterable[Exemption] = (),
    earlier: Earlier | None = None,
) -> Report:
    """Judge what was collected, here or elsewhere, then or later: it comes to the same."""
    return judge(
        seen.facts,
        seen.requirement,
        seen.circumstances,
        tool=this_tool(),
        judged=clock.now(),
        evidence=seen.evidence,
        selection=selection,
        exemptions=exemptions,
        earlier=earlier,
    )


def _database_collectors(
    cluster: Cluster, database: DatabaseAccess | None, installation: Installation, managed: ManagedDatabase | None
) -> dict[str, Collector]:
    if database is None:
        return dict.fromkeys(("database", "replication", "archiving", "made_database", "managed"), _not_given)
    return {
        "database": lambda: collect_database(database),
        "replication": lambda: collect_replication(database, cluster),
        "archiving": lambda: collect_archiving(database),
        "made_database": lambda: made_database(installation, database.host),
        "managed": lambda: (
            within(HOST_PROBE_SECONDS, "the database's provider", lambda: managed.describe(database.host))
            if managed
            else _NO_PROVIDER
        ),
    }


def _ask_at_all(cluster: Cluster) -> None:
    try:
        cluster.request("/version")
    except (UnreachableError, UnauthenticatedError, UntrustedError):
        raise
    except KastellanError:
        return  # it answers, if badly: the checks say so


def _identity(cluster: Cluster, seconds: float) -> str:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    return _asked(lambda: cluster.create(path, review)["status"]["userInfo"]["username"], seconds)


def _uid(cluster: Cluster, seconds: float) -> str:
    live = ObjectRef("v1", "Namespace", "", "kube-system")
    return _asked(lambda: (cluster.get(live) or {})["metadata"]["uid"], seconds)


def _asked(look: Collector, seconds: float) -> str:
    """An answer that a report can do without; one that is malformed or late counts as none."""
    try:
        return str(within(seconds, "the names in the report", look))
    except (KastellanError, LookupError, TypeError, ValueError):
        return ""


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
