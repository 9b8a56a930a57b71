"""DNS-1, from this machine: the domain's records as several resolvers give them (RFC 1035, RFC 8659)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kastellan.adapters.probe.name_lookup import Looked, look_up, system_resolvers
from kastellan.domain.probing import IMPOSSIBLE_NAME
from kastellan.preflight.probe_facts import Names, Resolved


def collect_names(
    domain: str, resolvers: Sequence[str], *, balancer: Sequence[str], balancer_names: Sequence[str], issuer: str
) -> Names:
    """Ask every resolver, at the same time; without any, the machine's own are asked."""
    asked = tuple(dict.fromkeys(resolvers or system_resolvers()))
    with ThreadPoolExecutor(max_workers=max(len(asked), 1)) as pool:
        answers = tuple(pool.map(lambda resolver: _resolved(domain, resolver, balancer_names), asked))
    balancers = {address for answer in answers for address in answer[1]} | {*balancer}
    return Names(
        domain=domain,
        answers=tuple(answer for answer, _ in answers),
        balancer=tuple(sorted(balancers)),
        balancer_names=tuple(balancer_names),
        issuer=issuer,
    )


def _resolved(domain: str, resolver: str, balancer_names: Sequence[str]) -> tuple[Resolved, tuple[str, ...]]:
    """The answer, and the addresses that this resolver gives for the load balancer's own names."""
    four, six = look_up(domain, "A", resolver), look_up(domain, "AAAA", resolver)
    addresses = (*four.records, *six.records)
    invented = look_up(IMPOSSIBLE_NAME, "A", resolver)
    answer = Resolved(
        resolver=resolver,
        answered=four.answered or six.answered,
        addresses=tuple(sorted(addresses)),
        canonical=four.canonical or six.canonical,
        seconds=min((found.seconds for found in (four, six) if found.records), default=0),
        problem="" if addresses else four.problem or six.problem or "no address",
        issuers=_issuers(domain, resolver) if addresses else None,
        invents=bool(invented.records),
    )
    of_balancer = [look_up(name, kind, resolver) for name in balancer_names for kind in ("A", "AAAA")]
    return answer, tuple(record for found in of_balancer for record in found.records)


def _issuers(domain: str, resolver: str) -> tuple[str, ...] | None:
    """Whom the nearest CAA records upwards name in `issue`; an empty tuple forbids all (RFC 8659, 3 and 4.2)."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        looked: Looked = look_up(".".join(labels[start:]), "CAA", resolver)
        if looked.records:
            issue = [record.split(maxsplit=2)[2].strip('"') for record in looked.records if " issue " in record]
            if not issue:
                return None  # only iodef or issuewild: issuing is not restricted
            return tuple(name for value in issue if (name := value.partition(";")[0].strip()))
    return None
