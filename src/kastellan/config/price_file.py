"""Reads a table of prices: the packaged one, or one that is given."""

from collections import Counter
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from pydantic import Field, model_validator

from kastellan.config.fields import ConfigModel
from kastellan.config.yaml_file import parse_model, read_text
from kastellan.domain.cost import Price, PriceTable

_EXAMPLE = "example"


class _Row(ConfigModel):
    sku: str = Field(min_length=1)
    region: str = Field(min_length=1)
    price: Decimal = Field(gt=0)
    unit: str = Field(min_length=1)
    date: date
    source: str = Field(min_length=1)
    example: bool = False

    @model_validator(mode="after")
    def _honest(self) -> "_Row":
        if self.example != (self.source == _EXAMPLE):
            raise ValueError("a price without a source is marked by `example: true` and has the source `example`")
        return self


class _Table(ConfigModel):
    version: date
    currency: str = Field(pattern="^[A-Z]{3}$")
    prices: tuple[_Row, ...]

    @model_validator(mode="after")
    def _once(self) -> "_Table":
        seen = Counter((row.sku, row.region) for row in self.prices)
        twice = sorted(f"{sku} in {region}" for (sku, region), times in seen.items() if times > 1)
        if twice:
            raise ValueError(f"priced twice: {', '.join(twice)}")
        late = sorted({row.sku for row in self.prices if row.date > self.version})
        if late:
            raise ValueError(f"dated after the table's version: {', '.join(late)}")
        return self


def packaged_prices() -> PriceTable:
    """The table that ships with kastellan."""
    source = files("kastellan") / "catalogue" / "prices.yaml"
    return parse_prices(source.read_text(encoding="utf-8"), source="the packaged table of prices")


def read_prices(path: Path) -> PriceTable:
    """Read a table.

    Raises:
        InvalidInputError: the file cannot be read, or its content is wrong; all reasons at once.
    """
    return parse_prices(read_text(path, name="the table of prices"), source=str(path))


def parse_prices(text: str, *, source: str) -> PriceTable:
    """Parse a table's YAML.

    Raises:
        InvalidInputError: it is no YAML, or its content is wrong; all reasons at once.
    """
    model = parse_model(text, _Table, source=source)
    return PriceTable(
        version=model.version.isoformat(),
        currency=model.currency,
        prices=tuple(
            Price(
                sku=row.sku,
                region=row.region,
                price=row.price,
                unit=row.unit,
                dated=row.date,
                source=row.source,
                example=row.example,
            )
            for row in model.prices
        ),
    )
