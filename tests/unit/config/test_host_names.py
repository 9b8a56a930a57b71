"""The host names of a stack: what each layout means, and what is refused with a path and a way out."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kastellan.config.cloud_stack import made_values
from kastellan.config.new_stack import new_stack_text
from kastellan.config.stack import parse_stack
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.host_names import HostNames, Layout
from tests.builders import CA
from tests.unit.config.cloud_stacks import STACKS, errors
from tests.unit.config.test_stack import EDGE, GOOD

FOUR = {"domain": "customer.example", "hostNames": "four-subdomains"}
INGRESS = {"kind": "ingress", "controllerNamespace": "edge"}


def _errors(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_stack("acme", GOOD | changes, folder=Path.cwd())
    return {
        reason.path.removeprefix("installation:"): f"{reason.message} -> {reason.remediation}"
        for reason in caught.value.reasons
    }


def test_without_a_word_there_is_one_name_and_with_four_the_issuer_is_the_external_domain() -> None:
    assert parse_stack("acme", GOOD, folder=Path.cwd()).installation.hosts == HostNames(issuer="id.customer.example")
    four = parse_stack("acme", GOOD | FOUR, folder=Path.cwd()).installation
    assert four.hosts == HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
    assert four.domain == "issuer.customer.example"


@pytest.mark.parametrize(
    "routing",
    [
        {"kind": "none"},
        {"kind": "gateway", "gateway": "public", "controllerNamespace": "edge"},
        {"kind": "edge", "tlsSecret": "tls", "controllerNamespace": "edge", "edge": EDGE},
    ],
)
def test_four_names_go_with_every_way_in_that_can_serve_them(routing: dict[str, Any]) -> None:
    assert parse_stack("acme", GOOD | FOUR | {"routing": routing}, folder=Path.cwd()).installation.hosts.further


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"hostNames": "three"}, "hostNames", "'single-domain' or 'four-subdomains'"),
        (FOUR | {"domain": "issuer.customer.example"}, "domain",
         "would be issuer.issuer.customer.example -> write customer.example, or hostNames: single-domain"),
        (FOUR | {"domain": "console.customer.example"}, "domain", "issuer.console.customer.example"),
        (FOUR | {"domain": ".".join(["a" * 61] * 4)}, "domain", "would have 256 characters, allowed are 253"),
        (FOUR | {"routing": INGRESS}, "routing.kind", "an Ingress can neither"),
        (FOUR | {"database": GOOD["database"] | {"host": "api.customer.example"}}, "database.host",
         "api.customer.example is a name of the installation itself"),
        ({"database": GOOD["database"] | {"host": "ID.customer.example"}}, "database.host", "installation itself"),
        (FOUR | {"probes": {"mail": {"host": "accounts.customer.example", "sender": "id@customer.example"}}},
         "probes.mail.host", "accounts.customer.example is a name of the installation itself"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any], path: str, said: str) -> None:
    assert said in _errors(**changes)[path]


def test_everything_that_is_wrong_with_the_names_is_told_at_once() -> None:
    wrong = FOUR | {"domain": "api.customer.example", "routing": INGRESS}
    taken = {"database": GOOD["database"] | {"host": "api.api.customer.example"}}
    assert _errors(**wrong, **taken).keys() == {"domain", "routing.kind", "database.host"}


def test_a_zone_that_is_made_has_to_hold_all_names_and_may_be_the_domain_itself() -> None:
    zone = {"dns": {"zone": "z", "create": "customer.example"}}
    stack = STACKS["google"] | FOUR | {"google": STACKS["google"]["google"] | zone}
    assert parse_stack("acme", stack, folder=Path.cwd()).installation.hosts.further
    said = errors("google", values=FOUR, dns={"zone": "z", "create": "api.customer.example"})["google.dns.create"]
    assert "issuer.customer.example, accounts.customer.example, console.customer.example" in said


@pytest.mark.parametrize(("layout", "most"), [("single-domain", 64), ("four-subdomains", 57)])
def test_a_name_that_acm_would_not_issue_for_is_refused_where_a_certificate_is_made(layout: str, most: int) -> None:
    longest = f"{'a' * 40}.{'b' * (most - 41)}"
    values = {"domain": longest, "hostNames": layout}
    assert parse_stack("acme", STACKS["aws"] | values, folder=Path.cwd()).installation.domain.endswith(longest)
    assert (
        "has 65 characters; ACM issues for 64 at most"
        in errors("aws", values=values | {"domain": f"{longest}b"})["domain"]
    )


def test_what_the_provider_gets_is_parsed_to_the_same_names() -> None:
    values = STACKS["google"] | FOUR
    made = made_values("acme", values, cluster={"kubeconfig": "x"}, database={"host": "1.sql.goog", "ca": CA})
    placed = parse_stack("acme", made, folder=Path.cwd(), made=True)
    assert placed.installation.hosts == HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)


@pytest.mark.parametrize(
    "place", [{}, {"google_project": "p", "google_region": "r"}, {"aws_account": "1", "aws_region": "r"}]
)
@pytest.mark.parametrize("layout", Layout)
def test_a_new_stacks_file_says_the_layout_where_it_is_not_the_usual_one(place: dict[str, str], layout: Layout) -> None:
    text = new_stack_text(
        "", "acme", domain="customer.example", layout=layout, version="v4.13.1", digests_known=True, database_host="db",
        database_ca=CA, **place,
    )  # fmt: skip
    config = yaml.safe_load(text)["config"]
    assert config["installation:domain"] == "customer.example"
    assert config.get("installation:hostNames", Layout.SINGLE_DOMAIN) == layout
