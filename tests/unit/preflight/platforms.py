"""Platforms for the tests of the checks: a good one, from which each test takes one thing away."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.preflight.amounts import Amounts
from kastellan.preflight.check import Check
from kastellan.preflight.circumstances import Circumstances, Tool
from kastellan.preflight.database_facts import Archiving, Database, MadeDatabase, Replication, Standby
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.exemption import Attestation
from kastellan.preflight.facts import (
    AccessAnswer,
    Facts,
    Limits,
    NamespaceRules,
    Quota,
    Unknown,
    Webhook,
)
from kastellan.preflight.finding import Evidence, Finding
from kastellan.preflight.gate import Gate
from kastellan.preflight.label_rule import LabelRule
from kastellan.preflight.node_facts import ZONE, Node
from kastellan.preflight.platform_facts import (
    AddressFamilies,
    Budget,
    Disruptions,
    Entrance,
    EntranceService,
    Heartbeats,
    Issuance,
    Metrics,
    PullSecret,
    Storage,
    StorageClass,
)
from kastellan.preflight.pod_facts import Pod, PodKind, Pods, Spread
from kastellan.preflight.probe_facts import NotProbed
from kastellan.preflight.report import Report, judge
from kastellan.preflight.requirement import PodNeed, Requirement
from tests.unit.preflight.probed import probed

NOT_MANAGED = NotProbed(why="the stack names no provider")
RESTORED = Attestation(
    check="PG-5", statement="restored to 10 minutes before, all rows there", by="database team, Customer AG",
    stated=date(2026, 11, 10), document="2c" * 32, expires=date(2027, 2, 10),
)  # fmt: skip
"""That a backup restores, nobody can see, so it takes a statement for a good report."""
MADE = MadeDatabase(standby="a server in two zones", backups="a server with daily backups")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MIB = 2**20
UNKNOWN = Unknown(
    Reason(
        code="not-collected",
        message="listing was refused",
        owner=Party.CUSTOMER,
        remediation="allow the list",
        clause="DI-4",
    )
)


def amounts(cpu: str = "0", mib: int = 0) -> Amounts:
    return Amounts(cpu=Decimal(cpu), memory=Decimal(mib * MIB))


def node(name: str, zone: str | None, **changes: Any) -> Node:
    plain = Node(
        name=name,
        zone=zone,
        labels={ZONE: zone} if zone else {},
        ready=True,
        cordoned=False,
        taints=(),
        architecture="amd64",
        kubelet="v1.36.2",
        allocatable=amounts("4", 8192),
        pods=110,
    )
    return replace(plain, **changes)


def nodes(**changes: Any) -> tuple[Node, ...]:
    return tuple(node(f"node-{zone}", zone, **changes) for zone in "abc")


def kind(component: str = "", cpu: str = "1", mib: int = 1024, *, spread: bool = False, **changes: Any) -> PodKind:
    """A kind of pods: of ours where it has a component."""
    labels = {"app.kubernetes.io/name": component or "shop"}
    even = Spread(
        topology=ZONE, skew=1, rules=(LabelRule("app.kubernetes.io/name", "In", (component,)),), honor_taints=True
    )
    plain = PodKind(
        namespace="zitadel" if component else "shop",
        owner=f"ReplicaSet/{component or 'shop'}",
        component=component,
        labels=labels,
        requests=amounts(cpu, mib),
        priority=1_000_000 if component else 0,
        spreads=(even,) if spread else (),
    )
    return replace(plain, **changes)


def standing(*placed: tuple[PodKind, str]) -> Pods:
    """Pods by kind and node."""
    kinds = list({id(one): one for one, _ in placed}.values())
    index = {id(one): number for number, one in enumerate(kinds)}
    return Pods(kinds=tuple(kinds), pods=tuple(Pod(node=on, kind=index[id(one)]) for one, on in placed))


def need(
    component: str = "zitadel", count: int = 4, cpu: str = "0.5", mib: int = 512, *, spread: bool = True, surge: int = 0
) -> PodNeed:
    return PodNeed(
        kind=kind(component, cpu, mib, spread=spread), steady=count - surge, surge=surge, limits=amounts("1", 1024)
    )


def requirement(**changes: Any) -> Requirement:
    plain = Requirement(
        zones=3,
        architectures=frozenset({"amd64"}),
        pods=(need(surge=1), need("setup", 1, spread=False, surge=1)),
        pool_taint="",
        connections=55,
        objects={"secrets": 4, "deployments.apps": 2},
    )
    return replace(plain, **changes)


def webhook(**changes: Any) -> Webhook:
    plain = Webhook(
        name="policy.example",
        timeout_seconds=10,
        service="policy/policy",
        zones=("a", "b"),
        authority_ends=NOW + timedelta(days=400),
    )
    return replace(plain, **changes)


def database(**changes: Any) -> Database:
    plain = Database(
        version=170004,
        writable=True,
        encrypted=True,
        foreign_authority_refused=True,
        role_exists=True,
        database_exists=True,
        role_may_create=True,
        read_only_refused=True,
        admin=None,
        connections_left=94,
        tightest="max_connections",
        session_kept=True,
        encoding="UTF8",
        collation="C.UTF-8",
        collation_stale=False,
        speaks_plpgsql=True,
        knows_time_zones=True,
    )
    return replace(plain, **changes)


def standby(**changes: Any) -> Standby:
    plain = Standby(name="db-1", address="10.0.2.7", zone="b", state="streaming", synchronous=False, seconds_behind=0.2)
    return replace(plain, **changes)


def replication(*standbys: Standby, **changes: Any) -> Replication:
    """Standbys that are seen, of a primary in zone a."""
    plain = Replication(
        details_seen=True, senders=len(standbys), standbys=standbys, lost_slots=(), synchronous=0, zone="a"
    )
    return replace(plain, **changes)


def archiving(**changes: Any) -> Archiving:
    """An archive that works: the most that can be seen from SQL."""
    plain = Archiving(
        wal_level="replica",
        mode="on",
        timeout_seconds=300,
        archived_seconds_ago=40.0,
        failed_seconds_ago=None,
        waiting=0,
        receivers=(),
    )
    return replace(plain, **changes)


def rules(*, quota: dict[str, str] | None = None, scoped: bool = False, **limits: dict[str, str]) -> NamespaceRules:
    def parsed(values: dict[str, str]) -> dict[str, Decimal]:
        return {name: Decimal(value) for name, value in values.items()}

    quotas = (Quota(name="team", left=parsed(quota), scoped=scoped),) if quota is not None else ()
    ranges = Limits(name="sizes", **{bound: parsed(values) for bound, values in limits.items()})
    return NamespaceRules(exists=True, quotas=quotas, limits=(ranges,) if limits else ())


def budget(**changes: Any) -> Budget:
    """One that allows no eviction."""
    return replace(Budget(name="shop/shop", ours=False, beside=False, pods=3, never=False), **changes)


def entrance(**changes: Any) -> Entrance:
    plain = Entrance(
        kind="GatewayClass",
        name="web",
        controller="gateway.example/controller",
        features=("HTTPRouteBackendProtocolH2C",),
        namespace="gateways",
        services=(EntranceService(name="entry", zones=("a", "b")),),
    )
    return replace(plain, **changes)


def issuance(**changes: Any) -> Issuance:
    plain = Issuance(
        valid=DryRun(subject="a valid Certificate", accepted=True),
        invalid=DryRun(subject="an invalid Certificate", accepted=False, message="no names"),
    )
    return replace(plain, **changes)


def storage_class(**changes: Any) -> StorageClass:
    plain = StorageClass(
        name="fast", provisioner="csi.example", default=True, waits=True, expands=True, reclaim="Retain"
    )
    return replace(plain, **changes)


def storage(*classes: StorageClass, **changes: Any) -> Storage:
    plain = Storage(
        asked="fast", classes=classes or (storage_class(),), driver_zones=("a", "b", "c"), by_place=True, snapshots=True
    )
    return replace(plain, **changes)


def pull_secret(**changes: Any) -> PullSecret:
    plain = PullSecret(
        name="registry", problem="", registries=("registry.example",), images=("registry.example/zitadel",)
    )
    return replace(plain, **changes)


def families(**nodes: tuple[str, ...]) -> AddressFamilies:
    """IPv4 everywhere, but where a node has something else."""
    return AddressFamilies(nodes=dict.fromkeys("abc", ("IPv4",)) | nodes, services=("IPv4",))


def facts(**changes: Any) -> Facts:
    plain = Facts(
        server_version="v1.36.2",
        nodes=nodes(),
        pods=Pods(),
        access=(AccessAnswer(right="create secrets in zitadel", allowed=True),),
        objects=(DryRun(subject="Deployment zitadel/zitadel", accepted=True),),
        pod_admission=(DryRun(subject="Pod zitadel/zitadel", accepted=True),),
        namespace=rules(),
        webhooks=(),
        policies=(),
        api_services=(),
        excess=(AccessAnswer(right="list secrets", allowed=False), AccessAnswer(right="bind roles", allowed=False)),
        disruptions=Disruptions(
            budgets=2, blocking=(), evictions=(DryRun(subject="eviction of pod zitadel/zitadel-0", accepted=True),)
        ),
        entrance=entrance(),
        issuance=issuance(),
        metrics=Metrics(problem="", nodes=3, oldest_seconds=20),
        storage=storage(),
        heartbeats=Heartbeats(ahead_ms={"node-a": -9000, "node-b": -100, "node-c": -4000}),
        families=families(),
        pull_secret=pull_secret(),
        database=database(),
        replication=replication(standby()),
        archiving=archiving(),
        made_database=MADE,
        managed=NOT_MANAGED,
        **probed(),
    )
    return replace(plain, **changes)


def circumstances(**changes: Any) -> Circumstances:
    plain = Circumstances(
        target="stack acme on https://cluster.example",
        gate=Gate.INSTALL,
        started=NOW - timedelta(seconds=4),
        collected=NOW,
        spec="5" * 64,
        identity="sre@vendor.example",
        cluster="6b1f0ad2-0000-4000-8000-000000000001",
        namespaces=("zitadel",),
        platform=Platform.GKE,
        plan=ServicePlan.ADVANCED,
    )
    return replace(plain, **changes)


def evidence() -> dict[str, Evidence]:
    """What a collection of four seconds leaves, the same for every group."""
    return {
        name: Evidence(facts=name, sha256="e" * 64, started=NOW - timedelta(seconds=4), milliseconds=1200)
        for name in Facts.__dataclass_fields__
    }


def report(found: Facts | None = None, **options: Any) -> Report:
    about = options.pop("circumstances", None) or circumstances()
    return judge(
        found or facts(),
        options.pop("requirement", None) or requirement(),
        about,
        tool=Tool(version="0.1.0", sha256="7" * 64),
        judged=options.pop("judged", about.collected),
        evidence=evidence(),
        **options,
    )


def bad() -> Facts:
    """Nearly everything is wrong in its own way."""
    return facts(
        nodes=nodes()[:2],
        pods=UNKNOWN,
        access=(AccessAnswer(right="create jobs.batch in zitadel", allowed=False),),
        webhooks=(webhook(zones=("a",)),),
        namespace=rules(quota={"pods": "3"}),
        database=database(version=140020, role_may_create=False),
    )


def judged(check: Check, needs: Requirement | None = None, **changes: Any) -> Finding:
    return check.run(facts(**changes), needs or requirement(), NOW.date())
