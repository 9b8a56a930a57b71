"""The simulated cloud refuses what the real one would: a simulation that accepts everything proves nothing."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.clouds import judgement
from tests.clouds.reflection_file import shapes

SUBNET = {"network": "n", "name": "nodes", "ipCidrRange": "10.0.0.0/20", "region": "europe-west6"}
POOL = {"cluster": "acme", "name": "zitadel", "nodeConfig": {"machineType": "n2-standard-4"}}
SERVER = {"databaseVersion": "POSTGRES_17", "name": "acme-db", "settings": {"tier": "db-custom-2-8192"}}


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "said"),
    [
        ("compute/subnetwork:Subnetwork", SUBNET | {"iPCidrRange": "x"}, "iPCidrRange", "no such property"),
        ("compute/subnetwork:Subnetwork", {"name": "nodes"}, "network", "required"),
        ("compute/subnetwork:Subnetwork", SUBNET | {"ipCidrRange": "10.0.0.1/20"}, "ipCidrRange", "host bits set"),
        ("compute/subnetwork:Subnetwork", SUBNET | {"privateIpGoogleAccess": "y"}, "privateIpGoogleAccess", "boolean"),
        ("compute/subnetwork:Subnetwork", SUBNET | {"purpose": "FUN"}, "purpose", "FUN is none of"),
        ("container/nodePool:NodePool", POOL | {"nodeConfig": {"machineType": "n2-standard-5"}},
         "nodeConfig.machineType", "does not exist"),
        ("container/nodePool:NodePool", POOL | {"name": "Zitadel"}, "name", "does not match"),
        ("container/nodePool:NodePool", POOL | {"upgradeSettings": {"strategy": "YOLO"}}, "upgradeSettings.strategy",
         "YOLO is none of"),
        ("container/cluster:Cluster", {"location": "europe-west6", "nodeLocations": ["us-east1-b"]}, "nodeLocations",
         "not in europe-west6"),
        ("container/cluster:Cluster", {"resourceLabels": {"Team": "x"}}, "resourceLabels", "not allowed"),
        ("container/cluster:Cluster", {"datapathProvider": "FAST"}, "datapathProvider", "FAST is none of"),
        ("container/cluster:Cluster", {"maintenancePolicy": {"maintenanceExclusions": [
            {"exclusionName": "a", "startTime": "t", "exclusionOptions": {"scope": "NOTHING"}}]}},
         "maintenancePolicy.maintenanceExclusions.exclusionOptions.scope", "NOTHING is none of"),
        ("sql/databaseInstance:DatabaseInstance", SERVER | {"settings": {"tier": "db-custom-3-8192"}}, "settings.tier",
         "does not exist"),
        ("sql/databaseInstance:DatabaseInstance",
         SERVER | {"settings": {"tier": "db-custom-2-8192", "availabilityType": "ZONAL_HA"}},
         "settings.availabilityType", "ZONAL_HA is none of"),
    ],
)  # fmt: skip
def test_it_is_refused_at_its_place(kind: str, inputs: Mapping[str, Any], path: str, said: str) -> None:
    token = f"gcp:{kind}"
    found = dict(judgement.problems(token, shapes()[token], inputs))
    assert said in found.get(path, f"nothing at {path}: {found}")


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("compute/subnetwork:Subnetwork", SUBNET),
        ("container/nodePool:NodePool", POOL),
        ("sql/databaseInstance:DatabaseInstance", SERVER),
        ("compute/subnetwork:Subnetwork", SUBNET | {"network": judgement.UNKNOWN}),
    ],
)
def test_what_is_good_or_not_known_yet_is_taken(kind: str, inputs: Mapping[str, Any]) -> None:
    token = f"gcp:{kind}"
    assert list(judgement.problems(token, shapes()[token], inputs)) == []
