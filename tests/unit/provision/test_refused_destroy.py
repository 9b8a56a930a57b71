"""What a `destroy` that is refused costs the engine, and what it takes along where nobody looks at its preview.

Where a delete fails, the engine asks what the resource needs, so as to leave that alone, too. It walks every path of
dependencies there instead of every resource (pulumi 3.259, pkg/resource/graph/dependency_graph.go, markAsDependency):
at some microseconds a step, a person waits minutes for a base in which everything waits for everything.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_WATCHING = {
    "gke": {"AlertPolicy", "Budget", "NotificationChannel", "UptimeCheckConfig"},
    "eks": {
        "Alias", "Budget", "DefaultSecurityGroup", "FlowLog", "HealthCheck", "LogGroup", "MetricAlarm", "Role",
        "RolePolicy", "Topic", "TopicSubscription",
    },
}  # fmt: skip
"""Kinds that only watch, or name: the next update makes them anew."""
_SAVED = Path(__file__).parents[1] / "cli"
_MOST = 1_000_000
_EACH = 2
"""Times that an edge is walked at least: once by itself, and once by the property that it came with."""


def _states(platform: str) -> dict[str, dict[str, Any]]:
    steps = json.loads((_SAVED / f"preview-{platform}.json").read_text())["steps"]
    return {step["urn"]: step["newState"] for step in steps}


@pytest.mark.parametrize("platform", ["gke", "eks"])
def test_the_engine_can_walk_all_that_a_resource_needs_in_a_moment(platform: str) -> None:
    needs = {urn: state.get("dependencies", ()) for urn, state in _states(platform).items()}

    @cache
    def walked(urn: str) -> int:
        return 1 + _EACH * sum(walked(needed) for needed in needs.get(urn, ()))

    longest = max(needs, key=walked)
    assert walked(longest) < _MOST, f"{longest}: let fewer outputs wait for things that others wait for already"
    assert walked(longest) > len(needs), "the preview says what each resource needs"


@pytest.mark.parametrize("platform", ["gke", "eks"])
def test_nothing_that_serves_goes_with_a_destroy_that_is_refused_without_a_preview(platform: str) -> None:
    states = _states(platform)
    stays: set[str] = set()
    follow = [urn for urn, state in states.items() if state.get("protect")]
    while follow:
        urn = follow.pop()
        if urn not in stays and urn in states:
            stays.add(urn)
            follow += states[urn].get("dependencies", ())
    ours = {urn for urn, state in states.items() if state["type"].startswith(("aws:", "gcp:", "kastellan:index:"))}
    goes = {states[urn]["type"].rpartition(":")[2] for urn in ours - stays}
    assert goes <= _WATCHING[platform], "protect it, or let an output of what is protected wait for it"
