"""TLS-1: the certificate at the way in verifies for a strict client, for long enough."""

import re
from datetime import UTC, date, datetime, time

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, tried, warned
from kastellan.preflight.dialogue_verdict import problem
from kastellan.preflight.every_name import of_every
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import OPERATOR_HOST, Measure, Verdict
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.probe_facts import Certificate, Handshake
from kastellan.preflight.requirement import Requirement

LEAST_DAYS = 30
"""A month: maintenance is typically monthly (MU-2), so until the next one the certificate must hold."""
NOTICE_DAYS = 60
_LEAST_RSA = 2048
"""Bits; CA/Browser Forum, Baseline Requirements 6.1.5."""
_REMEDIATIONS = {
    "dns": "make the domain's records first (DNS-1)",
    "tcp": "open the port from here to the load balancer, or run the preflight from where users are",
    "tls": "install the certificate with its whole chain, for this name, from a public authority or from the one in "
    "installation:probes.entry.ca",
    "alpn": "switch HTTP/2 on at the load balancer",
}


def _every(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return of_every(tried(facts.handshake), lambda seen: _handshake(seen, today))


def _handshake(seen: Handshake, today: date) -> Verdict:
    wrong = problem(seen.dialogue, _REMEDIATIONS, steps=("dns", "tcp", "tls", "alpn"))
    if wrong:
        return wrong
    if seen.certificate is None:
        return failed("no certificate was sent", _REMEDIATIONS["tls"])
    return _lasting(seen.dialogue.told, seen.certificate, today)


def _lasting(subject: str, certificate: Certificate, today: date) -> Verdict:
    days = (certificate.ends - datetime.combine(today, time(), UTC)).days
    measure = Measure(value=days, unit="days", limit=LEAST_DAYS)
    told = (
        f"{subject}: {certificate.key} signed by {certificate.issuer}, {certificate.chain} in the chain, "
        f"valid until {certificate.ends:%Y-%m-%d}"
    )
    rsa = re.fullmatch(r"RSA (\d+)", certificate.key)
    if rsa and int(rsa[1]) < _LEAST_RSA:
        return failed(told, f"issue it for an RSA key of {_LEAST_RSA} bits or more, or for an elliptic curve")
    if days < LEAST_DAYS:
        return failed(told, f"renew it: {days} days are left, {LEAST_DAYS} have to be", measure=measure)
    if days < NOTICE_DAYS:
        return warned(told, f"renew it within {days - LEAST_DAYS} days, or see that it renews itself", measure)
    if not rsa and not certificate.key.startswith("EC "):
        return warned(told, "issue it for an RSA or elliptic curve key: not every browser takes this kind", measure)
    return passed(told, measure)


TLS_1 = Check(
    id="TLS-1",
    title="the certificate at the way in verifies and lasts",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        f"chain and name verify, {LEAST_DAYS} days or more are left ({NOTICE_DAYS} without a warning), h2"
    ),
    judge=_every,
    reads=("handshake",),
    vantage=OPERATOR_HOST,
    gates=BOTH,
    guarantees=frozenset({Guarantee.STRICT_TLS, Guarantee.AVAILABILITY}),
)
