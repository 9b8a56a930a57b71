"""What the probes saw, from the operator's host: plain data like all facts. Those of pods are in `zone_facts`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kastellan.preflight.dialogue import Dialogue


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProbed:
    """There was nothing to probe, and why: a fact, unlike an unknown one."""

    why: str
    kind: Literal["not probed"] = "not probed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What one resolver answers.

    Attributes:
        resolver: its address.
        answered: whether any answer came.
        addresses: of the domain, A and AAAA, sorted.
        canonical: names on the way to them (CNAME), the last one last.
        seconds: time to live that is left; 0 where there are no addresses.
        problem: such as `NXDOMAIN`; empty where there are addresses.
        issuers: who may issue by the CAA records that count (RFC 8659); None where there are none.
        invents: it gives an address for a name that cannot exist (`.invalid`, RFC 6761), so its answers prove nothing.
    """

    resolver: str
    answered: bool
    addresses: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    seconds: int = 0
    problem: str = ""
    issuers: tuple[str, ...] | None = None
    invents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """One host name as resolvers outside of the cluster see it.

    Attributes:
        domain: the name.
        answers: one a resolver.
        balancer: addresses of the load balancer, from its status or the configuration.
        balancer_names: names of it, as some clouds give instead.
        issuer: who is to issue the certificate; empty where it does not matter.
    """

    domain: str
    answers: tuple[Resolved, ...]
    balancer: tuple[str, ...]
    balancer_names: tuple[str, ...] = ()
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's certificate.

    Attributes:
        ends: last instant at which it, or a certificate of the chain sent with it, is valid (UTC).
        key: such as `EC 256` or `RSA 2048`.
        issuer: name of the authority that signed it.
        chain: how many certificates the server sent.
    """

    ends: datetime
    key: str
    issuer: str
    chain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """TLS at the way in; `certificate` is None where the handshake did not come so far."""

    dialogue: Dialogue
    certificate: Certificate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The dialogue with the relay, and what the sender's domain publishes.

    Attributes:
        dialogue: up to RCPT, never DATA.
        sender_domain: of the sender's address.
        spf: the record, or empty.
        dmarc: the record, or empty.
        dkim: the record, or empty; None where no selector is known.
        records_known: whether the records could be looked up at all.
    """

    dialogue: Dialogue
    sender_domain: str
    spf: str
    dmarc: str
    dkim: str | None
    records_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What became of a small object.

    Attributes:
        dialogue: put, get, list, delete, gone.
        region: that the bucket lies in; empty where it does not tell.
        versioned: whether versioning is on; None where it does not tell.
        locked: whether object lock is on; None where it does not tell.
        requests: how many were made, the control's included.
        expected_region: that it has to lie in.
        lock_promised: whether object lock has to be on.
    """

    dialogue: Dialogue
    region: str
    versioned: bool | None
    locked: bool | None
    requests: int
    expected_region: str
    lock_promised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What came of asking cert-manager for a certificate.

    Attributes:
        dialogue: from the issuer to the chain in the Secret.
        certificate: None where none came.
        seconds: from the request until it was ready; 0 where it was not.
    """

    dialogue: Dialogue
    certificate: Certificate | None
    seconds: int
