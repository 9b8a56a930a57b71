"""NET-4: pods of every zone reach what they have to, and nobody reads along."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, folded, not_applicable, tried
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Part, Verdict, in_zone
from kastellan.preflight.gate import BOTH
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.requirement import Requirement
from kastellan.preflight.zone_facts import Reached, ZoneAnswer

_TRICKED = "find out what answers for every name there, such as a proxy; if nothing does, report it as a defect"


def _egress(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    answers = tried(facts.zones)
    if not any(answer.destinations for answer in answers) and any(not answer.problem for answer in answers):
        return not_applicable("no destination is named (installation:probes.egress)")
    tricked = [in_zone(answer.zone) for answer in answers if answer.control and not answer.control.problem]
    if tricked:
        return Verdict(
            outcome=Outcome.ERROR,
            observed=f"{', '.join(tricked)} reached a name that nobody can have, so reaching others proves nothing",
            remediation=_TRICKED,
            owner=Party.VENDOR,
        )
    return folded(
        (_part(answer) for answer in answers),
        "let every zone resolve and reach these servers, and exempt them from proxies that break TLS open",
    )


def _part(answer: ZoneAnswer) -> Part:
    vantage = in_zone(answer.zone)
    if answer.problem:
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed=answer.problem)
    if answer.control is None:
        return Part(vantage=vantage, outcome=Outcome.UNKNOWN, observed="its control was not tried")
    wrong = [said for one in answer.destinations if (said := _wrong(one))]
    if wrong:
        return Part(vantage=vantage, outcome=Outcome.FAIL, observed="; ".join(wrong))
    return Part(
        vantage=vantage,
        outcome=Outcome.PASS,
        observed=f"all {len(answer.destinations)} were reached, and a name that nobody can have was not",
    )


def _wrong(one: Reached) -> str:
    if one.step == "tls" and one.issuer:
        if one.problem:
            return f"{one.destination}: signed by {one.issuer}, not verified ({one.problem}): is it intercepted?"
        if one.expected_issuer not in one.issuer:
            return f"{one.destination}: signed by {one.issuer}, expected is {one.expected_issuer}: intercepted"
    return f"{one.destination}: {one.step}: {one.problem}" if one.problem else ""


NET_4 = Check(
    id="NET-4",
    title="pods reach what they have to",
    owner=Party.CUSTOMER,
    expected=lambda _: (
        "from every zone each destination resolves, takes connections and shows its own certificate, and no other does"
    ),
    judge=_egress,
    reads=("zones",),
    vantage="pods in every zone",
    gates=BOTH,
    version=2,
)
