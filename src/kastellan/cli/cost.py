"""`kastellan cost`: what the infrastructure of a stack costs a month, before it is made (DI-3)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kastellan.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from kastellan.domain.cost import Bill, PriceTable


@click.command()
@click.argument("stack")
@click.option("--against", metavar="STACK", help="Another stack, or its saved preview, to compare with.")
@click.option(
    "--prices",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Table of prices instead of the packaged one, part of whose prices are examples.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def cost(stack: str, against: str | None, prices: Path | None, *, as_json: bool) -> None:
    """Price what STACK has on its cloud once the next update is through, per month, with the share of each part.

    It asks `pulumi preview --json`, or reads what that printed where STACK is a file named *.json, which needs neither
    Pulumi nor the cloud. What has no price is shown as unpriced and makes the sum a lower bound. Prices that nobody
    checked are marked as examples. Infrastructure is not part of the subscription (DI-3).
    """
    from kastellan.cli.progress import ConsoleProgress
    from kastellan.config.price_file import packaged_prices, read_prices

    table = read_prices(prices) if prices else packaged_prices()
    with ConsoleProgress() as progress:
        bills = {}
        for name in dict.fromkeys(one for one in (stack, against) if one):
            progress.report("cost", f"asking what {name} makes")
            bills[name] = _bill(name, table)
    if as_json:
        click.echo(json.dumps(_document(bills, table), indent=2))
        return
    for name, bill in bills.items():
        click.echo(_text(name, bill, table))
    if len(bills) > 1:
        click.echo(_comparison(bills))


def _bill(name: str, table: "PriceTable") -> "Bill":
    from kastellan.domain.aws_cost import aws_items, aws_region
    from kastellan.domain.cost import bill_of
    from kastellan.domain.google_cost import google_items, google_region
    from kastellan.planning.previewed import previewed

    resources = previewed(_preview(name))
    clouds = {one.cloud for one in resources}
    if "gcp" in clouds:
        return bill_of(google_items(resources), table, google_region(resources))
    if "aws" in clouds:
        return bill_of(aws_items(resources), table, aws_region(resources))
    raise InvalidInputError(f"{name} stands on infrastructure of the customer; kastellan makes none there")


def _preview(name: str) -> dict[str, Any]:
    from kastellan.adapters.pulumi.command import PulumiCommand
    from kastellan.config.stack_file import find_project, read_stack_file

    if not name.endswith(".json"):
        project = find_project(Path.cwd())
        read_stack_file(name, project=project).parse()  # says what is wrong with it better than Pulumi does
        return PulumiCommand(project).preview(name)
    try:
        found: dict[str, Any] = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise InvalidInputError(f"the preview {name} cannot be read: {cause}") from cause
    return found


def _text(name: str, bill: "Bill", table: "PriceTable") -> str:
    lines = [f"{name}, {table.currency} a month, net; prices of {table.version}", ""]
    for row in bill.rows:
        quantity = f"{row.item.quantity.normalize():f} {row.item.unit}"
        if row.monthly is None or row.price is None:
            lines.append(f"{row.item.part:<11}{row.item.sku:<34}{quantity:>20}   unpriced")
            continue
        mark = "example" if row.price.example else f"list of {row.price.dated}"
        share = bill.share(row.monthly)
        lines.append(f"{row.item.part:<11}{row.item.sku:<34}{quantity:>20}{row.monthly:>11.2f}{share:>6.0%}  {mark}")
    bound = "at least, for something is unpriced" if bill.unpriced else ""
    parts = ", ".join(f"{part} {bill.share(amount):.0%}" for part, amount in bill.parts.items() if amount)
    lines += ["", f"{'sum':<65}{bill.total:>11.2f}  {bound}".rstrip(), f"shares: {parts or 'nothing is priced'}"]
    return "\n".join([*lines, *_sources(bill)]) + "\n"


def _sources(bill: "Bill") -> list[str]:
    """Where prices come from, and how much of the sum comes from nowhere."""
    lines = []
    if listed := bill.listed:
        days = " to ".join(sorted({listed[0].dated.isoformat(), listed[-1].dated.isoformat()}))
        lines.append(f"{len(listed)} prices stood in price lists of {days}; --json has the source of each.")
    if bill.examples:
        lines += [
            f"{bill.share(bill.examples):.0%} of the sum rests on prices marked as example: they were read in no price",
            "list and say nothing about a bill; give your own by --prices.",
        ]
    return lines


def _comparison(bills: "dict[str, Bill]") -> str:
    """Both by part; where something is unpriced on either side, the difference is one of what is priced."""
    (one, first), (other, second) = bills.items()
    lines = [f"{'part':<14}{one[-24:]:>26}{other[-24:]:>26}{'difference':>14}"]
    for part in dict.fromkeys([*first.parts, *second.parts]):
        before, after = first.parts.get(part, 0), second.parts.get(part, 0)
        lines.append(f"{part:<14}{before:>26.2f}{after:>26.2f}{after - before:>+14.2f}")
    change = second.total - first.total
    lines.append(f"{'sum':<14}{first.total:>26.2f}{second.total:>26.2f}{change:>+14.2f}")
    if first.unpriced or second.unpriced:
        lines.append("as far as priced; see the unpriced rows above")
    return "\n".join(lines) + "\n"


def _document(bills: "dict[str, Bill]", table: "PriceTable") -> dict[str, Any]:
    return {
        "currency": table.currency,
        "prices": table.version,
        "bills": {
            name: {
                "total": str(bill.total),
                "ofExamples": str(bill.examples),
                "complete": not bill.unpriced,
                "parts": {
                    part: {"monthly": str(amount), "share": round(float(bill.share(amount)), 4)}
                    for part, amount in bill.parts.items()
                },
                "rows": [
                    {
                        "part": row.item.part,
                        "sku": row.item.sku,
                        "quantity": str(row.item.quantity),
                        "unit": row.item.unit,
                        "monthly": None if row.monthly is None else str(row.monthly),
                        "example": bool(row.price and row.price.example),
                        "source": row.price.source if row.price else None,
                        "dated": row.price.dated.isoformat() if row.price else None,
                    }
                    for row in bill.rows
                ],
            }
            for name, bill in bills.items()
        },
    }
