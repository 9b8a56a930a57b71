"""What the edge does about host names: those that are served, and those that lead to the issuer's (docs/adr/0006).

A request to a served name goes on as one to the issuer's. The old name must not stay in `X-Forwarded-Host`, which
Traefik fills in and ZITADEL believes before the host (internal/api/http/middleware/origin_interceptor.go).
"""

import re
from typing import Any

from kastellan.domain.host_names import HostNames, HostRole

PUBLIC = "!PathPrefix(`/debug`)"
"""Health and metrics are nobody's business outside; what no rule admits is answered with 404."""
_AS_ISSUER, _ELSEWHERE = "as-issuer", "to-issuer"


def host_rule(*names: str) -> str:
    """The rule that admits requests to any of the names."""
    rule = " || ".join(f"Host(`{name}`)" for name in names)
    return f"({rule})" if len(names) > 1 else rule


def leading_rule(hosts: HostNames) -> str:
    """The rule of requests that are only led to the issuer's name; empty where there is one name.

    Pages of login and console are among them on every name: cookies and passkeys are bound to the issuer's.
    """
    if not hosts.further:
        return ""
    pages = f"{host_rule(hosts.name_of(HostRole.API))} && PathPrefix(`/ui`)"
    return f"({host_rule(*(name for _, name, _ in hosts.leading))} || {pages}) && {PUBLIC}"


def serving(hosts: HostNames) -> dict[str, Any]:
    """Middlewares, in order, of requests that go on to ZITADEL."""
    if not hosts.further:
        return {}
    named = {"Host": hosts.issuer, "X-Forwarded-Host": hosts.issuer}
    return {_AS_ISSUER: {"headers": {"customRequestHeaders": named}}}


def leading(hosts: HostNames) -> dict[str, Any]:
    """Middlewares, in order, of requests that are led to the issuer's name: roots to their pages, the rest as it is."""
    if not hosts.further:
        return {}
    roots = {
        f"to-{role}": _redirect(
            rf"(?i)^https?://{re.escape(name)}(:[0-9]+)?/(\?.*)?$", f"https://{hosts.issuer}{page}${{2}}"
        )
        for role, name, page in hosts.leading
    }
    return {**roots, _ELSEWHERE: _redirect(r"^https?://[^/]+(/.*)$", f"https://{hosts.issuer}${{1}}")}


def _redirect(regex: str, replacement: str) -> dict[str, Any]:
    """Not for good: a browser would remember it beyond the layout."""
    return {"redirectRegex": {"regex": regex, "replacement": replacement, "permanent": False}}
