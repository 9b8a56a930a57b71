"""One prerequisite is broken at a time, and exactly the checks that are about it change."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.preflight.catalogue import CHECKS
from kastellan.preflight.dry_run import DryRun
from kastellan.preflight.facts import AccessAnswer
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.platform_facts import Disruptions, Heartbeats, Metrics
from kastellan.preflight.zone_facts import Isolation, Percentiles
from tests.unit.preflight.platforms import (
    amounts,
    archiving,
    budget,
    database,
    entrance,
    facts,
    families,
    issuance,
    kind,
    nodes,
    pull_secret,
    replication,
    report,
    rules,
    standby,
    standing,
    storage,
    webhook,
)
from tests.unit.preflight.probed import (
    CANARY_STEPS,
    ENTRY_STEPS,
    MAIL_STEPS,
    canary,
    database_seen,
    denied,
    ended,
    handshake,
    intercepted,
    issued,
    mail,
    names,
    pulls,
    resolved,
    skew,
    volumes,
    zone,
)

_REFUSED = DryRun(subject="Deployment zitadel/zitadel", accepted=False, message="refused by policy")
_ROOM = {"CAP-1", "CAP-2", "CAP-3"}
_FULL = kind(cpu="3.9", priority=2_000_000)
BROKEN: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a zone has no node": ({"nodes": nodes()[:2]}, {"ZON-1", "CAP-3"}),
    "a zone is cordoned": ({"nodes": (replace(nodes()[0], cordoned=True), *nodes()[1:])}, {"ZON-1", "CAP-3"}),
    "nodes are small": ({"nodes": nodes(allocatable=amounts("0.4", 8192))}, _ROOM),
    "nodes are full": ({"pods": standing(*((_FULL, f"node-{zone}") for zone in "abc"))}, _ROOM),
    "the cluster is old": (
        {"server_version": "v1.30.1", "nodes": nodes(kubelet="v1.30.1")}, {"VER-1"},
    ),
    "a kubelet is newer": ({"nodes": (*nodes()[:2], replace(nodes()[2], kubelet="v1.37.0"))}, {"VER-2"}),
    "an object is refused": ({"objects": (_REFUSED,)}, {"VER-3"}),
    "a right is missing": ({"access": (AccessAnswer(right="create jobs.batch", allowed=False),)}, {"RBAC-1"}),
    "pods are refused": ({"pod_admission": (_REFUSED,)}, {"POD-1"}),
    "a quota is small": ({"namespace": rules(quota={"pods": "3"})}, {"QUO-1"}),
    "a webhook is dead": ({"webhooks": (webhook(zones=()),)}, {"ADM-1"}),
    "the database is a standby": ({"database": database(writable=False)}, {"PG-1"}),
    "the role may not create": ({"database": database(role_may_create=False)}, {"PG-2"}),
    "connections are few": ({"database": database(connections_left=3)}, {"PG-3"}),
    "the standby is in the primary's zone": ({"replication": replication(standby(zone="a"))}, {"PG-4"}),
    "archiving fails": ({"archiving": archiving(failed_seconds_ago=9.0)}, {"PG-5"}),
    "the encoding is not UTF8": ({"database": database(encoding="SQL_ASCII")}, {"PG-7"}),
    "a pooler loses sessions": ({"database": database(session_kept=False)}, {"PG-3"}),
    "a name leads elsewhere": ({"names": (names(resolved(addresses=("203.0.113.9",))),)}, {"DNS-1"}),
    "the certificate does not verify": (
        {"handshake": (handshake(dialogue=ended("dns", "tcp", "tls", held=False)),)}, {"TLS-1"},
    ),
    "trailers are lost": ({"entry": (ended(*ENTRY_STEPS[:7], held=False),)}, {"NET-2"}),
    "the relay refuses": ({"mail": mail(dialogue=ended(*MAIL_STEPS, held=False))}, {"SMT-1"}),
    "a policy that denies does nothing": ({"isolation": Isolation(phases=(denied(),))}, {"NET-3"}),
    "a destination is intercepted": ({"zones": (replace(zone("a"), destinations=(intercepted(),)),)}, {"NET-4"}),
    "no address family is everywhere": ({"families": families(c=("IPv6",))}, {"NET-4"}),
    "a zone is far from the database": (
        {"zones": (replace(zone("a"), database=database_seen(reads=Percentiles(p50=1, p95=20_000, p99=1))),)}, {"PG-6"},
    ),
    "a clock is ahead": ({"zones": (replace(zone("a"), api=skew(9000, 9500)),)}, {"CLK-1"}),
    "an image does not come": (
        {"pulls": replace(pulls(), pulls=tuple(replace(pull, pulled=False) for pull in pulls().pulls))}, {"IMG-1"},
    ),
    "a volume is not bound": (
        {"volumes": volumes(held=False)}, {"STO-1"},
    ),
    "a dangerous right is given": ({"excess": (AccessAnswer(right="list secrets", allowed=True),)}, {"RBAC-2"}),
    "a second budget stands beside ours": (
        {"disruptions": Disruptions(budgets=1, evictions=(), blocking=(budget(beside=True),))}, {"HA-1"},
    ),
    "the controller is retired": ({"entrance": entrance(controller="k8s.io/ingress-nginx")}, {"NET-1"}),
    "cert-manager validates nothing": (
        {"issuance": issuance(invalid=DryRun(subject="an invalid Certificate", accepted=True))}, {"TLS-2"},
    ),
    "the issuer is not ready": ({"issued": issued(dialogue=ended("issuer", held=False))}, {"TLS-2"}),
    "metrics are gone": ({"metrics": Metrics(problem="the metrics API is not available")}, {"MET-1"}),
    "the class is not there": ({"storage": storage(asked="slow")}, {"STO-1"}),
    "a node renews its lease in the future": (
        {"heartbeats": Heartbeats(ahead_ms={"node-a": 5000, "node-b": -100})}, {"CLK-1"},
    ),
    "the pull secret is for another registry": ({"pull_secret": pull_secret(registries=("other.example",))}, {"IMG-1"}),
    "the canary is not written": ({"canary": canary(dialogue=ended(CANARY_STEPS[0], held=False))}, {"OBJ-1"}),
}  # fmt: skip
"""What is broken → the facts that change, and the checks that have to."""

_GOOD = {finding.check: finding.outcome for finding in report().findings}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_changes_exactly_its_checks(what: str) -> None:
    change, expected = BROKEN[what]
    found = {finding.check: finding.outcome for finding in report(facts(**change)).findings}
    assert {check for check, outcome in found.items() if outcome is not _GOOD[check]} == expected
    assert {found[check] for check in expected} == {Outcome.FAIL}


def test_every_check_is_broken_by_something() -> None:
    assert set().union(*(expected for _, expected in BROKEN.values())) == {check.id for check in CHECKS}
