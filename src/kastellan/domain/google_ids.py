"""By which id Google Cloud knows an object that the program declares: what Pulumi takes to adopt it into a state.

Only kinds whose name we choose are here, so that a second one of the same name cannot be made. What Google numbers
itself (alert policies, uptime checks, budgets, versions of secrets) has no id that could be known beforehand, and what
can be made again without harm (grants, enabled APIs) needs none.

Source: the section "Import" of each resource of pulumi-gcp 10.
"""

import re
from collections.abc import Mapping
from typing import Any

GOOGLE_IDS: Mapping[str, str] = {
    "gcp:certificatemanager/certificate:Certificate": "projects/{project}/locations/global/certificates/{name}",
    "gcp:certificatemanager/certificateMap:CertificateMap": (
        "projects/{project}/locations/global/certificateMaps/{name}"
    ),
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry": (
        "projects/{project}/locations/global/certificateMaps/{map}/certificateMapEntries/{name}"
    ),
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": (
        "projects/{project}/locations/global/dnsAuthorizations/{name}"
    ),
    "gcp:compute/globalAddress:GlobalAddress": "projects/{project}/global/addresses/{name}",
    "gcp:compute/network:Network": "projects/{project}/global/networks/{name}",
    "gcp:compute/router:Router": "projects/{project}/regions/{region}/routers/{name}",
    "gcp:compute/routerNat:RouterNat": "projects/{project}/regions/{region}/routers/{router}/{name}",
    "gcp:compute/securityPolicy:SecurityPolicy": "projects/{project}/global/securityPolicies/{name}",
    "gcp:compute/subnetwork:Subnetwork": "projects/{project}/regions/{region}/subnetworks/{name}",
    "gcp:container/cluster:Cluster": "projects/{project}/locations/{location}/clusters/{name}",
    "gcp:container/nodePool:NodePool": "{project}/{location}/{cluster}/{name}",
    "gcp:dns/managedZone:ManagedZone": "projects/{project}/managedZones/{name}",
    "gcp:dns/recordSet:RecordSet": "projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}",
    "gcp:kms/cryptoKey:CryptoKey": "{keyRing}/cryptoKeys/{name}",
    "gcp:kms/keyRing:KeyRing": "projects/{project}/locations/{location}/keyRings/{name}",
    "gcp:organizations/project:Project": "{projectId}",
    "gcp:secretmanager/secret:Secret": "projects/{project}/secrets/{secretId}",
    "gcp:serviceaccount/account:Account": (
        "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com"
    ),
    "gcp:sql/database:Database": "projects/{project}/instances/{instance}/databases/{name}",
    "gcp:sql/databaseInstance:DatabaseInstance": "projects/{project}/instances/{name}",
    "gcp:sql/user:User": "{project}/{instance}/{name}",
    "gcp:storage/bucket:Bucket": "{project}/{name}",
}
"""Type → id, of the resource's inputs by their public names."""


def google_id(kind: str, inputs: Mapping[str, Any], project: str) -> str | None:
    """The id of an object, or None where it cannot be known: another kind, or a part is not known yet.

    Args:
        kind: type token.
        inputs: what is declared; what is not known is absent or no text.
        project: of the installation, where the inputs do not know theirs.
    """
    template = GOOGLE_IDS.get(kind)
    if template is None:
        return None
    known = {key: value for key, value in inputs.items() if isinstance(value, str) and value} | {"project": project}
    needed = set(re.findall(r"\{(\w+)\}", template))
    return template.format(**known) if needed <= known.keys() else None
