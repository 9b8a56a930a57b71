"""What the infrastructure of an installation costs a month (DI-3), from quantities and a dated table of prices.

A price that is missing is told as such and never counts as nothing; a sum with such a part is told as a lower bound.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from kastellan.domain.declared_resource import DeclaredResource

HOURS = Decimal(730)
"""Hours of a month, as the clouds' own calculators count."""
DEPENDS = "depends on use"
"""Unit of what is charged by use: it is named, and never priced."""
Used = Iterator[tuple[str, Decimal, str]]
"""What a resource uses in a month: SKU, quantity, unit."""
Counting = Callable[[Mapping[str, Any]], Used]
"""How much a kind uses, from its inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One row of the table.

    Attributes:
        sku: our name of what is sold.
        region: where the price holds; `*` everywhere.
        price: of one unit, net.
        unit: such as `hour`, `GiB month`, `month`.
        dated: day of the list it stood in; where the list has none, when it was read.
        source: where it was read.
        example: whether nobody checked it; then it says nothing about a bill.
    """

    sku: str
    region: str
    price: Decimal
    unit: str
    dated: date
    source: str
    example: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """All prices in one currency."""

    version: str
    currency: str
    prices: tuple[Price, ...]

    def find(self, sku: str, region: str) -> Price | None:
        """The region's own price, else the one of everywhere."""
        rows = {price.region: price for price in self.prices if price.sku == sku}
        return rows.get(region) or rows.get("*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is used in a month: so many units of a SKU, for a part of the installation."""

    part: str
    sku: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item with its price; None where the table has none in this unit."""

    item: Item
    price: Price | None

    @property
    def monthly(self) -> Decimal | None:
        """What it costs a month."""
        return self.item.quantity * self.price.price if self.price else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A month."""

    rows: tuple[Row, ...]

    @property
    def total(self) -> Decimal:
        """Of what has a price."""
        return sum((row.monthly for row in self.rows if row.monthly is not None), start=Decimal())

    @property
    def unpriced(self) -> tuple[Row, ...]:
        """What has none."""
        return tuple(row for row in self.rows if row.price is None)

    @property
    def examples(self) -> Decimal:
        """How much of the total rests on prices that nobody checked."""
        return sum(
            (row.monthly for row in self.rows if row.price and row.price.example and row.monthly is not None),
            start=Decimal(),
        )

    @property
    def listed(self) -> tuple[Price, ...]:
        """Prices that were read from a list; oldest first."""
        found = {row.price for row in self.rows if row.price and not row.price.example}
        return tuple(sorted(found, key=lambda price: (price.dated, price.source, price.sku)))

    @property
    def parts(self) -> dict[str, Decimal]:
        """What each part costs, as far as it has a price; in the order of the rows."""
        found = dict.fromkeys((row.item.part for row in self.rows), Decimal())
        for row in self.rows:
            found[row.item.part] += row.monthly or 0
        return found

    def share(self, amount: Decimal) -> Decimal:
        """Share of the total, from 0 to 1."""
        return amount / self.total if self.total else Decimal()


def each(sku: str, quantity: Decimal = Decimal(1), unit: str = "month") -> Counting:
    """So much for each resource of a kind, whatever its inputs."""
    return lambda _: iter([(sku, quantity, unit)])


def items_of(
    resources: Iterable[DeclaredResource], free: Collection[str], counted: Mapping[str, Counting]
) -> tuple[Item, ...]:
    """What resources use in a month, and traffic. By part and SKU.

    Args:
        resources: of one cloud.
        free: kinds that cost nothing by themselves.
        counted: kinds with what they use; another kind is told as unpriced, and so is what is not known yet.
    """
    traffic = Item(part="traffic", sku="traffic-to-the-internet", quantity=Decimal(1), unit=DEPENDS)
    found = [item for one in resources if one.kind not in free for item in _items(one, counted.get(one.kind))]
    return summed(sorted([*found, traffic], key=lambda item: (item.part, item.sku)))


def _items(one: DeclaredResource, counting: Counting | None) -> Iterator[Item]:
    if counting is None:
        yield Item(part=one.part, sku=one.kind, quantity=Decimal(1), unit="month")
        return
    try:
        used = tuple(counting(one.inputs))
        if any(known is None for use in used for known in use):
            raise ValueError("part of it is not known")
    except (LookupError, TypeError, ValueError):  # an input that is not known in a preview
        used = ((one.kind, Decimal(1), "not known before it is made"),)
    for sku, quantity, unit in used:
        yield Item(part=one.part, sku=sku, quantity=quantity, unit=unit)


def summed(items: Iterable[Item]) -> tuple[Item, ...]:
    """Items with those of one part, SKU and unit taken together; in their order."""
    found: dict[tuple[str, str, str], Item] = {}
    for item in items:
        key = (item.part, item.sku, item.unit)
        found[key] = replace(item, quantity=item.quantity + found[key].quantity) if key in found else item
    return tuple(found.values())


def bill_of(items: Iterable[Item], table: PriceTable, region: str) -> Bill:
    """Price items; a price in another unit than the item's is none."""
    rows = []
    for item in items:
        price = table.find(item.sku, region)
        rows.append(Row(item=item, price=price if price and price.unit == item.unit else None))
    return Bill(rows=tuple(rows))
