"""Two workers on one store: who gets the lease, when it is taken over, and that no clock can break it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kastellan.adapters.store.opening import open_store
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.domain.errors import BlockedError, LeaseLostError, UnreachableError
from kastellan.execution.lease_keeping import TAKEOVER_SECONDS, kept_lease
from kastellan.ports.lease import Lease
from tests.fakes.clock import FakeClock
from tests.fakes.progress import FakeProgress
from tests.fakes.worker import FakeWorker
from tests.waiting import until


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        yield opened


class RenewingClock(FakeClock):
    """While somebody waits, the holder renews."""

    def __init__(self, store: SqlStore, renew: object) -> None:
        super().__init__()
        self._store, self._lease = store, renew

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._store.leases.renew(self._lease)


def test_it_is_given_back_at_the_end_also_after_a_failure(store: SqlStore) -> None:
    worker, clock, progress = FakeWorker(), FakeClock(), FakeProgress()
    with pytest.raises(ZeroDivisionError), kept_lease(store.leases, "acme", worker, clock, progress):
        _ = 1 / 0
    with kept_lease(store.leases, "acme", FakeWorker("host/2"), clock, progress) as kept:
        assert kept.lease.token == 2
    assert clock.slept == 0.0


def test_what_was_done_stands_where_it_cannot_be_given_back(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = FakeProgress()

    def unreachable(lease: Lease) -> None:
        raise UnreachableError("the store cannot be reached")

    with kept_lease(store.leases, "acme", FakeWorker(), FakeClock(), progress):
        monkeypatch.setattr(store.leases, "release", unreachable)
    assert progress.lines == ["lease: not given back, so that others wait for 90 s: the store cannot be reached"]


def test_whoever_finds_it_renewed_is_told_who_works_and_since_when(store: SqlStore) -> None:
    progress = FakeProgress()
    lease = store.leases.take("acme", "host/1", seen=None, now=FakeClock().now())
    clock = RenewingClock(store, lease)
    with (
        pytest.raises(BlockedError, match="host/1 has been at work on acme since 2026-11-23T12:00:00Z"),
        kept_lease(store.leases, "acme", FakeWorker("host/2"), clock, progress),
    ):
        pass
    assert progress.lines == ["lease: held by host/1; taken over in 90 s unless it is renewed"]


def test_a_holder_known_to_be_dead_is_followed_at_once(store: SqlStore) -> None:
    clock = FakeClock()
    store.leases.take("acme", "host/1", seen=None, now=clock.now())
    worker = FakeWorker("host/2", dead={"host/1"})
    with kept_lease(store.leases, "acme", worker, clock, FakeProgress()) as kept:
        assert kept.lease.token == 2
    assert clock.slept == 0.0


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_silent_holder_is_followed_after_a_while_whatever_the_clocks_say(store: SqlStore, step: timedelta) -> None:
    clock = FakeClock()
    asleep = store.leases.take("acme", "host/1", seen=None, now=clock.now())
    assert asleep is not None
    clock.start += step
    with kept_lease(store.leases, "acme", FakeWorker("host/2"), clock, FakeProgress()) as kept:
        assert kept.lease.token == asleep.token + 1
        with pytest.raises(LeaseLostError):
            store.leases.renew(asleep)
    assert TAKEOVER_SECONDS <= clock.slept < TAKEOVER_SECONDS + 5


def test_it_is_renewed_in_the_background_and_its_loss_is_noticed(store: SqlStore) -> None:
    worker, clock, progress = FakeWorker(), FakeClock(), FakeProgress()
    with kept_lease(store.leases, "acme", worker, clock, progress, renewal_seconds=0.01) as kept:
        first = store.leases.look("acme")
        until(lambda: store.leases.look("acme") != first)
        assert not kept.lost
        until(lambda: store.leases.take("acme", "host/2", seen=store.leases.look("acme"), now=clock.now()))
        until(lambda: kept.lost)
    state = store.leases.look("acme")
    assert state is not None
    assert state.holder == "host/2"
