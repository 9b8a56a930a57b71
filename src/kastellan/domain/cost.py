"""What the infrastructure of an installation costs a month (DI-3), from quantities and a dated table of prices.

A price that is missing is told as such and never counts as nothing; a sum with such a part is told as a lower bound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kastellan.domain.google_base import GoogleBase
from kastellan.domain.machine import database_tiers
from kastellan.domain.service_plan import Platform

HOURS = Decimal(730)
"""Hours of a month, as the clouds' own calculators count."""
_PLATFORM_MACHINE = "e2-standard-2"
_NODE_DISK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One row of the table.

    Attributes:
        sku: our name of what is sold.
        region: where the price holds; `*` everywhere.
        price: of one unit, net.
        unit: such as `hour`, `GiB month`, `month`.
        dated: when it was read.
        source: where.
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

    def share(self, row: Row) -> Decimal | None:
        """Share of the total, from 0 to 1; None where there is no price."""
        if row.monthly is None:
            return None
        return row.monthly / self.total if self.total else Decimal()


def bill_of(items: Iterable[Item], table: PriceTable, region: str) -> Bill:
    """Price items; a price in another unit than the item's is none."""
    rows = []
    for item in items:
        price = table.find(item.sku, region)
        rows.append(Row(item=item, price=price if price and price.unit == item.unit else None))
    return Bill(rows=tuple(rows))


def google_items(base: GoogleBase) -> tuple[Item, ...]:
    """What a base on Google Cloud uses in a month; traffic depends on use, so it is named and never priced."""
    zones, tier = len(base.zones), next(t for t in database_tiers(Platform.GKE) if t.name == base.database_tier)
    nodes = zones * base.nodes_per_zone

    def hours(part: str, sku: str, count: int) -> Item:
        return Item(part=part, sku=sku, quantity=HOURS * count, unit="hour")

    def months(part: str, sku: str, count: int, unit: str = "month") -> Item:
        return Item(part=part, sku=sku, quantity=Decimal(count), unit=unit)

    return (
        hours("cluster", "gke-regional-cluster", 1),
        hours("nodes", base.machine_type, nodes),
        hours("nodes", _PLATFORM_MACHINE, zones),
        months("nodes", "pd-balanced", (nodes + zones) * _NODE_DISK, "GiB month"),
        hours("database", "cloud-sql-postgres-ha-vcpu", tier.cpu),
        hours("database", "cloud-sql-postgres-ha-memory-gib", tier.memory),
        months("database", "cloud-sql-ssd-ha", base.database_disk, "GiB month"),
        months("backups", "cloud-sql-backup", base.database_disk, "GiB month"),
        hours("edge", "global-forwarding-rule", 1),
        months("edge", "cloud-armor-policy", 1),
        months("edge", "cloud-armor-rule", 3),
        hours("network", "cloud-nat", 1),
        months("keys", "kms-key-version", 2),
        months("names", "dns-zone", 1 + base.create_dns_zone),
        months("traffic", "traffic-to-the-internet", 1, "depends on use"),
    )
