"""What a call of `kastellan maintain --due` takes where nothing is due, by the size of the fleet.

Every installation has a year behind it: a promise of windows, an offer, notices and a run each month.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

from bench.measure import Row, command, peak_memory, seconds
from kastellan.adapters.contract_windows import window_plan
from kastellan.adapters.holiday_calendar import sources
from kastellan.adapters.notify.channels import notifier_for
from kastellan.adapters.store.opening import open_store
from kastellan.config.stack_file import read_stack_file
from kastellan.domain.history import RunEnded, RunStarted, Verdict
from kastellan.domain.history_record import draft
from kastellan.domain.ledger import Draft
from kastellan.domain.offers import offers
from kastellan.domain.window_expansion import windows
from kastellan.domain.window_promise import Computed
from kastellan.execution.delivery import deliver_due
from kastellan.execution.tick import Ledger, read_ledger, record_due
from kastellan.planning.tick_plan import TickInput

SIZES = (100, 1_000)
_CA = "-----BEGIN CERTIFICATE-----\nbWFkZSBmb3IgYSBiZW5jaG1hcms=\n-----END CERTIFICATE-----\n"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def measure() -> list[Row]:
    """Time and memory of calls on a fleet that was looked at before, and of the first one after a file changed."""
    rows: list[Row] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            make_fleet(folder, size)
            environment = environment_of(folder)
            arguments = [Path(sys.executable).with_name("kastellan"), "maintain", "--due"]
            call = command(arguments, environment=environment, folder=folder)
            first = seconds(call, runs=1)
            taken = seconds(call, runs=5)
            memory = peak_memory(arguments, environment=environment, folder=folder)
            rows.append(
                (
                    f"`maintain --due`, nothing due at {size} installations",
                    f"{taken}; the first call {first.median:.2f} s; {memory:.0f} MiB",
                    "`kastellan maintain --due`",
                )
            )
    return rows


def environment_of(folder: Path) -> dict[str, str]:
    """Of a call on a fleet in a folder."""
    return {**os.environ, "KASTELLAN_STORE": f"sqlite:///{folder / 'store.sqlite'}"}


def make_fleet(folder: Path, size: int) -> None:
    """A project with so many stacks, and a store with a year of each."""
    now = datetime.now(UTC).replace(microsecond=0)
    (folder / "Pulumi.yaml").write_text("name: installation\nstackConfigDir: stacks\n")
    (folder / "stacks").mkdir()
    names = [f"customer-{number:05}" for number in range(size)]
    for name in names:
        (folder / "stacks" / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": _config(name, now)}))
    with open_store(f"sqlite:///{folder / 'store.sqlite'}") as store:
        first = _year(store, folder, names[0], now)
        for name in names[1:]:
            store.append(name, first, seen=0, noticed_at=now)


def _config(name: str, now: datetime) -> dict[str, object]:
    digest = "sha256:" + "a" * 64
    values = {
        "platform": "existing",
        "version": "v4.13.1",
        "domain": f"id.{name}.example",
        "cluster": {"kubeconfigPath": "customer.kubeconfig"},
        "database": {"host": "db.customer.example", "ca": _CA},
        "images": {"zitadel": f"registry.example/z@{digest}", "login": f"registry.example/l@{digest}"},
        "contract": {
            "plan": "advanced",
            "zone": "Europe/Zurich",
            "notify": ["operations"],
            # Neither today nor tomorrow, whenever this is measured.
            "windows": [
                {
                    "recurrence": f"FREQ=WEEKLY;BYDAY={_DAYS[(now.weekday() + 3) % 7]}",
                    "first": "2020-01-01",
                    "start": "22:00",
                    "duration": "6h",
                }
            ],
            "holidays": {"country": "CH", "subdivision": "SG"},
            "businessHours": {},
        },
    }
    return {f"installation:{key}": value for key, value in values.items()}


def _year(store, folder: Path, name: str, now: datetime) -> list[Draft]:
    """A year of an installation, ticked every five days; what is in its ledger, to be copied."""
    config = read_stack_file(name, project=folder).parse()
    contract = config.contract
    if contract is None:
        raise RuntimeError("the stack has no contract")
    (folder / "out").mkdir()
    notifier = notifier_for({"operations": (folder / "out").as_uri()})

    @cache
    def computed(at: datetime) -> Computed:
        plan = window_plan(contract, at, folder=folder)
        return Computed(windows=windows(plan, at, at + timedelta(days=396)), plan=plan, sources=sources())

    def look(ledger: Ledger) -> TickInput:
        return TickInput(
            installation=name, contract=contract, catalogue=config.catalogue, channels=contract.notify,
            configured=config.installation.version, history=ledger.history, recorded=ledger.keys,
            computed=computed(at), promise=ledger.promise, recorded_contract=ledger.contract_digest, now=at,
        )  # fmt: skip

    at = now - timedelta(days=365)
    while at <= now:
        record_due(store, name, look, at)
        list(deliver_due(store, notifier, name, contract.terms, at))
        ledger = read_ledger(store, name)
        for offer in offers(ledger.history, contract.terms, contract.zone):
            if offer.end < at and offer.run is None:
                start, version = offer.start, config.installation.version
                facts = (
                    RunStarted(at=start, item=offer.item, start=start, version=version),
                    RunEnded(
                        at=start + timedelta(hours=1), item=offer.item, verdict=Verdict.PASSED, start=start,
                        version=version,
                    ),
                )  # fmt: skip
                store.append(name, [draft(fact) for fact in facts], seen=len(store.entries(name)), noticed_at=at)
        at += timedelta(days=5)
    return [Draft(kind=one.kind, key=one.key, at=one.at, body=one.body) for one in store.entries(name)]
