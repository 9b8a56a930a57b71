"""DNS-1, TLS-1, NET-2, SMT-1, OBJ-1: what each comes to, and that no failed control or early end passes."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.party import Party
from kastellan.preflight.check import Check
from kastellan.preflight.checks.dns_1 import DNS_1
from kastellan.preflight.checks.net_2 import NET_2
from kastellan.preflight.checks.obj_1 import OBJ_1
from kastellan.preflight.checks.smt_1 import SMT_1
from kastellan.preflight.checks.tls_1 import TLS_1
from kastellan.preflight.dialogue import Control
from kastellan.preflight.facts import left_out
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import NotProbed
from tests.unit.preflight.platforms import UNKNOWN, judged
from tests.unit.preflight.probed import (
    CANARY_STEPS,
    ENTRY_STEPS,
    MAIL_STEPS,
    accepted,
    canary,
    certificate,
    dialogue,
    ended,
    handshake,
    mail,
    names,
    resolved,
)

GROUPS = {DNS_1: "names", TLS_1: "handshake", NET_2: "entry", SMT_1: "mail", OBJ_1: "canary"}
OF_EVERY_NAME = (DNS_1, TLS_1, NET_2)
TLS_STEPS = ("dns", "tcp", "tls", "alpn")
CASES: dict[str, tuple[Check, Any, Outcome, str]] = {
    "another address": (DNS_1, names(resolved(addresses=("203.0.113.9",))), Outcome.FAIL, "203.0.113.9"),
    "one resolver is stale": (
        DNS_1, names(resolved(), resolved("192.0.2.54", addresses=(), problem="NXDOMAIN")), Outcome.FAIL, "NXDOMAIN",
    ),
    "an address too many": (
        DNS_1, names(resolved(addresses=("198.51.100.7", "203.0.113.9"))), Outcome.FAIL, "203.0.113.9",
    ),
    "the balancer by its name": (
        DNS_1,
        names(*(resolved(str(n), addresses=("203.0.113.9",), canonical=("lb.cloud.example",)) for n in "12"),
              balancer_names=("lb.cloud.example",)),
        Outcome.PASS, "",
    ),
    "nobody says where the balancer is": (DNS_1, names(balancer=()), Outcome.UNKNOWN, "nothing says"),
    "the issuer is forbidden": (DNS_1, names(resolved(issuers=("pki.goog",))), Outcome.FAIL, "only pki.goog"),
    "every issuer is forbidden": (DNS_1, names(resolved(issuers=())), Outcome.FAIL, "nobody"),
    "the issuer is allowed": (
        DNS_1, names(*(resolved(n, issuers=("letsencrypt.org",)) for n in "12")), Outcome.PASS, "agree",
    ),
    "a day to live": (DNS_1, names(resolved(seconds=86400), resolved("2")), Outcome.WARN, "86400 s"),
    "one resolver": (DNS_1, names(resolved()), Outcome.WARN, "fewer than two"),
    "a silent resolver": (
        DNS_1,
        names(resolved(), resolved("2", answered=False, addresses=(), problem="silent")),
        Outcome.UNKNOWN, "silent",
    ),
    "no resolver": (DNS_1, replace(names(), answers=()), Outcome.UNKNOWN, "no resolver"),
    "a resolver that invents": (DNS_1, names(resolved(), resolved("2", invents=True)), Outcome.ERROR, "prove nothing"),
    "29 days": (TLS_1, handshake(certificate=certificate(29)), Outcome.FAIL, "valid until"),
    "30 days": (TLS_1, handshake(certificate=certificate(30)), Outcome.WARN, "valid until"),
    "59 days": (TLS_1, handshake(certificate=certificate(59)), Outcome.WARN, "valid until"),
    "60 days": (TLS_1, handshake(certificate=certificate(60)), Outcome.PASS, ""),
    "a short key": (TLS_1, handshake(certificate=certificate(key="RSA 1024")), Outcome.FAIL, "RSA 1024"),
    "a long key": (TLS_1, handshake(certificate=certificate(key="RSA 2048")), Outcome.PASS, ""),
    "a rare key": (TLS_1, handshake(certificate=certificate(key="EdDSA")), Outcome.WARN, "EdDSA"),
    "not verified": (TLS_1, handshake(dialogue=ended(*TLS_STEPS[:3], held=False)), Outcome.FAIL, "it held: dns, tcp"),
    "no connection": (TLS_1, handshake(dialogue=ended("dns", "tcp", held=None)), Outcome.UNKNOWN, "tcp"),
    "a foreign authority is let in": (TLS_1, handshake(dialogue=accepted(*TLS_STEPS)), Outcome.ERROR, "proves nothing"),
    "the handshake ended early": (TLS_1, handshake(dialogue=dialogue("dns", "tcp", "tls")), Outcome.UNKNOWN, "alpn"),
    "no trailers": (NET_2, ended(*ENTRY_STEPS[:7], held=False), Outcome.FAIL, "trailers"),
    "nothing behind it": (NET_2, ended(*ENTRY_STEPS[:6], held=None), Outcome.UNKNOWN, "grpc"),
    "HTTP/2 over HTTP/1.1": (NET_2, accepted(*ENTRY_STEPS), Outcome.ERROR, "proves nothing"),
    "no control": (NET_2, dialogue(*ENTRY_STEPS, controls=()), Outcome.UNKNOWN, "its control"),
    "a control that could not be tried": (
        NET_2, dialogue(*ENTRY_STEPS, controls=(Control(name="HTTP/1.1", refused=None),)), Outcome.UNKNOWN, "HTTP/1.1",
    ),
    "three attempts": (NET_2, dialogue(*ENTRY_STEPS, attempts=3), Outcome.PASS, "3 attempts"),
    "no login": (SMT_1, mail(dialogue=ended(*MAIL_STEPS[:6], held=False)), Outcome.FAIL, "auth"),
    "greylisted": (SMT_1, mail(dialogue=ended(*MAIL_STEPS, held=None)), Outcome.UNKNOWN, "rcpt"),
    "everybody may send": (SMT_1, mail(dialogue=accepted(*MAIL_STEPS)), Outcome.ERROR, "was accepted"),
    "no SPF": (SMT_1, mail(spf=""), Outcome.WARN, "no SPF"),
    "no selector is known": (SMT_1, mail(dkim=None), Outcome.PASS, "SPF, DMARC"),
    "no answer about records": (SMT_1, mail(records_known=False), Outcome.WARN, "looked up"),
    "not written": (OBJ_1, canary(dialogue=ended("put", held=False)), Outcome.FAIL, "put"),
    "still there": (OBJ_1, canary(dialogue=ended(*CANARY_STEPS, held=False)), Outcome.FAIL, "gone"),
    "a wrong secret is taken": (OBJ_1, canary(dialogue=accepted(*CANARY_STEPS)), Outcome.ERROR, "was accepted"),
    "another region": (OBJ_1, canary(region="us-east-1"), Outcome.FAIL, "us-east-1"),
    "no region": (OBJ_1, canary(region=""), Outcome.WARN, "region"),
    "no lock": (OBJ_1, canary(locked=False), Outcome.FAIL, "object lock"),
    "an unknown lock": (OBJ_1, canary(locked=None), Outcome.UNKNOWN, "object lock"),
    "no lock is promised": (OBJ_1, canary(locked=None, lock_promised=False), Outcome.PASS, "off"),
    "no versions": (OBJ_1, canary(versioned=False), Outcome.WARN, "versioning"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_case_comes_to_its_outcome(case: tuple[Check, Any, Outcome, str]) -> None:
    check, fact, outcome, says = case
    finding = judged(check, **{GROUPS[check]: (fact,) if check in OF_EVERY_NAME else fact})
    assert finding.outcome is outcome, finding.observed
    assert says in finding.observed
    assert bool(finding.remediation) is (outcome is not Outcome.PASS)


@pytest.mark.parametrize("check", GROUPS, ids=lambda check: check.id)
def test_good_passes_nothing_to_probe_does_not_arise_and_unknown_stays_unknown(check: Check) -> None:
    group = GROUPS[check]
    assert judged(check).outcome is Outcome.PASS
    assert judged(check, **{group: NotProbed(why="nothing is named")}).outcome is Outcome.NOT_APPLICABLE
    assert judged(check, **{group: UNKNOWN}).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("check", GROUPS, ids=lambda check: check.id)
def test_what_was_left_out_is_unknown_and_counted_as_not_executed(check: Check) -> None:
    finding = judged(check, **{GROUPS[check]: left_out("left out of a read-only run", "run it with --probes")})
    assert (finding.outcome, finding.executed) == (Outcome.UNKNOWN, False)
    assert finding.remediation == "run it with --probes"


def test_a_control_that_failed_is_the_vendors_turn() -> None:
    assert judged(TLS_1, handshake=(handshake(dialogue=accepted(*TLS_STEPS)),)).owner is Party.VENDOR


@pytest.mark.parametrize("check", OF_EVERY_NAME, ids=lambda check: check.id)
def test_one_bad_name_among_four_decides_and_is_told_and_none_at_all_is_no_pass(check: Check) -> None:
    group, api = GROUPS[check], "api.customer.example"
    good: Any = {DNS_1: names(), TLS_1: handshake(), NET_2: dialogue(*ENTRY_STEPS)}[check]
    bad: Any = {
        DNS_1: names(resolved(addresses=("203.0.113.9",)), domain=api),
        TLS_1: handshake(dialogue=ended(*TLS_STEPS[:3], held=False, subject=f"{api}:443")),
        NET_2: ended(*ENTRY_STEPS[:6], held=False, subject=f"{api}:443"),
    }[check]
    assert judged(check, **{group: (good,) * 4}).outcome is Outcome.PASS
    finding = judged(check, **{group: (good, bad, good, good)})
    assert finding.outcome is Outcome.FAIL
    assert api in finding.observed
    assert "id.customer.example" not in finding.observed
    assert judged(check, **{group: ()}).outcome is Outcome.UNKNOWN
