"""What a preview would create and the cloud may have already."""

from collections.abc import Mapping
from typing import Any

from kastellan.domain.google_ids import google_id
from kastellan.planning.adoption import adoptables, is_of
from kastellan.planning.previewed import UNKNOWN

PLATFORM = "urn:pulumi:acme::installation::kastellan:gcp:Platform::platform"
CLUSTER = "urn:pulumi:acme::installation::kastellan:gcp:Platform$gcp:container/cluster:Cluster::cluster"
POOL = "urn:pulumi:acme::installation::kastellan:gcp:Platform$gcp:container/nodePool:NodePool::zitadel"


def _step(urn: str, op: str, **inputs: Any) -> dict[str, Any]:
    kind = urn.split("::")[-2].rpartition("$")[2]
    state = {"type": kind, "inputs": inputs, "parent": PLATFORM, "provider": f"{PLATFORM}::google::0815"}
    return {"urn": urn, "op": op, "newState": state}


PREVIEW = {
    "steps": [
        {"urn": PLATFORM, "op": "create", "newState": {"type": "kastellan:gcp:Platform", "inputs": {}}},
        _step(CLUSTER, "create", name="acme", location="europe-west6", project=UNKNOWN),
        _step(POOL, "create", name="zitadel", location="europe-west6", cluster=UNKNOWN),
        _step(CLUSTER.replace("cluster", "other"), "same", name="x"),
    ]
}


def _google(kind: str, inputs: Mapping[str, Any]) -> list[str]:
    known = google_id(kind, inputs, "acme-zitadel")
    return [known] if known else []


def test_what_would_be_created_and_can_be_named_is_looked_for() -> None:
    (found,) = adoptables(PREVIEW, _google)
    assert found.identity == "projects/acme-zitadel/locations/europe-west6/clusters/acme"
    assert found.document == {
        "nameTable": {"parent": PLATFORM, "provider": f"{PLATFORM}::google"},
        "resources": [
            {
                "type": "gcp:container/cluster:Cluster",
                "name": "cluster",
                "id": found.identity,
                "parent": "parent",
                "provider": "provider",
            }
        ],
    }


def test_names_narrow_it_down() -> None:
    assert list(adoptables(PREVIEW, _google, names=["zitadel"])) == []
    assert [one.name for one in adoptables(PREVIEW, _google, names=["cluster"])] == ["cluster"]


def test_what_may_be_there_twice_is_looked_for_under_each_id() -> None:
    found = list(adoptables(PREVIEW, lambda kind, inputs: ["one", "two"] if kind.endswith(":Cluster") else []))
    assert [one.identity for one in found] == ["one", "two"]
    assert {one.urn for one in found} == {CLUSTER}


def test_another_installations_label_tells_whose_it_is_wherever_labels_are() -> None:
    assert is_of({"outputs": {"resourceLabels": {"installation": "acme"}}}, "acme")
    assert not is_of({"outputs": {"resourceLabels": {"installation": "other"}}}, "acme")
    assert not is_of({"outputs": {"settings": {"userLabels": {"team": "x"}}}}, "acme")
    assert not is_of({"outputs": {"tags": {"installation": "other"}}}, "acme")
    assert is_of({"outputs": {"name": "acme"}}, "acme")
