"""`kastellan cost` as a person and a pipeline see it."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from kastellan.cli.main import run
from kastellan.config.price_file import packaged_prices, parse_prices
from kastellan.domain.cost import Item, bill_of
from kastellan.domain.declared_resource import DeclaredResource
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.google_cost import google_items
from kastellan.planning.previewed import UNKNOWN
from tests.clouds.reflection_file import shapes
from tests.fakes.pulumi_program import engine_on_path
from tests.golden import assert_golden

PREVIEW = Path(__file__).parent / "preview-gke.json"
"""What `pulumi preview --json` printed for stacks/Pulumi.example-gke.yaml; tests/clouds/saved_preview.py writes it."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(PREVIEW, tmp_path / "acme.json")
    bigger = PREVIEW.read_text().replace("n2-standard-4", "n2-standard-16")
    (tmp_path / "bigger.json").write_text(bigger)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("platform", "golden"), [("gke", "cost.txt"), ("eks", "cost-eks.txt")])
def test_every_part_is_shown_with_its_share_and_what_has_no_price_is_named(
    folder: Path, platform: str, golden: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PREVIEW.with_name(f"preview-{platform}.json"), folder / "acme.json")
    assert run(["cost", "acme.json"]) == 0
    assert_golden(Path(__file__).parent / "golden" / golden, capsys.readouterr().out)


def test_the_first_preview_of_a_base_on_aws_prices_its_interface_endpoints(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PREVIEW.with_name("preview-eks.json"), folder / "acme.json")
    assert run(["cost", "acme.json", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["bills"]["acme.json"]["rows"]
    (endpoints,) = [row for row in rows if row["sku"] == "vpc-interface-endpoint"]
    assert Decimal(endpoints["quantity"]) == 6 * 3 * 730  # services, zones, hours
    assert [row["sku"] for row in rows if row["unit"] == "not known before it is made"] == []


def test_a_stack_is_priced_by_the_engines_preview(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cost", "acme.json"]) == 0
    saved = capsys.readouterr().out
    engine_on_path(folder, monkeypatch)
    shutil.copy(PREVIEW, folder / "preview.json")
    assert run(["cost", "acme"]) == 0
    assert capsys.readouterr().out == saved.replace("acme.json", "acme", 1)


def test_a_preview_that_fails_tells_the_engines_errors(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine_on_path(folder, monkeypatch)
    said = [{"severity": "warning", "message": "w"}, {"severity": "error", "message": "passphrase must be set"}]
    (folder / "preview.json").write_text(json.dumps({"diagnostics": said}))
    assert run(["cost", "acme"]) == 2
    assert "could not preview acme: passphrase must be set" in capsys.readouterr().err


def test_two_sizes_are_compared_part_by_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "acme.json", "--against", "bigger.json", "--json"]) == 0
    bills = json.loads(capsys.readouterr().out)["bills"]
    assert Decimal(bills["bigger.json"]["total"]) > Decimal(bills["acme.json"]["total"])
    assert bills["acme.json"]["complete"] is False
    assert [row["monthly"] for row in bills["acme.json"]["rows"] if row["part"] == "traffic"] == [None]
    assert run(["cost", "acme.json", "--against", "bigger.json"]) == 0
    table = capsys.readouterr().out.partition("difference\n")[2]
    nodes = next(line for line in table.splitlines() if line.startswith("nodes "))
    assert Decimal(nodes.split()[-1]) == Decimal(nodes.split()[2]) - Decimal(nodes.split()[1]) > 0


def test_a_kind_that_nobody_thought_of_is_never_free(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(PREVIEW.read_text())
    new = {"type": "gcp:redis/instance:Instance", "inputs": {}}
    document["steps"].append(
        {"op": "create", "urn": "urn:pulumi:s::p::gcp:redis/instance:Instance::cache", "newState": new}
    )
    (folder / "more.json").write_text(json.dumps(document))
    assert run(["cost", "more.json"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "redis" in line)
    assert line.endswith("unpriced")


def test_what_is_not_known_before_it_is_made_is_unpriced_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "late.json").write_text(PREVIEW.read_text().replace('"n2-standard-4"', f'"{UNKNOWN}"'))
    assert run(["cost", "late.json"]) == 0
    said = capsys.readouterr().out
    assert "not known before it is made   unpriced" in said
    assert "n2-standard" not in said


def test_what_an_update_deletes_costs_nothing_any_more(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(PREVIEW.read_text())
    for step in document["steps"]:
        step["op"] = "delete" if "RouterNat" in step["urn"] else step["op"]
    (folder / "less.json").write_text(json.dumps(document))
    assert run(["cost", "less.json"]) == 0
    assert "cloud-nat-data" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"steps": [{}]}', '{"steps": [{"op": "same", "newState": 1}]}'])
def test_what_is_no_preview_is_refused(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.json").write_text(text)
    assert run(["cost", "bad.json"]) == 2
    assert "preview" in capsys.readouterr().err


def test_every_kind_of_the_simulated_cloud_is_counted_or_named_as_free() -> None:
    one = (DeclaredResource(urn="a::b::c::d", kind=kind, inputs={}) for kind in shapes())
    assert [item.sku for item in google_items(one) if item.unit == "month" and item.sku.startswith("gcp:")] == []


def test_a_price_in_another_unit_or_region_is_none() -> None:
    items = [
        Item(part="nodes", sku="n2-standard-4", quantity=Decimal(1), unit="month"),
        Item(part="nodes", sku="n2-standard-4", quantity=Decimal(1), unit="hour"),
    ]
    assert [row.price is None for row in bill_of(items, packaged_prices(), "europe-west6").rows] == [True, False]
    assert len(bill_of(items, packaged_prices(), "asia-east1").unpriced) == 2


def test_of_every_packaged_price_it_is_known_whether_it_was_read_and_where() -> None:
    prices = packaged_prices().prices
    read = [price for price in prices if not price.example]
    assert all(price.price > 0 for price in prices)
    lists = ("price list", "Catalog", "AWS blogs", "cloud.google.com/")
    assert [price.source for price in read if not any(known in price.source for known in lists)] == []
    assert {price.source for price in prices if price.example} == {"example"}
    machines = {(price.sku, price.region) for price in read}
    assert {("n2-standard-4", "europe-west6"), ("m7i.xlarge", "eu-central-1")} <= machines


def test_what_was_read_in_a_list_and_what_nobody_checked_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "acme.json", "--json"]) == 0
    bill = json.loads(capsys.readouterr().out)["bills"]["acme.json"]
    rows = {row["sku"]: row for row in bill["rows"]}
    assert (rows["n2-standard-4"]["example"], rows["n2-standard-4"]["dated"]) == (False, "2026-07-30")
    assert "Cloud Billing Catalog" in rows["n2-standard-4"]["source"]
    assert rows["cloud-sql-ssd-ha"]["example"] is True
    of_examples = sum(Decimal(row["monthly"]) for row in bill["rows"] if row["example"])
    assert Decimal(bill["ofExamples"]) == of_examples > 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("price: '0', source: invoice", "greater than 0"),
        ("price: '1', source: invoice, example: true", "has the source `example`"),
        ("price: '1', source: example", "is marked by `example: true`"),
        ("price: '1', source: invoice, date: 2026-11-02", "dated after the table's version: x"),
        ("source: invoice", "this key is required"),
    ],
)
def test_a_price_that_is_nothing_or_hides_where_it_comes_from_is_refused(row: str, said: str) -> None:
    dated = row if "date:" in row else f"{row}, date: 2026-11-01"
    text = f"version: 2026-11-01\ncurrency: CHF\nprices: [{{sku: x, region: '*', unit: hour, {dated}}}]\n"
    with pytest.raises(InvalidInputError, match="not valid") as caught:
        parse_prices(text, source="x")
    assert said in str(caught.value)


def test_prices_of_ones_own_are_used_and_bad_ones_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = folder / "prices.yaml"
    row = "{sku: gke-regional-cluster, region: '*', price: '1', unit: hour, date: 2026-11-01, source: invoice}"
    own.write_text(f"version: 2026-11-01\ncurrency: CHF\nprices: [{row}]\n")
    assert run(["cost", "acme.json", "--prices", str(own)]) == 0
    shown = capsys.readouterr().out
    assert "730.00" in shown
    assert "example" not in shown
    with pytest.raises(InvalidInputError, match="not valid"):
        parse_prices(f"version: 2026-11-01\ncurrency: CHF\nprices: [{row}, {row}]\n", source="x")
