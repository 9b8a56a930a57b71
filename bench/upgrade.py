"""An update and losses under load on real nodes, and the update with the public Helm chart's settings beside it."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bench.measure import Row
from kastellan.manifests.workloads import PRE_STOP_SECONDS
from lab.careless import careless_lanes, install_careless, migrate, roll_out
from lab.images import releases
from lab.load import TIMEOUT, Lane, Load
from lab.load_report import LATE, LoadReport, Span
from lab.loss import cut_power, nodes_of
from lab.node_wait import wait_for
from lab.place import Place
from lab.postgres import Postgres
from lab.pulumi_cli import PulumiCli
from lab.real import RealCluster, why_not
from lab.service_load import edge_lanes, service_lanes
from lab.simulated import ZONES

RATE = 200
CALM_SECONDS = 20.0
"""How long the load goes on before the change, to compare with."""
_BEFORE, _AFTER = "v4.13.0", "v4.13.1"
_HOW = "`make bench-upgrade`"
_LOSS_SECONDS = 90.0
_STEPS = ("objects", "init", "setup", "rollout", "rebalancing", "verification", "routes", "pruning")
"""Of the procedure, in its order (`execution/release.py`)."""
_SETTINGS = (
    ("replicas", "3", "1 (its default), and 3"),
    ("before a pod's end", f"serves on for {PRE_STOP_SECONDS} s", "nothing"),
    ("pods away during a rollout", "none", "25 %, rounded down (the default of Kubernetes)"),
    ("spread over zones", "a must", "none"),
    ("disruption budget", "one zone's worth", "none"),
    (
        "order",
        "migration, then pods",
        "the same, as hooks: a Job with a deadline of 300 s that kills, and five retries",
    ),
)
"""What differs: ours, the chart's (zitadel-charts 9.34.0)."""


def measure() -> list[Row]:
    """Measure; on a machine without real nodes say why not."""
    if (reason := why_not()) is not None:
        return [("an update under load", f"not measured: {reason}", _HOW)]
    began = time.monotonic()

    def tell(text: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - began:4.0f} s  {text}\n")
        sys.stderr.flush()

    tell("a cluster with four nodes in three zones, and PostgreSQL")
    with (
        tempfile.TemporaryDirectory() as home,
        RealCluster((*ZONES, ZONES[0])) as cluster,
        Postgres(cluster.host_address, supervisor=cluster.supervisor) as postgres,
    ):
        folder = Path(home)
        tell(f"`pulumi up` installs {_BEFORE}")
        pulumi = PulumiCli(folder / "pulumi")
        place = Place(cluster, postgres, pulumi, "bench", version=_BEFORE, versions=(_BEFORE, _AFTER), edge=True)
        place.up()
        rows = _ours(place, folder, tell)
        for replicas in (1, 3):
            rows.append(_chart(place, folder, replicas, tell))
        rows += [(f"settings: {what}", f"kastellan: {ours}; the chart: {chart}", "") for what, ours, chart in _SETTINGS]
        rows.append(_loss(place, folder, "node", nodes_of(place, "zone-a"), tell))
        rows.append(_loss(place, folder, "zone", cluster.nodes_of("zone-c"), tell))
        tell("done")
    return rows


def _ours(place: Place, folder: Path, tell: Callable[[str], None]) -> list[Row]:
    tell(f"{RATE} requests/s: {CALM_SECONDS:.0f} s of calm, then `pulumi up` to {_AFTER}")
    place.stack.change(version=_AFTER)
    inside = service_lanes(place)

    brought = 0.0

    def change() -> None:
        nonlocal brought
        began = time.time()
        place.up()
        brought = time.time() - began
        wait_for(lambda: place.versions(leaving=True) == {_AFTER}, what="the old pods' end", seconds=60)

    report, calm, wall = _changed([*inside, *inside, *edge_lanes(place, folder)], folder, change)
    steps, starts = _steps(place), _pod_starts(place)
    floor = _migration(place) + sum(until - since for since, until in starts) + PRE_STOP_SECONDS
    seen = [(since, until + 1) for since, until in starts]  # the API counts in whole seconds
    before = report.during(calm).percentile(0.95)
    phases = [
        f"`pulumi`, its program and the preflight {brought - sum(steps.values()):.1f} s",
        *(f"{step} {steps[step]:.1f} s" for step in _STEPS if steps[step] >= 0.1),
        f"then until the last old pod's end {wall - brought:.1f} s",
    ]
    changing = report.outside(calm)
    return [
        (
            f"an update at {RATE} requests/s, kastellan",
            f"{_counted(report)}, {report.resent} were sent again",
            _HOW,
        ),
        (
            "its 95th percentile, to that before",
            f"{changing.outside(*seen).percentile(0.95) / before:.2f} times outside of pod starts, "
            f"{changing.during(*seen).percentile(0.95) / before:.2f} times within ({before * 1000:.1f} ms before)",
            _HOW,
        ),
        ("where its time goes", ", ".join(phases), _HOW),
        (
            "its whole time until the last old pod's end, to the floor (the migration itself, pod starts one after the "
            "other, one pause before the end)",
            f"{wall / floor:.2f} times ({wall:.0f} s to {floor:.0f} s)",
            _HOW,
        ),
    ]


def _chart(place: Place, folder: Path, replicas: int, tell: Callable[[str], None]) -> Row:
    """The same pods with what the chart leaves at its defaults: no pause before the end, no spread, no budget."""
    name = f"chart-{replicas}"
    tell(f"the same update with the chart's settings, replicas: {replicas}")
    images = {release.version: release.server.by_digest for release in releases((_BEFORE, _AFTER))}
    install_careless(place, name, images[_BEFORE], replicas=replicas)
    lanes = careless_lanes(place, name)

    def change() -> None:
        migrate(place, name, images[_AFTER])
        roll_out(place, name, images[_AFTER])
        time.sleep(TIMEOUT)  # what the last old pod still had open

    report, _, wall = _changed(lanes, folder, change)
    place.kubectl("delete", "deployment,service,job", name, f"{name}-setup", "--ignore-not-found")
    return (
        f"an update with the chart's settings, {replicas} replica{'s' if replicas > 1 else ''}",
        f"{_counted(report)}, within {report.failed_seconds:.1f} s; whole time {wall - TIMEOUT:.0f} s",
        _HOW,
    )


def _loss(place: Place, folder: Path, what: str, nodes: tuple[str, ...], tell: Callable[[str], None]) -> Row:
    tell(f"the power of a {what} is cut")
    inside = service_lanes(place)
    lanes = [*inside, *inside, *edge_lanes(place, folder)]
    loss = cut_power(
        place, lanes, nodes, folder, rate=RATE, seconds=_LOSS_SECONDS, afterwards=lambda _: time.sleep(TIMEOUT)
    )
    return (
        f"a {what} without power at {RATE} requests/s",
        f"{_counted(loss.report)}, within {loss.report.failed_seconds:.1f} s; pods withdrawn "
        f"after {loss.withdrawn_at - loss.lost_at:.1f} s, replaced after "
        f"{loss.replaced_at - loss.lost_at:.1f} s (grace 16 s and eviction 10 s, a cloud's are 40 to 50 s and 300 s)",
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


def _counted(report: LoadReport) -> str:
    """Failed and late ones apart."""
    late = f"{len(report.late)} were answered after more than {LATE:.0f} s"
    return f"{len(report.unanswered)} of {len(report.requests)} requests failed, {late}"


def _steps(place: Place) -> dict[str, float]:
    exported = place.stack.pulumi.run("stack", "export", "--stack", place.name)
    resources = json.loads(exported.stdout)["deployment"]["resources"]
    release = next(one for one in resources if one["type"] == "kastellan:index:Release")
    return {str(step): float(taken) for step, taken in release["outputs"]["steps"].items()}


def _migration(place: Place) -> float:
    """Seconds for which the setup's container ran; of whole seconds, so one more or less."""
    (pod,) = place.objects("pods", f"app.kubernetes.io/name=zitadel-setup,app.kubernetes.io/version={_AFTER}")
    ran = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    return (datetime.fromisoformat(ran["finishedAt"]) - datetime.fromisoformat(ran["startedAt"])).total_seconds()


def _pod_starts(place: Place) -> list[Span]:
    """From the making of each new pod until it was ready; both are whole seconds, rounded down."""
    spans = []
    for pod in place.objects("pods", f"app.kubernetes.io/name=zitadel,app.kubernetes.io/version={_AFTER}"):
        made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
        ready = next(one for one in pod["status"]["conditions"] if one["type"] == "Ready")
        spans.append((made, datetime.fromisoformat(ready["lastTransitionTime"]).timestamp()))
    return spans
