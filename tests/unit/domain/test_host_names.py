"""The names of an installation: what each layout has, and that nothing is forgotten or named twice."""

from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.core_service_page import CORE_SERVICE_PAGES, host_of
from kastellan.domain.host_names import HostNames, HostRole, Layout

domains = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){1,3}", fullmatch=True)
layouts = st.sampled_from(Layout)


def test_one_name_is_everything() -> None:
    hosts = HostNames.of("id.customer.example", Layout.SINGLE_DOMAIN)
    assert hosts == HostNames(issuer="id.customer.example")
    assert hosts.every == hosts.served == ("id.customer.example",)
    assert hosts.leading == ()


def test_four_names_lie_below_the_domain_and_the_issuer_is_one_of_them() -> None:
    hosts = HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
    assert hosts.every == (
        "issuer.customer.example", "api.customer.example", "accounts.customer.example", "console.customer.example",
    )  # fmt: skip
    assert hosts.served == ("issuer.customer.example", "api.customer.example")
    assert hosts.leading == (
        ("accounts", "accounts.customer.example", "/ui/v2/login/loginname"),
        ("console", "console.customer.example", "/ui/console/"),
    )  # fmt: skip


@given(domains, layouts)
def test_every_name_is_either_served_or_leads_there_and_none_is_both(domain: str, layout: Layout) -> None:
    hosts = HostNames.of(domain, layout)
    leading = [name for _, name, _ in hosts.leading]
    assert sorted([*hosts.served, *leading]) == sorted(hosts.every) == sorted(set(hosts.every))
    assert hosts.served[0] == hosts.every[0] == hosts.issuer


@given(domains, layouts)
def test_every_role_and_every_core_service_has_a_name_that_is_there(domain: str, layout: Layout) -> None:
    hosts = HostNames.of(domain, layout)
    assert {hosts.name_of(role) for role in HostRole} == set(hosts.every)
    assert {host_of(service, hosts) for service in CORE_SERVICE_PAGES} == set(hosts.served)


@given(st.sampled_from(HostRole), st.sampled_from(HostRole))
def test_parts_of_two_names_are_never_called_the_same_and_the_issuers_as_where_there_is_one(
    one: HostRole, other: HostRole
) -> None:
    assert (one.part("proof") == other.part("proof")) is (one is other)
    assert HostRole.ISSUER.part("proof") == "proof"
