"""What the tests of a run look at."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kastellan.domain.history import DecisionKind, RunEnded
from kastellan.domain.run import RunRecord
from tests.histories import OLD, said
from tests.running import WINDOW, Scene, fresh_store

HOUR = timedelta(hours=1)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store(tmp_path / "store.sqlite") as store:
        yield Scene(store)


def ended(scene: Scene) -> RunEnded:
    """The one end of a run that is on record."""
    (fact,) = scene.look().ledger.history.of(RunEnded)
    return fact


def untouched(scene: Scene, run: RunRecord) -> None:
    """Nothing of the installation was changed, and the stack's file says what it said."""
    assert not run.changed
    assert ("up", "acme") not in scene.provisioner.calls
    assert scene.provisioner.configured["acme"].version == OLD


def deny(scene: Scene, *, when: str = "2026-12-08T22:01") -> None:
    scene.record(said(DecisionKind.DENY, WINDOW, when=when))
