"""What an installation's cloud base on Google Cloud consists of, and how its parts are called (DI-1, 2, 3, 7).

Deliberately absent: secrets, and everything that Google decides, such as addresses and certificates.
"""

from dataclasses import dataclass

from kastellan.domain.google_maintenance import GoogleMaintenance
from kastellan.domain.google_network import GoogleNetworkPlan
from kastellan.domain.host_names import HostNames

LONGEST_NAME = 20
"""Of an installation: service accounts may have 30 characters, and the longest ending is `-workload`.

Source: cloud.google.com/iam/docs/service-accounts-create; GKE allows 40, Cloud SQL 98 with the project, buckets 63.
"""
BACKUP_DAYS = 35
"""Daily backups that are kept (DI-7)."""
LOG_DAYS = 7
"""Days of point-in-time recovery; the most that Cloud SQL's Enterprise edition keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A project of the installation's own (DI-1).

    Attributes:
        billing_account: such as 012345-6789AB-CDEF01.
        folder: number of the folder it goes into; or empty.
        organization: number of the organisation, where there is no folder; or empty.
    """

    billing_account: str
    folder: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """An alert when a month's cost passes 50, 90 and 100 per cent of an amount; nothing is stopped by it.

    Attributes:
        billing_account: such as 012345-6789AB-CDEF01.
        amount: of a month.
        currency: of the billing account.
        project_number: of a project that is there already; empty where it is made, and told its number then.
    """

    billing_account: str
    amount: int
    currency: str
    project_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleBase:
    """The cloud base of one installation.

    Attributes:
        installation: its name; physical names begin with it.
        hosts: names of the installation.
        project: id of the Google Cloud project.
        new_project: how to make it; None where it is there already.
        region: region of everything but the backups.
        zones: zones of the nodes; at least three (DI-2).
        network: address plan.
        authorised_networks: display name → CIDR of those that may reach the control plane.
        private_endpoint: whether the control plane has no public address at all.
        release_channel: GKE's.
        machine_type: of the dedicated pool.
        nodes_per_zone: of the dedicated pool.
        database_tier: of Cloud SQL.
        max_connections: flag of PostgreSQL.
        database_disk: GiB to begin with; it grows by itself.
        maintenance: when Google may do what.
        dns_zone: Cloud DNS zone that takes the records; empty where the customer makes them.
        create_dns_zone: whether to make that zone.
        dns_name: domain of that zone, where it is made.
        backup_location: where backups lie; another region survives the loss of this one.
        lock_backups: whether nobody, not even an owner, can shorten the retention; it cannot be undone.
        budget: alert on cost, or None.
        escrow: whether masterkey and database password are also kept in Secret Manager.
        alert_emails: who hears of alerts.
        labels: further labels of all resources.
        protect: whether what holds data refuses to be deleted.
    """

    installation: str
    hosts: HostNames
    project: str
    new_project: NewProject | None
    region: str
    zones: tuple[str, ...]
    network: GoogleNetworkPlan
    authorised_networks: tuple[tuple[str, str], ...]
    private_endpoint: bool
    release_channel: str
    machine_type: str
    nodes_per_zone: int
    database_tier: str
    max_connections: int
    database_disk: int
    maintenance: GoogleMaintenance
    dns_zone: str
    create_dns_zone: bool
    dns_name: str
    backup_location: str
    lock_backups: bool
    budget: Budget | None
    escrow: bool
    alert_emails: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    protect: bool

    def name(self, part: str = "") -> str:
        """Physical name of a part."""
        return f"{self.installation}-{part}" if part else self.installation

    @property
    def bucket(self) -> str:
        """Bucket names are global, so the project's id is in them."""
        return f"{self.project}-{self.installation}-backup"

    @property
    def all_labels(self) -> dict[str, str]:
        """Labels of every resource that can have any."""
        return {"installation": self.installation, "managed-by": "kastellan", **dict(self.labels)}
