"""What an installation's cloud base on AWS consists of, and how its parts are called (DI-1, 2, 3, 7).

Deliberately absent: secrets, and everything that Amazon decides, such as addresses and identifiers.
"""

from dataclasses import dataclass

from kastellan.domain.aws_maintenance import AwsMaintenance
from kastellan.domain.aws_network import AwsNetworkPlan
from kastellan.domain.host_names import HostNames

LONGEST_NAME = 20
"""Of an installation: a target group may have 32 characters, and the longest ending is `-api-grpc`.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html; RDS allows 63, IAM 64,
buckets 63 with the account's number.
"""
BACKUP_DAYS = 35
"""Days of point-in-time recovery, which is the most that RDS keeps, and of what lies in the bucket (DI-7)."""
API_PORT, LOGIN_PORT = 30080, 30081
"""Ports of the nodes on which the load balancer reaches the API and the login (Kubernetes' range: 30000 to 32767)."""
PLATFORM_MACHINE = "m7i.large"
"""Machine type of the nodes for DNS and the other pods of EKS' own."""
POD_ADDRESSES = {"m7i.xlarge": 60, "m7i.2xlarge": 60, "m7i.4xlarge": 240, "m7i.8xlarge": 240}
"""Machine type → addresses that a node may take for itself and its pods: interfaces times addresses of each.

Source: docs.aws.amazon.com/ec2/latest/instancetypes/gp.html, network specifications, November 2025.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsBudget:
    """An alert when a month's cost passes 50, 90 and 100 per cent of an amount; nothing is stopped by it."""

    amount: int
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsBase:
    """The cloud base of one installation.

    Attributes:
        installation: its name; physical names begin with it.
        hosts: names of the installation.
        account: number of the account; the provider refuses every other.
        region: region of everything, but for the alarms of Route 53.
        zones: zones of subnets, nodes and database; at least three (DI-2).
        network: address plan.
        authorised_networks: ranges that may reach a public address of the control plane; empty for no such address.
        database_networks: private ranges besides the nodes that may reach the database.
        administrators: ARNs of the roles and users that administer the cluster.
        kubernetes_version: of the control plane and the nodes.
        addon_versions: of EKS' add-ons, by name; Amazon's own choice where one is missing.
        machine_type: of the dedicated nodes.
        nodes_per_zone: dedicated nodes in each zone.
        database_class: of RDS.
        max_connections: parameter of PostgreSQL.
        database_disk: GiB to begin with; it grows by itself.
        maintenance: when Amazon may touch the database.
        dns_zone_id: Route 53 zone that takes the records; empty where the customer makes them.
        certificate: ARN of a certificate of ACM that is there; empty where one is made and proved through the zone.
        lock_backups: whether nobody, not even the account's root, can delete backups early; it cannot be undone.
        budget: alert on cost, or None.
        escrow: whether masterkey and database passwords are also kept in Secrets Manager.
        alert_emails: who hears of alerts.
        tags: further tags of all resources.
        protect: whether what holds data refuses to be deleted.
    """

    installation: str
    hosts: HostNames
    account: str
    region: str
    zones: tuple[str, ...]
    network: AwsNetworkPlan
    authorised_networks: tuple[str, ...]
    database_networks: tuple[str, ...]
    administrators: tuple[str, ...]
    kubernetes_version: str
    addon_versions: tuple[tuple[str, str], ...]
    machine_type: str
    nodes_per_zone: int
    database_class: str
    max_connections: int
    database_disk: int
    maintenance: AwsMaintenance
    dns_zone_id: str
    certificate: str
    lock_backups: bool
    budget: AwsBudget | None
    escrow: bool
    alert_emails: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    protect: bool

    def name(self, part: str = "") -> str:
        """Physical name of a part."""
        return f"{self.installation}-{part}" if part else self.installation

    @property
    def bucket(self) -> str:
        """Bucket names are global, so the account's number is in them."""
        return f"{self.account}-{self.installation}-backup"

    def addon_version(self, name: str) -> str | None:
        """Of one of EKS' add-ons; None for Amazon's choice on the day on which it is made, which then stays."""
        return dict(self.addon_versions).get(name)

    def tagged(self, part: str = "") -> dict[str, str]:
        """Tags of a resource; `Name` is what the console shows."""
        own = {"Name": self.name(part), "installation": self.installation, "managed-by": "kastellan"}
        return own | dict(self.tags)
