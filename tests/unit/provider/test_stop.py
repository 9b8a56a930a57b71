"""A provider that nobody can use any more ends, at whatever moment its engine went."""

import os
import socket
import threading

import pytest

from kastellan.provider.stop import StoppableClock, StoppedError, end_with_parent


@pytest.fixture
def engine() -> socket.socket:
    """Listens on a free port of this host."""
    return socket.create_server(("127.0.0.1", 0))


def address(engine: socket.socket) -> str:
    return "{}:{}".format(*engine.getsockname())


def test_a_provider_whose_engine_was_killed_while_it_started_ends_at_once(engine: socket.socket) -> None:
    gone = address(engine)
    engine.close()
    with pytest.raises(SystemExit, match="does not answer"):
        end_with_parent(gone)


def test_one_whose_engine_is_there_watches_its_parent(engine: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda code: ended.set())
    with engine:
        end_with_parent(address(engine), every_seconds=0.01)
        assert not ended.wait(0.1)
        monkeypatch.setattr(os, "getppid", lambda: 1_000_000)
        assert ended.wait(10)


def test_an_interrupted_wait_says_how_to_go_on() -> None:
    clock = StoppableClock()
    clock.stop()
    with pytest.raises(StoppedError, match="interrupted while waiting"):
        clock.sleep(3600)
