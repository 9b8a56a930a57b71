"""Where each core service (SL-1) answers without credentials, for checks from outside.

Identity brokering has no page of its own that answers without a customer's identity provider; its entry is the login.
"""

CORE_SERVICE_PAGES = {
    "authentication-api": "/auth/v1/healthz",
    "oidc": "/.well-known/openid-configuration",
    "saml": "/saml/v2/metadata",
    "login": "/ui/v2/login/loginname",
}
"""Core service → path."""
