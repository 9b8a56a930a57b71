"""All kinds that the program makes; another is refused by the simulation until it is here."""

from tests.clouds.aws import ec2, eks, identity, storage, way_in
from tests.clouds.aws.request import Kind

KINDS: dict[str, Kind] = ec2.KINDS | eks.KINDS | identity.KINDS | storage.KINDS | way_in.KINDS
