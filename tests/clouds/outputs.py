"""What a cloud adds to an object when it makes it: plausible, the same for the same inputs, and marked."""

import base64
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SIMULATED = "simulated-cloud"
_CA = "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVkLWNsb3Vk\n-----END CERTIFICATE-----\n"
_SCOPE = ("project", "location", "region", "instance", "cluster", "managedZone", "keyRing", "bucket", "cryptoKeyId",
          "network", "secret")  # fmt: skip
_OWN = ("name", "accountId", "secretId", "projectId", "displayName", "service", "role", "member", "type")
"""What an object's path is made of, in this order."""


def identity(token: str, inputs: Mapping[str, Any]) -> str:
    """The id: the path by which the API would address the object."""
    kind = token.rpartition("/")[2].partition(":")[0]
    scope = [str(inputs[key]) for key in _SCOPE if inputs.get(key)]
    own = [str(inputs[key]) for key in _OWN if inputs.get(key)]
    return "/".join([SIMULATED, kind, *scope, *own])


NUMBERED = frozenset({
    "gcp:billing/budget:Budget", "gcp:monitoring/alertPolicy:AlertPolicy",
    "gcp:monitoring/notificationChannel:NotificationChannel", "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig",
    "gcp:secretmanager/secretVersion:SecretVersion",
})  # fmt: skip
"""Kinds that the cloud names itself, so that making one again makes another."""
REPEATABLE = frozenset({
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "gcp:projects/iAMMember:IAMMember",
    "gcp:projects/service:Service", "gcp:projects/serviceIdentity:ServiceIdentity",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
})  # fmt: skip
"""Kinds that may be made again, and are the same."""
_ANOTHER_WORD = {"zone": "managedZone", "pool_id": "name", "key_ring": "keyRing",
                 "secret_id": "secretId"}  # fmt: skip
"""How the documentation calls an input."""


def import_ids(forms: Sequence[str], inputs: Mapping[str, Any]) -> Iterator[str]:
    """The ids by which the documentation says that an object is imported.

    Args:
        forms: with `{{part}}` for what differs.
        inputs: of the object.
    """
    for form in forms:
        words = re.findall(r"\{\{([^}]+)\}\}", form)
        own = {
            "cluster_id": inputs.get("cluster", inputs.get("name")),
            "location": inputs.get("location", "global"),
            "project_id": inputs.get("project", inputs.get("projectId")),
        }
        known = {word: own.get(word) or inputs.get(_ANOTHER_WORD.get(word, word)) for word in words}
        if all(known.values()):
            for word, value in known.items():
                form = form.replace("{{" + word + "}}", str(value))
            yield form


def outputs(token: str, inputs: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Computed properties."""
    name = str(inputs.get("name") or inputs.get("accountId") or "")
    number = str(zlib.crc32(identity(token, inputs).encode()))
    match token.rpartition(":")[2]:
        case "Cluster":
            ca = base64.b64encode(facts.get("clusterCa", _CA).encode()).decode()
            return {"endpoint": facts.get("clusterEndpoint", "192.0.2.10"), "masterAuth": {"clusterCaCertificate": ca}}
        case "DatabaseInstance":
            host = facts.get("databaseHost", f"{number}.{inputs.get('region')}.sql.goog")
            return {
                "dnsName": f"{host}.",
                "privateIpAddress": facts.get("databaseAddress", "10.40.224.3"),
                "serverCaCerts": [{"cert": facts.get("databaseCa", _CA), "commonName": SIMULATED}],
                "connectionName": f"{inputs.get('project')}:{inputs.get('region')}:{name}",
            }
        case "GlobalAddress":
            return {} if inputs.get("address") else {"address": "192.0.2.20"}
        case "DnsAuthorization":
            record = {
                "name": f"_acme-challenge.{inputs.get('domain')}.",
                "type": "CNAME",
                "data": f"{number}.authorize.",
            }
            return {"dnsResourceRecords": [record]}
        case "Account":
            return {"email": f"{name}@{inputs.get('project')}.iam.gserviceaccount.com", "uniqueId": number}
        case "ServiceIdentity":
            return {
                "email": f"service-{number}@gcp-sa-{str(inputs['service']).partition('.')[0]}.iam.gserviceaccount.com"
            }
        case "UptimeCheckConfig":
            return {"uptimeCheckId": f"check-{number}"}
        case "Project":
            return {"number": number}
        case "Connection":
            return {"peering": "servicenetworking-googleapis-com"}
        case _:
            return {}
