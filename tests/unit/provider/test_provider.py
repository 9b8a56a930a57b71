"""The provider's face to the engine: unknown inputs, refusals, secrets, replacement."""

import asyncio
import hashlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

from kastellan.domain.errors import BlockedError, InvalidInputError
from kastellan.execution.release import ReleaseProcedure
from kastellan.planning.release_plan import ReleasePlan
from kastellan.provider.engine_log import EngineLog
from kastellan.provider.provider import RESOURCES, KastellanProvider
from kastellan.provider.resource import Context, sealed_inputs
from kastellan.provider.values import UnknownInputError, plain, wrapped
from tests.builders import CA, MASTERKEY

Answer = TypeVar("Answer")
URN = "urn:pulumi:acme::installation::kastellan:index:Release::acme"
DIGEST = "sha256:" + "a" * 64


def configuration(**changes: Any) -> dict[str, Any]:
    return {
        "platform": "existing",
        "version": "v4.13.1",
        "domain": "id.customer.example",
        "cluster": {"kubeconfig": "apiVersion: v1"},
        "database": {"host": "db", "password": "secret-of-the-role", "ca": CA},
        "masterkey": MASTERKEY,
        "images": {"zitadel": f"r/z@{DIGEST}", "login": f"r/l@{DIGEST}"},
    } | changes


def run(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    return asyncio.run(coroutine)


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KastellanProvider:
    """In a folder that is a project; without an engine to tell anything to."""
    (tmp_path / "Pulumi.yaml").write_text("name: installation\n")
    monkeypatch.chdir(tmp_path)
    return KastellanProvider("")


def check(
    provider: KastellanProvider, new: dict[str, Any], old: dict[str, Any] | None = None
) -> protocol.CheckResponse:
    request = protocol.CheckRequest(URN, sealed_inputs(old or {}), sealed_inputs(new), b"")
    return run(provider.check(request))


def reasons(answer: protocol.CheckResponse) -> list[str]:
    return [failure.reason for failure in answer.failures or ()]


def test_good_inputs_pass_and_their_secrets_stay_marked(provider: KastellanProvider) -> None:
    answer = check(provider, {"name": "acme", "configuration": configuration()})
    assert reasons(answer) == []
    assert answer.inputs is not None
    held: Any = answer.inputs["configuration"].value
    assert held["masterkey"].is_secret
    assert held["database"].value["password"].is_secret
    assert not held["domain"].is_secret
    assert "manifests" in answer.inputs
    assert plain(answer.inputs["drift"]) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"masterkey": "too short"}, "installation:masterkey"),
        ({"minimumZones": 1}, "installation:minimumZones"),
        ({"version": "v4.99.0"}, "not in the catalogue"),
    ],
)
def test_what_cannot_work_is_refused_with_its_path(
    provider: KastellanProvider, change: dict[str, Any], says: str
) -> None:
    answer = check(provider, {"name": "acme", "configuration": configuration(**change)})
    assert any(says in reason for reason in reasons(answer)), reasons(answer)
    assert "secret-of-the-role" not in str(reasons(answer))


def test_a_downgrade_is_refused_by_comparing_with_the_inputs_before(provider: KastellanProvider) -> None:
    old = {"name": "acme", "configuration": configuration(version="v4.13.1")}
    answer = check(provider, {"name": "acme", "configuration": configuration(version="v4.13.0")}, old)
    assert any("older than the installed v4.13.1" in reason for reason in reasons(answer))


def test_unknown_inputs_are_not_judged_before_they_are_known(provider: KastellanProvider) -> None:
    inputs = {"name": PropertyValue("acme"), "configuration": PropertyValue(rpc.UNKNOWN)}
    answer = run(provider.check(protocol.CheckRequest(URN, {}, inputs, b"")))
    assert not answer.failures
    assert answer.inputs == inputs


def test_an_unknown_input_is_a_change(provider: KastellanProvider) -> None:
    state = sealed_inputs({"name": "acme", "configuration": configuration()})
    new = {**state, "configuration": PropertyValue.computed()}
    answer = run(provider.diff(protocol.DiffRequest(URN, "acme", state, new, [])))
    assert answer.changes is True
    assert answer.replaces == []


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_preview_with_unknown_inputs_asks_nobody_and_knows_no_output(provider: KastellanProvider, kind: str) -> None:
    inputs = {"name": PropertyValue("acme"), "configuration": PropertyValue.computed()}
    urn = f"urn:pulumi:acme::installation::{kind}::acme"
    answer = run(provider.create(protocol.CreateRequest(urn, inputs, 0, True)))
    for output in RESOURCES[kind].outputs:
        with pytest.raises(UnknownInputError):
            plain(answer.properties[output])


def test_the_same_inputs_are_no_change_and_a_drift_in_the_state_is(provider: KastellanProvider) -> None:
    inputs = {"name": "acme", "configuration": configuration(), "manifests": "h", "drift": []}
    state = {**inputs, "drift": ["spec.replicas is 1"]}

    def changes(old: dict[str, Any]) -> Any:
        request = protocol.DiffRequest(URN, "acme", sealed_inputs(old), sealed_inputs(inputs), [])
        return run(provider.diff(request)).changes

    assert changes(inputs) is False
    assert changes(state) is True


def test_a_difference_is_told_by_its_path_and_a_secret_by_its_path_alone(provider: KastellanProvider) -> None:
    old = {"name": "acme", "configuration": configuration(), "manifests": "h", "drift": [{"what": "x", "authors": []}]}
    new = {**old, "configuration": configuration(version="v4.14.0", size="large"), "drift": []}
    new["configuration"]["database"] = {**new["configuration"]["database"], "password": "another-secret"}
    request = protocol.DiffRequest(URN, "acme", sealed_inputs(old), sealed_inputs(new), [])
    answer = run(provider.diff(request))
    assert answer.diffs == ["configuration", "drift"]
    assert {path: diff.kind for path, diff in (answer.detailed_diff or {}).items()} == {
        "configuration.database.password": protocol.PropertyDiffKind.UPDATE,
        "configuration.size": protocol.PropertyDiffKind.ADD,
        "configuration.version": protocol.PropertyDiffKind.UPDATE,
        "drift": protocol.PropertyDiffKind.UPDATE,
    }


def test_another_name_is_another_installation(provider: KastellanProvider) -> None:
    old = {"name": "acme", "configuration": configuration()}
    request = protocol.DiffRequest(URN, "acme", sealed_inputs(old), sealed_inputs({**old, "name": "other"}), [])
    assert run(provider.diff(request)).replaces == ["name"]


def test_a_kind_that_does_not_exist_is_named(provider: KastellanProvider) -> None:
    urn = "urn:pulumi:acme::installation::kastellan:index:Nothing::acme"
    with pytest.raises(InvalidInputError, match="no resource kastellan:index:Nothing"):
        run(provider.create(protocol.CreateRequest(urn, {}, 0, True)))


def test_values_go_round_trip_and_whole_numbers_stay_whole() -> None:
    value = {"a": [1, 2.5, "x", None, True], "b": {"secret": "s"}}
    held = wrapped(value, secret_paths=["b.secret"])
    assert plain(held) == value
    assert held.contains_secret()
    assert not wrapped(value).contains_secret()


class TestReplayedCatalogue:
    """`pulumi up` by hand knows no ledger: what it remembers is in Pulumi's state."""

    @pytest.fixture
    def told(self, provider: KastellanProvider, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        lines: list[str] = []
        plan = ReleasePlan(installed=None, changes=(), foreign=(), blocked=())
        monkeypatch.setattr(Context, "cluster", lambda *_: None)
        monkeypatch.setattr(ReleaseProcedure, "plan", lambda *_: plan)
        monkeypatch.setattr(EngineLog, "warning", lambda _, text: lines.append(text))
        return lines

    @pytest.mark.parametrize(
        ("mark", "says"),
        [
            ({"serial": 8}, "serial 7 as of 2026-11-01, and serial 8 as of 2026-11-01 was adopted before it"),
            ({"digest": "f" * 64}, "another one of this serial was adopted before it"),
            ({}, ""),
            (None, ""),
        ],
        ids=["older", "another of its serial", "the same", "brought before marks were kept"],
    )
    def test_an_older_one_brings_nothing_and_the_preview_says_so(
        self, mark: dict[str, Any] | None, says: str, provider: KastellanProvider, told: list[str], tmp_path: Path
    ) -> None:
        text = (
            "schemaVersion: 1\nproduct: zitadel\nasOf: 2026-11-01\nserial: 7\nreleases:\n"
            "  - {version: v4.13.1, published: null, class: regular, reachableFrom: v4.0.0, images: null}\n"
        )
        (tmp_path / "catalogue.yaml").write_text(text)
        ours = {"asOf": "2026-11-01", "serial": 7, "digest": hashlib.sha256(text.encode()).hexdigest()}
        old = {"catalogue": ours | mark} if mark is not None else {}
        new = sealed_inputs({"name": "acme", "configuration": configuration(catalogue="catalogue.yaml")})
        state = {name: wrapped(value) for name, value in old.items()}
        run(provider.update(protocol.UpdateRequest(URN, "acme", state, new, 0.0, [], preview=True)))
        if not says:
            assert told == []
            return
        assert [says in line for line in told] == [True]
        with pytest.raises(BlockedError, match=says):
            run(provider.update(protocol.UpdateRequest(URN, "acme", state, new, 0.0, [], preview=False)))
