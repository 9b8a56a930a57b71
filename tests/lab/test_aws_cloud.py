"""The whole way on AWS: base, prerequisites, release, under the real engine; only the cloud is simulated.

Cluster and database are real. The stack is made once; each test leaves it as it found it.
"""

import json
from collections.abc import Iterator

import pytest

from tests.lab.aws_stack import AwsLab, aws_lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsLab]:
    with aws_lab(tmp_path_factory.mktemp("aws")) as made:
        code, said = made.run("preview")
        assert code == 0, said
        assert made.cloud.calls == []
        made.cloud.fail("NodeGroup", "zitadel-2", "quota")
        code, said = made.run("up")
        assert code != 0
        assert "VcpuLimitExceeded" in said
        made.up()
        yield made


def test_what_a_quota_stopped_is_finished_by_the_next_update_and_nothing_exists_twice(lab: AwsLab) -> None:
    made = [call for call in lab.cloud.calls if call.startswith("create")]
    assert len(made) > 120
    assert len(set(made)) == len(made)
    groups = [one for one in lab.cloud.objects.values() if one["token"] == "aws:eks/nodeGroup:NodeGroup"]
    assert sorted(one["inputs"]["nodeGroupName"] for one in groups) == [
        "platform", "zitadel-1", "zitadel-2", "zitadel-3",
    ]  # fmt: skip


def test_the_release_runs_in_three_zones_behind_ports_of_the_nodes(lab: AwsLab) -> None:
    told = json.loads(lab.stack.pulumi.run("stack", "output", "--json", "--stack", "acme").stdout)
    assert told["zones"] == ["eu-central-2a", "eu-central-2b", "eu-central-2c"]
    assert told["version"] == "v4.13.1"
    service = lab.cluster.kubectl("-n", "zitadel", "get", "service", "zitadel", "-o", "json")
    spec = json.loads(service)["spec"]
    assert (spec["type"], spec["externalTrafficPolicy"], spec["ports"][0]["nodePort"]) == ("NodePort", "Local", 30080)


def test_a_second_update_changes_nothing(lab: AwsLab) -> None:
    before = lab.cloud.calls
    lab.up("--expect-no-changes")
    assert lab.cloud.calls == before
