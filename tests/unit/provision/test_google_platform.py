"""The base on Google Cloud without an engine: what is declared, judged by Google's own documents."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.builders import MASTERKEY
from tests.clouds import judgement
from tests.clouds.reflection_file import shapes
from tests.clouds.told import told_once

DIGEST = "sha256:" + "a" * 64
VALUES: dict[str, Any] = {
    "platform": "gke",
    "version": "v4.13.1",
    "domain": "id.customer.example",
    "database": {"password": "x"},
    "masterkey": MASTERKEY,
    "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
    "google": {
        "project": "acme-zitadel",
        "newProject": {"billingAccount": "012345-6789AB-CDEF01", "folder": "123456789012"},
        "region": "europe-west6",
        "authorisedNetworks": {"operators": "198.51.100.0/24"},
        "dns": {"zone": "customer-example", "create": "customer.example"},
        "budget": {"billingAccount": "012345-6789AB-CDEF01", "amount": 1500, "currency": "CHF"},
        "alertEmails": ["sre@vendor.example"],
        "escrow": True,
    },
    "contract": {
        "plan": "standard",
        "zone": "Europe/Zurich",
        "blackouts": [{"name": "freeze", "since": "2027-12-20T00:00", "until": "2028-01-04T00:00"}],
    },
}


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    return told_once("tests.clouds.recorded", VALUES, request)


@pytest.fixture(scope="module")
def made(told: dict[str, Any]) -> Mapping[tuple[str, str], dict[str, Any]]:
    """Type and name → inputs."""
    recorded = told["resources"]
    assert all(one["type"].startswith(("gcp:", "kastellan:gcp:", "pulumi:providers:gcp")) for one in recorded)
    return {(one["type"], one["name"]): one["inputs"] for one in recorded if one["type"].startswith("gcp:")}


def test_the_shapes_that_the_simulation_judges_by_are_the_sdks(told: dict[str, Any]) -> None:
    assert shapes() == told["schema"], "python -m tests.clouds.reflection writes them anew"


def test_no_name_in_a_state_changes_unnoticed(told: dict[str, Any]) -> None:
    pinned = (Path(__file__).parent / "golden" / "gke.urns").read_text().split()
    assert [one for one in told["urns"] if "pulumi:pulumi:Stack" not in one] == pinned, (
        "what changes its name is deleted and made anew on every installation: give it an alias of its old name "
        "(docs/platforms/gke.md, Names), then write the file anew"
    )


def test_google_has_nothing_against_any_request(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    known = shapes()
    found = {
        f"{kind} {name}": list(judgement.problems(kind, known[kind], inputs)) for (kind, name), inputs in made.items()
    }
    assert {key: problems for key, problems in found.items() if problems} == {}
    assert len(found) > 55


def test_the_rate_limits_of_the_terms_are_enforced_with_429(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    rules = made["gcp:compute/securityPolicy:SecurityPolicy", "rate-limits"]["rules"]
    limits = [
        (rule["rateLimitOptions"]["rateLimitThreshold"], rule["rateLimitOptions"]["exceedAction"])
        for rule in rules
        if rule["action"] == "throttle"
    ]
    assert limits == [
        ({"count": 600, "intervalSec": 60}, "deny(429)"),  # RL-1: 10 a second over a minute
        ({"count": 3000, "intervalSec": 60}, "deny(429)"),  # RL-2: 50
    ]
    assert all(rule.get("rateLimitOptions", {}).get("enforceOnKey", "IP") == "IP" for rule in rules)


def test_the_database_is_highly_available_private_encrypted_and_backed_up(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    server = made["gcp:sql/databaseInstance:DatabaseInstance", "server"]
    settings = server["settings"]
    assert settings["availabilityType"] == "REGIONAL"
    assert settings["ipConfiguration"]["ipv4Enabled"] is False
    assert settings["ipConfiguration"]["sslMode"] == "ENCRYPTED_ONLY"
    assert settings["backupConfiguration"]["backupRetentionSettings"]["retainedBackups"] == 35
    assert settings["backupConfiguration"]["pointInTimeRecoveryEnabled"] is True
    assert settings["denyMaintenancePeriod"]["startDate"] == "2027-12-19"
    assert server["deletionProtection"] is True
    assert server["encryptionKeyName"]


def test_the_database_is_watched_and_the_budget_is_the_projects_own(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    number = next(iter(made["gcp:billing/budget:Budget", "budget"]["budgetFilter"]["projects"]))
    assert number.removeprefix("projects/").isdigit(), "Google's budgets take the number of a project, not its id"
    for name, metric in (("database-disk", "disk/utilization"), ("database-cpu", "cpu/utilization")):
        (condition,) = made["gcp:monitoring/alertPolicy:AlertPolicy", name]["conditions"]
        assert metric in condition["conditionThreshold"]["filter"]
        assert 'database_id="acme-zitadel:acme-db"' in condition["conditionThreshold"]["filter"]


def test_every_api_that_is_asked_is_enabled_first(made: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    enabled = {inputs["service"].partition(".")[0] for (kind, _), inputs in made.items() if kind.endswith(":Service")}
    asked = {kind.partition(":")[2].partition("/")[0] for kind, _ in made}
    apis = {
        "billing": "billingbudgets", "certificatemanager": "certificatemanager", "compute": "compute",
        "container": "container", "dns": "dns", "kms": "cloudkms", "monitoring": "monitoring",
        "organizations": "cloudresourcemanager", "projects": "cloudresourcemanager", "secretmanager": "secretmanager",
        "serviceaccount": "iam", "servicenetworking": "servicenetworking", "sql": "sqladmin", "storage": "storage",
    }  # fmt: skip
    assert {apis[one] for one in asked} <= enabled


def test_nodes_stand_in_three_zones_without_a_public_address_and_zitadels_are_its_own(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    pool = made["gcp:container/nodePool:NodePool", "zitadel"]
    assert len(pool["nodeLocations"]) == 3
    assert pool["nodeConfig"]["taints"] == [{"key": "kastellan.dev/pool", "value": "zitadel", "effect": "NO_SCHEDULE"}]
    cluster = made["gcp:container/cluster:Cluster", "cluster"]
    assert cluster["privateClusterConfig"]["enablePrivateNodes"] is True
    assert cluster["masterAuthorizedNetworksConfig"]["cidrBlocks"][0]["cidrBlock"] == "198.51.100.0/24"
    assert cluster["databaseEncryption"]["state"] == "ENCRYPTED"


def test_google_upgrades_neither_nodes_nor_minor_versions_by_itself(
    made: Mapping[tuple[str, str], dict[str, Any]],
) -> None:
    policy = made["gcp:container/cluster:Cluster", "cluster"]["maintenancePolicy"]
    endless, freeze = policy["maintenanceExclusions"]
    assert endless["exclusionOptions"] == {
        "scope": "NO_MINOR_OR_NODE_UPGRADES", "endTimeBehavior": "UNTIL_END_OF_SUPPORT",
    }  # fmt: skip
    assert freeze["exclusionOptions"]["scope"] == "NO_UPGRADES"


def test_the_programs_other_platforms_import_no_sdk_of_a_cloud() -> None:
    program = (
        "import sys; import kastellan.provision.program, kastellan.provider.main; "
        "found = {'pulumi_gcp', 'pulumi_aws'} & set(sys.modules); sys.exit(f'imported {found}' if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
