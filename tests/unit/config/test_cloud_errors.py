"""What bad input gets on a cloud: every error at once, each with its path and with what to do."""

from typing import Any

import pytest

from tests.unit.config.cloud_stacks import errors

CLOUDS = ("google", "aws")
TIER = {"google": "databaseTier", "aws": "databaseClass"}
REGIONS = {"google": ("europe-west6", "europe-west99"), "aws": ("eu-central-2", "us-west-1")}
"""A region with three zones, and what is none; new accounts get two zones in us-west-1."""


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_region_without_three_zones_is_refused_with_one_that_has_them(cloud: str) -> None:
    good, bad = REGIONS[cloud]
    said = errors(cloud, region=bad)[f"{cloud}.region"]
    assert f"{bad!r} is no region with three zones" in said
    assert good in said


@pytest.mark.parametrize("cloud", CLOUDS)
def test_fewer_zones_than_are_needed_are_refused(cloud: str) -> None:
    region = REGIONS[cloud][0]
    dash = "-" if cloud == "google" else ""
    two = [f"{region}{dash}a", f"{region}{dash}b", f"{region}{dash}b"]
    assert "3 zones are needed, but there are 2 [DI-2]" in errors(cloud, zones=two)[f"{cloud}.zones"]
    assert "5 zones are needed, but there are 3" in errors(cloud, values={"minimumZones": 5})[f"{cloud}.zones"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_zone_of_another_region_is_refused_with_those_that_there_are(cloud: str) -> None:
    region = REGIONS[cloud][0]
    said = errors(cloud, zones=["eu-west-1a", f"{region}a", f"{region}b"])[f"{cloud}.zones"]
    assert "eu-west-1a" in said
    assert f"not in {region}, which has" in said


@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_unknown_machine_type_is_refused_with_the_known_ones(cloud: str) -> None:
    said = errors(cloud, machineType="c5.huge")[f"{cloud}.machineType"]
    assert "'c5.huge' is no machine type that is sized; one of" in said
    assert {"google": "n2-standard-4", "aws": "m7i.xlarge"}[cloud] in said


@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_unknown_database_is_refused_with_the_known_ones(cloud: str) -> None:
    said = errors(cloud, **{TIER[cloud]: "db-f1-micro"})[f"{cloud}.{TIER[cloud]}"]
    assert "'db-f1-micro' is no database" in said
    assert {"google": "db-custom-2-8192", "aws": "db.m6i.large"}[cloud] in said


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    ("base", "said"),
    [
        ({"network": "10.0.0.0/24"}, "10.0.0.0/24 is too small; at least a /"),
        ({"network": "10.0.0.1/16"}, "has host bits set"),
        ({"network": "8.8.0.0/16"}, "is not private; take it from 10.0.0.0/8"),
        ({"network": "172.17.0.0/16"}, "overlaps 172.17.0.0/16, which the nodes use themselves"),
        ({"network": "10.0.0.0/16", "apartFrom": ["10.0.3.0/24"]}, "10.0.0.0/16 overlaps 10.0.3.0/24"),
    ],
)
def test_a_range_of_addresses_that_is_overlapping_or_too_small_is_refused(
    cloud: str, base: dict[str, Any], said: str
) -> None:
    assert said in errors(cloud, **base)[f"{cloud}.network"]


@pytest.mark.parametrize(
    ("cloud", "base", "said"),
    [
        ("google", {"network": "10.0.0.0/19", "nodesPerZone": 8}, "holds 16 nodes; 54 stand there during an upgrade"),
        ("aws", {"network": "10.0.0.0/20", "nodesPerZone": 16}, "has 1019 addresses a zone"),
        ("aws", {"network": "10.0.0.0/8"}, "is too wide; a /16 is the most"),
    ],
)
def test_a_range_in_which_an_update_has_no_room_is_refused(cloud: str, base: dict[str, Any], said: str) -> None:
    assert said in errors(cloud, **base)[f"{cloud}.network"]


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("domain", ["customer", "id..example", "Id.customer.example", "https://id.example", "a" * 254])
def test_a_domain_that_is_none_is_refused_with_an_example(cloud: str, domain: str) -> None:
    said = errors(cloud, values={"domain": domain})["domain"]
    assert "fully qualified domain name in lower case, such as id.customer.example" in said


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_version_that_is_not_in_the_catalogue_is_refused_with_the_newest_ones(cloud: str) -> None:
    said = errors(cloud, values={"version": "v9.9.9"})["version"]
    assert "version v9.9.9 is not in the catalogue (its newest: " in said
    assert "choose a version of the catalogue" in said


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("name", ["a" * 21, "1acme", "acme_prod", "Acme", "acme-", "acme.prod"])
def test_a_name_that_the_cloud_would_not_take_is_refused(cloud: str, name: str) -> None:
    said = errors(cloud, name)[cloud]
    assert f"the stack's name {name!r} becomes part of names" in said
    assert "at most 20 characters" in said


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_plan_without_the_guarantee_that_is_asked_for_is_refused(cloud: str) -> None:
    window = {"name": "night", "recurrence": "FREQ=MONTHLY;BYDAY=2TU", "first": "2026-01-01", "start": "22:00",
              "duration": "6h"}  # fmt: skip
    contract = {"plan": "standard", "zone": "Europe/Zurich", "windows": [window]}
    (path,) = (said := errors(cloud, values={"contract": contract})).keys()
    assert path.startswith("contract")
    assert "MU-1" in said[path]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_less_than_the_load_needs_is_refused(cloud: str) -> None:
    small = {
        "google": {"machineType": "n2-standard-4", "databaseTier": "db-custom-2-8192"},
        "aws": {"machineType": "m7i.xlarge", "databaseClass": "db.m6i.large"},
    }[cloud]
    found = errors(cloud, values={"load": {"users": 0, "loginsPerSecond": 20}}, nodesPerZone=1, **small)
    assert "less than the load needs with a zone lost" in found[f"{cloud}.machineType"]
    assert "less than the load needs" in found[f"{cloud}.{TIER[cloud]}"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_is_wrong_in_different_parts_is_told_at_once(cloud: str) -> None:
    found = errors(
        cloud, "a" * 21, values={"domain": "customer", "version": "v9.9.9"}, region="mars", network="10.0.0.0/24",
        machineType="c5.huge", authorisedNetworks={"all": "0.0.0.0/0"}, **{TIER[cloud]: "db-f1-micro"},
    )  # fmt: skip
    parts = ("region", "network", "machineType", "authorisedNetworks.all", TIER[cloud])
    assert found.keys() == {"domain", "version", cloud, *(f"{cloud}.{part}" for part in parts)}
    assert "the whole internet" in found[f"{cloud}.authorisedNetworks.all"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_does_not_go_together_is_told_at_once_with_what_is_missing(cloud: str) -> None:
    region = REGIONS[cloud][0]
    found = errors(
        cloud, "1acme", values={"version": "v9.9.9", "masterkey": None}, zones=[f"{region}a"], network="10.0.0.0/16",
        apartFrom=["10.0.3.0/24"],
    )  # fmt: skip
    assert found.keys() == {"version", "masterkey", cloud, f"{cloud}.zones", f"{cloud}.network"}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_misspelt_key_is_told_with_the_one_that_was_meant(cloud: str) -> None:
    assert "did you mean region?" in errors(cloud, regoin="x")[f"{cloud}.regoin"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cluster_of_ones_own_is_none_of_a_clouds_keys(cloud: str) -> None:
    assert "cluster" in errors(cloud, values={"cluster": {"kubeconfigPath": "x"}})
