"""SMT-1's collector against a real relay."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kastellan.adapters.probe.mail_facts import collect_mail
from kastellan.domain.probing import MailRelay, MailTls
from kastellan.preflight.probe_facts import Mail
from tests.servers.mail import PASSWORD, USER, Relay
from tests.servers.names import NameServer
from tests.servers.secured import HOST, Pki


@pytest.fixture
def relay(pki: Pki, tmp_path: Path) -> Iterator[Relay]:
    with Relay(pki.issued(tmp_path)) as running:
        yield running


def _of(relay: Relay, pki: Pki, **changes: object) -> MailRelay:
    plain = MailRelay(
        host=HOST, port=relay.port, sender="id@customer.example", user=USER, ca=pki.root.certificate, dkim_selector="k1"
    )
    return replace(plain, **changes)


def _seen(relay: MailRelay, password: str = PASSWORD, records: dict[tuple[str, str], list[str]] | None = None) -> Mail:
    with NameServer(records or {}) as names:
        return collect_mail(relay, password, (names.address,), timeout=2)


def test_a_good_relay_holds_every_step_refuses_both_controls_and_is_sent_no_mail(relay: Relay, pki: Pki) -> None:
    seen = _seen(_of(relay, pki))
    assert [(step.name, step.held) for step in seen.dialogue.steps] == [
        (name, True) for name in ("dns", "tcp", "ehlo", "starttls", "tls", "auth", "mail", "rcpt")
    ]
    assert [(control.name, control.refused) for control in seen.dialogue.controls] == [
        ("a foreign authority", True), ("an unknown user", True),
    ]  # fmt: skip
    assert relay.handler.commands == ["RCPT id@customer.example"]


def test_a_wrong_password_is_refused_and_is_in_no_fact(relay: Relay, pki: Pki) -> None:
    seen = _seen(_of(relay, pki), password="not-this-one")
    assert (seen.dialogue.steps[-1].name, seen.dialogue.steps[-1].held) == ("auth", False)
    assert "not-this-one" not in repr(seen)


def test_a_relay_that_takes_everybody_is_caught_by_the_control(pki: Pki, tmp_path: Path) -> None:
    with Relay(pki.issued(tmp_path), takes_anybody=True) as relay:
        seen = _seen(_of(relay, pki))
    assert [control.refused for control in seen.dialogue.controls] == [True, False]


def test_a_relay_without_starttls_is_never_given_the_password(pki: Pki, tmp_path: Path) -> None:
    with Relay(pki.issued(tmp_path), starttls=False) as relay:
        seen = _seen(_of(relay, pki))
    assert (seen.dialogue.steps[-1].name, seen.dialogue.steps[-1].held) == ("starttls", False)


def test_a_certificate_of_another_authority_is_refused_before_the_password(relay: Relay, pki: Pki) -> None:
    seen = _seen(_of(relay, pki, ca=Pki.fresh().root.certificate))
    assert (seen.dialogue.steps[-1].name, seen.dialogue.steps[-1].held) == ("tls", False)


def test_implicit_tls_at_a_relay_that_greets_in_clear_is_caught(relay: Relay, pki: Pki) -> None:
    seen = _seen(_of(relay, pki, tls=MailTls.IMPLICIT))
    assert (seen.dialogue.steps[-1].name, seen.dialogue.steps[-1].held) == ("tls", False)


@pytest.mark.parametrize(("reply", "held"), [("550 no such user", False), ("450 greylisted", None)])
def test_a_refused_recipient_fails_and_greylisting_decides_nothing(
    relay: Relay, pki: Pki, reply: str, held: bool | None
) -> None:
    relay.handler.rcpt_reply = reply
    seen = _seen(_of(relay, pki))
    assert (seen.dialogue.steps[-1].name, seen.dialogue.steps[-1].held) == ("rcpt", held)
    assert reply in seen.dialogue.steps[-1].said


def test_records_of_the_senders_domain_are_looked_up(relay: Relay, pki: Pki) -> None:
    records = {
        ("customer.example", "TXT"): ['"v=spf1 -all"', '"something else"'],
        ("_dmarc.customer.example", "TXT"): ['"v=DMARC1; p=reject"'],
    }
    seen = _seen(_of(relay, pki), records=records)
    unnamed = _seen(_of(relay, pki, dkim_selector=""), records=records)
    assert (seen.spf, seen.dmarc, seen.dkim, seen.records_known) == ("v=spf1 -all", "v=DMARC1; p=reject", "", True)
    assert unnamed.dkim is None
