"""Ticks an installation of the tests, also in a process that is killed at a named point."""

import os
import signal
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from kastellan.adapters.notify.channels import notifier_for
from kastellan.adapters.store.opening import open_store
from kastellan.domain import window_expansion
from kastellan.domain.interval import Interval
from kastellan.domain.ledger import first_flaw
from kastellan.domain.terms import Terms
from kastellan.domain.window_promise import Computed
from kastellan.execution.delivery import Outcome, deliver_due
from kastellan.execution.tick import Ledger, Look, record_due
from kastellan.planning.tick_plan import TickInput
from kastellan.ports.notifier import Notifier
from kastellan.ports.store import Store
from tests.histories import CATALOGUE, CONTRACT, OLD, at


@cache
def _windows(now: datetime) -> tuple[Interval, ...]:
    return window_expansion.windows(CONTRACT.window_plan({}), now, now + timedelta(days=400))


def look_at(now: datetime) -> Look:
    """The input of a tick of the installation `acme` at an instant."""

    def look(ledger: Ledger) -> TickInput:
        return TickInput(
            installation="acme",
            contract=CONTRACT,
            catalogue=CATALOGUE,
            channels=("operations", "customer"),
            configured=OLD,
            history=ledger.history,
            recorded=ledger.keys,
            computed=Computed(windows=_windows(now), plan=CONTRACT.window_plan({}), sources={}),
            promise=ledger.promise,
            recorded_contract=ledger.contract_digest,
            now=now,
        )

    return look


def tick(store: Store, notifier: Notifier, now: datetime) -> list[Outcome]:
    """Record and send what is due."""
    record_due(store, "acme", look_at(now), now)
    return list(deliver_due(store, notifier, "acme", Terms(), now))


class Points:
    """The points that a process comes to, one after the other; at the one with a given number it is killed.

    There is one before and after every call of a port, every SQL statement and every commit: between any two of them a
    kill leaves another state behind.
    """

    def __init__(self, last: int) -> None:
        self.names: list[str] = []
        self.last = last

    def reach(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_sql(self) -> None:
        """Count every statement and commit of this process, too."""

        def about(statement: str) -> str:
            return " ".join(statement.split()[:3])

        event.listen(Engine, "before_cursor_execute", lambda _, __, text, *___: self.reach(f"before {about(text)}"))
        event.listen(Engine, "after_cursor_execute", lambda _, __, text, *___: self.reach(f"after {about(text)}"))
        event.listen(Engine, "commit", lambda _: self.reach("before COMMIT"))


class Killing:
    """A port whose calls are points."""

    def __init__(self, inner: Any, points: Points) -> None:
        self.inner, self.points = inner, points

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.points.reach(f"before {name}")
            result = getattr(self.inner, name)(*arguments, **named)
            self.points.reach(f"after {name}")
            return result

        return call


def ticks(url: str, folder: Path, points: Points) -> None:
    """Two ticks, the second when a delivery that never ended is due again."""
    folder.mkdir(exist_ok=True)
    channels = dict.fromkeys(("operations", "customer"), folder.as_uri())
    with open_store(url) as store:
        for now in (at("2026-01-01"), at("2026-01-01T01:00")):
            tick(Killing(store, points), Killing(notifier_for(channels), points), now)


def killed_ticks(url: str, folder: Path, *, point: int, names: Path | None = None) -> bool:
    """Run `ticks` in a process of its own; whether it got as far as to be killed.

    Args:
        url: of the store.
        folder: of the channels.
        point: number of the point at which it is killed, or 0.
        names: file for the names of the points, a line each, if it was not killed.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            points = Points(point)
            points.watch_sql()
            ticks(url, folder, points)
            if names is not None:
                names.write_text("\n".join(points.names))
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


def kill_and_finish(url: str, folder: Path, whole: tuple[list[tuple[str, object]], list[str]], *, point: int) -> None:
    """Kill a tick at a point, let the next one finish, and compare with one that was never killed."""
    assert killed_ticks(url, folder, point=point)
    ticks(url, folder, Points(0))
    assert outcome(url, folder) == whole, f"killed at point {point}"
