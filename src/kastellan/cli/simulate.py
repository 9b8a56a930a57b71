"""`kastellan simulate`: a year of a fleet on paper."""

import json
import random
from typing import TYPE_CHECKING

import click

from kastellan.cli.exit_code import ExitCode
from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.planning.simulation import Tally


@click.command()
@click.option("--installations", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many.")
@click.option("--months", type=click.IntRange(1, 36), default=13, show_default=True, help="For how long.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same fleet.")
@click.option("--begin", default="2026-01-01", show_default=True, help="First day (UTC).")
@click.option("--stubborn", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share that may deny.")
@click.option("--denies", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="How likely they deny.")
@click.option("--fails", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="How likely a run fails.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def simulate(
    installations: int,
    months: int,
    seed: int,
    begin: str,
    stubborn: float,
    denies: float,
    fails: float,
    *,
    as_json: bool,
) -> int:
    """Play a fleet with different zones, windows, freezes, and customers that deny by chance.

    Reports missed promises, escalations, and the load of each night. Nothing is read or recorded.
    """
    from datetime import UTC, datetime

    from kastellan.cli.progress import ConsoleProgress
    from kastellan.planning.simulation import Policy, Tally
    from kastellan.planning.simulation import simulate as play

    try:
        first = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    except ValueError as cause:
        raise InvalidInputError(f"--begin {begin!r} is no day; write one such as 2026-01-01") from cause
    policy = Policy(stubborn=stubborn, denies=denies, fails=fails)
    chance = random.Random(seed).random  # noqa: S311 - it plays customers, it guards nothing
    tally = Tally()
    with ConsoleProgress() as progress:
        for tally in play(installations, months, first, policy, chance):
            if tally.installations % 100 == 0:
                progress.report("simulate", "installations", done=tally.installations, total=installations)
    click.echo(_json(tally, seed, months) if as_json else _text(tally, months), nl=False)
    return ExitCode.DONE


def _text(tally: "Tally", months: int) -> str:
    busiest = tally.nights.most_common(5)
    lines = [
        f"{tally.installations} installations over {months} months, on paper",
        f"  runs               {tally.runs}, of which {tally.failed} failed",
        f"  denied windows     {tally.denied}",
        f"  months not offered {tally.not_offered}",
        f"  quarters missed    {sum(tally.missed_by.values())}"
        + "".join(f"; {count} by the {party.value}" for party, count in sorted(tally.missed_by.items())),
        f"  escalations        {tally.escalations}, of which {tally.termination_rights} led to a right to terminate",
        "  busiest nights     " + ", ".join(f"{night} ({count} runs)" for night, count in busiest),
    ]
    return "\n".join(lines) + "\n"


def _json(tally: "Tally", seed: int, months: int) -> str:
    document = {
        "schemaVersion": 1,
        "kind": "Simulation",
        "seed": seed,
        "months": months,
        "installations": tally.installations,
        "runs": tally.runs,
        "failedRuns": tally.failed,
        "deniedWindows": tally.denied,
        "monthsNotOffered": tally.not_offered,
        "quartersMissedBy": {party.value: count for party, count in sorted(tally.missed_by.items())},
        "escalations": tally.escalations,
        "terminationRights": tally.termination_rights,
        "nights": dict(sorted(tally.nights.items())),
    }
    return json.dumps(document, indent=2) + "\n"
