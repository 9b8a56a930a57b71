"""TLS-2: cert-manager works, where the certificate at the way in comes from it."""

from dataclasses import replace
from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, tried, undecided, warned
from kastellan.preflight.dialogue import Dialogue
from kastellan.preflight.dialogue_verdict import problem
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import API, ISSUER, Measure, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.halves import Half, both
from kastellan.preflight.requirement import Requirement

_STEPS = ("issuer", "request", "issue", "key", "name", "chain")
_STRANGE = "find out who writes this Secret besides cert-manager, and what the issuer signs"
_REMEDIATIONS = {
    "issuer": "make it, or mend what it says: kubectl describe issuer (or clusterissuer)",
    "request": "let cert-manager's webhook and the namespace's policies take Certificates for this domain",
    "approval": "let the approver of CertificateRequests allow this domain from this issuer",
    "challenge": "let the authority reach http://DOMAIN/.well-known/acme-challenge/ at port 80, or cert-manager write "
    "the zone: kubectl describe challenge",
    "order": "do what the authority says: CAA (DNS-1), its limits, its account: kubectl describe order",
    "issue": "see why: cmctl status certificate while it runs, and the log of cert-manager's controller",
    "key": _STRANGE,
    "name": _STRANGE,
    "chain": _STRANGE,
}
_OF_THE_AUTHORITY = ("urn:ietf:params:acme:error:rateLimited", "urn:ietf:params:acme:error:serverInternal")
"""What no customer can mend but by waiting (RFC 8555, section 6.7)."""


def _works(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return both(
        Half(vantage=API, judge=lambda: _tried(facts)),
        Half(vantage=ISSUER, judge=lambda: _issued(facts)),
    )


def _tried(facts: Facts) -> Verdict:
    seen = tried(facts.issuance)
    if seen.valid.accepted is False:
        return failed(
            f"a valid Certificate is refused: {seen.valid.message}",
            "bring cert-manager's webhook back, or let the namespace's policies take Certificates",
        )
    silent = [one for one in (seen.valid, seen.invalid) if one.accepted is None]
    if silent:
        return undecided(
            "; ".join(f"{one.subject}: {one.message}" for one in silent),
            "see why the webhook is silent (its pods, its log, the way to it from the API server), and run it again",
        )
    if seen.invalid.accepted:
        return failed(
            "an invalid Certificate is accepted: cert-manager's webhook validates nothing",
            "install cert-manager whole, with its webhook and its ValidatingWebhookConfiguration",
        )
    if seen.troubles:
        return warned("; ".join(seen.troubles), "see why: cmctl status certificate, kubectl describe challenge")
    return passed("a valid Certificate is accepted and an invalid one refused, both in a dry run")


def _issued(facts: Facts) -> Verdict:
    seen = tried(facts.issued)
    wrong = problem(seen.dialogue, _REMEDIATIONS, steps=_STEPS)
    if wrong:
        return replace(wrong, owner=wrong.owner or _whose(seen.dialogue))
    if seen.certificate is None:
        return failed(f"{seen.dialogue.told}: no certificate came", _REMEDIATIONS["issue"])
    certificate = seen.certificate
    return passed(
        f"{seen.dialogue.told}: {certificate.key} signed by {certificate.issuer or 'an authority without a name'}, "
        f"{certificate.chain} in the chain, after {seen.seconds} s; {seen.dialogue.controls[0].name} got none",
        Measure(value=seen.seconds, unit="s", more_is_better=False),
    )


def _whose(dialogue: Dialogue) -> Party | None:
    """An authority that is at its limit or broken is a third party's; all else is the customer's, as a rule."""
    last = dialogue.steps[-1]
    return Party.THIRD_PARTY if any(word in last.said for word in _OF_THE_AUTHORITY) else None


TLS_2 = Check(
    id="TLS-2",
    title="cert-manager works",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "a valid Certificate is accepted and an invalid one refused in a dry run, and ours is ready; one for the "
        "domain is issued with its key and chain, and one from an issuer that nobody has is not"
    ),
    judge=_works,
    reads=("issuance", "issued"),
    vantage=f"{API}, {ISSUER}",
    gates=frozenset({Gate.INSTALL}),
    guarantees=frozenset({Guarantee.AVAILABILITY}),
    version=2,
)
