"""All that a command needs to know about one installation at one instant, read once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from dateutil.relativedelta import relativedelta

from kastellan.adapters.contract_windows import window_plan
from kastellan.adapters.holiday_calendar import sources
from kastellan.adapters.system_clock import SystemClock
from kastellan.config.stack import StackConfig
from kastellan.config.stack_file import StackFile, find_project, read_stack_file, stack_names
from kastellan.domain.catalogue_mark import mark_refusals
from kastellan.domain.contract import Contract
from kastellan.domain.errors import InvalidInputError, KastellanError
from kastellan.domain.history import History
from kastellan.domain.interval import Interval
from kastellan.domain.quarterly_promise import MONTHS_AHEAD, broken_promises
from kastellan.domain.reason import Reason
from kastellan.domain.standing import Standing, standing
from kastellan.domain.window import WindowPlan
from kastellan.domain.window_expansion import windows
from kastellan.domain.window_promise import Computed
from kastellan.execution.tick import Ledger, read_ledger
from kastellan.planning.pending_update import PendingUpdate, pending
from kastellan.planning.tick_plan import TickInput
from kastellan.ports.store import Store


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the stack's file says about maintenance.

    Windows are expanded when somebody asks for them: where they are promised, they stand in the ledger, and a fleet
    whose windows are all promised need not look up a single holiday. They raise InvalidInputError where holidays are
    not known or the customer's calendar cannot be relied on.

    Attributes:
        stack: name of the stack, which is the installation's.
        config: the whole configuration.
        contract: its contract.
        file: what was read.
        now: the instant (UTC).
    """

    stack: str
    config: StackConfig
    contract: Contract
    file: StackFile
    now: datetime

    @cached_property
    def window_plan(self) -> WindowPlan:
        """Rules and closed times of the contract."""
        return window_plan(self.contract, self.now, folder=self.file.project)

    @cached_property
    def computed(self) -> Computed:
        """Thirteen months of maintenance windows from `now`, with what they rest on."""
        found = windows(self.window_plan, self.now, self.now + relativedelta(months=MONTHS_AHEAD))
        return Computed(windows=found, plan=self.window_plan, sources=sources())

    @cached_property
    def broken(self) -> tuple[Reason, ...]:
        """Why the windows break the quarterly promise; empty where they keep it (MU-2)."""
        return broken_promises(self.window_plan, self.now)

    def tick_input(self, ledger: Ledger) -> TickInput:
        """The input of a tick, for what the ledger holds.

        Raises:
            InvalidInputError: see `require_current`.
        """
        self.require_current(ledger)
        return TickInput(
            installation=self.stack,
            contract=self.contract,
            catalogue=self.config.catalogue,
            channels=self.contract.notify,
            configured=self.config.installation.version,
            history=ledger.history,
            recorded=ledger.keys,
            computed=self.computed,
            promise=ledger.promise,
            recorded_contract=ledger.contract_digest,
            signed=bool(self.file.values.get("catalogueSigners")),
            broken=self.broken,
            now=self.now,
        )

    def require_current(self, ledger: Ledger) -> None:
        """Refuse a catalogue that has expired, or is older than the one that was adopted before.

        Raises:
            InvalidInputError: with the reasons.
        """
        reasons = mark_refusals(self.config.catalogue, ledger.catalogue, self.now)
        if reasons:
            raise InvalidInputError("the release catalogue is refused: nothing is decided by it", reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An installation: what was agreed, what happened, where it stands, what is pending.

    Attributes:
        plan: what the stack's file says.
        ledger: what was recorded.
        history: the facts in it.
        windows: the promised windows; before any is promised, those of the contract.
        promised: whether they are promised.
        standing: where it stands.
        pending: what is due.
    """

    plan: Plan
    ledger: Ledger
    history: History
    windows: tuple[Interval, ...]
    promised: bool
    standing: Standing
    pending: tuple[PendingUpdate, ...]


def read_plan(stack: str, now: datetime) -> Plan:
    """Read a stack's file.

    Raises:
        InvalidInputError: the file is wrong, or has no contract.
    """
    return _plan(read_stack_file(stack, project=find_project(Path.cwd())), now)


def _plan(file: StackFile, now: datetime) -> Plan:
    config = file.parse()
    if config.contract is None:
        raise InvalidInputError(f"stack {file.name} has no installation:contract; stacks/Pulumi.example.yaml shows one")
    return Plan(stack=file.name, config=config, contract=config.contract, file=file, now=now)


def plan_where_contract(stack: str, project: Path, now: datetime) -> Plan | None:
    """The plan of a stack of a project; None where it has no contract.

    Raises:
        InvalidInputError: the file is wrong.
    """
    file = read_stack_file(stack, project=project)
    return _plan(file, now) if "contract" in file.values else None


def this_instant() -> datetime:
    """The instant of a command (UTC), in whole seconds."""
    return SystemClock().now().replace(microsecond=0)


def read_plans(stacks: tuple[str, ...]) -> tuple[list[Plan], dict[str, KastellanError]]:
    """The plans of the named stacks, or of all that have a contract, at one instant; and what is wrong with the others.

    One customer's file must not keep the notices of all others back.
    """
    now = this_instant()
    project = find_project(Path.cwd())
    plans: list[Plan] = []
    failures: dict[str, KastellanError] = {}
    for stack in stacks or stack_names(project):
        try:
            plan = plan_where_contract(stack, project, now)
            plans += [plan] if plan else [read_plan(stack, now)] if stacks else ()
        except InvalidInputError as problem:
            failures[stack] = problem
    return plans, failures


def read_view(plan: Plan, store: Store) -> View:
    """Read the ledger and compute the standing.

    Raises:
        StuckError: the ledger is broken, or the clock was set back.
        InvalidInputError: see `Plan.require_current`.
    """
    ledger = read_ledger(store, plan.stack, now=plan.now)
    plan.require_current(ledger)
    history = ledger.history
    found = standing(plan.contract, history, plan.now)
    promise = ledger.promise
    promised = promise.windows(plan.now) if promise.spans else tuple(plan.computed.windows)
    waiting = pending(plan.contract, plan.config.catalogue, history, found, promised, plan.now)
    return View(
        plan=plan,
        ledger=ledger,
        history=history,
        windows=promised,
        promised=bool(promise.spans),
        standing=found,
        pending=waiting,
    )
