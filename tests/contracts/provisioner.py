"""The contract of `ports.provisioner.Provisioner`: a test class that is run with the fake and with the real engine.

A subclass gives the fixtures `provisioner`; `stack`, the name of an installation that runs `OLD` and whose file says
so; `now`, which reads the provisioner's monotonic clock; and `locked`, which makes a lock of somebody's living process.
The tests are few and long and may share one installation, because each call of the real engine takes seconds: the first
brings it to `NEW`, the others need none in particular.
"""

from collections.abc import Callable

import pytest

from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.errors import BlockedError, InvalidInputError
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.version import Version
from kastellan.planning.planned_step import Operation
from kastellan.planning.preview_guard import RELEASE_UPDATE, guard
from kastellan.ports.provisioner import EventKind, Holder, Provisioner, ProvisionerEvent, UpEnd

OLD = ConfiguredRelease(version=Version.parse("v4.13.0"))
NEW = ConfiguredRelease(version=Version.parse("v4.13.1"))
BOTH = {"kastellan:index:Prerequisites", "kastellan:index:Release"}
LONG = 300.0
"""Seconds that no `up` of these tests needs."""


class ProvisionerContract:
    def test_a_release_is_written_previewed_brought_and_then_nothing_is_left_to_do(
        self, provisioner: Provisioner, stack: str, now: Callable[[], float]
    ) -> None:
        assert provisioner.configured_version(stack) == OLD
        assert provisioner.write_version(stack, NEW) is True
        assert provisioner.write_version(stack, NEW) is False
        assert provisioner.configured_version(stack) == NEW

        steps = provisioner.preview(stack)
        planned = {step.type: step for step in steps if step.operation is not Operation.SAME}
        assert planned.keys() == BOTH
        assert {step.operation for step in planned.values()} == {Operation.UPDATE}
        assert all(step.changed == ("configuration.version", "manifests") for step in planned.values())
        assert guard(steps, RELEASE_UPDATE) == ()

        events: list[ProvisionerEvent] = []
        outcome = provisioner.up(stack, deadline=now() + LONG, on_event=events.append)
        assert outcome.end is UpEnd.SUCCEEDED, outcome.reasons
        assert outcome.reasons == ()
        assert {step.type for step in outcome.steps} == BOTH
        assert all(step.succeeded and 0 < step.seconds <= outcome.seconds for step in outcome.steps)
        told = [(event.kind, event.resource) for event in events]
        for kind in BOTH:
            begun, done = ((what, f"{kind} {stack}") for what in (EventKind.BEGUN, EventKind.DONE))
            assert told.index(begun) < told.index(done)
        assert [event.seconds for event in events] == sorted(event.seconds for event in events)

        assert {step.operation for step in provisioner.preview(stack)} == {Operation.SAME}
        assert provisioner.drift(stack) == ()
        assert provisioner.recover(stack) == ()
        assert provisioner.locks(stack) == ()

    def test_a_deadline_that_has_passed_stops_it_in_order_and_the_next_one_goes_on(
        self, provisioner: Provisioner, stack: str, now: Callable[[], float]
    ) -> None:
        provisioner.write_version(stack, NEW)
        outcome = provisioner.up(stack, deadline=now(), on_event=lambda _: None)
        assert outcome.end is UpEnd.STOPPED
        assert [reason.code for reason in outcome.reasons] == ["up-stopped"]
        assert provisioner.locks(stack) == ()
        assert provisioner.up(stack, deadline=now() + LONG, on_event=lambda _: None).end is UpEnd.SUCCEEDED

    def test_a_lock_of_somebody_who_lives_is_named_and_stays(
        self, provisioner: Provisioner, stack: str, now: Callable[[], float], locked: Callable[[str], None]
    ) -> None:
        locked(stack)
        (lock,) = provisioner.locks(stack)
        assert lock.holder is Holder.ALIVE
        assert not lock.ours
        calls: list[Callable[[], object]] = [
            lambda: provisioner.up(stack, deadline=now() + LONG, on_event=lambda _: None),
            lambda: provisioner.recover(stack),
        ]
        for call in calls:
            with pytest.raises(BlockedError) as blocked:
                call()
            (reason,) = blocked.value.reasons
            assert reason.code == "stack-locked"
            assert str(lock) in reason.message
        assert provisioner.locks(stack) == (lock,)

    def test_a_stack_that_is_not_there_is_bad_input(
        self, provisioner: Provisioner, stack: str, now: Callable[[], float]
    ) -> None:
        calls: list[Callable[[], object]] = [
            lambda: provisioner.configured_version("nobody"),
            lambda: provisioner.write_version("nobody", NEW),
            lambda: provisioner.preview("nobody"),
            lambda: provisioner.drift("nobody"),
            lambda: provisioner.up("nobody", deadline=now() + LONG, on_event=lambda _: None),
            lambda: provisioner.locks("nobody"),
            lambda: provisioner.recover("nobody"),
        ]
        for call in calls:
            with pytest.raises(InvalidInputError, match="there is no stack nobody"):
                call()

    def test_images_are_written_only_where_the_file_names_its_own(self, provisioner: Provisioner, stack: str) -> None:
        before = provisioner.configured_version(stack)
        image = Image("localhost/zitadel", "sha256:" + "b" * 64)
        named = ConfiguredRelease(version=NEW.version, images=ImageSet(zitadel=image, login=image))
        with pytest.raises(InvalidInputError, match="images"):
            provisioner.write_version(stack, named)
        assert provisioner.configured_version(stack) == before
