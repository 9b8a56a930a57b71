"""The program refuses what breaks a guard rail by itself."""

from typing import Any

import pulumi
import pytest

from kastellan.provision import guarding
from tests.unit.provision.test_guard_rails import BUCKET, CLUSTER, DATABASE


def _judge(monkeypatch: pytest.MonkeyPatch, *, protect: bool) -> Any:
    registered: list[Any] = []
    monkeypatch.setattr(guarding, "register_resource_transform", registered.append)
    monkeypatch.setattr(pulumi.log, "warn", lambda text: registered.append(text))
    guarding.hold_to_guard_rails("google", protect=protect)
    assert [one for one in registered if isinstance(one, str)] == (
        [] if protect else ["installation:google.protect is false: what holds data can be deleted now [DI-7]"]
    )
    return registered[-1]


def _args(kind: str, inputs: dict[str, Any], *, protect: bool = True) -> pulumi.ResourceTransformArgs:
    options = pulumi.ResourceOptions(protect=protect)
    return pulumi.ResourceTransformArgs(custom=True, type_=kind, name="it", props=inputs, opts=options)


def test_what_keeps_to_the_rules_is_registered_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = _judge(monkeypatch, protect=True)
    assert judge(_args("gcp:container/cluster:Cluster", CLUSTER)) is None
    assert judge(_args("kastellan:index:Release", {}, protect=False)) is None


def test_every_broken_rule_of_a_resource_is_named_with_its_clause(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = _judge(monkeypatch, protect=True)
    with pytest.raises(pulumi.RunError) as refused:
        judge(_args("gcp:storage/bucket:Bucket", {}, protect=False))
    for rule in ("no-public-bucket", "labels", "protected"):
        assert f"{rule}: " in str(refused.value)
    assert "[DI-7]" in str(refused.value)


def test_leaving_lets_go_of_protection_and_of_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = _judge(monkeypatch, protect=False)
    assert judge(_args("gcp:storage/bucket:Bucket", BUCKET, protect=False)) is None
    server = {**DATABASE, "deletionProtection": False}
    assert judge(_args("gcp:sql/databaseInstance:DatabaseInstance", server, protect=False)) is None
    public = {**server, "settings": {**DATABASE["settings"], "ipConfiguration": {"ipv4Enabled": True}}}
    with pytest.raises(pulumi.RunError, match="no-public-database"):
        judge(_args("gcp:sql/databaseInstance:DatabaseInstance", public, protect=False))
