"""What the preflight's probes try for one installation, beyond what its description says anyway; without any secret."""

from dataclasses import dataclass
from enum import StrEnum

from kastellan.domain.image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """Where users come in: the installation's domain at the customer's load balancer.

    Attributes:
        port: TCP port.
        addresses: addresses or names of the load balancer; empty where the Ingress or Gateway tells them.
        ca: PEM of the customer's authority; empty where the certificate is to verify with the public roots.
        issuer: how CAA records name the authority, such as `letsencrypt.org`; empty where it does not matter.
    """

    port: int = 443
    addresses: tuple[str, ...] = ()
    ca: str = ""
    issuer: str = ""


class MailTls(StrEnum):
    """How a relay begins TLS. There is no plain choice: the annex asks for strict TLS."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRelay:
    """The relay by which ZITADEL sends mail.

    Attributes:
        host: as in its certificate.
        sender: address that mails come from.
        port: TCP port.
        tls: how TLS begins.
        user: for AUTH; empty where the relay asks for none.
        recipient: offered in RCPT and never written to; the sender itself by default.
        ca: PEM of the customer's authority; empty for the public roots.
        dkim_selector: selector of the sender's DKIM key; empty where it is not known.
    """

    host: str
    sender: str
    port: int = 587
    tls: MailTls = MailTls.STARTTLS
    user: str = ""
    recipient: str = ""
    ca: str = ""
    dkim_selector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore:
    """The object storage of the backups, by the S3 protocol.

    Attributes:
        bucket: its name.
        region: that it has to lie in; another than the installation's, or the same loss takes both.
        access_key_id: of the credential; the secret half travels apart.
        endpoint: URL where it is not Amazon's own; https only, except on this machine.
        prefix: under which the canary is put.
        ca: PEM of the customer's authority; empty for the public roots.
        locked: whether object lock is promised.
    """

    bucket: str
    region: str
    access_key_id: str
    endpoint: str = ""
    prefix: str = ""
    ca: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A server that the pods have to reach, such as an identity provider.

    Attributes:
        host: name or address.
        port: TCP port.
        tls: whether it speaks TLS from the first byte; then its chain is verified.
        http: whether it answers by HTTP.
        issuer: part of the name of the authority that has to have signed; another one is an interception.
        ca: PEM of the customer's authority; empty for the public roots.
    """

    host: str
    port: int = 443
    tls: bool = True
    http: bool = False
    issuer: str = ""
    ca: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class IssuerKind(StrEnum):
    """Kinds of cert-manager's issuers."""

    ISSUER = "Issuer"
    CLUSTER_ISSUER = "ClusterIssuer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """The issuer that a certificate is asked of: that of the way in, or for ACME one of its staging directory.

    Attributes:
        name: of the issuer.
        kind: an Issuer is one of the installation's namespace.
    """

    name: str
    kind: IssuerKind = IssuerKind.ISSUER

    @property
    def namespaced(self) -> bool:
        """Whether it is one of a namespace."""
        return self.kind is IssuerKind.ISSUER

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}"


IMPOSSIBLE_NAME = "kastellan-control.invalid"
"""The control of what is resolved and reached: nobody may have this name (RFC 6761, 6.4)."""
IMPOSSIBLE_ADDRESSES = ("192.0.2.1", "2001:db8::1")
"""The control of what is only connected to, by family: addresses of documentation (RFC 5737, RFC 3849)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """Everything that the probes are told.

    Attributes:
        image: the probe program by digest, from a registry that the cluster can pull from; without it nothing is put
            into the cluster.
        resolvers: `ADDRESS` or `ADDRESS:PORT` of name servers to ask; this machine's own by default.
        external_name: whether a maintenance run asks by the external name, too, from where kastellan runs.
        entry: the way in; None where the customer routes by own means and says nothing about it.
        mail: the relay, or None.
        object_store: of the backups, or None.
        egress: servers that the pods have to reach.
        storage_class: to be tried in every zone; empty where the installation has no volumes.
        issuer: to be asked for a certificate; None where nothing is to be asked for.
    """

    image: Image | None = None
    resolvers: tuple[str, ...] = ()
    entry: EntryPoint | None = None
    external_name: bool = True
    mail: MailRelay | None = None
    object_store: ObjectStore | None = None
    egress: tuple[Destination, ...] = ()
    storage_class: str = ""
    issuer: Issuer | None = None

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """What pods have to reach: the egress list, and the relay of the mails that they send."""
        relay = self.mail
        if relay is None:
            return self.egress
        implicit = relay.tls is MailTls.IMPLICIT
        return (*self.egress, Destination(host=relay.host, port=relay.port, tls=implicit, ca=relay.ca))

    @property
    def controls(self) -> tuple[Destination, ...]:
        """What no pod can reach: a name, and where a destination shows no certificate, addresses at its port."""
        if not self.destinations:
            return ()
        ports = sorted({one.port for one in self.destinations if not one.tls})
        bare = (Destination(host=host, port=port, tls=False) for port in ports for host in IMPOSSIBLE_ADDRESSES)
        return (Destination(host=IMPOSSIBLE_NAME, tls=False), *bare)
