"""What a run does when its window ends, and how it undoes what it did."""

from dataclasses import replace
from typing import Any

import pytest

from kastellan.domain.history import Verdict
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.domain.run_policy import AtWindowEnd
from kastellan.domain.run_step import Done, Failed, StepName
from kastellan.domain.service_sample import Seen
from kastellan.ports.provisioner import UpEnd
from tests.histories import NEW, OLD
from tests.maintenance_runs import HOUR, ended, scene
from tests.running import KilledError, Killing, Points, Scene
from tests.runs import START

__all__ = ["scene"]


class TestUndoing:
    @pytest.mark.parametrize("seen", [Seen.WRONG, Seen.NOTHING])
    def test_a_release_that_does_not_serve_is_taken_back(self, scene: Scene, seen: Seen) -> None:
        scene.answers[NEW] = seen
        run = scene.run()
        assert run.step(StepName.UNDO).done
        assert scene.provisioner.brought["acme"].version == OLD
        assert (ended(scene).verdict, ended(scene).version) == (Verdict.FAILED, OLD)
        assert "it was undone, and v4.13.0 serves" in ended(scene).reason
        assert scene.provisioner.configured["acme"].undoing == NEW

    def test_where_the_release_has_no_way_back_it_stops_and_names_the_restore_point(self, scene: Scene) -> None:
        scene.answers[NEW] = Seen.WRONG
        run = scene.run(scene.plan(undo=False))
        assert not run.step(StepName.UNDO).begun
        assert scene.provisioner.brought["acme"].version == NEW
        assert (ended(scene).verdict, ended(scene).version) == (Verdict.FAILED, NEW)
        assert f"the restore point {run.plan.id} is from before it" in ended(scene).reason
        assert "a person's decision" in ended(scene).reason

    def test_what_cannot_be_found_out_is_no_pass_and_nothing_is_undone(self, scene: Scene) -> None:
        scene.answers[NEW] = Seen.UNKNOWN
        run = scene.run()
        assert ended(scene).verdict is Verdict.INCONCLUSIVE
        assert not run.step(StepName.UNDO).begun
        assert scene.provisioner.brought["acme"].version == NEW

    def test_an_update_that_fails_is_undone(self, scene: Scene) -> None:
        scene.provisioner.ends = [UpEnd.FAILED]
        scene.run()
        assert scene.provisioner.configured["acme"].version == OLD
        assert (ended(scene).verdict, ended(scene).version) == (Verdict.FAILED, OLD)

    def test_everything_that_made_an_update_fail_is_on_record(self, scene: Scene) -> None:
        scene.provisioner.ends = [UpEnd.FAILED]
        customers = Reason(code="quota", message="a quota", owner=Party.CUSTOMER, remediation="raise it")
        scene.provisioner.further = (customers,)
        up = scene.run().step(StepName.UP).outcome
        assert isinstance(up, Failed)
        assert [reason.code for reason in up.reasons] == ["up-failed", "quota"]
        assert "a quota" in ended(scene).reason

    def test_an_engine_that_dies_is_followed_by_another_one(self, scene: Scene) -> None:
        scene.provisioner.ends = [UpEnd.KILLED, UpEnd.KILLED]
        run = scene.run()
        assert run.closed is not None
        assert run.closed.verdict is Verdict.PASSED
        up = run.step(StepName.UP).outcome
        assert isinstance(up, Done)
        assert up.evidence["recovered"]

    def test_an_engine_that_always_dies_is_left_to_a_person(self, scene: Scene) -> None:
        scene.provisioner.ends = [UpEnd.KILLED] * 3
        scene.run()
        assert ended(scene).verdict is Verdict.INCONCLUSIVE


class TestWindowEnd:
    def test_an_update_that_lasts_too_long_is_stopped_and_undone_inside_the_window(self, scene: Scene) -> None:
        scene.provisioner.seconds = 7 * 3600
        inner = scene.provisioner.up

        def up(*arguments: Any, **named: Any) -> Any:
            outcome = inner(*arguments, **named)
            scene.provisioner.seconds = 30.0
            return outcome

        scene.provisioner.up = up
        run = scene.run()
        assert run.step(StepName.UNDO).done
        assert ended(scene).version == OLD
        assert ended(scene).at < START + 6 * HOUR

    def test_with_finish_it_goes_on_past_the_end(self, scene: Scene) -> None:
        scene.with_policy(at_window_end=AtWindowEnd.FINISH)
        scene.provisioner.seconds = 7 * 3600
        plan = scene.plan()
        long = tuple(replace(step, deadline=10 * HOUR) for step in plan.steps)
        run = scene.run(replace(plan, steps=long))
        assert run.closed is not None
        assert run.closed.verdict is Verdict.PASSED
        assert ended(scene).at > START + 6 * HOUR

    @pytest.mark.parametrize(("policy", "version"), [(AtWindowEnd.STOP_SAFE, OLD), (AtWindowEnd.FINISH, NEW)])
    def test_what_a_kill_left_half_made_is_touched_after_the_window_only_where_the_contract_says_so(
        self, scene: Scene, policy: AtWindowEnd, version: Any
    ) -> None:
        scene.with_policy(at_window_end=policy)
        points = Points()
        inner = scene.provisioner.up

        def killed(*arguments: Any, **named: Any) -> Any:
            points.dead = True
            raise KilledError

        scene.provisioner.up = killed
        with pytest.raises(KilledError):
            scene.run(wrap=lambda port: Killing(port, points))
        scene.provisioner.up = inner
        scene.clock.sleep(7 * 3600)
        run = scene.run(worker="host/2")
        assert run.closed is not None
        assert scene.provisioner.brought["acme"].version == version
        assert not run.step(StepName.UNDO).begun
