"""`kastellan ledger`: show, verify, sign and export what was recorded."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.store_option import default_folder, store_option
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.domain.ledger import LedgerEntry
    from kastellan.ports.store import Checkpoint, Store

_HASH_LENGTH = 64

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
    """List the entries of INSTALLATION, a line each; --json has all of their content."""
    from kastellan.adapters.store.opening import open_store
    from kastellan.domain.ledger import canonical, utc_text

    with open_store(store_url) as store:
        entries = _entries(store, installation)
    if as_json:
        documents = [{**json.loads(canonical(entry)), "hash": entry.hash} for entry in entries]
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False))
        return ExitCode.DONE
    for entry in entries:
        body = ", ".join(f"{name} {_short(value)}" for name, value in entry.body.items() if value not in (None, ""))
        click.echo(f"{entry.sequence:>5}  {utc_text(entry.at)}  {entry.kind:<24}  {body}")
    return ExitCode.DONE


@ledger.command()
@click.argument("installation")
@click.option(
    "--checkpoint",
    "kept",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="A checkpoint that somebody kept (JSON); may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@key_option
@store_option
def verify(installation: str, kept: tuple[Path, ...], store_url: str, key_path: Path, *, as_json: bool) -> int:
    """Verify the ledger of INSTALLATION; exit code 6 where an entry is not as it was written, and names the first.

    An edit, a deletion and a swap show in the chain, a tail that was cut off against the store's head, a second history
    against checkpoints: those of the store, and those that are given. Exit code 5 where their signatures cannot be
    checked for want of the key.
    """
    from kastellan.adapters.store.opening import open_store
    from kastellan.adapters.store.signing import load_signer
    from kastellan.adapters.store.verification import verified

    given = [_kept_checkpoint(path) for path in kept]
    public_key = load_signer(key_path).public_key if key_path.exists() else None
    with open_store(store_url) as store:
        entries, head = store.entries(installation), store.head(installation)
        if not entries and not head[0]:
            _entries(store, installation)
        checkpoints = [*store.checkpoints(installation), *given]
    found = verified(installation, entries, head, checkpoints, public_key)
    if as_json:
        document = {
            "schemaVersion": 1,
            "kind": "LedgerVerdict",
            "installation": installation,
            "entries": len(entries),
            "checkpoints": len(checkpoints),
            "flaws": found.flaws,
            "unknown": found.unknown,
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        lines = [f"INVALID: {flaw}" for flaw in found.flaws] + [f"not checked: {what}" for what in found.unknown]
        if not found.flaws:
            lines.append(f"valid: {len(entries)} entries, {len(checkpoints)} checkpoints")
        click.echo("\n".join(lines))
    if found.flaws:
        return ExitCode.EVIDENCE_INVALID
    return ExitCode.INCOMPLETE if found.unknown else ExitCode.DONE


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


@ledger.command()
@click.argument("bundle", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--at", "instant", default="", help="Instant (RFC 3339, with an offset); that of the bundle by default.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def recompute(bundle: Path, instant: str, *, as_json: bool) -> int:
    """Compute every clock of MU-4 to MU-6 anew from an exported BUNDLE, with the contract that is recorded in it.

    Needs neither store nor stack: a customer gets the vendor's dates or has a proof that they are wrong. Exit code 6
    where the bundle is not valid.
    """
    from kastellan.adapters.store.export import entries_of
    from kastellan.adapters.store.verify_ledger import flaws
    from kastellan.cli.instant import parse_instant
    from kastellan.cli.view_document import standing_document
    from kastellan.cli.view_rendering import status_text
    from kastellan.domain.contract_record import last_contract, read_contract
    from kastellan.domain.history_record import read
    from kastellan.domain.standing import standing

    try:
        document = json.loads(bundle.read_text(encoding="utf-8"))
        found = list(flaws(document, "", []))
        entries = entries_of(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as cause:
        raise InvalidInputError(f"{bundle} is no ledger bundle: {type(cause).__name__}") from cause
    if found:
        click.echo("".join(f"INVALID: {flaw}\n" for flaw in found), nl=False)
        return ExitCode.EVIDENCE_INVALID
    at = parse_instant(instant, "--at") if instant else entries[-1].noticed_at
    recorded = last_contract(entry for entry in entries if entry.at <= at)
    if recorded is None:
        raise InvalidInputError(f"{bundle} has no contract recorded before that instant")
    contract, history = read_contract(recorded), read(entries).until(at)
    shown = standing_document(entries[0].installation, contract.zone, history, standing(contract, history, at), at)
    if as_json:
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        click.echo(status_text(shown, colour=sys.stdout.isatty()), nl=False)
    return ExitCode.DONE


def _entries(store: "Store", installation: str) -> "tuple[LedgerEntry, ...]":
    entries = store.entries(installation)
    if not entries:
        known = ", ".join(store.installations()) or "none"
        raise InvalidInputError(f"there is no ledger of {installation}; ledgers here: {known}")
    return entries


def _short(value: object) -> str:
    """A value on a line; what has many parts is counted."""
    if isinstance(value, list | dict):
        return f"({len(value)})"
    return f"{value[:12]}…" if isinstance(value, str) and len(value) == _HASH_LENGTH else str(value)


def _kept_checkpoint(path: Path) -> "Checkpoint":
    from kastellan.adapters.store.export import read_checkpoint

    try:
        return read_checkpoint(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as cause:
        raise InvalidInputError(f"{path} is no checkpoint: {cause}") from cause
