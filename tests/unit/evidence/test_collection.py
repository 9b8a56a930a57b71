"""Facts are collected at the same time; one that cannot be had never stops another, and never looks like a fact."""

from collections.abc import Callable
from typing import Any

import pytest

from kastellan.adapters.evidence.collection import collect
from kastellan.domain.errors import ForbiddenError, ThrottledError
from kastellan.domain.party import Party
from kastellan.preflight.facts import Facts, Unknown
from kastellan.preflight.pod_facts import Pods
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.unit.preflight.platforms import facts


def _raise(error: Exception) -> Callable[[], Any]:
    def look() -> Any:
        raise error

    return look


@pytest.mark.parametrize(
    ("error", "code", "owner"),
    [
        (
            ForbiddenError("listing Node: forbidden", owner=Party.CUSTOMER, remediation="grant it"),
            "right-missing",
            Party.CUSTOMER,
        ),
        (ThrottledError("listing Node: slow down"), "no-answer", Party.VENDOR),
        (KeyError("items"), "not-understood", Party.VENDOR),
        (ZeroDivisionError("of ours"), "not-understood", Party.VENDOR),
    ],
)
def test_what_cannot_be_had_is_unknown_with_its_reason_and_the_rest_goes_on(
    error: Exception, code: str, owner: Party
) -> None:
    found = collect({"nodes": _raise(error), "pods": Pods, "webhooks": lambda: ()}, FakeClock(), FakeProgress())
    assert isinstance(found.facts.nodes, Unknown)
    assert (found.facts.nodes.reason.code, found.facts.nodes.reason.owner) == (code, owner)
    assert found.facts.nodes.reason.remediation
    assert found.facts.pods == Pods()


def test_a_group_that_nobody_collects_is_unknown_and_has_no_evidence() -> None:
    found = collect({}, FakeClock(), FakeProgress())
    assert all(isinstance(getattr(found.facts, name), Unknown) for name in Facts.__dataclass_fields__)
    assert found.evidence == {}


def test_evidence_carries_the_digest_of_what_was_seen() -> None:
    seen = facts()
    collectors: dict[str, Callable[[], Any]] = {
        name: lambda name=name: getattr(seen, name) for name in Facts.__dataclass_fields__
    }
    first, second = (collect(collectors, FakeClock(), FakeProgress()) for _ in range(2))
    assert first.facts == seen
    assert first.evidence == second.evidence
    assert len({one.sha256 for one in first.evidence.values()}) > 1
    collectors["nodes"] = lambda: ()
    third = collect(collectors, FakeClock(), FakeProgress())
    changed = {name for name, one in third.evidence.items() if one.sha256 != first.evidence[name].sha256}
    assert changed == {"nodes"}
