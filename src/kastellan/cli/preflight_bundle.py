"""`kastellan preflight collect` and `judge`: collecting and judging at two places, by two parties."""

from pathlib import Path
from typing import Any

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.cli.preflight_options import (
    Judging,
    expect_places,
    gate_option,
    judging_options,
    output_options,
    surveyed,
    target_of_options,
    target_options,
    written,
)


@click.command()
@target_options
@gate_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File of the bundle.",
)
def collect(gate: str, output: Path, **target: Any) -> int:
    """Collect what the checks judge into a bundle, and judge nothing.

    The bundle is JSON that can be read before it is sent on. It holds names of nodes, namespaces and hosts, versions,
    sizes and answers of the API server; no secret, no object of the cluster, no credential.
    """
    from kastellan.adapters.evidence.bundle import write_bundle
    from kastellan.cli.files import expect_writable, write_whole
    from kastellan.preflight.facts import Unknown
    from kastellan.preflight.selection import ALL

    expect_writable(output.parent)
    seen = surveyed(target_of_options(**target), gate, ALL)
    content = write_bundle(seen)
    write_whole(output, content)
    missing = [name for name in seen.evidence if isinstance(getattr(seen.facts, name), Unknown)]
    lacks = f", without {', '.join(missing)}, which could not be had" if missing else ""
    click.echo(f"{output}: {len(seen.evidence)} groups of facts, {len(content):,} bytes{lacks}")
    click.echo(f"judge it, here or elsewhere: kastellan preflight judge {output}")
    return ExitCode.INCOMPLETE if missing else ExitCode.DONE


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@judging_options
@output_options
def judge(
    bundle: Path,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    waivers: Path | None,
    baseline: Path | None,
    output: str,
    output_file: Path | None,
    output_dir: Path | None,
    fail_on: str,
) -> int:
    """Judge a BUNDLE to the report that a preflight would have given where it was collected, as of that day."""
    from kastellan.adapters.evidence.bundle import read_bundle

    expect_places(output_file, output_dir)
    judging = Judging(only, skip, waivers, baseline)
    return written(judging.judged(read_bundle(bundle.read_bytes())), output, output_file, output_dir, fail_on)
