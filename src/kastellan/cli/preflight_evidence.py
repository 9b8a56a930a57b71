"""`kastellan preflight show`, `sign` and `verify`: reports as evidence that others can check without us."""

import json
from pathlib import Path

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.files import say_whole
from kastellan.cli.ledger import key_option

_REPORT = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("report", type=_REPORT)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", "markdown", "junit", "html"]),
    default="text",
    help="Format on standard output.",
)
def show(report: Path, output: str) -> int:
    """Render a REPORT, JSON or signed, in another format; `verify` says whether it is as it was signed."""
    from kastellan.adapters.evidence.report_file import read_report
    from kastellan.preflight.rendering.formats import FORMATS

    say_whole(FORMATS[output][1](read_report(report)))
    return ExitCode.DONE


@click.command()
@click.argument("report", type=_REPORT)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the signed report; REPORT with the suffix .signed.json by default.",
)
@key_option
def sign(report: Path, output: Path | None, key_path: Path) -> int:
    """Sign a JSON REPORT; or countersign a signed one, as a customer does who has read it.

    The signed report is a DSSE envelope of an in-toto statement. Its subjects are the report's digest, the cluster,
    what shall run there, and the tool.
    """
    from kastellan.adapters.evidence.report_file import read_json, read_report
    from kastellan.adapters.evidence.signed_report import is_signed
    from kastellan.adapters.evidence.signed_report import sign as signed
    from kastellan.adapters.store.signing import load_signer
    from kastellan.cli.files import write_whole

    read_report(report)  # what is no report is not signed
    document = read_json(report)
    signer = load_signer(key_path)
    target = output or (report if is_signed(document) else report.with_suffix(".signed.json"))
    envelope = signed(document, signer)
    write_whole(target, json.dumps(envelope, indent=1) + "\n")
    click.echo(f"{target}: signed with key {signer.key_id}, {len(envelope['signatures'])} signatures")
    click.echo(f"verify it: kastellan preflight verify {target} --key-id {signer.key_id}")
    return ExitCode.DONE


@click.command()
@click.argument("report", type=_REPORT)
@click.option(
    "--key-id", "key_ids", multiple=True, help="A key that has to have signed it, as you were told; repeatable."
)
@click.option(
    "--verifier",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write the verifier that needs Python alone into this folder.",
)
def verify(report: Path, key_ids: tuple[str, ...], verifier: Path | None) -> int:
    """Verify a signed REPORT, offline; exit code 6 where it is not as it was signed.

    Says who signed and which guarantees are backed today: evidence grows old. Whose a key is, only its owner can say.
    """
    from kastellan.adapters.evidence.guarantees_now import guarantees_now
    from kastellan.adapters.evidence.report_file import read_json, read_report
    from kastellan.adapters.evidence.signed_report import flaws, is_signed
    from kastellan.adapters.system_clock import SystemClock

    if verifier:
        from importlib.resources import files

        from kastellan.cli.files import write_whole

        for name in ("verify_report.py", "verify_ledger.py"):
            write_whole(verifier / name, files("kastellan.adapters.store").joinpath(name).read_bytes())
    document = read_json(report)
    if not is_signed(document):
        click.echo("INVALID: it is not signed; `kastellan preflight sign` does that")
        return ExitCode.EVIDENCE_INVALID
    problems = flaws(document, key_ids)
    for problem in problems:
        click.echo(f"INVALID: {problem}")
    if problems:
        return ExitCode.EVIDENCE_INVALID
    content = read_report(report)
    for one in document["signatures"]:
        click.echo(f"valid: signed with key {one['keyid']}")
    if not key_ids:
        click.echo("note: compare the keys' ids with those that you were told, or name them by --key-id")
    click.echo(f"{content['overall']}: {content['target']}, collected {content['collectedAt']}, gate {content['gate']}")
    for state in guarantees_now(content, SystemClock().now()):
        click.echo(f"{state.standing.value:<9} {state.promise.what} [{state.promise.clause}]: {state.because}")
    return ExitCode.DONE
