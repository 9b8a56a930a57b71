"""Field types of configuration files: each parses into a domain value and says what it wants when it cannot."""

import base64
import binascii
import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from kastellan.domain.image import Image
from kastellan.domain.version import Version

_LABEL = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


class ConfigModel(BaseModel):
    """Base of all models: keys in camelCase, unknown keys are errors, values cannot be changed, nothing is shown."""

    model_config = ConfigDict(
        defer_build=True,
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        validate_default=True,
    )


_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def _version(value: object) -> object:
    return Version.parse(value) if isinstance(value, str) else value


def _image(value: object) -> object:
    return Image.parse(value) if isinstance(value, str) else value


def _dns_label(value: str) -> str:
    if not _LABEL.match(value):
        raise ValueError("write a DNS label: lower-case letters, digits and dashes, at most 63")
    return value


def _domain(value: str) -> str:
    labels = value.split(".")
    if len(labels) < 2 or len(value) > 253 or not all(_LABEL.match(label) for label in labels):
        raise ValueError("write a fully qualified domain name in lower case, such as id.customer.example")
    return value


def _certificate(value: str) -> str:
    blocks = _PEM.findall(value)
    try:
        good = blocks and all(base64.b64decode("".join(block.split()), validate=True) for block in blocks)
    except binascii.Error:
        good = False
    if not good:
        raise ValueError("write the certificate of the authority as PEM (-----BEGIN CERTIFICATE-----)")
    return value


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


def _masterkey(value: str) -> str:
    size = len(value.encode())
    if size != 32:
        raise ValueError(f"the masterkey must be exactly 32 bytes, but is {size}")
    return value


VersionField = Annotated[
    Version,
    BeforeValidator(_version),
    WithJsonSchema({"type": "string", "pattern": r"^v?\d+\.\d+", "description": "a version, as v4.13.1"}),
]
ImageField = Annotated[
    Image,
    BeforeValidator(_image),
    WithJsonSchema({"type": "string", "pattern": "@sha256:[0-9a-f]{64}$", "description": "repository@sha256:…"}),
]
DnsLabel = Annotated[str, AfterValidator(_dns_label)]
DomainName = Annotated[str, AfterValidator(_domain)]
Certificate = Annotated[str, AfterValidator(_certificate)]
Network = Annotated[str, AfterValidator(_network)]
Masterkey = Annotated[str, AfterValidator(_masterkey)]
KeyId = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""SHA-256 of a raw Ed25519 public key."""
Port = Annotated[int, Field(ge=1, le=65535)]
