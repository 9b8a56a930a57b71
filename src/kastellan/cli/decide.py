"""`kastellan decide`: records what a customer says to an offer, after showing what follows from it."""

import json
import sys
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.instant import parse_instant
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import BlockedError, ConflictError, InvalidInputError
from kastellan.domain.history import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kastellan.adapters.store.sql_store import SqlStore
    from kastellan.domain.history import Decided
    from kastellan.planning.run_permission import Effect
    from kastellan.planning.what_if import Consequence


@click.command()
@click.argument("stack")
@click.argument("kind", type=click.Choice([kind.value for kind in DecisionKind]))
@click.argument("item")
@click.option("--who", default="", help="The person of the customer's who says it.")
@click.option("--channel", default="", help="How it reached us, such as mail.")
@click.option("--reason", default="", help="In the customer's words; a permit needs none.")
@click.option("--window", "chosen", default="", help="Start of the window asked for instead (RFC 3339, with offset).")
@click.option("--what-if", is_flag=True, help="Show what would follow, and record nothing.")
@click.option("--yes", is_flag=True, help="Record a denial without asking.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
def decide(
    stack: str,
    kind: str,
    item: str,
    who: str,
    channel: str,
    reason: str,
    chosen: str,
    store_url: str,
    *,
    what_if: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Record that the customer of STACK said KIND about ITEM, such as regular/2026-12 (see `kastellan pending`).

    Before a denial is recorded, the dates that follow are shown (MU-4 to MU-6). In a window that has begun, a customer
    may still object: the run that is under way stops before it changes anything, or, where it has, does what the
    contract says (`runs.onWithdrawal`), and the command says which. Exit code 5 where it cannot be said.
    """
    from kastellan.adapters.store.opening import open_store
    from kastellan.cli.installation_view import read_plan, read_view, this_instant
    from kastellan.domain.history import Item
    from kastellan.planning.decision import Wish, chosen_offer
    from kastellan.planning.decision import decide as checked
    from kastellan.planning.run_permission import Effect
    from kastellan.planning.what_if import if_denied

    try:
        wanted = Item(item)
    except ValueError as cause:
        raise InvalidInputError(str(cause)) from cause
    wish = Wish(
        item=wanted,
        kind=DecisionKind(kind),
        chosen=parse_instant(chosen, "--window") if chosen else None,
        who=who or ("(nobody yet)" if what_if else ""),
        channel=channel or ("(none yet)" if what_if else ""),
        reason=reason or ("(none yet)" if what_if else ""),
    )
    plan = read_plan(stack, this_instant())
    with open_store(store_url) as store:
        view = read_view(plan, store)
        try:
            decided = checked(plan.contract, view.history, view.standing, view.windows, wish, plan.now)
        except BlockedError as refused:
            click.echo(f"error: {refused}", err=True)
            return ExitCode.INCOMPLETE
        follows: tuple[Consequence, ...] = ()
        effect = _effect(store, stack, decided)
        if decided.kind is DecisionKind.DENY and effect in (None, Effect.STOPS):
            follows = if_denied(plan.contract, view.history, decided, view.windows)
            if not as_json:
                click.echo(_consequences(follows, plan.contract.zone), nl=False)
        if decided.kind is DecisionKind.DENY and not what_if and not yes:
            _confirm()
        facts = (decided, *chosen_offer(decided, view.standing, view.windows))
        if not what_if:
            from kastellan.domain.history_record import draft

            drafts = [draft(fact) for fact in facts]
            if not store.append(stack, drafts, seen=view.ledger.seen, noticed_at=plan.now):
                raise ConflictError(
                    f"something was already recorded about {item} in this second; nothing was recorded now",
                    remediation="repeat the command",
                )
            effect = _effect(store, stack, decided)  # again: from the record on, no run begins a change over it
    if as_json:
        click.echo(_json(stack, wish.kind, item, follows, effect, recorded=not what_if), nl=False)
    else:
        click.echo("nothing was recorded" if what_if else f"recorded: {kind} of {item} by {who}")
        if effect:
            click.echo(_EFFECTS[effect.value])
    return ExitCode.DONE


_EFFECTS = {
    "stops": "the run that is under way stops, and changes nothing [MU-3]",
    "finishes": "the installation was being changed already: the run finishes, as the contract says [MU-3]",
    "undone": "the installation was being changed already: the update is undone, as the contract says [MU-3]",
}


def _effect(store: "SqlStore", stack: str, decided: "Decided") -> "Effect | None":
    """What a denial means for the run of its item that is under way; None where there is none."""
    from kastellan.planning.run_permission import effect_of_objection

    if decided.kind is not DecisionKind.DENY:
        return None
    open_runs = [run for run in store.journal.runs(stack) if run.closed is None and run.plan.item == decided.item]
    return effect_of_objection(open_runs[0]) if open_runs else None


def _confirm() -> None:
    """Ask a person; a pipeline cannot be asked.

    Raises:
        InvalidInputError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise InvalidInputError("nothing was recorded: confirm the denial with --yes, or run this in a terminal")
    click.confirm("Record the denial?", abort=True, err=True)


def _consequences(follows: "Sequence[Consequence]", zone: str) -> str:
    from zoneinfo import ZoneInfo

    lines = ["If this is denied, and every later window as well:"]
    lines += [
        f"  {one.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}  {one.what} [{one.clause}]" for one in follows
    ] or ["  nothing changes"]
    return "\n".join([*lines, f"  (local time of {zone}; a right arises with the first instant after its day)"]) + "\n"


def _json(
    stack: str,
    kind: DecisionKind,
    item: str,
    follows: "Sequence[Consequence]",
    effect: "Effect | None",
    *,
    recorded: bool,
) -> str:
    from kastellan.domain.ledger import utc_text

    document = {
        "schemaVersion": 1,
        "kind": "Decision",
        "installation": stack,
        "decision": kind.value,
        "item": item,
        "recorded": recorded,
        "runUnderWay": effect.value if effect else None,
        "consequences": [{"at": utc_text(one.at), "what": one.what, "clause": one.clause} for one in follows],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
