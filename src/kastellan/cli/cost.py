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
@click.option("--against", metavar="STACK", help="Another stack to compare with, such as another size.")
@click.option(
    "--prices",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Table of prices instead of the packaged one, whose prices are examples.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def cost(stack: str, against: str | None, prices: Path | None, *, as_json: bool) -> None:
    """Price what STACK makes on its cloud, per month, with the share of each part.

    What has no price is shown as unpriced and makes the sum a lower bound. Prices that nobody checked are marked as
    examples. Infrastructure is not part of the subscription (DI-3).
    """
    from kastellan.config.price_file import packaged_prices, read_prices

    table = read_prices(prices) if prices else packaged_prices()
    bills = {name: _bill(name, table) for name in (stack, against) if name}
    if as_json:
        click.echo(json.dumps(_document(bills, table), indent=2))
        return
    for name, bill in bills.items():
        click.echo(_text(name, bill, table))
    if against:
        difference = bills[against].total - bills[stack].total
        click.echo(f"{against} costs {difference:+.2f} {table.currency} a month against {stack}, as far as priced")


def _bill(name: str, table: "PriceTable") -> "Bill":
    from kastellan.adapters.system_clock import SystemClock
    from kastellan.config.google_stack import google_base
    from kastellan.config.stack_file import find_project, read_stack_file
    from kastellan.domain.cost import bill_of, google_items

    stack = read_stack_file(name, project=find_project(Path.cwd())).parse()
    if stack.google is None:
        raise InvalidInputError(f"stack {name} stands on infrastructure of the customer; kastellan makes none there")
    domain, now = stack.installation.domain, SystemClock().now()
    base = google_base(name, domain, stack.google, stack.sizing, stack.contract, now)
    return bill_of(google_items(base), table, base.region)


def _text(name: str, bill: "Bill", table: "PriceTable") -> str:
    lines = [f"{name}, {table.currency} a month, net; prices of {table.version}", ""]
    for row in bill.rows:
        quantity = f"{row.item.quantity.normalize():f} {row.item.unit}"
        if row.price is None:
            lines.append(f"{row.item.part:<10}{row.item.sku:<34}{quantity:>20}   unpriced")
            continue
        mark = "  example" if row.price.example else ""
        lines.append(
            f"{row.item.part:<10}{row.item.sku:<34}{quantity:>20}{row.monthly:>11.2f}{bill.share(row):>6.0%}{mark}"
        )
    bound = "at least, for something is unpriced" if bill.unpriced else ""
    lines += ["", f"{'sum':<64}{bill.total:>11.2f}  {bound}".rstrip()]
    if any(row.price and row.price.example for row in bill.rows):
        lines.append(
            "Prices marked as example were not read from a price list and say nothing about a bill; see --prices."
        )
    return "\n".join(lines) + "\n"


def _document(bills: "dict[str, Bill]", table: "PriceTable") -> dict[str, Any]:
    return {
        "currency": table.currency,
        "prices": table.version,
        "bills": {
            name: {
                "total": str(bill.total),
                "complete": not bill.unpriced,
                "rows": [
                    {
                        "part": row.item.part,
                        "sku": row.item.sku,
                        "quantity": str(row.item.quantity),
                        "unit": row.item.unit,
                        "monthly": None if row.monthly is None else str(row.monthly),
                        "example": bool(row.price and row.price.example),
                        "source": row.price.source if row.price else None,
                    }
                    for row in bill.rows
                ],
            }
            for name, bill in bills.items()
        },
    }
