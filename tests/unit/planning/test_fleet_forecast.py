"""What a dry run of a fleet shows: every release with its canary, its waves, and whose turn it is."""

from dataclasses import replace
from datetime import timedelta

from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.planning.fleet_forecast import ReleaseForecast, Stage, forecast
from kastellan.planning.fleet_plan import FleetInput
from tests.unit.planning.test_fleet_plan import NEW, NOW, TEN, WAVES, candidate, run

HOUR = timedelta(hours=1)


def foreseen(*runs: object, due: tuple[str, ...] = TEN, **more: object) -> ReleaseForecast:
    given = FleetInput(
        fleet=WAVES, members=TEN, candidates=[candidate(name) for name in due], runs=runs, installed={},
        places={}, now=NOW, **more,
    )  # fmt: skip
    (found,) = forecast(given)
    return found


def states(stage: Stage) -> list[str]:
    return [f"{turn.installation} {turn.state}" for turn in stage.turns]


def test_before_anything_began_everybody_is_shown_in_the_wave_it_would_be_in() -> None:
    found = foreseen()
    assert found.version == NEW
    assert [(stage.name, stage.size) for stage in found.stages] == [
        ("canary", 1),
        ("wave 1", 2),
        ("wave 2", 5),
        ("wave 3", 2),
    ]
    assert [stage.gate.code if stage.gate else "" for stage in found.stages] == [
        "", "canary-first", "wave-later", "wave-later",
    ]  # fmt: skip
    assert states(found.stages[0]) == ["i0 begins-now"]
    assert states(found.stages[1]) == ["i1 waits", "i2 waits"]
    assert found.stages[2].gate is not None
    assert found.stages[2].gate.message == "it begins when wave 1 has ended, and has soaked for 6 h"


def test_in_the_middle_it_shows_what_ended_what_is_under_way_and_what_comes() -> None:
    ended = NOW - 48 * HOUR
    runs = (run("i0", at=ended, ended=ended), run("i4", at=NOW - 3 * HOUR), run("i5", None, at=NOW - HOUR))
    found = foreseen(*runs, due=("i1", "i2"))
    assert states(found.stages[0]) == ["i0 passed"]
    assert states(found.stages[1]) == ["i4 passed", "i5 under-way"]
    assert states(found.stages[2]) == ["i1 waits", "i2 waits"]
    assert found.stages[2].gate is not None
    assert found.stages[2].gate.code == "wave-not-ended"


def test_what_only_verifies_stands_apart() -> None:
    given = FleetInput(
        fleet=WAVES, members=TEN, candidates=[replace(candidate("i3"), migrates=False)], runs=(), installed={},
        places={}, now=NOW,
    )  # fmt: skip
    (found,) = forecast(given)
    assert [(stage.name, states(stage)) for stage in found.stages] == [("verification only", ["i3 begins-now"])]


def test_a_stopped_rollout_says_why() -> None:
    found = foreseen(run("i0", Verdict.FAILED), due=("i1",))
    assert found.stopped is not None
    assert found.stopped.owner is Party.VENDOR
    assert states(found.stages[0]) == ["i0 failed"]
