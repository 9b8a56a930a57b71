"""What every adapter of `ports.managed_database` keeps, on an API of its provider's that a test can break.

A subclass gives the fixture `world`, which implements `ManagedWorld`.
"""

from typing import Protocol

import pytest

from kastellan.domain.errors import ForbiddenError, NotFoundError, TemporaryError, UnauthenticatedError
from kastellan.ports.managed_database import ManagedDatabase
from kastellan.preflight.database_facts import ManagedService
from kastellan.preflight.managed_service import backups, standby
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.probe_facts import NotProbed

HOUR = 3600.0


class ManagedWorld(Protocol):
    """An instance with a standby, daily backups and a log, reached as `host`; made thirty days ago, never backed up."""

    host: str
    changed: list[str]
    """Every request that was no question."""

    def asked(self) -> ManagedDatabase:
        """Whoever has a credential."""

    def asked_by_nobody(self) -> ManagedDatabase:
        """Whoever has none."""

    def asked_about_another(self) -> ManagedDatabase:
        """An instance that is not there."""

    def refuse(self, what: str) -> None:
        """The next answer: `forbidden`, `unknown credential`, `throttled` or `broken`."""

    def back_up(self, hours_ago: float, *, whole: bool) -> None:
        """A backup of then."""

    def lose_standby(self) -> None:
        """It stands in one zone."""

    def switch_backups_off(self) -> None:
        """No backups, no log."""

    def let_in_without_tls(self) -> None:
        """Sessions without TLS are taken."""


class ManagedDatabaseContract:
    """One suite for every adapter."""

    @staticmethod
    def _seen(world: ManagedWorld) -> ManagedService:
        seen = world.asked().describe(world.host)
        assert isinstance(seen, ManagedService)
        return seen

    def test_what_is_shown_is_enough_to_judge_by_and_nothing_is_changed(self, world: ManagedWorld) -> None:
        world.back_up(26, whole=True)
        world.back_up(2, whole=True)
        world.back_up(1, whole=False)
        seen = self._seen(world)
        assert (seen.serves, seen.regional, len(set(seen.zones)), seen.tls_forced) == (True, True, 2, True)
        assert (seen.backups, seen.backups_kept > 0, seen.log_days > 0) == (True, True, True)
        assert seen.backed_up_seconds_ago == pytest.approx(2 * HOUR, abs=60)
        assert seen.age_seconds == pytest.approx(30 * 24 * HOUR, abs=60)
        assert seen.version
        assert standby(seen).outcome is Outcome.PASS
        assert backups(seen).outcome is Outcome.UNKNOWN, "that a backup restores, no provider says"
        assert world.changed == []

    def test_an_instance_in_one_zone_is_seen_as_that(self, world: ManagedWorld) -> None:
        world.lose_standby()
        seen = self._seen(world)
        assert (seen.regional, len(seen.zones)) == (False, 1)
        assert standby(seen).outcome is Outcome.FAIL

    def test_an_instance_without_backups_is_seen_as_that(self, world: ManagedWorld) -> None:
        world.switch_backups_off()
        seen = self._seen(world)
        assert (seen.backups, seen.log_days, seen.backed_up_seconds_ago) == (False, 0, None)
        assert backups(seen).outcome is Outcome.FAIL

    def test_an_instance_that_lets_in_without_tls_is_seen_as_that(self, world: ManagedWorld) -> None:
        world.let_in_without_tls()
        assert self._seen(world).tls_forced is False

    def test_a_server_of_another_address_is_not_taken_for_it(self, world: ManagedWorld) -> None:
        seen = world.asked().describe("db.customer.example")
        assert isinstance(seen, ManagedService)
        assert standby(seen).outcome is Outcome.UNKNOWN
        assert backups(seen).outcome is Outcome.UNKNOWN

    def test_without_any_credential_nobody_was_asked_which_is_told_and_is_no_answer(self, world: ManagedWorld) -> None:
        seen = world.asked_by_nobody().describe(world.host)
        assert isinstance(seen, NotProbed)
        assert "was not asked" in seen.why

    @pytest.mark.parametrize(
        ("what", "error"),
        [
            ("forbidden", ForbiddenError), ("unknown credential", UnauthenticatedError), ("throttled", TemporaryError),
            ("broken", TemporaryError),
        ],
    )  # fmt: skip
    def test_no_answer_is_an_error_and_never_a_fact(
        self, world: ManagedWorld, what: str, error: type[Exception]
    ) -> None:
        world.refuse(what)
        with pytest.raises(error) as refused:
            world.asked().describe(world.host)
        if what == "forbidden":
            assert isinstance(refused.value, ForbiddenError)
            assert refused.value.remediation, "which right is missing"

    def test_an_instance_that_is_not_there_is_told(self, world: ManagedWorld) -> None:
        with pytest.raises(NotFoundError):
            world.asked_about_another().describe(world.host)
