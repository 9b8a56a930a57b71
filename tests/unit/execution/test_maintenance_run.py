"""A run over fakes and a real store: what it does, what stops it, whose turn it then is."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kastellan.domain.contract import digest
from kastellan.domain.errors import (
    BlockedError,
    LeaseLostError,
    ServerFaultError,
    StepFailedError,
    ThrottledError,
    UnreachableError,
)
from kastellan.domain.history import RunEnded, RunStarted, Verdict
from kastellan.domain.ledger import first_flaw
from kastellan.domain.party import Party
from kastellan.domain.run_policy import OnWithdrawal
from kastellan.domain.run_step import ORDER, StepName
from kastellan.planning.planned_step import Operation, PlannedStep
from kastellan.planning.resource_drift import ForeignChange, ResourceDrift
from kastellan.ports.provisioner import Holder, StackLock, UpEnd, UpOutcome
from tests.histories import CATALOGUE, NEW, OLD
from tests.maintenance_runs import HOUR, deny, ended, scene, untouched
from tests.running import Scene
from tests.runs import REASON, START

if TYPE_CHECKING:
    from kastellan.domain.run import RunRecord

__all__ = ["scene"]


def test_every_step_is_done_once_in_order_and_the_end_is_on_record(scene: Scene) -> None:
    run = scene.run()
    assert run.closed is not None
    assert run.closed.verdict is Verdict.PASSED
    assert [step.name for step in run.steps if step.done] == list(ORDER)
    assert scene.provisioner.brought["acme"].version == NEW
    assert list(scene.restore_points.points) == [run.plan.id]
    assert (ended(scene).verdict, ended(scene).version) == (Verdict.PASSED, NEW)
    assert len(list(scene.look().ledger.history.of(RunStarted))) == 1
    assert first_flaw(scene.store.entries("acme")) is None
    lease = scene.store.leases.look("acme")
    assert lease is not None
    assert lease.holder == ""


def test_a_run_that_is_over_is_not_run_again(scene: Scene) -> None:
    first = scene.run()
    calls = len(scene.provisioner.calls)
    assert scene.run() == first
    assert len(scene.provisioner.calls) == calls


def test_without_another_version_nothing_is_migrated_and_no_restore_point_made(scene: Scene) -> None:
    run = scene.run(scene.plan(version=OLD, undo=False, reserve=timedelta(0)))
    assert run.closed is not None
    assert run.closed.verdict is Verdict.PASSED
    assert scene.restore_points.points == {}


class TestPermission:
    def test_who_objects_between_planning_and_the_first_mutation_is_heard(self, scene: Scene) -> None:
        deny(scene)
        run = scene.run()
        untouched(scene, run)
        assert (ended(scene).verdict, ended(scene).attribution) == (Verdict.BLOCKED, Party.CUSTOMER)
        assert "Ada Example denied it" in ended(scene).reason

    def test_who_objects_while_the_preflight_runs_is_heard(self, scene: Scene) -> None:
        validate = scene.validate

        def and_deny() -> Any:
            deny(scene)
            return validate()

        scene.validate = and_deny
        untouched(scene, scene.run())
        assert ended(scene).attribution is Party.CUSTOMER

    def test_who_objects_in_the_instant_before_the_update_is_heard(self, scene: Scene) -> None:
        ports = scene.ports()
        inner = ports.journal
        denied = []

        class Late:
            def __getattr__(self, name: str) -> Any:
                return getattr(inner, name)

            def write(self, run: Any, *events: Any, **named: Any) -> Any:
                if getattr(events[0], "step", None) is StepName.UP and not denied:
                    denied.append(deny(scene))
                return inner.write(run, *events, **named)

        from kastellan.execution.maintenance_run import carry_out

        run = carry_out(scene.plan(), replace(ports, journal=Late()))
        assert denied
        untouched(scene, run)
        assert ended(scene).attribution is Party.CUSTOMER

    def test_a_contract_that_was_changed_since_asks_for_a_new_plan(self, scene: Scene) -> None:
        plan = scene.plan()
        scene.with_policy(soak=timedelta(minutes=1))
        run = scene.run(plan)
        untouched(scene, run)
        assert (ended(scene).verdict, ended(scene).attribution) == (Verdict.BLOCKED, Party.VENDOR)
        assert digest(scene.contract) != plan.contract_digest

    @pytest.mark.parametrize(
        ("policy", "version"), [(OnWithdrawal.FINISH, NEW), (OnWithdrawal.UNDO, OLD)], ids=lambda value: str(value)
    )
    def test_who_objects_after_the_first_change_gets_what_the_contract_says(
        self, scene: Scene, policy: OnWithdrawal, version: Any
    ) -> None:
        scene.with_policy(on_withdrawal=policy)
        inner = scene.provisioner.up

        def up(*arguments: Any, **named: Any) -> Any:
            if not any(True for _ in scene.look().ledger.history.of(RunStarted)) or not denied:
                denied.append(deny(scene))
            return inner(*arguments, **named)

        denied: list[None] = []
        scene.provisioner.up = up
        scene.run()
        assert scene.provisioner.brought["acme"].version == version
        assert ended(scene).version == version
        assert ended(scene).verdict is (Verdict.PASSED if version == NEW else Verdict.FAILED)


class TestBlockers:
    def test_what_somebody_else_changed_stops_it_with_the_author(self, scene: Scene) -> None:
        change = ForeignChange(what="spec.replicas is 1", authors=("kubectl",))
        scene.provisioner.drifted["acme"] = (
            ResourceDrift(urn="urn", type="t", name="acme", operation=Operation.UPDATE, changes=(change,)),
        )
        untouched(scene, scene.run())
        assert ended(scene).attribution is Party.CUSTOMER
        assert "spec.replicas is 1" in ended(scene).reason

    def test_a_stack_that_somebody_locks_says_who_and_since_when(self, scene: Scene) -> None:
        lock = StackLock(user="ada", host="laptop", pid=7, since=START - HOUR, holder=Holder.ELSEWHERE)
        scene.provisioner.held["acme"] = [lock]
        untouched(scene, scene.run())
        assert "ada@laptop (pid 7) since 2026-12-08T20:00:00Z" in ended(scene).reason

    def test_where_only_the_engine_reads_locks_it_says_who_and_nothing_counts_as_changed(self, scene: Scene) -> None:
        lock = StackLock(user="ada", host="laptop", pid=7, since=START - HOUR, holder=Holder.ELSEWHERE)
        scene.provisioner.held["acme"] = [lock]
        scene.provisioner.shows_no_locks = True
        run = scene.run()
        assert not run.changed
        assert (scene.provisioner.configured["acme"].version, scene.provisioner.brought["acme"].version) == (OLD, OLD)
        assert ended(scene).verdict is Verdict.BLOCKED
        assert "ada@laptop (pid 7) since 2026-12-08T20:00:00Z" in ended(scene).reason

    def test_a_lock_that_comes_after_an_engine_died_makes_no_blocked_run_of_it(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = StackLock(user="ada", host="laptop", pid=7, since=START - HOUR, holder=Holder.ELSEWHERE)
        up = scene.provisioner.up

        def dying(*arguments: Any, **named: Any) -> UpOutcome:
            outcome = up(*arguments, **named)
            scene.provisioner.held["acme"] = [lock]
            return outcome

        scene.provisioner.ends = [UpEnd.KILLED]
        monkeypatch.setattr(scene.provisioner, "up", dying)
        run = scene.run()
        assert run.changed
        assert ended(scene).verdict is Verdict.FAILED
        assert "ada@laptop" in ended(scene).reason

    def test_a_preview_that_touches_more_is_refused_and_the_file_put_back(self, scene: Scene) -> None:
        more = PlannedStep(urn="urn:b", type="aws:s3:Bucket", name="logs", operation=Operation.DELETE)
        scene.provisioner.foreign_steps["acme"] = (more,)
        untouched(scene, scene.run())
        assert "would delete aws:s3:Bucket logs" in ended(scene).reason

    def test_a_restore_point_that_cannot_be_read_stops_it(self, scene: Scene) -> None:
        scene.restore_points.flaws = (REASON,)
        untouched(scene, scene.run())
        assert (ended(scene).verdict, ended(scene).attribution) == (Verdict.BLOCKED, Party.CUSTOMER)

    def test_what_takes_so_long_that_the_rest_would_leave_the_window_stops_it(self, scene: Scene) -> None:
        scene.restore_points.before = lambda: scene.clock.sleep(5.8 * 3600)
        untouched(scene, scene.run())
        assert "the window ends at" in ended(scene).reason
        assert ended(scene).attribution is Party.VENDOR

    def test_of_several_causes_the_customer_is_charged_only_where_all_are_his(self, scene: Scene) -> None:
        scene.restore_points.flaws = (REASON, replace(REASON, owner=Party.VENDOR))
        scene.run()
        assert ended(scene).attribution is Party.VENDOR


class TestOutages:
    @pytest.mark.parametrize(
        "error",
        [UnreachableError("cut"), ThrottledError("429", retry_after=30.0), ServerFaultError("500")],
        ids=["cut", "429", "500"],
    )
    @pytest.mark.parametrize("call", ["preview", "drift", "locks", "recover", "write_version", "up"])
    def test_what_fails_for_a_moment_is_repeated(self, scene: Scene, call: str, error: Exception) -> None:
        self.fail(scene, call, error, times=3)
        run = scene.run()
        assert run.closed is not None
        assert run.closed.verdict is Verdict.PASSED
        assert scene.clock.slept >= (90.0 if isinstance(error, ThrottledError) else 7.0)

    def test_what_lasts_is_a_blocker_of_its_owner_and_ends_before_the_window(self, scene: Scene) -> None:
        problem = UnreachableError("the API server gives no answer", owner=Party.CUSTOMER, remediation="open the way")
        self.fail(scene, "drift", problem, times=10**6)
        untouched(scene, scene.run())
        assert (ended(scene).verdict, ended(scene).attribution) == (Verdict.BLOCKED, Party.CUSTOMER)
        assert ended(scene).at < START + 6 * HOUR

    def test_a_preview_that_fails_says_what_the_program_said(self, scene: Scene) -> None:
        self.fail(scene, "preview", StepFailedError("the preview failed", step="x", evidence="boom\nwhy"), times=1)
        untouched(scene, scene.run())
        assert "the preview failed: why" in ended(scene).reason

    def test_a_store_that_takes_no_writes_leaves_the_run_to_the_next_call(self, scene: Scene) -> None:
        writes = 0

        class Full:
            def __getattr__(self, name: str) -> Any:
                return getattr(scene.store.journal, name)

            def write(self, *arguments: Any, **named: Any) -> Any:
                nonlocal writes
                writes += 1
                if writes > 9:
                    raise ServerFaultError("the store takes no writes (disk full)")
                return scene.store.journal.write(*arguments, **named)

        from kastellan.execution.maintenance_run import carry_out

        with pytest.raises(ServerFaultError, match="disk full"):
            carry_out(scene.plan(), replace(scene.ports(), journal=Full()))
        (left,) = scene.store.journal.unfinished()
        assert left.closed is None
        run = scene.run(worker="host/2")
        assert run.closed is not None
        assert run.closed.verdict is Verdict.PASSED

    @staticmethod
    def fail(scene: Scene, call: str, error: Exception, *, times: int) -> None:
        inner = getattr(scene.provisioner, call)
        left = [times]

        def failing(*arguments: Any, **named: Any) -> Any:
            if left[0] > 0:
                left[0] -= 1
                raise error
            return inner(*arguments, **named)

        setattr(scene.provisioner, call, failing)


class TestTwoWorkers:
    def test_a_second_runner_is_told_who_works(self, scene: Scene) -> None:
        lease = scene.store.leases.take("acme", "elsewhere/1", seen=None, now=START)
        assert lease is not None

        class Renewing(type(scene.clock)):
            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                scene.store.leases.renew(lease)

        scene.clock.__class__ = Renewing
        with pytest.raises(BlockedError, match="elsewhere/1 has been at work on acme"):
            scene.run()
        assert scene.store.journal.runs() == ()

    @pytest.mark.parametrize("frozen_in", ["preview", "make", "drift"])
    def test_a_worker_that_thaws_after_a_takeover_changes_nothing_more(self, scene: Scene, frozen_in: str) -> None:
        """The first freezes inside a call; meanwhile a second one takes over and finishes; then the first thaws."""
        finished: list[RunRecord] = []
        calls: list[int] = []
        target = scene.restore_points if frozen_in == "make" else scene.provisioner
        inner = getattr(target, frozen_in)

        def freeze(*arguments: Any, **named: Any) -> Any:
            setattr(target, frozen_in, inner)
            finished.append(scene.run(worker="host/2"))
            calls.append(len(scene.provisioner.calls))
            return inner(*arguments, **named)

        setattr(target, frozen_in, freeze)
        with pytest.raises(LeaseLostError):
            scene.run()
        (run,) = finished
        assert run.closed is not None
        assert run.closed.verdict is Verdict.PASSED
        assert [call for call, _ in scene.provisioner.calls[calls[0] :]] in ([], [frozen_in])
        assert len(list(scene.look().ledger.history.of(RunEnded))) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_steps_by_an_hour_in_the_middle_of_a_run_breaks_nothing(scene: Scene, hours: int) -> None:
    def step() -> None:
        scene.clock.start += hours * HOUR

    scene.restore_points.before = step
    run = scene.run()
    assert run.closed is not None
    assert run.closed.verdict is Verdict.PASSED
    assert ended(scene).version == NEW
    assert first_flaw(scene.store.entries("acme")) is None


def test_the_catalogue_of_the_tests_has_a_way_back() -> None:
    release = CATALOGUE.find(NEW)
    assert release is not None
    assert release.backward_compatible
