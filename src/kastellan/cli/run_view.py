"""What a command has to know to plan a run of one installation: its view, its earlier runs, what its file asks for."""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

from kastellan.cli.installation_view import View
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.run import RunPlan, RunRecord
from kastellan.planning.run_planning import NotNow, RunInput, plan_run
from kastellan.ports.run_journal import RunJournal


class _Runs(Sequence[RunRecord]):
    """The runs of an installation, newest first, read when somebody looks: mostly nothing is due and nobody does."""

    def __init__(self, journal: RunJournal, stack: str) -> None:
        self._journal = journal
        self._stack = stack

    @cached_property
    def _found(self) -> tuple[RunRecord, ...]:
        return self._journal.runs(self._stack)

    @overload
    def __getitem__(self, index: int) -> RunRecord: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RunRecord]: ...
    def __getitem__(self, index: int | slice) -> RunRecord | Sequence[RunRecord]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)


def planned_run(view: View, journal: RunJournal, *, again: bool = False) -> RunPlan | NotNow:
    """The plan of the run that somebody has to go on with; else of the one that may begin now; else why none may."""
    unfinished = next((run for run in journal.runs(view.plan.stack) if run.closed is None), None)
    return unfinished.plan if unfinished is not None else plan_run(run_input(view, journal, again=again))


def run_input(view: View, journal: RunJournal, *, again: bool = False) -> RunInput:
    """What the decision is made from, for an installation without a run under way."""
    return RunInput(
        installation=view.plan.stack,
        contract=view.plan.contract,
        catalogue=view.plan.config.catalogue,
        configured=configured_release(view),
        history=view.history,
        found=view.standing,
        pending=view.pending,
        windows=view.windows,
        runs=_Runs(journal, view.plan.stack),
        now=view.plan.now,
        again=again,
    )


def configured_release(view: View) -> ConfiguredRelease:
    """What the stack's file asks for; images only where the file names them itself."""
    images = view.plan.file.values.get("images")
    return ConfiguredRelease(
        version=view.plan.config.installation.version,
        images=ImageSet(zitadel=Image.parse(images["zitadel"]), login=Image.parse(images["login"])) if images else None,
    )
