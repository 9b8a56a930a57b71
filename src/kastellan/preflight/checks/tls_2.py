"""TLS-2: cert-manager works, where the certificate at the way in comes from it."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, failed, passed, tried, undecided, warned
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.requirement import Requirement


def _issuance(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = tried(facts.issuance)
    if seen.valid.accepted is False:
        return failed(
            f"a valid Certificate is refused: {seen.valid.message}",
            "bring cert-manager's webhook back, or let the namespace's policies take Certificates",
        )
    unclear = [one for one in (seen.valid, seen.invalid) if one.accepted is None]
    if unclear:
        return undecided("; ".join(f"{one.subject}: {one.message}" for one in unclear), "see RBAC-1, and run it again")
    if seen.invalid.accepted:
        return failed(
            "an invalid Certificate is accepted: cert-manager's webhook validates nothing",
            "install cert-manager whole, with its webhook and its ValidatingWebhookConfiguration",
        )
    if seen.troubles:
        return warned("; ".join(seen.troubles), "see why: cmctl status certificate, kubectl describe challenge")
    return passed("a valid Certificate is accepted and an invalid one refused, both in a dry run")


TLS_2 = Check(
    id="TLS-2",
    title="cert-manager works",
    owner=Party.CUSTOMER,
    expected=lambda _: "a valid Certificate is accepted and an invalid one refused in a dry run, and ours is ready",
    judge=_issuance,
    reads=("issuance",),
    gates=frozenset({Gate.INSTALL}),
    guarantees=frozenset({Guarantee.AVAILABILITY}),
)
