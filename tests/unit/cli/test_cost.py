"""`kastellan cost` as a person and a pipeline see it."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from kastellan.cli.main import run
from kastellan.config.price_file import packaged_prices, parse_prices
from kastellan.domain.cost import Item, bill_of
from kastellan.domain.errors import InvalidInputError
from tests.golden import assert_golden

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    example = ROOT / "stacks" / "Pulumi.example-gke.yaml"
    shutil.copy(example, tmp_path / "stacks" / "Pulumi.acme.yaml")
    bigger = example.read_text().replace("# machineType: n2-standard-8 ", "machineType: n2-standard-16 ")
    (tmp_path / "stacks" / "Pulumi.bigger.yaml").write_text(bigger)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_part_is_shown_with_its_share_and_what_has_no_price_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "acme"]) == 0
    assert_golden(Path(__file__).parent / "golden" / "cost.txt", capsys.readouterr().out)


def test_two_sizes_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "acme", "--against", "bigger", "--json"]) == 0
    bills = json.loads(capsys.readouterr().out)["bills"]
    assert Decimal(bills["bigger"]["total"]) > Decimal(bills["acme"]["total"])
    assert bills["acme"]["complete"] is False
    assert [row["monthly"] for row in bills["acme"]["rows"] if row["part"] == "traffic"] == [None]


def test_a_price_in_another_unit_or_region_is_none() -> None:
    items = [
        Item(part="nodes", sku="n2-standard-4", quantity=Decimal(1), unit="month"),
        Item(part="nodes", sku="n2-standard-4", quantity=Decimal(1), unit="hour"),
    ]
    assert [row.price is None for row in bill_of(items, packaged_prices(), "europe-west6").rows] == [True, False]
    assert len(bill_of(items, packaged_prices(), "asia-east1").unpriced) == 2


def test_prices_of_ones_own_are_used_and_bad_ones_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = project / "prices.yaml"
    row = "{sku: gke-regional-cluster, region: '*', price: '1', unit: hour, date: 2026-11-01, source: invoice}"
    own.write_text(f"version: 2026-11-01\ncurrency: CHF\nprices: [{row}]\n")
    assert run(["cost", "acme", "--prices", str(own)]) == 0
    shown = capsys.readouterr().out
    assert "730.00" in shown
    assert "example" not in shown
    with pytest.raises(InvalidInputError, match="not valid"):
        parse_prices(f"version: 2026-11-01\ncurrency: CHF\nprices: [{row}, {row}]\n", source="x")
