"""Reads a table of prices: the packaged one, or one that is given."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, model_validator

from kastellan.config.fields import ConfigModel
from kastellan.config.problem import reasons_of
from kastellan.domain.cost import Price, PriceTable
from kastellan.domain.errors import InvalidInputError


class _Row(ConfigModel):
    sku: str = Field(min_length=1)
    region: str = Field(min_length=1)
    price: Decimal = Field(ge=0)
    unit: str = Field(min_length=1)
    date: date
    source: str = Field(min_length=1)
    example: bool = False


class _Table(ConfigModel):
    version: date
    currency: str = Field(pattern="^[A-Z]{3}$")
    prices: tuple[_Row, ...]

    @model_validator(mode="after")
    def _once(self) -> "_Table":
        seen = [(row.sku, row.region) for row in self.prices]
        twice = sorted({f"{sku} in {region}" for sku, region in seen if seen.count((sku, region)) > 1})
        if twice:
            raise ValueError(f"priced twice: {', '.join(twice)}")
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
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInputError(f"the table of prices {path} cannot be read: {cause}") from cause
    return parse_prices(text, source=str(path))


def parse_prices(text: str, *, source: str) -> PriceTable:
    """Parse a table's YAML.

    Raises:
        InvalidInputError: it is no YAML, or its content is wrong; all reasons at once.
    """
    try:
        model = _Table.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as cause:
        raise InvalidInputError(f"{source} is no YAML: {' '.join(str(cause).split())}") from cause
    except ValidationError as cause:
        raise InvalidInputError(f"{source} is not valid", reasons_of(cause, _Table)) from cause
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
