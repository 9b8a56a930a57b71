"""Where each core service (SL-1) answers without credentials, for checks from outside.

Identity brokering has no page of its own that answers without a customer's identity provider; its entry is the login.
"""

from kastellan.domain.host_names import HostNames, HostRole

CORE_SERVICE_PAGES = {
    "authentication-api": "/auth/v1/healthz",
    "oidc": "/.well-known/openid-configuration",
    "saml": "/saml/v2/metadata",
    "login": "/ui/v2/login/loginname",
}
"""Core service → path."""


def host_of(service: str, hosts: HostNames) -> str:
    """The name by which its users ask a core service: clients the API's, browsers the issuer's."""
    return hosts.name_of(HostRole.API if service == "authentication-api" else HostRole.ISSUER)
