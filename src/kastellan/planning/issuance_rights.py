"""The rights that trying an issuance uses: only with `--probes`, in the installation's namespace, by name."""

from kastellan.domain.installation import Installation
from kastellan.domain.probing import Issuer
from kastellan.manifests.issuance import ASKED, CONTROL
from kastellan.planning.rights import Right

_GROUP = "cert-manager.io"
_ACME = "acme.cert-manager.io"


def issuance_rights(installation: Installation, issuer: Issuer) -> tuple[Right, ...]:
    """Every right that it uses: to make two Certificates, to see how far they come and why not, to take all away.

    Of Secrets, only the two that cert-manager keeps these Certificates in, by name.
    """
    where = installation.namespace
    found = {
        Right("get", _GROUP, "issuers", where, issuer.name)
        if issuer.namespaced
        else Right("get", _GROUP, "clusterissuers", name=issuer.name),
        Right("create", _GROUP, "certificates", where),
        Right("list", _GROUP, "certificaterequests", where),
        Right("list", _ACME, "orders", where),
        Right("list", _ACME, "challenges", where),
    }
    for name in (ASKED, CONTROL):
        found |= {Right(verb, _GROUP, "certificates", where, name) for verb in ("get", "patch", "delete")}
        found |= {Right(verb, "", "secrets", where, name) for verb in ("get", "delete")}
    return tuple(sorted(found))
