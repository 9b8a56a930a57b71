"""ACME directories (RFC 8555) of public authorities that issue in earnest: limited by domain and week, or paid for."""

from urllib.parse import urlsplit

_IN_EARNEST = frozenset(
    {
        "acme-v02.api.letsencrypt.org",
        "dv.acme-v02.api.pki.goog",
        "acme.zerossl.com",
        "acme.ssl.com",
        "acme.sectigo.com",
        "acme-api.actalis.com",
        "one.digicert.com",
        "emea.acme.atlas.globalsign.com",
        "api.buypass.com",
    }
)
"""Hosts of their directories (go-acme.github.io/lego/advanced/caservers, and each authority's own page). Their staging
directories have other hosts."""


def in_earnest(directory: str) -> bool:
    """Whether what this directory issues counts; one that nobody knows is a private authority's, or a staging one."""
    return (urlsplit(directory).hostname or "") in _IN_EARNEST
