"""A procedure on a cluster in memory."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import pytest

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.kubernetes_object import ObjectRef
from kastellan.domain.release import Release, ReleaseClass
from kastellan.domain.version import Version
from kastellan.execution.budgets import Budgets
from kastellan.execution.release import ReleaseProcedure
from kastellan.manifests.release import render
from kastellan.planning.desired_release import DesiredRelease
from tests.builders import images, installation, secrets
from tests.fakes.clock import FakeClock
from tests.fakes.cluster import FakeCluster
from tests.fakes.progress import FakeProgress

API = ObjectRef("apps/v1", "Deployment", "zitadel", "zitadel")
LOGIN = ObjectRef("apps/v1", "Deployment", "zitadel", "zitadel-login")


def catalogue() -> Catalogue:
    versions = [("v4.12.0", "v4.0.0"), ("v4.13.1", "v4.0.0"), ("v4.14.0", "v4.13.0"), ("v5.0.0", "v4.14.0")]
    return Catalogue(
        releases=tuple(
            Release(
                version=Version.parse(version),
                published=date(2026, 11, 1),
                release_class=ReleaseClass.REGULAR,
                reachable_from=Version.parse(floor),
            )
            for version, floor in versions
        )
    )


@cache
def desired(version: str = "v4.13.1", **overrides: Any) -> DesiredRelease:
    """The release of a version, with images of its own."""
    digit = {"v4.12.0": "c", "v4.13.1": "a", "v4.14.0": "b", "v5.0.0": "d"}.get(version, "e")
    wanted = installation(version=Version.parse(version), images=images(digit), **overrides)
    return DesiredRelease(installation=wanted, catalogue=catalogue(), manifests=render(wanted, secrets()))


@dataclass
class Scene:
    cluster: FakeCluster
    clock: FakeClock
    progress: FakeProgress
    budgets: Budgets = field(default_factory=lambda: Budgets(setup=60.0, rollout=60.0))

    @property
    def procedure(self) -> ReleaseProcedure:
        return ReleaseProcedure(self.cluster, self.clock, self.progress, budgets=self.budgets)


@pytest.fixture
def scene() -> Scene:
    return Scene(cluster=FakeCluster(), clock=FakeClock(), progress=FakeProgress())
