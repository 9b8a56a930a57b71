"""`kastellan catalogue`: signs a release catalogue, and verifies that it is as it was signed."""

import json
from pathlib import Path

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.ledger import key_option

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def catalogue() -> None:
    """The release catalogue: sign it, and verify its signature.

    A stack that names key ids in installation:catalogueSigners accepts a catalogue only where one of them signed it.
    """


@catalogue.command()
@click.argument("file", type=_FILE)
@key_option
def sign(file: Path, key_path: Path) -> int:
    """Sign the catalogue FILE, beside it in FILE.dsse.json; or add a signature to one that holds.

    What is no valid catalogue is not signed.
    """
    from kastellan.adapters.catalogue_signing import signed
    from kastellan.adapters.store.signing import load_signer
    from kastellan.cli.files import write_whole
    from kastellan.config.catalogue_signature import signature_path

    signer, place = load_signer(key_path), signature_path(file)
    envelope = signed(file, signer)
    write_whole(place, json.dumps(envelope, indent=1) + "\n")
    count = len(envelope["signatures"])
    click.echo(f"{place}: signed with key {signer.key_id}, {count} signature{'' if count == 1 else 's'}")
    click.echo(f'a stack asks for it by: installation:catalogueSigners: ["{signer.key_id}"]')
    return ExitCode.DONE


@catalogue.command()
@click.argument("file", type=_FILE)
@click.option(
    "--key-id", "key_ids", multiple=True, help="A key one of which has to have signed it, as you were told; repeatable."
)
def verify(file: Path, key_ids: tuple[str, ...]) -> int:
    """Verify the signature of the catalogue FILE, offline; exit code 6 where it does not hold, and says why."""
    from kastellan.adapters.catalogue_signing import read_envelope
    from kastellan.config.catalogue_signature import signature_reasons, signed_by

    content = file.read_bytes()
    try:
        keys = signed_by(content, read_envelope(file))
    except ValueError as problem:
        click.echo(f"INVALID: {problem}")
        return ExitCode.EVIDENCE_INVALID
    for reason in signature_reasons(file, content, key_ids):
        click.echo(f"INVALID: {reason.message}")
        return ExitCode.EVIDENCE_INVALID
    for key in keys:
        click.echo(f"valid: signed with key {key}")
    if not key_ids:
        click.echo("note: compare the keys' ids with those that you were told, or name them by --key-id")
    return ExitCode.DONE
