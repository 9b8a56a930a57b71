"""The preflight on real API servers and a real PostgreSQL: one thing is broken at a time, and its checks say so."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from lab.control_plane import free_port
from lab.pki import Authority
from lab.simulated import NodeShape, SimulatedCluster, shapes
from tests.lab.conftest import Database

GATES = {
    "ZON-1", "CAP-1", "CAP-2", "CAP-3", "VER-1", "VER-2", "VER-3", "RBAC-1", "RBAC-2", "POD-1", "QUO-1", "ADM-1",
    "HA-1", "NET-1", "TLS-2", "MET-1", "PG-1", "PG-2", "PG-3", "PG-4", "PG-5", "PG-7",
    "DNS-1", "TLS-1", "NET-2", "SMT-1", "OBJ-1",
    "NET-3", "NET-4", "PG-6", "CLK-1", "IMG-1", "STO-1",
}  # fmt: skip
OF_PODS = {"NET-3", "NET-4", "PG-6", "CLK-1"}
"""Only --probes brings them; a read-only run is incomplete (exit code 5) and says so."""
STATED = {"PG-4", "PG-5"}
"""Of one server without a standby and an archive nothing is seen, good or bad: somebody has to state it."""
NOT_HERE = {"QUO-1", "DNS-1", "TLS-1", "NET-1", "NET-2", "TLS-2", "MET-1", "SMT-1", "OBJ-1", "IMG-1", "STO-1"}
"""No namespace yet, no way in, no autoscaling, no relay, no storage, no images: nothing to judge."""


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[SimulatedCluster]:
    """A cluster that the tests of this module may break; each mends it again."""
    with SimulatedCluster() as cluster:
        yield cluster


class Preflight:
    """Runs the command as a user does."""

    def __init__(self, cluster: SimulatedCluster, database: Database, folder: Path) -> None:
        self.kubeconfig = self.administrator = cluster.kubeconfig_text
        self.database = database
        self.url = f"postgresql://{database.user}@{database.server.host}:{database.server.port}/{database.name}"
        self.ca = database.server.ca_pem
        self.folder = folder
        self.extra: list[str] = []

    def run(self) -> "subprocess.CompletedProcess[str]":
        kubeconfig, ca = self.folder / "kubeconfig", self.folder / "ca.pem"
        kubeconfig.write_text(self.kubeconfig)
        ca.write_text(self.ca)
        database = ["--database", self.url, "--database-ca", str(ca)] if self.url else []
        command = [str(Path(sys.executable).with_name("kastellan")), "preflight", "--kubeconfig", str(kubeconfig)]
        return subprocess.run(
            [*command, *database, "-o", "json", *self.extra],
            env={**os.environ, "PGPASSWORD": self.database.password},
            capture_output=True,
            text=True,
            check=False,
        )

    def outcomes(self, *, code: int, left_out: Collection[str] = OF_PODS) -> dict[str, str]:
        done = self.run()
        assert done.returncode == code, done.stdout + done.stderr
        report = json.loads(done.stdout)
        assert report["checksExpected"] == len(GATES)
        assert report["checksExecuted"] == len(GATES) - len(left_out)
        found = {finding["id"]: finding["outcome"] for finding in report["findings"]}
        assert {found.pop(check) for check in OF_PODS | STATED} == {"unknown"}
        # The administrator of the lab is of system:masters, and may do everything: true, and no gate.
        assert found.pop("RBAC-2") == ("fail" if self.kubeconfig == self.administrator else "pass")
        return found


@pytest.fixture
def preflight(own_cluster: SimulatedCluster, database: Database, tmp_path: Path) -> Preflight:
    return Preflight(own_cluster, database, tmp_path)


def test_a_good_platform_passes_every_check_that_only_reads(preflight: Preflight) -> None:
    outcomes = preflight.outcomes(code=5)
    assert set(outcomes) == GATES - OF_PODS - STATED - {"RBAC-2"}
    not_passed = {check: outcome for check, outcome in outcomes.items() if outcome != "pass"}
    assert not_passed == dict.fromkeys(NOT_HERE, "not applicable") | {"POD-1": "warn"}  # pods were tried in `default`


WEBHOOK: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "dead"},
    "webhooks": [
        {
            "name": "dead.customer.example",
            "clientConfig": {"service": {"namespace": "default", "name": "nobody", "path": "/"}},
            "rules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["DELETE"]}
            ],
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }
    ],
}
Break = Callable[[SimulatedCluster, Database], None]


def _apply(*objects: dict[str, Any]) -> Break:
    return lambda cluster, database: cluster.apply(*objects)


def _kubectl(*arguments: str) -> Break:
    return lambda cluster, database: cluster.kubectl(*arguments) and None


def _sql(statement: str) -> Break:
    return lambda cluster, database: database.server.execute(statement.format(role=database.user, name=database.name))


def _tiny_nodes(cluster: SimulatedCluster, database: Database) -> None:
    for zone in ("zone-a", "zone-b", "zone-c"):
        cluster.remove_node(f"node-{zone}-0")
    cluster.add_nodes([NodeShape(name=f"tiny-{z}", zone=z, cpu="200m") for z in ("zone-a", "zone-b", "zone-c")])


def _usual_nodes(cluster: SimulatedCluster, database: Database) -> None:
    for zone in ("zone-a", "zone-b", "zone-c"):
        cluster.remove_node(f"tiny-{zone}")
    cluster.add_nodes(shapes())


def _second_budget(cluster: SimulatedCluster, database: Database) -> None:
    """Somebody else's pod and budget in our namespace."""
    cluster.kubectl("create", "namespace", "zitadel")
    cluster.kubectl("-n", "zitadel", "create", "deployment", "other", "--image=localhost/other")
    cluster.kubectl("-n", "zitadel", "create", "pdb", "other", "--selector=app=other", "--max-unavailable=1")
    counted = "--for=jsonpath={.status.expectedPods}=1"
    cluster.kubectl("-n", "zitadel", "wait", counted, "pdb/other", "--timeout=60s")


QUOTA = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "zitadel"}},
    {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": "zitadel"},
        "spec": {"hard": {"pods": "3", "requests.cpu": "1"}},
    },
]
BREAKS: dict[str, tuple[Break, Break, set[str]]] = {
    "a zone is cordoned": (
        _kubectl("cordon", "node-zone-b-0"),
        _kubectl("uncordon", "node-zone-b-0"),
        {"ZON-1", "CAP-3"},
    ),
    "a zone label is missing": (
        _kubectl("label", "node", "node-zone-b-0", "topology.kubernetes.io/zone-"),
        _kubectl("label", "node", "node-zone-b-0", "topology.kubernetes.io/zone=zone-b"),
        {"ZON-1", "CAP-3"},
    ),
    "a node is tainted": (
        _kubectl("taint", "node", "node-zone-b-0", "own=team:NoSchedule"),
        _kubectl("taint", "node", "node-zone-b-0", "own-"),
        {"ZON-1", "CAP-3"},
    ),
    "nodes are too small": (_tiny_nodes, _usual_nodes, {"CAP-1", "CAP-2", "CAP-3"}),
    "a kubelet is newer": (
        lambda cluster, database: cluster.add_nodes([NodeShape(name="new", zone="zone-a", kubelet="v1.36.0")]),
        lambda cluster, database: cluster.remove_node("new"),
        {"VER-2"},
    ),
    "a webhook is dead": (_apply(WEBHOOK), _kubectl("delete", "validatingwebhookconfiguration", "dead"), {"ADM-1"}),
    "the quota is small": (_apply(*QUOTA), _kubectl("delete", "namespace", "zitadel"), {"QUO-1"}),
    "a second budget": (_second_budget, _kubectl("delete", "namespace", "zitadel"), {"HA-1"}),
    "the role may not create": (
        _sql("alter database {name} owner to postgres"), _sql("alter database {name} owner to {role}"), {"PG-2"},
    ),
    "connections are few": (
        _sql("alter role {role} connection limit 10"), _sql("alter role {role} connection limit -1"), {"PG-3"},
    ),
    "the database is read-only": (
        _sql("alter role {role} set default_transaction_read_only = on"),
        _sql("alter role {role} reset default_transaction_read_only"),
        {"PG-1", "PG-2"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_what_is_broken_fails_exactly_its_checks(
    preflight: Preflight, own_cluster: SimulatedCluster, database: Database, what: str
) -> None:
    break_it, mend_it, expected = BREAKS[what]
    break_it(own_cluster, database)
    try:
        outcomes = preflight.outcomes(code=5 if expected <= {"VER-2", "HA-1"} else 3)  # they gate maintenance only
    finally:
        mend_it(own_cluster, database)
    assert {check for check, outcome in outcomes.items() if outcome == "fail"} == expected
    assert "unknown" not in outcomes.values()


def test_a_user_without_any_right_passes_no_check_of_the_cluster(
    preflight: Preflight, own_cluster: SimulatedCluster
) -> None:
    preflight.kubeconfig = own_cluster.user_kubeconfig("nobody")
    outcomes = preflight.outcomes(code=3, left_out=OF_PODS - {"CLK-1", "NET-4"})  # their halves of the API were refused
    assert outcomes["RBAC-1"] == "fail"
    of_cluster = {
        check: outcome for check, outcome in outcomes.items() if not check.startswith(("PG", "RBAC", "VER-1"))
    }
    assert set(of_cluster.values()) <= {"unknown", "not applicable"}, of_cluster


def test_the_documented_role_gives_every_right_that_is_needed(
    preflight: Preflight, own_cluster: SimulatedCluster
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "checks" / "RBAC-1.md").read_text()
    manifests = page.partition("```yaml\n")[2].partition("```")[0].replace("USER", "sre")
    own_cluster.kubectl("create", "namespace", "zitadel")
    try:
        own_cluster.kubectl("apply", "-f", "-", stdin=manifests)
        preflight.kubeconfig = own_cluster.user_kubeconfig("sre")
        assert preflight.outcomes(code=5)["RBAC-1"] == "pass"
    finally:
        own_cluster.kubectl("delete", "-f", "-", stdin=manifests)
        own_cluster.kubectl("delete", "namespace", "zitadel")


def _changed(kubeconfig: str, **cluster: str) -> str:
    parsed = yaml.safe_load(kubeconfig)
    parsed["clusters"][0]["cluster"] |= {key.replace("_", "-"): value for key, value in cluster.items()}
    return yaml.safe_dump(parsed)


@pytest.mark.parametrize(
    ("change", "says", "code"),
    [
        (lambda p: setattr(p, "kubeconfig", "nonsense"), "this is no kubeconfig", 2),
        (
            lambda p: setattr(p, "kubeconfig", _changed(p.kubeconfig, server=f"https://127.0.0.1:{free_port()}")),
            "cannot be reached",
            1,
        ),
        (lambda p: setattr(p, "url", "mysql://a@b/c"), "--database is no URL of the form", 2),
        (lambda p: p.extra.append("--size=huge"), "Invalid value for '--size'", 2),
    ],
    ids=["no kubeconfig", "unreachable cluster", "no database URL", "no size"],
)
def test_bad_input_gets_one_clear_message(
    preflight: Preflight, change: Callable[[Preflight], None], says: str, code: int
) -> None:
    change(preflight)
    done = preflight.run()
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_client_certificate_that_has_ended_is_told_with_its_day_and_with_who_renews_it(
    preflight: Preflight, own_cluster: SimulatedCluster
) -> None:
    ended = own_cluster.authority.client("sre", expired=True)
    parsed = yaml.safe_load(preflight.kubeconfig)
    parsed["users"][0]["user"] = {
        "client-certificate-data": base64.b64encode(ended.certificate.encode()).decode(),
        "client-key-data": base64.b64encode(ended.private_key.encode()).decode(),
    }
    preflight.kubeconfig = yaml.safe_dump(parsed)
    done = preflight.run()
    assert done.returncode == 1, done.stderr
    told = " ".join(done.stderr.split())
    yesterday = x509.load_pem_x509_certificate(ended.certificate.encode()).not_valid_after_utc
    assert f"the client certificate of sre ended on {yesterday:%Y-%m-%dT%H:%M:%SZ}" in told
    assert "the administrators of the cluster" in told
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)


DATABASE_REFUSALS: dict[str, tuple[Callable[[Preflight], None], str, int]] = {
    "wrong password": (
        lambda p: setattr(p, "database", Database(server=p.database.server, name="", user="", password="wrong")),
        "does not accept the password",
        3,
    ),
    "foreign authority": (lambda p: setattr(p, "ca", Authority("other").certificate), "does not verify", 3),
    "name that is not in the certificate": (
        lambda p: setattr(p, "url", p.url.replace("127.0.0.1", "127.0.0.2")), "gave no answer", 5,
    ),
    "no such database": (lambda p: setattr(p, "url", p.url.rpartition("/")[0] + "/nothing"), "does not exist", 3),
    "closed port": (
        lambda p: setattr(p, "url", f"postgresql://a@127.0.0.1:{free_port()}/b"), "gave no answer", 5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DATABASE_REFUSALS)
def test_a_database_that_refuses_is_told_with_the_customers_turn(preflight: Preflight, what: str) -> None:
    change, says, code = DATABASE_REFUSALS[what]
    change(preflight)
    done = preflight.run()
    assert done.returncode == code, done.stdout + done.stderr
    row = next(finding for finding in json.loads(done.stdout)["findings"] if finding["id"] == "PG-1")
    assert says in row["observed"]
    assert row["owner"] == "customer"
    assert row["remediation"]
    assert preflight.database.password not in done.stdout + done.stderr


def test_probes_refuse_simulated_nodes_and_put_nothing_there(
    preflight: Preflight, own_cluster: SimulatedCluster
) -> None:
    preflight.extra = ["--probes", "--probe-image", "localhost/kastellan/probe@sha256:" + "a" * 64]
    report = json.loads(preflight.run().stdout)
    rows = {finding["id"]: finding for finding in report["findings"] if finding["id"] in OF_PODS}
    assert {row["outcome"] for row in rows.values()} == {"unknown"}
    assert "a Job on a simulated node proves nothing" in rows["NET-3"]["observed"]
    assert "kastellan-probe" not in own_cluster.kubectl("get", "namespaces")
