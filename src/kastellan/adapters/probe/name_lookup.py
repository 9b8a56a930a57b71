"""One question to one name server, with its answer told apart from its silence.

Not the system's resolver: its search domains and caches would answer instead of the server that was asked.
"""

from dataclasses import dataclass
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

_SECONDS = 5.0
_TRIES = 2
"""UDP loses packets; a second question is no retry of an answer."""
_PORT = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came back.

    Attributes:
        records: as text, in the order of the answer.
        canonical: names on the way (CNAME), the last one last.
        seconds: the smallest time to live of the answer.
        problem: empty, `NXDOMAIN`, another response code, or why there is no answer.
        answered: whether the server said anything at all.
    """

    records: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    seconds: int = 0
    problem: str = ""
    answered: bool = True


def look_up(name: str, kind: str, resolver: str) -> Looked:
    """Ask a server (`ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`) for records of one kind."""
    address, port = address_of(resolver)
    response = _asked(name, kind, address, port)
    if isinstance(response, str):
        return Looked(problem=response, answered=False)
    code = response.rcode()
    if code == dns.rcode.SERVFAIL:
        unchecked = _asked(name, kind, address, port, checking=False)
        if not isinstance(unchecked, str) and unchecked.rcode() == dns.rcode.NOERROR:
            return Looked(problem="SERVFAIL, and an answer when DNSSEC is not checked: its signatures do not verify")
    if code != dns.rcode.NOERROR:
        return Looked(problem=dns.rcode.to_text(code))
    try:
        chain = response.resolve_chaining()
    except dns.exception.DNSException as failure:
        return Looked(problem=f"an answer that cannot be followed ({failure})")
    names = tuple(
        str(record.target).rstrip(".")
        for rrset in chain.cnames
        for record in rrset  # each alias has one target
    )
    records = tuple(record.to_text() for record in chain.answer) if chain.answer else ()
    return Looked(records=records, canonical=names, seconds=chain.minimum_ttl if records else 0)


def texts(name: str, resolver: str) -> tuple[str, ...] | None:
    """The TXT records of a name, joined as RFC 7208 (3.3) says; None where no answer came."""
    looked = look_up(name, "TXT", resolver)
    if not looked.answered or looked.problem not in ("", "NXDOMAIN"):
        return None
    return tuple("".join(_strings(record)) for record in looked.records)


def system_resolvers() -> tuple[str, ...]:
    """The name servers that this machine is configured with; empty where none is."""
    try:
        configured = dns.resolver.Resolver()
    except dns.exception.DNSException:
        return ()
    return tuple(str(server) for server in configured.nameservers)


def address_of(resolver: str) -> tuple[str, int]:
    """Address and port of a resolver as it is written in the configuration."""
    if resolver.startswith("["):
        address, _, port = resolver[1:].partition("]")
        return address, int(port.lstrip(":") or _PORT)
    address, _, port = resolver.partition(":")
    return (resolver, _PORT) if ":" in port else (address, int(port or _PORT))


def _asked(name: str, kind: str, address: str, port: int, *, checking: bool = True) -> dns.message.QueryMessage | str:
    question = dns.message.make_query(dns.name.from_text(name), dns.rdatatype.from_text(kind), use_edns=True)
    if not checking:
        question.flags |= dns.flags.CD
    problem = ""
    for _ in range(_TRIES):
        try:
            response, _ = dns.query.udp_with_fallback(question, address, timeout=_SECONDS / _TRIES, port=port)
        except dns.exception.Timeout:
            problem = f"no answer within {_SECONDS:g} s"
        except (OSError, dns.exception.DNSException) as failure:
            problem = f"no answer ({failure})"
        else:
            return cast("dns.message.QueryMessage", response)  # what answers a query is one
    return problem


def _strings(record: str) -> list[str]:
    """The quoted strings of a TXT record's presentation form."""
    parts = record.split('"')
    return parts[1::2] if len(parts) > 1 else [record]
