"""An update under load on real nodes, ours and one with the settings of the public Helm chart, side by side."""

import json
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bench.measure import Row
from kastellan.manifests.workloads import PRE_STOP_SECONDS
from lab.careless import careless_lanes, install_careless, roll_out
from lab.images import releases
from lab.load import Lane, Load
from lab.load_report import LoadReport, Span
from lab.place import Place
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster, why_not
from lab.service_load import edge_lanes, service_lanes

RATE = 200
CALM_SECONDS = 20.0
"""How long the load goes on before the change, to compare with."""
_BEFORE, _AFTER = "v4.13.0", "v4.13.1"
_HOW = "`make bench-upgrade`"


def measure() -> list[Row]:
    """Measure; on a machine without real nodes say why not."""
    if (reason := why_not()) is not None:
        return [("an update under load", f"not measured: {reason}", _HOW)]
    with (
        tempfile.TemporaryDirectory() as home,
        RealCluster() as cluster,
        Postgres(cluster.host_address, supervisor=cluster.supervisor) as postgres,
    ):
        folder = Path(home)
        place = Place(
            cluster,
            postgres,
            PulumiCli(folder / "pulumi"),
            "bench",
            version=_BEFORE,
            versions=(_BEFORE, _AFTER),
            edge=True,
        )
        place.up()
        rows = _ours(place, folder)
        for replicas in (1, 3):
            rows.append(_chart(place, folder, replicas))
    return rows


def _ours(place: Place, folder: Path) -> list[Row]:
    place.stack.change(version=_AFTER)
    inside = service_lanes(place)
    report, calm, wall = _changed([*inside, *inside, *edge_lanes(place, folder)], folder, place.up)
    steps = _steps(place)
    starts = _pod_starts(place)
    quiet = report.outside(calm, *starts)
    floor = steps["setup"] + sum(until - since for since, until in starts) + PRE_STOP_SECONDS
    before = report.during(calm).percentile(0.95)
    phases = ", ".join(f"{step} {taken:.1f} s" for step, taken in steps.items() if taken >= 0.1)
    return [
        (
            f"an update at {RATE} requests/s, kastellan",
            f"{len(report.failed)} of {len(report.requests)} requests failed, {report.resent} were sent again",
            _HOW,
        ),
        (
            "its 95th percentile outside of pod starts, to that before",
            f"{quiet.percentile(0.95) / before:.2f} times ({before * 1000:.1f} ms before)",
            _HOW,
        ),
        ("its phases", phases, _HOW),
        (
            "its whole time, to the floor (migration, pod starts, one pause before the last pod's end)",
            f"{wall / floor:.2f} times ({wall:.0f} s to {floor:.0f} s)",
            _HOW,
        ),
    ]


def _chart(place: Place, folder: Path, replicas: int) -> Row:
    """The same pods with what the chart leaves at its defaults: no pause before the end, no spread, no budget."""
    name = f"chart-{replicas}"
    images = {release.version: release.server.by_digest for release in releases((_BEFORE, _AFTER))}
    install_careless(place, name, images[_BEFORE], replicas=replicas)
    lanes = careless_lanes(place, name)

    def change() -> None:
        roll_out(place, name, images[_AFTER])
        time.sleep(5)  # what the last old pod still had open

    report, _, _ = _changed(lanes, folder, change)
    place.kubectl("delete", "deployment,service", name)
    return (
        f"the rollout alone with the chart's settings, {replicas} replica{'s' if replicas > 1 else ''}",
        f"{len(report.failed)} of {len(report.requests)} requests failed within {report.failed_seconds:.1f} s",
        _HOW,
    )


def _changed(lanes: list[Lane], folder: Path, change: Callable[[], object]) -> tuple[LoadReport, Span, float]:
    """Load, calm first, then while something changes; the report, the calm span, and the seconds of the change."""
    with Load(lanes, rate=RATE, folder=folder) as load:
        begin = time.time()
        time.sleep(CALM_SECONDS)
        calm = (begin + 2, time.time())  # without the first connections
        change()
        wall = time.time() - calm[1]
        return load.end(), calm, wall


def _steps(place: Place) -> dict[str, float]:
    exported = place.stack.pulumi.run("stack", "export", "--stack", place.name)
    resources = json.loads(exported.stdout)["deployment"]["resources"]
    release = next(one for one in resources if one["type"] == "kastellan:index:Release")
    return {str(step): float(taken) for step, taken in release["outputs"]["steps"].items()}


def _pod_starts(place: Place) -> list[Span]:
    """From the making of each new pod until it was ready, in the whole seconds that the API counts."""
    spans = []
    for pod in place.objects("pods", f"app.kubernetes.io/name=zitadel,app.kubernetes.io/version={_AFTER}"):
        made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
        ready = next(one for one in pod["status"]["conditions"] if one["type"] == "Ready")
        spans.append((made, datetime.fromisoformat(ready["lastTransitionTime"]).timestamp() + 1))
    return spans
