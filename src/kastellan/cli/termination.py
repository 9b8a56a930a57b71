"""`kastellan termination`: drafts the notice of MU-5; a named person gives it, and may take it back."""

import sys
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import store_option
from kastellan.domain.errors import BlockedError, InvalidInputError

if TYPE_CHECKING:
    from kastellan.cli.installation_view import View
    from kastellan.domain.history import Fact
    from kastellan.domain.message import Message
    from kastellan.ports.store import Store

who_option = click.option("--who", default="", help="The person of the vendor's who does it.")
yes_option = click.option("--yes", is_flag=True, help="Record it without asking.")


@click.group()
def termination() -> None:
    """Notice of termination (MU-5): drafted here, given by a named person only.

    Exit code 5 where there is no right to, with the reason.
    """


@termination.command("draft")
@click.argument("stack")
@store_option
def draft_letter(stack: str, store_url: str) -> int:
    """Print the notice for STACK as it would be given now; nothing is recorded or sent."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.planning.termination import letters, notice_given

    with open_store(store_url) as store:
        view = _view(stack, store)
    try:
        noticed = notice_given(view.standing, "(a person still to be named)", view.plan.now)
    except BlockedError as refused:
        return _refused(refused)
    (letter,) = letters(stack, view.plan.contract, view.standing, noticed, ("draft",))
    click.echo(f"{letter.subject}\n\n{letter.text}", nl=False)
    return ExitCode.DONE


@termination.command()
@click.argument("stack")
@who_option
@yes_option
@store_option
def notice(stack: str, who: str, store_url: str, *, yes: bool) -> int:
    """Record that a named person gives notice for STACK, and queue the letter; `kastellan tick` sends it."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.planning.termination import letters, notice_given

    with open_store(store_url) as store:
        view = _view(stack, store)
        contract = view.plan.contract
        try:
            noticed = notice_given(view.standing, who, view.plan.now)
        except BlockedError as refused:
            return _refused(refused)
        (shown,) = letters(stack, contract, view.standing, noticed, ("draft",))
        click.echo(shown.text, nl=False)
        _confirm("Give this notice?", yes=yes)
        _record(store, view, noticed, letters(stack, contract, view.standing, noticed, contract.notify))
    click.echo(f"recorded: notice of termination by {noticed.who}; the next `kastellan tick {stack}` sends it")
    return ExitCode.DONE


@termination.command()
@click.argument("stack")
@who_option
@click.option("--reason", default="", help="Why it is taken back.")
@yes_option
@store_option
def withdraw(stack: str, who: str, reason: str, store_url: str, *, yes: bool) -> int:
    """Record that a named person takes the notice for STACK back, and queue the news."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.planning.termination import notice_withdrawn, withdrawals

    with open_store(store_url) as store:
        view = _view(stack, store)
        try:
            withdrawn = notice_withdrawn(view.standing, who, reason, view.plan.now)
        except BlockedError as refused:
            return _refused(refused)
        _confirm("Take the notice back?", yes=yes)
        contract = view.plan.contract
        _record(store, view, withdrawn, withdrawals(stack, contract, withdrawn, contract.notify))
    click.echo(
        f"recorded: the notice is withdrawn by {withdrawn.who}; the next `kastellan tick {stack}` sends the news"
    )
    return ExitCode.DONE


def _view(stack: str, store: "Store") -> "View":
    from kastellan.cli.installation_view import read_plan, read_view, this_instant

    return read_view(read_plan(stack, this_instant()), store)


def _record(store: "Store", view: "View", fact: "Fact", messages: "tuple[Message, ...]") -> None:
    from kastellan.domain.history_record import draft

    now, seen = view.plan.now, view.ledger.seen
    store.append(view.plan.stack, [draft(fact)], seen=seen, noticed_at=now, messages=messages)


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInputError("nothing was recorded: confirm it with --yes, or run this in a terminal")
    click.confirm(question, abort=True, err=True)


def _refused(refused: BlockedError) -> int:
    click.echo(f"error: {refused}", err=True)
    return ExitCode.INCOMPLETE
