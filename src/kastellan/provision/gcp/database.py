"""The database: Cloud SQL for PostgreSQL, in two zones, private, encrypted, and backed up (DI-1, DI-2, DI-7)."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp.dns import (
    ManagedZone,
    ManagedZonePrivateVisibilityConfigArgs,
    ManagedZonePrivateVisibilityConfigNetworkArgs,
    RecordSet,
)
from pulumi_gcp.sql import (
    Database as GoogleDatabase,
)
from pulumi_gcp.sql import (
    DatabaseInstance,
    DatabaseInstanceSettingsArgs,
    DatabaseInstanceSettingsBackupConfigurationArgs,
    DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs,
    DatabaseInstanceSettingsDatabaseFlagArgs,
    DatabaseInstanceSettingsDenyMaintenancePeriodArgs,
    DatabaseInstanceSettingsInsightsConfigArgs,
    DatabaseInstanceSettingsIpConfigurationArgs,
    DatabaseInstanceSettingsMaintenanceWindowArgs,
    User,
)

from kastellan.domain.google_base import BACKUP_DAYS, LOG_DAYS, GoogleBase

VERSION = "POSTGRES_17"
"""Within ZITADEL's range of 14 to 18, and the one that its benchmarks run on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseArgs:
    """The base, where it stands, its key, and the role that ZITADEL runs as."""

    base: GoogleBase
    project: pulumi.Input[str]
    network_id: pulumi.Input[str]
    peering: pulumi.Input[str]
    key: pulumi.Input[str]
    name: str
    user: str
    password: pulumi.Input[str]


class Database(pulumi.ComponentResource):
    """The server, ZITADEL's database and role, and the server's name in the network.

    TLS is verified in full (annex), which needs a name: the certificate is of the regional authority that Google
    manages (`GOOGLE_MANAGED_CAS_CA`), and holds the server's DNS name, which a private zone resolves.

    Attributes:
        host: the server's DNS name, known once it resolves and the role exists.
        ca: PEM of the authorities that may sign its certificate.
    """

    host: pulumi.Output[str]
    ca: pulumi.Output[str]

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:gcp:Database", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        guarded = pulumi.ResourceOptions(parent=self, protect=base.protect)
        server = DatabaseInstance(
            "server",
            project=args.project,
            name=base.name("db"),
            region=base.region,
            database_version=VERSION,
            encryption_key_name=args.key,
            deletion_protection=base.protect,
            settings=_settings(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=base.protect,
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="90m", delete="60m"),
            ),
        )
        database = GoogleDatabase(
            "database",
            project=args.project,
            instance=server.name,
            name=args.name,
            charset="UTF8",
            deletion_policy="ABANDON",
            opts=guarded,
        )
        role = User(
            "role",
            project=args.project,
            instance=server.name,
            name=args.user,
            password=args.password,
            deletion_policy="ABANDON",  # a role that owns tables cannot be dropped; it goes with the server
            opts=pulumi.ResourceOptions(parent=self, protect=base.protect, depends_on=[database]),
        )
        fqdn = server.dns_name.apply(lambda known: f"{known.rstrip('.')}.")
        zone = ManagedZone(
            "names",
            project=args.project,
            name=base.name("db"),
            dns_name=fqdn,
            description=f"The name of the database of {base.installation}",
            visibility="private",
            private_visibility_config=ManagedZonePrivateVisibilityConfigArgs(
                networks=[ManagedZonePrivateVisibilityConfigNetworkArgs(network_url=args.network_id)]
            ),
            labels=base.all_labels,
            opts=inside,
        )
        record = RecordSet(
            "server",
            project=args.project,
            managed_zone=zone.name,
            name=fqdn,
            type="A",
            ttl=300,
            rrdatas=[server.private_ip_address],
            opts=inside,
        )
        self.host = pulumi.Output.all(server.dns_name, record.id, role.id).apply(lambda known: known[0].rstrip("."))
        self.ca = server.server_ca_certs.apply(lambda certs: "\n".join(cert.cert or "" for cert in certs))
        self.register_outputs({"host": self.host, "ca": self.ca})


def _settings(args: DatabaseArgs) -> DatabaseInstanceSettingsArgs:
    base, maintenance = args.base, args.base.maintenance
    closed = maintenance.database_closed
    flags = {"max_connections": str(base.max_connections), "log_lock_waits": "on", "log_min_duration_statement": "1000"}
    return DatabaseInstanceSettingsArgs(
        tier=base.database_tier,
        edition="ENTERPRISE",
        availability_type="REGIONAL",
        disk_type="PD_SSD",
        disk_size=base.database_disk,
        disk_autoresize=True,
        deletion_protection_enabled=base.protect,
        retain_backups_on_delete=True,
        ip_configuration=DatabaseInstanceSettingsIpConfigurationArgs(
            ipv4_enabled=False,
            private_network=pulumi.Output.all(args.network_id, args.peering).apply(lambda known: known[0]),
            ssl_mode="ENCRYPTED_ONLY",
            server_ca_mode="GOOGLE_MANAGED_CAS_CA",
        ),
        backup_configuration=DatabaseInstanceSettingsBackupConfigurationArgs(
            enabled=True,
            start_time="01:00",
            location=base.backup_location,
            point_in_time_recovery_enabled=True,
            transaction_log_retention_days=LOG_DAYS,
            backup_retention_settings=DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs(
                retained_backups=BACKUP_DAYS, retention_unit="COUNT"
            ),
        ),
        maintenance_window=DatabaseInstanceSettingsMaintenanceWindowArgs(
            day=maintenance.database_day, hour=maintenance.database_hour, update_track="stable"
        ),
        deny_maintenance_period=DatabaseInstanceSettingsDenyMaintenancePeriodArgs(
            start_date=closed[0].isoformat(), end_date=closed[1].isoformat(), time="00:00:00"
        )
        if closed
        else None,
        database_flags=[
            DatabaseInstanceSettingsDatabaseFlagArgs(name=flag, value=value) for flag, value in flags.items()
        ],
        insights_config=DatabaseInstanceSettingsInsightsConfigArgs(query_insights_enabled=True),
        user_labels=base.all_labels,
    )
