"""What a `destroy` that is refused costs the engine.

Where a delete fails, the engine asks what the resource needs, so as to leave that alone, too. It walks every path of
dependencies there instead of every resource (pulumi 3.259, pkg/resource/graph/dependency_graph.go, markAsDependency):
at some microseconds a step, a person waits minutes for a base in which everything waits for everything.
"""

import json
from functools import cache
from pathlib import Path

import pytest

_SAVED = Path(__file__).parents[1] / "cli"
_MOST = 1_000_000
_EACH = 2
"""Times that an edge is walked at least: once by itself, and once by the property that it came with."""


@pytest.mark.parametrize("platform", ["gke", "eks"])
def test_the_engine_can_walk_all_that_a_resource_needs_in_a_moment(platform: str) -> None:
    steps = json.loads((_SAVED / f"preview-{platform}.json").read_text())["steps"]
    needs = {step["urn"]: step["newState"].get("dependencies", ()) for step in steps}

    @cache
    def walked(urn: str) -> int:
        return 1 + _EACH * sum(walked(needed) for needed in needs.get(urn, ()))

    longest = max(needs, key=walked)
    assert walked(longest) < _MOST, f"{longest}: let fewer outputs wait for things that others wait for already"
    assert walked(longest) > len(needs), "the preview says what each resource needs"
