"""RDS as evidence for the preflight: how an instance stands and is backed up, as Amazon itself says (PG-1, PG-4, PG-5).

Source: docs.aws.amazon.com/AmazonRDS/latest/APIReference: DescribeDBInstances, DescribeDBClusters, DescribeDBSnapshots,
DescribeDBClusterSnapshots, DescribeDBParameters, DescribeDBClusterParameters, DescribeCertificates. Of what is answered
only these few fields are kept: no tags, no users, no keys.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kastellan.adapters.aws.account import AwsAccount, answered
from kastellan.ports.clock import Clock
from kastellan.preflight.database_facts import ManagedService
from kastellan.preflight.probe_facts import NotProbed

_ALLOW = (
    "rds:DescribeDBInstances, DescribeDBClusters, DescribeDBSnapshots, DescribeDBClusterSnapshots, "
    "DescribeDBParameters, DescribeDBClusterParameters and DescribeCertificates"
)
_SERVES = frozenset({"available", "backing-up", "storage-optimization", "configuring-enhanced-monitoring"})
"""States in which sessions are taken: …/UserGuide/accessing-monitoring.html."""
_FORCED = "rds.force_ssl"
"""The parameter that refuses sessions without TLS, on by default since PostgreSQL 15: …/UserGuide/PostgreSQL.Concepts.
General.SSL.html."""


class RdsDescription:
    """Implements `ports.managed_database.ManagedDatabase`.

    Args:
        account: whose instance; no request is sent before it is needed.
        instance: its identifier.
        clock: for ages.
    """

    def __init__(self, account: AwsAccount, instance: str, clock: Clock) -> None:
        self._account = account
        self._instance = instance
        self._clock = clock

    def describe(self, host: str) -> ManagedService | NotProbed:
        """See the port."""
        doing = f"asking about instance {self._instance}"
        with answered(doing, allow=_ALLOW):
            if self._account.session().get_credentials() is None:
                return NotProbed(why="Amazon was not asked: there are no credentials")
        client = self._account.client("rds")
        with answered(doing, allow=_ALLOW):
            (live,) = client.describe_db_instances(DBInstanceIdentifier=self._instance)["DBInstances"]
            if live.get("DBClusterIdentifier"):
                return self._cluster(client, host, live)
            return self._alone(client, host, live)

    def _alone(self, client: Any, host: str, live: Mapping[str, Any]) -> ManagedService:
        """An instance with, or without, a standby of its own (Multi-AZ)."""
        snapshots = client.get_paginator("describe_db_snapshots").paginate(
            DBInstanceIdentifier=self._instance, SnapshotType="automated"
        )
        groups = [one["DBParameterGroupName"] for one in live["DBParameterGroups"]]
        parameters = client.get_paginator("describe_db_parameters")
        zones = (live.get("AvailabilityZone"), live.get("SecondaryAvailabilityZone"))
        return self._told(
            host,
            live,
            client,
            reached_as=[live.get("Endpoint", {}).get("Address")],
            state=live["DBInstanceStatus"],
            regional=bool(live["MultiAZ"]),
            zones=zones,
            made=live["InstanceCreateTime"],
            backed_up=_newest(one for page in snapshots for one in page["DBSnapshots"]),
            forced=_forced(
                one
                for group in groups
                for page in parameters.paginate(DBParameterGroupName=group)
                for one in page["Parameters"]
            ),
        )

    def _cluster(self, client: Any, host: str, live: Mapping[str, Any]) -> ManagedService:
        """A member of a cluster, whose standbys are its other members."""
        name = live["DBClusterIdentifier"]
        (cluster,) = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
        pages = client.get_paginator("describe_db_instances").paginate(
            Filters=[{"Name": "db-cluster-id", "Values": [name]}]
        )
        places = {
            one["DBInstanceIdentifier"]: one.get("AvailabilityZone") for page in pages for one in page["DBInstances"]
        }
        writers_first = sorted(cluster["DBClusterMembers"], key=lambda one: not one["IsClusterWriter"])
        zones = [places.get(one["DBInstanceIdentifier"]) for one in writers_first]
        snapshots = client.get_paginator("describe_db_cluster_snapshots").paginate(
            DBClusterIdentifier=name, SnapshotType="automated"
        )
        parameters = client.get_paginator("describe_db_cluster_parameters")
        return self._told(
            host,
            cluster,
            client,
            reached_as=[cluster.get("Endpoint")],
            state=cluster["Status"],
            regional=len({zone for zone in zones if zone}) > 1,
            zones=zones,
            made=cluster["ClusterCreateTime"],
            backed_up=_newest(one for page in snapshots for one in page["DBClusterSnapshots"]),
            forced=_forced(
                one
                for page in parameters.paginate(DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])
                for one in page["Parameters"]
            ),
            authority=live.get("CACertificateIdentifier"),
        )

    def _told(
        self,
        host: str,
        live: Mapping[str, Any],
        client: Any,
        *,
        reached_as: Iterable[str | None],
        state: str,
        regional: bool,
        zones: Iterable[str | None],
        made: datetime,
        backed_up: datetime | None,
        forced: bool | None,
        authority: str | None = None,
    ) -> ManagedService:
        kept = int(live["BackupRetentionPeriod"])
        restorable = live.get("LatestRestorableTime")
        return ManagedService(
            provider="Amazon RDS",
            name=self._instance,
            version=str(live["EngineVersion"]),
            host=host,
            reached_as=tuple(sorted(filter(None, reached_as))),
            state=state,
            serves=state in _SERVES,
            regional=regional,
            zones=tuple(zone for zone in zones if zone),
            backups=kept > 0,
            backups_kept=kept,
            log_days=kept,  # the log is kept as long as the backups: …/UserGuide/USER_PIT.html
            age_seconds=self._ago(made),
            backed_up_seconds_ago=self._ago(backed_up) if backed_up else None,
            restorable_seconds_ago=self._ago(restorable) if restorable else None,
            tls_forced=forced,
            authority_ends=_ends(client, authority or live.get("CACertificateIdentifier")),
        )

    def _ago(self, instant: datetime) -> float:
        return (self._clock.now() - instant).total_seconds()


def _newest(snapshots: Iterable[Mapping[str, Any]]) -> datetime | None:
    whole: list[datetime] = [one["SnapshotCreateTime"] for one in snapshots if one["Status"] == "available"]
    return max(whole, default=None)


def _forced(parameters: Iterable[Mapping[str, Any]]) -> bool | None:
    """None where the group does not tell, as an engine that knows no such parameter."""
    values = [str(one.get("ParameterValue", "")) for one in parameters if one["ParameterName"] == _FORCED]
    return values[0] == "1" if values and values[0] else None


def _ends(client: Any, authority: str | None) -> datetime | None:
    """When an authority of Amazon's ends; whoever may not ask that is told nothing, and knows as much as before."""
    from botocore.exceptions import ClientError

    if not authority:
        return None
    try:
        told = client.describe_certificates(CertificateIdentifier=authority)["Certificates"]
    except ClientError:
        return None
    ends: datetime | None = told[0].get("ValidTill") if told else None
    return ends
