"""The fake provisioner keeps to the contract of the port, so that unit tests may rely on it."""

from collections.abc import Callable

import pytest

from kastellan.ports.provisioner import Holder, StackLock
from tests.contracts.provisioner import OLD, ProvisionerContract
from tests.fakes.clock import FakeClock
from tests.fakes.provisioner import FakeProvisioner


class TestFakeProvisioner(ProvisionerContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def provisioner(self, clock: FakeClock) -> FakeProvisioner:
        return FakeProvisioner(clock)

    @pytest.fixture
    def stack(self, provisioner: FakeProvisioner) -> str:
        provisioner.configured["acme"] = provisioner.brought["acme"] = OLD
        return "acme"

    @pytest.fixture
    def now(self, clock: FakeClock) -> Callable[[], float]:
        return clock.monotonic

    @pytest.fixture
    def locked(self, provisioner: FakeProvisioner, clock: FakeClock) -> Callable[[str], None]:
        lock = StackLock(user="zoe", host="laptop", pid=7, since=clock.now(), holder=Holder.ALIVE)
        return lambda stack: provisioner.held.setdefault(stack, []).append(lock)
