"""SMT-1: the mail relay takes ZITADEL's mail."""

from datetime import date

from kastellan.domain.party import Party
from kastellan.preflight.check import Check, passed, tried, warned
from kastellan.preflight.dialogue_verdict import problem
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import OPERATOR_HOST, Verdict
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.probe_facts import Mail
from kastellan.preflight.requirement import Requirement

_REMEDIATIONS = {
    "dns": "correct installation:probes.mail.host",
    "tcp": "open the port from here to the relay; clouds block port 25, so use 587 or 465",
    "tls": "issue the relay's certificate for its host name, from a public authority or the one in probes.mail.ca",
    "starttls": "switch STARTTLS on at the relay, or set probes.mail.tls to implicit",
    "auth": "correct probes.mail.user and its password, or let the relay take this user",
    "mail": "let the relay take mail from this sender",
    "rcpt": "let the relay take mail for this recipient; a 4xx may be greylisting, then try again later",
}


def _mail(facts: Facts, requirement: Requirement, today: date) -> Verdict:
    seen = tried(facts.mail)
    wrong = problem(seen.dialogue, _REMEDIATIONS, steps=("dns", "tcp", "ehlo", "tls", "mail", "rcpt"))
    if wrong:
        return wrong
    told = f"{seen.dialogue.told}: TLS verified, sender and recipient taken, nothing sent"
    lacking = _lacking(seen)
    if lacking:
        return warned(
            f"{told}; {seen.sender_domain} {lacking}",
            "publish SPF, DKIM and DMARC records for the sender's domain, or its mail ends as spam",
        )
    return passed(f"{told}; {seen.sender_domain} publishes SPF, DMARC{', DKIM' if seen.dkim else ''}")


def _lacking(seen: Mail) -> str:
    if not seen.records_known:
        return "could not be looked up"
    missing = [name for name, record in (("SPF", seen.spf), ("DMARC", seen.dmarc), ("DKIM", seen.dkim)) if record == ""]
    return f"publishes no {', no '.join(missing)}" if missing else ""


SMT_1 = Check(
    id="SMT-1",
    title="the mail relay takes mail",
    owner=Party.CUSTOMER,
    expected=lambda _: "TLS verified, login accepted, sender and recipient taken; SPF, DKIM and DMARC published",
    judge=_mail,
    reads=("mail",),
    vantage=OPERATOR_HOST,
    gates=frozenset({Gate.INSTALL}),
    guarantees=frozenset({Guarantee.STRICT_TLS}),
)
