"""A stack on Google Cloud: what is refused without asking the cloud, and what the installation gets."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.config.cloud_stack import made_values
from kastellan.config.google_stack import google_base
from kastellan.config.stack import parse_stack
from kastellan.domain.errors import InvalidInputError
from tests.builders import CA, MASTERKEY
from tests.unit.domain.test_google_cloud import NOW

DIGEST = "sha256:" + "a" * 64
GOOGLE: dict[str, Any] = {
    "project": "acme-zitadel",
    "region": "europe-west6",
    "authorisedNetworks": {"operators": "198.51.100.0/24"},
}
GOOD: dict[str, Any] = {
    "platform": "gke",
    "version": "v4.13.1",
    "domain": "id.customer.example",
    "database": {"password": "secret-of-the-role"},
    "masterkey": MASTERKEY,
    "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
    "google": GOOGLE,
}


def _errors(name: str = "acme", values: dict[str, Any] = GOOD, **google: Any) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_stack(name, values | {"google": GOOGLE | google}, folder=Path.cwd())
    return {reason.path: reason.message for reason in caught.value.reasons}


def test_a_complete_stack_is_an_installation_behind_googles_load_balancer_on_nodes_of_its_own() -> None:
    stack = parse_stack("acme", GOOD, folder=Path.cwd())
    assert stack.google is not None
    assert stack.installation.routing.google is not None
    assert stack.installation.node_pool is not None
    base = google_base("acme", "id.customer.example", stack.google, stack.sizing, None, NOW)
    assert base.zones == ("europe-west6-a", "europe-west6-b", "europe-west6-c")
    assert base.database_tier == stack.sizing.tier.name
    assert base.protect


def test_what_the_provider_gets_is_parsed_to_the_same_installation_with_what_was_made() -> None:
    written = parse_stack("acme", GOOD, folder=Path.cwd()).installation
    made = made_values(
        "acme", GOOD, cluster={"kubeconfig": "apiVersion: v1"}, database={"host": "1.sql.goog", "port": 5432, "ca": CA}
    )
    placed = parse_stack("acme", made, folder=Path.cwd(), made=True)
    assert placed.kubeconfig == "apiVersion: v1"
    assert placed.installation.database.host == "1.sql.goog"
    assert (placed.installation.routing, placed.installation.node_pool, placed.installation.size) == (
        written.routing, written.node_pool, written.size,
    )  # fmt: skip


def test_all_errors_are_told_at_once_with_their_paths() -> None:
    found = _errors(
        region="mars-north1", network="10.0.0.0/24", machineType="n2-standard-3", databaseTier="db-f1-micro",
        project="X", authorisedNetworks={"all": "0.0.0.0/0"}, labels={"Team": "a"}, budget={"amount": 0},
    )  # fmt: skip
    assert {
        "region", "network", "machineType", "databaseTier", "project", "authorisedNetworks.all", "labels",
        "budget.amount", "budget.billingAccount", "budget.currency",
    } <= {path.removeprefix("installation:google.") for path in found}  # fmt: skip
    assert "the whole internet" in found["installation:google.authorisedNetworks.all"]


@pytest.mark.parametrize(
    ("google", "path", "said"),
    [
        ({"zones": ["europe-west6-a", "europe-west6-b"]}, "google", "at least three are needed [DI-2]"),
        ({"zones": ["europe-west1-b", "europe-west6-a", "europe-west6-b"]}, "google", "europe-west1-b not in"),
        ({"network": "10.0.0.0/16", "apartFrom": ["10.0.3.0/24"]}, "google", "overlaps 10.0.3.0/24"),
        ({"newProject": {"billingAccount": "012345-6789AB-CDEF01"}}, "google.newProject", "folder or the organization"),
        ({"network": "10.0.0.0/19", "nodesPerZone": 8}, "google.network", "holds 16 nodes"),
        ({"regoin": "x"}, "google.regoin", "did you mean region?"),
    ],
)
def test_what_does_not_fit_together_is_refused(google: dict[str, Any], path: str, said: str) -> None:
    assert said in _errors(**google)[f"installation:{path}"]


def test_less_than_the_load_needs_is_refused() -> None:
    values = GOOD | {"load": {"users": 0, "loginsPerSecond": 20}}
    found = _errors(values=values, machineType="n2-standard-4", nodesPerZone=1, databaseTier="db-custom-2-8192")
    assert "less than the load needs with a zone lost" in found["installation:google.machineType"]
    assert "less than the load needs" in found["installation:google.databaseTier"]


@pytest.mark.parametrize("name", ["a" * 21, "1acme"])
def test_a_name_that_google_would_not_take_is_refused(name: str) -> None:
    assert "becomes part of names that Google limits" in _errors(name)["installation:google"]


def test_a_cluster_of_ones_own_is_none_of_google_clouds_keys() -> None:
    assert "installation:cluster" in _errors(values=GOOD | {"cluster": {"kubeconfigPath": "x"}})
