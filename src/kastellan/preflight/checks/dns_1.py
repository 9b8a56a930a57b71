"""DNS-1: the domain leads to the load balancer, everywhere, and its certificate may be issued."""

from collections.abc import Iterable
from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, folded, tried, undecided
from kastellan.preflight.every_name import of_every
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import OPERATOR_HOST, Measure, Part, Verdict
from kastellan.preflight.gate import BOTH
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import Names, Resolved
from kastellan.preflight.requirement import Requirement

LONGEST_SECONDS = 3600
"""A longer time to live would keep users at a lost entry point beyond the RPO of a disaster (DI-7)."""
LEAST_RESOLVERS = 2
"""One alone may be inside the customer's network and see other records (split horizon)."""
_REMEDIATION = (
    "let the domain's A, AAAA or CNAME records lead to the load balancer at every name server, with a time to live of "
    "at most an hour, and let its CAA records name the issuer"
)


def _every(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    return of_every(tried(facts.names), _name)


def _name(names: Names) -> Verdict:
    if not names.answers:
        return undecided("there is no resolver to ask", "name some in installation:probes.resolvers")
    inventing = [answer.resolver for answer in names.answers if answer.invents]
    if inventing:
        return Verdict(
            outcome=Outcome.ERROR,
            observed=f"{', '.join(inventing)} answers for a name that cannot exist, so its answers prove nothing",
            remediation="name other resolvers in installation:probes.resolvers, outside of this network",
            subject=names.domain,
        )
    parts = [_part(names, answer) for answer in names.answers]
    if sum(answer.answered for answer in names.answers) < LEAST_RESOLVERS:
        lone = "fewer than two resolvers answered, so another view of the domain stays unseen"
        parts.append(Part(vantage=OPERATOR_HOST, outcome=Outcome.WARN, observed=lone))
    verdict = folded(parts, _REMEDIATION)
    deciding = [part.observed for part in parts if part.outcome is verdict.outcome]
    agreed = verdict.outcome is Outcome.PASS
    return Verdict(
        outcome=verdict.outcome,
        observed=f"{len(deciding)} resolvers agree; {deciding[0]}" if agreed else "; ".join(deciding),
        remediation=verdict.remediation,
        subject=names.domain,
        measure=verdict.measure,
        parts=verdict.parts,
    )


def _part(names: Names, answer: Resolved) -> Part:
    outcome, observed = _seen(names, answer)
    measure = Measure(value=answer.seconds, unit="seconds", limit=LONGEST_SECONDS, more_is_better=False)
    return Part(
        vantage=OPERATOR_HOST,
        outcome=outcome,
        observed=f"{answer.resolver}: {observed}",
        measure=measure if answer.addresses else None,
    )


def _seen(names: Names, answer: Resolved) -> tuple[Outcome, str]:
    if not answer.answered:
        return Outcome.UNKNOWN, answer.problem
    if not answer.addresses:
        return Outcome.FAIL, f"{names.domain}: {answer.problem}"
    where = f"{names.domain} is {_listed(answer.addresses)}"
    if not names.balancer and not names.balancer_names:
        return Outcome.UNKNOWN, f"{where}, and nothing says where the load balancer is"
    by_name = set(answer.canonical) & set(names.balancer_names)
    stray = sorted(set(answer.addresses) - set(names.balancer))
    if stray and not by_name:
        return Outcome.FAIL, f"{where}; the load balancer has {_listed(names.balancer) or 'no address'}"
    if names.issuer and answer.issuers is not None and names.issuer not in answer.issuers:
        allowed = f"only {_listed(answer.issuers)}" if answer.issuers else "nobody"
        return Outcome.FAIL, f"CAA records let {allowed} issue, not {names.issuer}"
    if answer.seconds > LONGEST_SECONDS:
        return Outcome.WARN, f"{where}, for {answer.seconds} s"
    return Outcome.PASS, f"{where}, the load balancer's, for {answer.seconds} s"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


DNS_1 = Check(
    id="DNS-1",
    title="the domain leads to the load balancer",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        f"every resolver gives the load balancer's addresses, for at most {LONGEST_SECONDS} s; CAA allows the issuer"
    ),
    judge=_every,
    reads=("names",),
    vantage=OPERATOR_HOST,
    gates=BOTH,
    guarantees=frozenset({Guarantee.AVAILABILITY}),
)
