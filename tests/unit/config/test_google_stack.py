"""A stack on Google Cloud: what is refused without asking the cloud, and what the installation gets."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.config.cloud_stack import made_values
from kastellan.config.google_stack import google_base
from kastellan.config.stack import parse_stack
from tests.builders import CA
from tests.unit.config.cloud_stacks import STACKS, errors
from tests.unit.domain.test_google_cloud import NOW

GOOD = STACKS["google"]


def test_a_complete_stack_is_an_installation_behind_googles_load_balancer_on_nodes_of_its_own() -> None:
    stack = parse_stack("acme", GOOD, folder=Path.cwd())
    assert stack.google is not None
    assert stack.installation.routing.google is not None
    assert stack.installation.node_pool is not None
    base = google_base("acme", stack.installation.hosts, stack.google, stack.sizing, None, NOW)
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


def test_what_only_google_asks_for_is_told_at_once_with_its_paths() -> None:
    found = errors("google", project="X", labels={"Team": "a"}, budget={"amount": 0}, releaseChannel="RAPID")
    paths = ("project", "labels", "budget.amount", "budget.billingAccount", "budget.currency", "releaseChannel")
    assert found.keys() == {f"google.{path}" for path in paths}


@pytest.mark.parametrize(
    ("google", "path", "said"),
    [
        ({"newProject": {"billingAccount": "012345-6789AB-CDEF01"}}, "google.newProject", "folder or the organization"),
        ({"dns": {"zone": "z", "create": "other.example"}}, "google.dns.create", "does not lie in other.example"),
        ({"budget": {"billingAccount": "012345-6789AB-CDEF01", "amount": 5, "currency": "CHF"}},
         "google.budget.projectNumber", "gcloud projects describe acme-zitadel"),
        ({"authorisedNetworks": {}}, "google.authorisedNetworks", "at least 1 item"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(google: dict[str, Any], path: str, said: str) -> None:
    assert said in errors("google", **google)[path]
