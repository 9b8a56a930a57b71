"""`kastellan ledger`: show, verify, sign and export what was recorded."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import default_folder, store_option
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.domain.ledger import LedgerEntry
    from kastellan.ports.store import Store

key_option = click.option(
    "--key",
    "key_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="KASTELLAN_SIGNING_KEY",
    default=lambda: default_folder() / "signing-key.pem",
    show_default="a file in the state folder",
    help="Ed25519 key, made where there is none; also KASTELLAN_SIGNING_KEY.",
)


@click.group()
def ledger() -> None:
    """The hash-chained record of an installation: show it, verify it, sign it, hand it out."""


@ledger.command()
@click.argument("installation")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@store_option
def show(installation: str, store_url: str, *, as_json: bool) -> int:
    """List the entries of INSTALLATION."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.domain.ledger import canonical, utc_text

    with open_store(store_url) as store:
        entries = _entries(store, installation)
    if as_json:
        documents = [{**json.loads(canonical(entry)), "hash": entry.hash} for entry in entries]
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False))
        return ExitCode.DONE
    for entry in entries:
        body = ", ".join(f"{name} {value}" for name, value in entry.body.items() if value not in (None, ""))
        click.echo(f"{entry.sequence:>5}  {utc_text(entry.at)}  {entry.kind:<24}  {body}")
    return ExitCode.DONE


@ledger.command()
@click.argument("installation")
@store_option
def verify(installation: str, store_url: str) -> int:
    """Verify chain and checkpoints of INSTALLATION; exit code 6 where an entry is not as it was written.

    A cut tail and a second history show only against a checkpoint; those that a customer keeps are checked with the
    exported bundle and its verifier.
    """
    from kastellan.adapters.store.opening import open_store
    from kastellan.domain.ledger import first_flaw

    with open_store(store_url) as store:
        entries = _entries(store, installation)
        checkpoints = store.checkpoints(installation)
    problems = []
    flaw = first_flaw(entries)
    if flaw is not None:
        problems.append(f"entry {flaw.sequence}: {flaw.what}")
    for one in checkpoints:
        if one.sequence > len(entries):
            problems.append(f"entry {len(entries) + 1} is missing: a checkpoint reaches to {one.sequence}")
        elif entries[one.sequence - 1].hash != one.hash:
            problems.append(f"entry {one.sequence}: it is another than the one that was signed")
    for problem in problems:
        click.echo(f"INVALID: {problem}")
    if problems:
        return ExitCode.EVIDENCE_INVALID
    click.echo(f"valid: {len(entries)} entries, {len(checkpoints)} checkpoints")
    return ExitCode.DONE


@ledger.command()
@click.argument("installation")
@click.option("--json", "as_json", is_flag=True, help="The checkpoint as JSON, to be kept by the customer.")
@key_option
@store_option
def checkpoint(installation: str, store_url: str, key_path: Path, *, as_json: bool) -> int:
    """Sign how far the ledger of INSTALLATION has come, and keep the checkpoint."""
    from kastellan.adapters.store.export import checkpoint_document
    from kastellan.adapters.store.opening import open_store
    from kastellan.adapters.store.signing import load_signer
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.execution.tick import read_ledger

    signer = load_signer(key_path)
    with open_store(store_url) as store:
        _entries(store, installation)
        entries = read_ledger(store, installation).entries
        now = SystemClock().now().replace(microsecond=0)
        made = signer.checkpoint(entries[-1], now, earlier=store.checkpoints(installation))
        store.add_checkpoint(made)
    if as_json:
        click.echo(json.dumps(checkpoint_document(made), indent=2))
    else:
        click.echo(f"signed: {made.sequence} entries of {installation}, head {made.hash}, key {made.key_id}")
    return ExitCode.DONE


@ledger.command()
@click.argument("installation")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@key_option
@store_option
def export(installation: str, output: Path, store_url: str, key_path: Path) -> int:
    """Write the ledger of INSTALLATION as a signed bundle, and beside it a verifier that needs no kastellan."""
    from kastellan.adapters.store import verify_ledger
    from kastellan.adapters.store.export import bundle
    from kastellan.adapters.store.opening import open_store
    from kastellan.adapters.store.signing import load_signer
    from kastellan.execution.tick import read_ledger

    signer = load_signer(key_path)
    with open_store(store_url) as store:
        _entries(store, installation)
        entries = read_ledger(store, installation).entries
        document = bundle(entries, store.checkpoints(installation), signer)
    script = output.with_name("verify_ledger.py")
    try:
        output.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        script.write_text(Path(verify_ledger.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as cause:
        raise InvalidInputError(f"{output} cannot be written: {cause.strerror}") from cause
    click.echo(f"{output}: {len(entries)} entries; verify it with: python {script} {output} --key-id {signer.key_id}")
    return ExitCode.DONE


def _entries(store: "Store", installation: str) -> "tuple[LedgerEntry, ...]":
    entries = store.entries(installation)
    if not entries:
        known = ", ".join(store.installations()) or "none"
        raise InvalidInputError(f"there is no ledger of {installation}; ledgers here: {known}")
    return entries
