"""What a command has to know to plan a run of one installation: its view, its earlier runs, what its file asks for."""

from pathlib import Path

from kastellan.cli.installation_view import View
from kastellan.config.stack_file import find_project, read_stack_file
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.run import RunPlan
from kastellan.planning.run_planning import NotNow, RunInput, plan_run
from kastellan.ports.run_journal import RunJournal


def planned_run(view: View, journal: RunJournal, *, again: bool = False) -> RunPlan | NotNow:
    """The plan of the run that somebody has to go on with; else of the one that may begin now; else why none may."""
    stack = view.plan.stack
    runs = journal.runs(stack)
    unfinished = next((run for run in runs if run.closed is None), None)
    if unfinished is not None:
        return unfinished.plan
    return plan_run(
        RunInput(
            installation=stack,
            contract=view.plan.contract,
            catalogue=view.plan.config.catalogue,
            configured=configured_release(view),
            history=view.history,
            found=view.standing,
            pending=view.pending,
            windows=view.windows,
            runs=runs,
            now=view.plan.now,
            again=again,
        )
    )


def configured_release(view: View) -> ConfiguredRelease:
    """What the stack's file asks for; images only where the file names them itself."""
    values = read_stack_file(view.plan.stack, project=find_project(Path.cwd())).values
    images = values.get("images")
    return ConfiguredRelease(
        version=view.plan.config.installation.version,
        images=ImageSet(zitadel=Image.parse(images["zitadel"]), login=Image.parse(images["login"])) if images else None,
    )
