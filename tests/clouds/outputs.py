"""What a cloud adds to an object when it makes it: plausible, the same for the same inputs, and marked."""

import base64
import zlib
from collections.abc import Mapping
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
