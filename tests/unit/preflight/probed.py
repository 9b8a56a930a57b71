"""What probes saw on a good platform, for the tests of the checks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kastellan.preflight.dialogue import Control, Dialogue, Step
from kastellan.preflight.probe_facts import Canary, Certificate, Handshake, Issued, Mail, Names, Resolved
from kastellan.preflight.zone_facts import (
    SET_BACK_MS,
    DatabaseSeen,
    Isolation,
    Percentiles,
    Phase,
    Pull,
    Pulls,
    Reached,
    Skew,
    Volumes,
    VolumeTried,
    Way,
    ZoneAnswer,
)

DOMAIN = "id.customer.example"
_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENTRY_STEPS = ("dns", "tcp", "tls", "alpn", "http2", "grpc", "trailers", "idle", "header")
MAIL_STEPS = ("dns", "tcp", "ehlo", "starttls", "tls", "auth", "mail", "rcpt")
CANARY_STEPS = ("put", "get", "list", "delete", "gone")
ISSUED_STEPS = ("issuer", "request", "issue", "key", "name", "chain")


def dialogue(*steps: str, subject: str = f"{DOMAIN}:443", **changes: Any) -> Dialogue:
    """Every step held, the control was refused."""
    plain = Dialogue(
        subject=subject,
        steps=tuple(Step(name=name, held=True, said=f"{name} held") for name in steps),
        controls=(Control(name="a foreign authority", refused=True),),
    )
    return replace(plain, **changes)


def ended(*steps: str, held: bool | None, said: str = "no", **changes: Any) -> Dialogue:
    """The last step did not hold."""
    *before, last = steps
    noted = (*(Step(name=name, held=True) for name in before), Step(name=last, held=held, said=said))
    return (
        dialogue(steps=noted, controls=(), **changes)
        if not before
        else replace(dialogue(*before, **changes), steps=noted, controls=())
    )


def accepted(*steps: str) -> Dialogue:
    """The control was accepted."""
    return dialogue(*steps, controls=(Control(name="a foreign authority", refused=False, said="let in"),))


def resolved(resolver: str = "192.0.2.53", **changes: Any) -> Resolved:
    plain = Resolved(resolver=resolver, answered=True, addresses=("198.51.100.7",), seconds=300)
    return replace(plain, **changes)


def names(*answers: Resolved, **changes: Any) -> Names:
    plain = Names(
        domain=DOMAIN,
        answers=answers or (resolved(), resolved("192.0.2.54")),
        balancer=("198.51.100.7",),
        issuer="letsencrypt.org",
    )
    return replace(plain, **changes)


def certificate(days: int = 89, **changes: Any) -> Certificate:
    plain = Certificate(ends=_NOW + timedelta(days=days), key="EC 256", issuer="CN=R11", chain=2)
    return replace(plain, **changes)


def handshake(**changes: Any) -> Handshake:
    plain = Handshake(dialogue=dialogue("dns", "tcp", "tls", "alpn"), certificate=certificate())
    return replace(plain, **changes)


def mail(**changes: Any) -> Mail:
    plain = Mail(
        dialogue=dialogue(*MAIL_STEPS, subject="relay.customer.example:587"),
        sender_domain="customer.example",
        spf="v=spf1 -all",
        dmarc="v=DMARC1; p=reject",
        dkim="v=DKIM1; p=",
        records_known=True,
    )
    return replace(plain, **changes)


def canary(**changes: Any) -> Canary:
    plain = Canary(
        dialogue=dialogue(*CANARY_STEPS, subject="backups at s3.customer.example"),
        region="eu-central-2",
        versioned=True,
        locked=True,
        requests=9,
        expected_region="eu-central-2",
        lock_promised=True,
    )
    return replace(plain, **changes)


def issued(**changes: Any) -> Issued:
    plain = Issued(
        dialogue=dialogue(*ISSUED_STEPS, subject=f"{DOMAIN} by ClusterIssuer staging"),
        certificate=certificate(days=0),
        seconds=4,
    )
    return replace(plain, **changes)


def zone(name: str) -> ZoneAnswer:
    return ZoneAnswer(
        zone=name,
        node=f"node-{name}",
        api=skew(-400, 600),
        database=database_seen(),
        destinations=(reached(),),
        controls=(impossible(),),
    )


def skew(low: int, high: int) -> Skew:
    """With its control, as it should be."""
    return Skew(low=low, high=high, control=(low + SET_BACK_MS, high + SET_BACK_MS))


def database_seen(**changes: Any) -> DatabaseSeen:
    near = Percentiles(p50=900, p95=1400, p99=3000)
    plain = DatabaseSeen(clock=skew(-1, 1), held=50_400, reads=near, writes=near)
    return replace(plain, **changes)


def way(**changes: Any) -> Way:
    return replace(Way(family="IPv4", step="http", issuer="CN=R11", status=200), **changes)


def reached(*ways: Way) -> Reached:
    return Reached(destination="idp.example:443", expected_issuer="R11", ways=ways or (way(),))


def impossible(**changes: Any) -> Reached:
    """A control of what is reached, as it should be."""
    nowhere = Way(family="IPv4", step="dns", problem="no such host", absent=True)
    return Reached(destination="kastellan-control.invalid:443", ways=(replace(nowhere, **changes),))


def intercepted() -> Reached:
    return reached(way(issuer="CN=Proxy"))


def denied() -> Phase:
    """A phase of denial in which every zone still reached the server."""
    return Phase(name="ingress denied", reachable=False, zones=(), others=("a", "b", "c"), milliseconds=20_000)


def isolation() -> Isolation:
    phases = (("baseline", True), ("ingress denied", False), ("ingress allowed", True), ("egress denied", False),
              ("egress allowed", True))  # fmt: skip
    return Isolation(
        phases=tuple(
            Phase(name=name, reachable=reachable, zones=("a", "b", "c"), others=(), milliseconds=2000)
            for name, reachable in phases
        )
    )


def pulls() -> Pulls:
    image = "registry.example/zitadel@sha256:" + "a" * 64
    return Pulls(
        pulls=tuple(Pull(zone=name, image=image, pulled=True, said="pulled") for name in "abc"),
        control=Pull(zone="a", image="registry.example/zitadel@sha256:" + "0" * 64, pulled=False, said="not found"),
    )


def volumes(*, held: bool, control_bound: bool = False) -> Volumes:
    said = "" if held else "no"
    tried = tuple(VolumeTried(zone=name, storage_class="fast", held=held, said=said) for name in "abc")
    return Volumes(tried=tried, control_bound=control_bound)


def probed() -> dict[str, Any]:
    """Every group of what probes saw."""
    return {
        "names": (names(),),
        "handshake": (handshake(),),
        "entry": (dialogue(*ENTRY_STEPS),),
        "mail": mail(),
        "canary": canary(),
        "issued": issued(),
        "zones": tuple(zone(name) for name in "abc"),
        "isolation": isolation(),
        "pulls": pulls(),
        "volumes": volumes(held=True),
    }
