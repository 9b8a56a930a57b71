"""The shape of `installation:probes`: what the preflight tries beyond what the stack says anyway."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from kastellan.config.fields import Certificate, ConfigModel, DomainName, ImageField, Port
from kastellan.domain.probing import (
    Destination,
    EntryPoint,
    Issuer,
    IssuerKind,
    MailRelay,
    MailTls,
    ObjectStore,
    Probing,
)


def _resolver(value: str) -> str:
    address, port = value, "53"
    if value.startswith("["):
        address, _, port = value[1:].partition("]:")
    elif value.count(":") == 1:
        address, _, port = value.partition(":")
    try:
        ipaddress.ip_address(address)
        good = 0 < int(port) < 65536
    except ValueError:
        good = False
    if not good:
        raise ValueError("write a resolver as ADDRESS or ADDRESS:PORT, such as 9.9.9.9 or [2620:fe::fe]:53")
    return value


def _mail_address(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if not local or "." not in domain or not value.isprintable() or set(value) & set(" <>"):
        raise ValueError("write an address such as id@customer.example")
    return value


def _endpoint(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local):
        raise ValueError("write an https:// URL (annex: strict TLS)")
    return value


def _object_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", value):
        raise ValueError("write the name of a Kubernetes object, such as letsencrypt-staging")
    return value


Resolver = Annotated[str, AfterValidator(_resolver)]
ObjectName = Annotated[str, AfterValidator(_object_name)]
"""RFC 1123 subdomain (kubernetes.io, "Object Names and IDs")."""
MailAddress = Annotated[str, AfterValidator(_mail_address)]
HostName = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")]
_WEB = (80, 443)
"""Where HTTP is spoken unless somebody says otherwise (RFC 9110, 4.2)."""


class EntryModel(ConfigModel):
    """The way in, where the Ingress or Gateway does not say it all."""

    port: Port = 443
    addresses: tuple[HostName, ...] = Field(default=(), description="addresses or names of the load balancer")
    ca: Certificate | None = Field(default=None, description="PEM of the customer's authority; public roots otherwise")
    issuer: DomainName | None = Field(default=None, description="as CAA records name it, such as letsencrypt.org")


class MailModel(ConfigModel):
    """The relay by which ZITADEL sends mail."""

    host: HostName
    port: Port = 587
    tls: MailTls = MailTls.STARTTLS
    user: str = ""
    password: str | None = Field(default=None, repr=False, description="a secret")
    sender: MailAddress
    recipient: MailAddress | None = Field(default=None, description="offered, never written to; the sender otherwise")
    ca: Certificate | None = None
    dkim_selector: str = ""


class ObjectStoreModel(ConfigModel):
    """The object storage of the backups."""

    bucket: str = Field(min_length=3, max_length=63)
    region: str = Field(min_length=1)
    endpoint: Annotated[str, AfterValidator(_endpoint)] | None = Field(default=None, description="Amazon S3 otherwise")
    prefix: str = ""
    access_key_id: str = Field(min_length=1)
    secret_access_key: str | None = Field(default=None, repr=False, description="a secret")
    ca: Certificate | None = None
    locked: bool = Field(default=False, description="object lock is promised")


class DestinationModel(ConfigModel):
    """A server that the pods have to reach."""

    host: HostName
    port: Port = 443
    tls: bool = True
    http: bool | None = Field(default=None, description="whether it answers by HTTP; by default at ports 80 and 443")
    issuer: str = Field(default="", description="part of the name of the authority; another one is an interception")
    ca: Certificate | None = None


class IssuerModel(ConfigModel):
    """cert-manager's issuer that is asked for a certificate of the domain: for ACME one of a staging directory."""

    name: ObjectName
    kind: IssuerKind = Field(default=IssuerKind.ISSUER, description="an Issuer is one of the installation's namespace")


class ProbesModel(ConfigModel):
    """What the probes try; everything is optional."""

    image: ImageField | None = Field(default=None, description="the probe program; with it, probes run in the cluster")
    resolvers: tuple[Resolver, ...] = Field(default=(), description="this machine's own otherwise")
    external_name: bool = Field(
        default=True, description="whether a maintenance run asks by the external name, too, from where it runs"
    )
    entry: EntryModel | None = None
    mail: MailModel | None = None
    object_store: ObjectStoreModel | None = None
    egress: tuple[DestinationModel, ...] = ()
    storage_class: str = ""
    issuer: IssuerModel | None = Field(default=None, description="with it, `--probes` ask for a certificate (TLS-2)")

    @model_validator(mode="after")
    def _enough_resolvers(self) -> "ProbesModel":
        if len(set(self.resolvers)) == 1:
            raise ValueError("name at least two resolvers, or none: one alone sees one view of the domain")
        return self

    def probing(self) -> Probing:
        """The domain value."""
        return Probing(
            image=self.image,
            resolvers=self.resolvers,
            external_name=self.external_name,
            entry=_entry(self.entry) if self.entry else None,
            mail=_mail(self.mail) if self.mail else None,
            object_store=_store(self.object_store) if self.object_store else None,
            egress=tuple(map(_destination, self.egress)),
            storage_class=self.storage_class,
            issuer=Issuer(name=self.issuer.name, kind=self.issuer.kind) if self.issuer else None,
        )


def _entry(model: EntryModel) -> EntryPoint:
    return EntryPoint(port=model.port, addresses=model.addresses, ca=model.ca or "", issuer=model.issuer or "")


def _mail(model: MailModel) -> MailRelay:
    return MailRelay(
        host=model.host,
        sender=model.sender,
        port=model.port,
        tls=model.tls,
        user=model.user,
        recipient=model.recipient or "",
        ca=model.ca or "",
        dkim_selector=model.dkim_selector,
    )


def _store(model: ObjectStoreModel) -> ObjectStore:
    return ObjectStore(
        bucket=model.bucket,
        region=model.region,
        access_key_id=model.access_key_id,
        endpoint=model.endpoint or "",
        prefix=model.prefix,
        ca=model.ca or "",
        locked=model.locked,
    )


def _destination(model: DestinationModel) -> Destination:
    return Destination(
        host=model.host,
        port=model.port,
        tls=model.tls,
        http=model.port in _WEB if model.http is None else model.http,
        issuer=model.issuer,
        ca=model.ca or "",
    )
