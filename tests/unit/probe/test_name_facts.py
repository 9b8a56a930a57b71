"""DNS-1's collector against real name servers."""

from collections.abc import Iterator

import dns.rcode
import pytest

from kastellan.adapters.probe.dns_facts import collect_names
from kastellan.adapters.probe.name_lookup import address_of, texts
from kastellan.domain.probing import IMPOSSIBLE_NAME
from kastellan.preflight.probe_facts import Names
from tests.servers.names import NameServer

DOMAIN = "id.customer.example"


@pytest.fixture
def server() -> Iterator[NameServer]:
    records = {
        (DOMAIN, "A"): ["192.0.2.1"],
        (DOMAIN, "AAAA"): ["2001:db8::1"],
        ("customer.example", "CAA"): [
            '0 issue "letsencrypt.org; validationmethods=dns-01"',
            '0 iodef "mailto:x@y.example"',
        ],
        ("customer.example", "TXT"): ['"v=spf1 include:" "relay.example -all"'],
    }
    with NameServer(records) as running:
        yield running


def _seen(*servers: NameServer, **more: tuple[str, ...]) -> Names:
    asked = [server.address for server in servers]
    plain = {"balancer": (), "balancer_names": ()}
    return collect_names(DOMAIN, asked, issuer="", **{**plain, **more})


def test_every_resolver_is_asked_for_both_families_and_for_the_nearest_caa_records(server: NameServer) -> None:
    (answer,) = _seen(server).answers
    assert answer.answered
    assert answer.addresses == ("192.0.2.1", "2001:db8::1")
    assert (answer.seconds, answer.problem, answer.issuers) == (300, "", ("letsencrypt.org",))
    assert not answer.invents


def test_records_that_forbid_every_issuer_are_not_the_same_as_none(server: NameServer) -> None:
    server.records["customer.example", "CAA"] = ['0 issue ";"']
    assert _seen(server).answers[0].issuers == ()
    del server.records["customer.example", "CAA"]
    assert _seen(server).answers[0].issuers is None


def test_names_on_the_way_are_kept_and_a_balancers_name_is_resolved_by_the_same_server(server: NameServer) -> None:
    balancer = "lb-1.cloud.example"
    del server.records[DOMAIN, "A"], server.records[DOMAIN, "AAAA"]
    server.records |= {(DOMAIN, "CNAME"): [f"{balancer}."], (balancer, "A"): ["198.51.100.7"]}
    names = _seen(server, balancer_names=(balancer,))
    assert names.answers[0].canonical == (balancer,)
    assert names.answers[0].addresses == names.balancer == ("198.51.100.7",)


@pytest.mark.parametrize(("code", "said"), [(dns.rcode.NXDOMAIN, "NXDOMAIN"), (dns.rcode.REFUSED, "REFUSED")])
def test_a_refusal_is_an_answer(server: NameServer, code: int, said: str) -> None:
    server.failing = code
    (answer,) = _seen(server).answers
    assert (answer.answered, answer.addresses, answer.problem) == (True, (), said)


def test_silence_is_no_answer(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kastellan.adapters.probe.name_lookup._SECONDS", 0.02)
    server.silent = True
    (answer,) = _seen(server).answers
    assert not answer.answered
    assert answer.problem.startswith("no answer")


def test_signatures_that_do_not_verify_are_told_apart_from_a_server_that_fails(server: NameServer) -> None:
    server.signed_wrongly = True
    assert "signatures do not verify" in _seen(server).answers[0].problem


def test_a_server_that_answers_for_impossible_names_is_caught(server: NameServer) -> None:
    server.records[IMPOSSIBLE_NAME, "A"] = ["203.0.113.80"]
    assert _seen(server).answers[0].invents


def test_strings_of_a_text_record_are_joined(server: NameServer) -> None:
    assert texts("customer.example", server.address) == ("v=spf1 include:relay.example -all",)
    assert texts("_dmarc.customer.example", server.address) == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
    ],
)
def test_resolvers_are_written_with_or_without_a_port(written: str, meant: tuple[str, int]) -> None:
    assert address_of(written) == meant
