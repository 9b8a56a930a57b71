"""Installations where nothing is due, told from what is kept about them: by the bytes of their files and their ledgers.

Whatever the answer followed from is in a digest: the stack's file and the catalogue byte by byte, the head of the
ledger, the versions of kastellan and of its data. A ledger is verified whenever it is read, and read whenever anything
differs.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from kastellan.adapters.holiday_calendar import sources
from kastellan.adapters.store.sql_store import SqlStore
from kastellan.cli.installation_view import Plan, View
from kastellan.cli.run_rendering import not_now_document
from kastellan.config.catalogue_file import parse_catalogue
from kastellan.config.catalogue_signature import signature_path
from kastellan.config.stack_file import StackFile, stack_path
from kastellan.config.yaml_file import read_text
from kastellan.domain.canonical import digest
from kastellan.domain.catalogue_mark import expiry
from kastellan.domain.ledger import utc_instant
from kastellan.domain.run_document import read_reason
from kastellan.planning.quiet_time import quiet_until
from kastellan.planning.run_planning import NotNow
from kastellan.ports.quiet_times import QuietTime

_NOTHING = (0, "")


class QuietFleet:
    """What is kept about a project's installations, at one instant.

    Args:
        store: where it is kept.
        project: folder of the project.
        now: the instant (UTC).
    """

    def __init__(self, store: SqlStore, project: Path, now: datetime) -> None:
        self._store = store
        self._project = project
        self._now = now
        self._kept = store.quiet_times.all()
        self._heads = store.heads()
        self._stacks: dict[str, str] = {}
        self._files: dict[str, str] = {}
        self._ours = {"kastellan": version("kastellan"), "catalogue": _packaged(), **sources()}
        self._new: list[QuietTime] = []

    def answer(self, installation: str) -> tuple[NotNow, str] | None:
        """That nothing is due, with the zone of the contract; None where it has to be worked out."""
        # Before the file is parsed: what is kept is never newer than what the answer followed from.
        self._stacks[installation] = _digest(stack_path(installation, project=self._project))
        kept = self._kept.get(installation)
        if kept is None or not kept.since <= self._now < kept.until:
            return None
        if kept.inputs != self._inputs(installation, kept.files):
            return None
        return _read(kept.answer), str(kept.answer["zone"])

    def learn(self, view: View, found: NotNow) -> None:
        """Keep what was worked out after `answer` knew nothing: that nothing is due, by windows that are promised."""
        plan = view.plan
        if found.due or not view.promised or not self._is_as_read(plan):
            return
        until = quiet_until(plan.stack, plan.contract, view.history, view.standing, view.windows, found, self._now)
        expires = expiry(plan.config.catalogue)
        until = min(until, expires) if expires else until
        read = files_of(plan.file)
        zone = {"zone": plan.contract.zone}
        self._new.append(
            QuietTime(
                installation=plan.stack,
                inputs=self._inputs(plan.stack, read, head=_head(view)),
                files=read,
                since=self._now,
                until=until,
                answer=not_now_document(plan.stack, found) | zone,
            )
        )

    def keep(self) -> None:
        """Write down what was learnt."""
        if self._new:
            self._store.quiet_times.keep(self._new)

    def _is_as_read(self, plan: Plan) -> bool:
        """Whether the catalogue that is digested is the one that was parsed; it may have changed in between."""
        named = plan.file.values.get("catalogue")
        if not named:
            return True
        path = self._project / str(named)
        text = read_text(path, name="the release catalogue")
        self._files[str(named)] = hashlib.sha256(text.encode()).hexdigest()
        return parse_catalogue(text, source=str(path)) == plan.config.catalogue

    def _inputs(self, installation: str, read: tuple[str, ...], *, head: tuple[int, str] | None = None) -> str:
        sequence, last = head or self._heads.get(installation, _NOTHING)
        return digest(
            {
                "ours": self._ours,
                "stack": self._stacks[installation],
                "files": {path: self._file(path) for path in read},
                "ledger": [sequence, last],
            }
        )

    def _file(self, path: str) -> str:
        if path not in self._files:
            self._files[path] = _digest(self._project / path)
        return self._files[path]


def files_of(file: StackFile) -> tuple[str, ...]:
    """The files beside the stack's own that decide about what is due, relative to the project."""
    catalogue = file.values.get("catalogue")
    return (str(catalogue), str(signature_path(Path(catalogue)))) if catalogue else ()


def _head(view: View) -> tuple[int, str]:
    """Of the ledger as it was read and verified, which may have grown since."""
    entries = view.ledger.entries
    return (entries[-1].sequence, entries[-1].hash) if entries else _NOTHING


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _packaged() -> str:
    source = files("kastellan") / "catalogue" / "zitadel.yaml"
    return hashlib.sha256(source.read_bytes()).hexdigest()


def _read(answer: Mapping[str, Any]) -> NotNow:
    start = answer["nextStart"]
    return NotNow(
        due=False,
        reasons=tuple(read_reason(reason) for reason in answer["reasons"]),
        next_start=utc_instant(start) if start else None,
    )
