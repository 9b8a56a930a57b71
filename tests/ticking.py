"""Ticks an installation of the tests, also in a process that is killed at a numbered point.

Every call of the store and of the channel has a point before it and one after it.
"""

import os
import signal
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kastellan.adapters.notify.channels import notifier_for
from kastellan.adapters.store.opening import open_store
from kastellan.domain import window_expansion
from kastellan.domain.ledger import first_flaw
from kastellan.domain.terms import Terms
from kastellan.domain.window_promise import Computed
from kastellan.execution.delivery import Outcome, deliver_due
from kastellan.execution.tick import Ledger, Look, record_due
from kastellan.planning.tick_plan import TickInput
from kastellan.ports.notifier import Notifier
from kastellan.ports.store import Store
from tests.histories import CATALOGUE, CONTRACT, OLD, at


def look_at(now: datetime) -> Look:
    """The input of a tick of the installation `acme` at an instant."""
    plan = CONTRACT.window_plan({})
    windows = window_expansion.windows(plan, now, now + timedelta(days=400))

    def look(ledger: Ledger) -> TickInput:
        return TickInput(
            installation="acme",
            contract=CONTRACT,
            catalogue=CATALOGUE,
            channels=("operations", "customer"),
            configured=OLD,
            history=ledger.history,
            recorded=ledger.keys,
            computed=Computed(windows=windows, plan=plan, sources={}),
            promise=ledger.promise,
            recorded_contract=ledger.contract_digest,
            now=now,
        )

    return look


def tick(store: Store, notifier: Notifier, now: datetime) -> list[Outcome]:
    """Record and send what is due."""
    record_due(store, "acme", look_at(now), now)
    return list(deliver_due(store, notifier, "acme", Terms(), now))


class Killing:
    """A port whose process is killed at the n-th point that it comes to; never, where n is 0."""

    points = 0

    def __init__(self, inner: Any, last: int) -> None:
        self.inner, self.last = inner, last

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._point()
            result = getattr(self.inner, name)(*arguments, **named)
            self._point()
            return result

        return call

    def _point(self) -> None:
        Killing.points += 1
        if Killing.points == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def ticks(url: str, folder: Path, last: int) -> None:
    """Two ticks, the second when a delivery that never ended is due again; killed at point `last`."""
    folder.mkdir(exist_ok=True)
    channels = dict.fromkeys(("operations", "customer"), folder.as_uri())
    with open_store(url) as store:
        for now in (at("2026-01-01"), at("2026-01-01T01:00")):
            tick(Killing(store, last), Killing(notifier_for(channels), last), now)


def killed_ticks(url: str, folder: Path, *, point: int) -> bool:
    """Run `ticks` in a process of its own; whether it got as far as to be killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            ticks(url, folder, point)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def outcome(url: str, folder: Path) -> tuple[list[tuple[str, object]], list[str]]:
    """What the ledger and the outbox of an installation hold, but for the instants at which a delivery was made."""
    with open_store(url) as store:
        entries = store.entries("acme")
    assert first_flaw(entries) is None
    sent = sorted(path.name for path in folder.iterdir())
    return sorted((e.key, None if e.kind.startswith("notice-") else e.at) for e in entries), sent


def kill_everywhere(url: str, folder: Path, whole: tuple[list[tuple[str, object]], list[str]], *, point: int) -> bool:
    """Kill a tick at a point, let the next one finish, and compare with one that was never killed."""
    killed = killed_ticks(url, folder, point=point)
    assert not killed_ticks(url, folder, point=0)
    assert outcome(url, folder) == whole, f"killed at point {point}"
    return killed
