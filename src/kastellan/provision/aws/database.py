"""The database: RDS for PostgreSQL, in two zones, private, encrypted, and backed up (DI-1, DI-2, DI-7)."""

from dataclasses import dataclass

import pulumi
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.rds import Instance, ParameterGroup, ParameterGroupParameterArgs, SubnetGroup
from pulumi_aws.vpc import SecurityGroupIngressRule

from kastellan.domain.aws_base import BACKUP_DAYS, AwsBase

VERSION = "17"
"""Within ZITADEL's range of 14 to 18, and the one that its benchmarks run on; the minor version is RDS' newest."""
PORT = 5432
_INSIGHTS_DAYS = 7
"""Of performance insights; a week costs nothing."""
_MOST_DISK = 8
"""Times the first disk, to which it may grow by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseArgs:
    """The base, where it stands, its key, who may reach it, and its master user."""

    base: AwsBase
    vpc_id: pulumi.Input[str]
    subnets: list[pulumi.Output[str]]
    key: pulumi.Input[str]
    nodes_group_id: pulumi.Input[str]
    user: str
    password: pulumi.Input[str]


class Database(pulumi.ComponentResource):
    """The server with its standby; ZITADEL's role and database are made in it by the release (`init`).

    A Multi-AZ instance and no Multi-AZ cluster, whose backups go with it (ADR 7); it fails over within two
    minutes, which a restart of ZITADEL's connections survives.

    Attributes:
        host: name of the server, as in its certificate; known once the nodes, and those who are named, may reach it.
    """

    host: pulumi.Output[str]

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kastellan:aws:Database", name, None, opts)
        base = args.base
        inside = pulumi.ResourceOptions(parent=self)
        group = SecurityGroup(
            "database",
            name=base.name("db"),
            description="The database",
            vpc_id=args.vpc_id,
            tags=base.tagged("db"),
            opts=inside,
        )
        nodes = SecurityGroupIngressRule(
            "nodes",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=args.nodes_group_id,
            tags=base.tagged("db-nodes"),
            opts=inside,
        )
        networks = [
            SecurityGroupIngressRule(
                f"network-{number}",
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                cidr_ipv4=cidr,
                tags=base.tagged(f"db-network-{number}"),
                opts=inside,
            ).id
            for number, cidr in enumerate(base.database_networks, start=1)
        ]
        places = SubnetGroup(
            "database",
            name=base.name("db"),
            description=f"Zones of the database of {base.installation}",
            subnet_ids=args.subnets,
            tags=base.tagged("db"),
            opts=inside,
        )
        parameters = self._parameters(base)
        server = Instance(
            "server",
            identifier=base.name("db"),
            engine="postgres",
            engine_version=VERSION,
            instance_class=base.database_class,
            multi_az=True,
            storage_type="gp3",
            allocated_storage=base.database_disk,
            max_allocated_storage=min(65536, base.database_disk * _MOST_DISK),
            storage_encrypted=True,
            kms_key_id=args.key,
            username=args.user,
            password=args.password,
            port=PORT,
            db_subnet_group_name=places.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            parameter_group_name=parameters.name,
            backup_retention_period=BACKUP_DAYS,
            backup_window=base.maintenance.backup,
            maintenance_window=base.maintenance.window,
            auto_minor_version_upgrade=False,
            allow_major_version_upgrade=False,
            apply_immediately=True,  # `pulumi up` runs within the contract's windows; later would be outside of them
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            deletion_protection=base.protect,
            skip_final_snapshot=False,
            final_snapshot_identifier=base.name("db-final"),
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key,
            performance_insights_retention_period=_INSIGHTS_DAYS,
            enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
            tags=base.tagged("db"),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=base.protect,
                ignore_changes=["allocatedStorage"],  # it grew by itself
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="90m", delete="60m"),
            ),
        )
        self.host = pulumi.Output.all(server.address, nodes.id, *networks).apply(lambda known: str(known[0]))
        self.register_outputs({"host": self.host})

    def _parameters(self, base: AwsBase) -> ParameterGroup:
        now, at_start = "immediate", "pending-reboot"
        parameters = (
            ("rds.force_ssl", "1", now),
            ("ssl_min_protocol_version", "TLSv1.2", now),
            ("max_connections", str(base.max_connections), at_start),
            ("log_lock_waits", "1", now),
            ("log_min_duration_statement", "1000", now),
        )
        return ParameterGroup(
            "database",
            name=base.name(f"db-{VERSION}"),
            family=f"postgres{VERSION}",
            description=f"PostgreSQL of {base.installation}",
            parameters=[
                ParameterGroupParameterArgs(name=name, value=value, apply_method=method)
                for name, value, method in parameters
            ],
            tags=base.tagged("db"),
            opts=pulumi.ResourceOptions(parent=self),
        )
