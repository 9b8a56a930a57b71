"""The tables about AWS are what Amazon itself said of regions, zones and machines, as far as moto keeps its answers.

Of classes of RDS moto keeps nothing.
"""

import gzip
import json
from importlib.resources import files
from typing import Any

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from kastellan.domain.aws_base import PLATFORM_MACHINE, POD_ADDRESSES
from kastellan.domain.aws_region import AWS_REGIONS
from kastellan.domain.machine import machine_types
from kastellan.domain.service_plan import Platform

_OFFERS = files("moto") / "ec2" / "resources" / "instance_type_offerings" / "availability-zone"
_USED = {PLATFORM_MACHINE, *(machine.name for machine in machine_types(Platform.EKS))}


@pytest.mark.parametrize("machine", machine_types(Platform.EKS), ids=lambda machine: machine.name)
def test_a_machine_has_the_processors_memory_and_addresses_that_the_tables_say(machine: Any) -> None:
    told = INSTANCE_TYPES[machine.name]
    assert (told["VCpuInfo"]["DefaultVCpus"], told["MemoryInfo"]["SizeInMiB"]) == (machine.cpu, machine.memory * 1024)
    network = told["NetworkInfo"]
    assert network["MaximumNetworkInterfaces"] * network["Ipv4AddressesPerInterface"] == POD_ADDRESSES[machine.name]


@pytest.mark.parametrize("region", AWS_REGIONS)
def test_every_zone_of_a_region_has_every_machine_that_is_used(region: str) -> None:
    offers = json.loads(gzip.decompress((_OFFERS / f"{region}.json.gz").read_bytes()))
    zones = {zone: {one["InstanceType"] for one in offers if one["Location"] == zone} for zone in AWS_REGIONS[region]}
    assert {zone: sorted(_USED - offered) for zone, offered in zones.items() if _USED - offered} == {}
