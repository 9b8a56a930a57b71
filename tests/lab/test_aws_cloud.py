"""The whole way on AWS: base, prerequisites, release, under the real engine; only the cloud is simulated.

Cluster and database are real. The stack is made once; each test leaves it as it found it, but for the last, which
destroys it. What is there is asked of moto, and what somebody changes by hand is changed there.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab.aws_stack import AwsLab, aws_lab
from tests.lab.cloud_lab import GUARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A stack that came about with an accident on the way, and what was said at each step."""

    lab: AwsLab
    cut_off: str
    adopted: str
    brought: str


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with aws_lab(tmp_path_factory.mktemp("aws")) as lab:
        lab.cloud.fail("NatGateway", "nat-2", "die-after")  # it has no name by which Amazon would refuse a second one
        code, cut_off = lab.run("up", "--parallel", "1")  # so that nothing else is under way beside it
        assert code != 0
        adopted = lab.kastellan("adopt", lab.stack.name, "nat-2")
        brought = lab.up(*GUARDED)
        yield Grown(lab=lab, cut_off=cut_off, adopted=adopted, brought=brought)


def _server(lab: AwsLab) -> dict[str, Any]:
    (server,) = lab.cloud.client("rds").describe_db_instances()["DBInstances"]
    found: dict[str, Any] = server
    return found


def _sizes(lab: AwsLab, name: str) -> dict[str, int]:
    told = lab.cloud.client("eks").describe_nodegroup(clusterName="acme", nodegroupName=name)
    return dict(told["nodegroup"]["scalingConfig"])


def test_a_create_that_was_cut_off_is_adopted_and_nothing_exists_twice(grown: Grown) -> None:
    assert "exited prematurely" in grown.cut_off
    assert "adopted NatGateway nat-2 (nat-" in grown.adopted
    cloud = grown.lab.cloud
    made = Counter(call for call in cloud.calls if call.startswith("create"))
    assert {call: count for call, count in made.items() if count > 1} == {}
    assert len(made) > 120
    ec2 = cloud.client("ec2")
    assert len(ec2.describe_nat_gateways()["NatGateways"]) == 3
    assert len(ec2.describe_addresses()["Addresses"]) == 3
    assert len(ec2.describe_vpc_endpoints()["VpcEndpoints"]) == 7
    assert sorted(cloud.client("eks").list_nodegroups(clusterName="acme")["nodegroups"]) == [
        "platform-m7i-large", "zitadel-1-m7i-xlarge", "zitadel-2-m7i-xlarge", "zitadel-3-m7i-xlarge",
    ]  # fmt: skip


def test_the_release_runs_in_three_zones_behind_ports_of_the_nodes(grown: Grown) -> None:
    lab = grown.lab
    told = json.loads(lab.stack.pulumi.run("stack", "output", "--json", "--stack", "acme").stdout)
    assert told["zones"] == ["eu-central-2a", "eu-central-2b", "eu-central-2c"]
    assert told["version"] == "v4.13.1"
    service = lab.cluster.kubectl("-n", "zitadel", "get", "service", "zitadel", "-o", "json")
    spec = json.loads(service)["spec"]
    assert (spec["type"], spec["externalTrafficPolicy"], spec["ports"][0]["nodePort"]) == ("NodePort", "Local", 30080)


def test_a_second_update_changes_nothing(grown: Grown) -> None:
    before = grown.lab.cloud.calls
    grown.lab.up("--expect-no-changes")
    assert grown.lab.cloud.calls == before


def test_what_somebody_changes_in_the_cloud_is_found_and_put_back(grown: Grown) -> None:
    lab = grown.lab
    fewer = {"minSize": 1, "maxSize": 1, "desiredSize": 1}
    lab.cloud.client("eks").update_nodegroup_config(
        clusterName="acme", nodegroupName="zitadel-1-m7i-xlarge", scalingConfig=fewer
    )
    lab.cloud.client("rds").modify_db_instance(DBInstanceIdentifier="acme-db", BackupRetentionPeriod=1)
    bucket = "123456789012-acme-backup"
    lab.cloud.client("s3").put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": False}
    )
    code, said = lab.run("refresh", "--preview-only", "--expect-no-changes")
    assert code != 0
    assert all(name in said for name in ("zitadel-1", "server", "BucketPublicAccessBlock")), said
    lab.up("--refresh")
    assert _sizes(lab, "zitadel-1-m7i-xlarge") == {"minSize": 2, "maxSize": 2, "desiredSize": 2}
    assert _server(lab)["BackupRetentionPeriod"] == 35
    closed = lab.cloud.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}


def test_another_machine_type_comes_zone_after_zone_before_any_old_node_goes(grown: Grown) -> None:
    lab = grown.lab
    before = lab.cloud.calls
    uids = ("-n", "zitadel", "get", "deployment", "-o", "jsonpath={.items[*].metadata.uid}")
    serving = lab.cluster.kubectl(*uids)
    lab.stack.change(aws={**lab.aws, "machineType": "m7i.2xlarge"})
    lab.up()
    called = lab.cloud.calls[len(before) :]
    assert [call for call in called if "NodeGroup" in call] == [
        *[f"create NodeGroup acme:zitadel-{zone}-m7i-2xlarge" for zone in (1, 2, 3)],
        *[f"delete NodeGroup acme:zitadel-{zone}-m7i-xlarge" for zone in (3, 2, 1)],
    ]
    others = {" ".join(call.split()[:2]) for call in called if "NodeGroup" not in call}
    assert others == {"create Attachment"}, "old nodes leave the load balancer when they go, and not before"
    assert lab.cluster.kubectl(*uids) == serving


def test_nothing_secret_is_in_the_state_or_in_what_was_said(grown: Grown) -> None:
    lab = grown.lab
    state = lab.stack.pulumi.run("stack", "export", "--stack", "acme").stdout
    for text in (state, grown.cut_off, grown.adopted, grown.brought):
        assert "of-the-role" not in text
        assert "a-masterkey-of-the-lab" not in text
        assert lab.postgres.admin_password not in text
        assert "PRIVATE KEY" not in text
    assert json.loads(state)["deployment"]["secrets_providers"]["type"] == "cloud", "a key of KMS encrypts the state"
    assert "secretsprovider: awskms://" in lab.stack.path.read_text()
    kept = lab.cloud.client("secretsmanager").get_secret_value(SecretId="acme/masterkey")["SecretString"]
    assert kept.startswith("a-masterkey-of-the-lab")


def test_destroying_is_refused_and_then_done_on_purpose(grown: Grown) -> None:
    lab = grown.lab
    gone = lab.destroy_is_refused()
    serving = {"Instance", "Cluster", "NodeGroup", "Bucket", "Listener", "TargetGroup", "Record", "WebAclAssociation",
               "SecurityGroupIngressRule", "SecurityGroupEgressRule", "NatGateway", "VpcEndpoint"}  # fmt: skip
    assert {call.split()[1] for call in gone} & serving == set()
    assert _server(lab)["DeletionProtection"]
    assert lab.leave("aws") == {"Attachment"}, "what ties nodes to the load balancer goes with the nodes"
    cloud = lab.cloud
    rds, ec2, keys = (cloud.client(service) for service in ("rds", "ec2", "kms"))
    assert rds.describe_db_instances()["DBInstances"] == []
    assert ec2.describe_vpcs(Filters=[{"Name": "tag:installation", "Values": ["acme"]}])["Vpcs"] == []
    assert ec2.describe_addresses()["Addresses"] == []
    assert {one["State"] for one in ec2.describe_nat_gateways()["NatGateways"]} <= {"deleted"}
    assert cloud.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert cloud.client("eks").list_clusters()["clusters"] == []
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []
    assert cloud.client("secretsmanager").list_secrets()["SecretList"] == []  # deleted ones, which can be brought back

    # What is meant to stay: a last snapshot, automated backups, and for 30 days the keys that open them.
    kept = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert [one["DBSnapshotIdentifier"] for one in kept] == ["acme-db-final"]
    assert rds.describe_db_instance_automated_backups(DBInstanceIdentifier="acme-db")["DBInstanceAutomatedBackups"]
    known = [keys.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in keys.list_keys()["Keys"]]
    states = {key["KeyId"]: key["KeyState"] for key in known if key["KeyManager"] == "CUSTOMER"}
    assert states.pop(lab.state_key) == "Enabled", "the key of the state is none of the stack's"
    assert sorted(states.values()) == ["PendingDeletion"] * 3
