"""All that a command needs to know about one installation at one instant, read once."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dateutil.relativedelta import relativedelta

from kastellan.adapters.contract_windows import window_plan
from kastellan.adapters.holiday_calendar import sources
from kastellan.adapters.system_clock import SystemClock
from kastellan.config.stack import StackConfig
from kastellan.config.stack_file import find_project, read_stack_file, stack_names
from kastellan.domain.contract import Contract
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.history import History
from kastellan.domain.interval import Interval
from kastellan.domain.quarterly_promise import MONTHS_AHEAD
from kastellan.domain.standing import Standing, standing
from kastellan.domain.window_expansion import windows
from kastellan.execution.tick import Ledger, read_ledger
from kastellan.planning.pending_update import PendingUpdate, pending
from kastellan.planning.tick_plan import TickInput
from kastellan.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the stack's file says about maintenance.

    Attributes:
        stack: name of the stack, which is the installation's.
        config: the whole configuration.
        contract: its contract.
        windows: thirteen months of maintenance windows from `now`.
        now: the instant (UTC).
    """

    stack: str
    config: StackConfig
    contract: Contract
    windows: tuple[Interval, ...]
    now: datetime

    def tick_input(self, ledger: Ledger) -> TickInput:
        """The input of a tick, for what the ledger holds."""
        return TickInput(
            installation=self.stack,
            contract=self.contract,
            catalogue=self.config.catalogue,
            channels=self.contract.notify,
            configured=self.config.installation.version,
            history=ledger.history,
            recorded=ledger.keys,
            windows=self.windows,
            sources=sources(),
            promise=ledger.promise,
            now=self.now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An installation: what was agreed, what happened, where it stands, what is pending.

    Attributes:
        plan: what the stack's file says.
        ledger: what was recorded.
        history: the facts in it.
        windows: the promised windows; before any is promised, those of the contract.
        standing: where it stands.
        pending: what is due.
    """

    plan: Plan
    ledger: Ledger
    history: History
    windows: tuple[Interval, ...]
    standing: Standing
    pending: tuple[PendingUpdate, ...]


def read_plan(stack: str, now: datetime) -> Plan:
    """Read a stack's file and expand its windows.

    Raises:
        InvalidInputError: the file is wrong, or has no contract.
    """
    project = find_project(Path.cwd())
    config = read_stack_file(stack, project=project).parse()
    if config.contract is None:
        raise InvalidInputError(f"stack {stack} has no installation:contract; stacks/Pulumi.example.yaml shows one")
    found = windows(window_plan(config.contract, now, folder=project), now, now + relativedelta(months=MONTHS_AHEAD))
    return Plan(stack=stack, config=config, contract=config.contract, windows=found, now=now)


def read_plans(stacks: tuple[str, ...]) -> list[Plan]:
    """The plans of the named stacks, or of all that have a contract, at one instant.

    Raises:
        InvalidInputError: a file is wrong, or a named stack has no contract.
    """
    now = SystemClock().now().replace(microsecond=0)
    project = find_project(Path.cwd())
    named = stacks or tuple(
        name for name in stack_names(project) if "contract" in read_stack_file(name, project=project).values
    )
    return [read_plan(stack, now) for stack in named]


def read_view(plan: Plan, store: Store) -> View:
    """Read the ledger and compute the standing.

    Raises:
        StuckError: the ledger is broken, or the clock was set back.
    """
    ledger = read_ledger(store, plan.stack, now=plan.now)
    history = ledger.history
    found = standing(plan.contract, history, plan.now)
    promise = ledger.promise
    promised = promise.windows(plan.now) if promise.spans else plan.windows
    waiting = pending(plan.contract, plan.config.catalogue, history, found, promised, plan.now)
    return View(plan=plan, ledger=ledger, history=history, windows=promised, standing=found, pending=waiting)
