"""The host names of an installation: one for everything, or four as the terms of 2021 know them (docs/adr/0006).

ZITADEL serves everything below one name, its `ExternalDomain`, which is the issuer in every token. Of four names it is
`issuer.`; requests to `api.` are passed on in its name; `accounts.` and `console.` lead browsers there.

Deliberately absent: how a way in does that, which every platform writes in its own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Layout(StrEnum):
    """How many names there are."""

    SINGLE_DOMAIN = "single-domain"
    FOUR_SUBDOMAINS = "four-subdomains"


class HostRole(StrEnum):
    """What a name is for; the value is its label in the layout of four."""

    ISSUER = "issuer"
    """ZITADEL's own name: tokens, login and console."""
    API = "api"
    """Passed on to ZITADEL, so that clients and gRPC need not follow redirects; its pages are the issuer's."""
    ACCOUNTS = "accounts"
    CONSOLE = "console"

    def part(self, title: str) -> str:
        """What a part is called that there is for each name; the issuer's is called as where there is one name."""
        return title if self is HostRole.ISSUER else f"{title}-{self}"


PAGES: Mapping[HostRole, str] = MappingProxyType(
    {HostRole.ACCOUNTS: "/ui/v2/login/loginname", HostRole.CONSOLE: "/ui/console/"}
)
"""Names that only lead to the issuer's → page that their root leads to; every other path is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostNames:
    """Role → name.

    Attributes:
        issuer: ExternalDomain, a fully qualified name.
        further: the other roles' names; none in the layout of one.
    """

    issuer: str
    further: tuple[tuple[HostRole, str], ...] = ()

    @classmethod
    def of(cls, domain: str, layout: Layout) -> "HostNames":
        """The names of a layout; of four, the domain is what they lie below."""
        if layout is Layout.SINGLE_DOMAIN:
            return cls(issuer=domain)
        others = (role for role in HostRole if role is not HostRole.ISSUER)
        return cls(issuer=f"{HostRole.ISSUER}.{domain}", further=tuple((role, f"{role}.{domain}") for role in others))

    @property
    def by_role(self) -> tuple[tuple[HostRole, str], ...]:
        """All names with their roles, the issuer's first."""
        return ((HostRole.ISSUER, self.issuer), *self.further)

    @property
    def every(self) -> tuple[str, ...]:
        """All names, the issuer's first: each needs a record, a certificate and a way in."""
        return tuple(name for _, name in self.by_role)

    @property
    def served(self) -> tuple[str, ...]:
        """Names by which ZITADEL itself is asked."""
        return (self.issuer, *(name for role, name in self.further if role is HostRole.API))

    @property
    def leading(self) -> tuple[tuple[HostRole, str, str], ...]:
        """Names that only lead to the issuer's: role, name, and the page that the name's root leads to."""
        return tuple((role, name, PAGES[role]) for role, name in self.further if role in PAGES)

    def name_of(self, role: HostRole) -> str:
        """The name for a role; the issuer's where it has none of its own."""
        return dict(self.further).get(role, self.issuer)
