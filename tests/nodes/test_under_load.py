"""Not one failed request (DI-2, MU-2): what an installation answers while it is changed under it."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from lab.careless import careless_lanes, install_careless, roll_out
from lab.endpoint_watch import EndpointWatch
from lab.images import releases
from lab.load import Lane, Load
from lab.load_report import LoadReport
from lab.place import Place
from lab.service_load import edge_lanes, service_lanes
from tests.waiting import until

RATE = 200
REPLICAS = 3
CROSSED = {("token http1 kept", "cut"), ("token http1 kept", "reset")}
"""The one kind of request, and how it is lost, that may cross the end of its connection."""


def lanes(
    place: Place, folder: Path, *, signed_in: bool = True, way_in: Callable[[Path], list[Lane]] | None = None
) -> list[Lane]:
    """Mostly through the Services; through the edge as much as RL-1 and RL-2 let one client ask."""
    inside = service_lanes(place, signed_in=signed_in)
    return [*inside, *inside, *(way_in(folder) if way_in else edge_lanes(place, folder))]


def assert_nothing_failed(report: LoadReport) -> None:
    """Every request was answered, and all but single ones in time.

    Two allowances, neither of which hides what an installation does. Clients, servers and a whole cluster share this
    machine, so an answer is late now and then; `make bench-upgrade` counts those where nothing else runs. And ZITADEL
    ends kept connections of HTTP/1.1 without a word: a POST that is on its way at that very instant is lost, and no
    client may repeat it by itself (RFC 9110, section 9.2.2; docs/resilience.md).
    """
    crossed = [one for one in report.unanswered if (one.lane, one.outcome) in CROSSED]
    assert len(crossed) <= 3, report.summary()
    assert len(report.unanswered) == len(crossed), report.summary()
    assert len(report.failed) <= 0.02 * len(report.requests), report.summary()


def under_load(
    place: Place,
    folder: Path,
    change: Callable[[], object],
    *,
    signed_in: bool = True,
    way_in: Callable[[Path], list[Lane]] | None = None,
    replaces: bool = True,
) -> LoadReport:
    """Make a change under load; nothing may fail, and no zone may be without a ready pod for a moment."""
    with (
        EndpointWatch(place.cluster, place.name, "zitadel", pods=REPLICAS) as watch,
        EndpointWatch(place.cluster, place.name, "zitadel-login", pods=REPLICAS if signed_in else 0) as login,
        Load(lanes(place, folder, signed_in=signed_in, way_in=way_in), rate=RATE, folder=folder) as load,
    ):
        before = frozenset(watch.pods())
        change()
        report = load.end()
    assert_nothing_failed(report)
    assert report.rate > 0.95 * RATE
    assert min(len(seen.pods) for seen in watch.seen) >= REPLICAS
    # While keys are exchanged, a login pod of before may be unready at an API pod of after (docs/resilience.md).
    for one in (watch, login) if signed_in else (watch,):
        assert not one.lacking(3), f"a zone was without a ready pod: {one.lacking(3)}"
    assert before.isdisjoint(watch.pods()) if replaces else before == frozenset(watch.pods())
    return report


def test_an_update_fails_no_request_and_migrates_before_any_new_pod_runs(busy: Place, tmp_path: Path) -> None:
    busy.stack.change(version="v4.13.1")
    under_load(busy, tmp_path, busy.up)
    (setup,) = busy.objects("pods", "app.kubernetes.io/name=zitadel-setup,app.kubernetes.io/version=v4.13.1")
    (container,) = setup["status"]["containerStatuses"]
    migrated = datetime.fromisoformat(container["state"]["terminated"]["finishedAt"])
    new = busy.objects("pods", "app.kubernetes.io/name=zitadel,app.kubernetes.io/version=v4.13.1")
    assert len(new) == REPLICAS
    assert all(migrated <= datetime.fromisoformat(pod["metadata"]["creationTimestamp"]) for pod in new)


def test_a_change_of_the_configuration_fails_no_request(busy: Place, tmp_path: Path) -> None:
    busy.stack.change(size="medium")
    under_load(busy, tmp_path, busy.up)


def test_the_same_rollout_without_a_pause_before_the_end_and_with_a_pod_away_loses_requests(
    busy: Place, tmp_path: Path
) -> None:
    """The proof that the measure can fail: same program, same nodes, same load."""
    images = {release.version: release.server.by_digest for release in releases(("v4.13.0", "v4.13.1"))}
    try:
        install_careless(busy, "careless", images["v4.13.0"], max_unavailable=1)
        with Load(careless_lanes(busy, "careless"), rate=RATE, folder=tmp_path) as load:
            time.sleep(2)
            calm_until = time.time()
            roll_out(busy, "careless", images["v4.13.1"])
            report = load.end()
    finally:
        busy.kubectl("delete", "deployment,service", "careless", "--wait=false", "--ignore-not-found")
    assert not report.outside((calm_until, time.time())).unanswered, report.summary()
    assert {"refused", "reset", "cut"} & {one.outcome for one in report.unanswered}, report.summary()


def test_a_setup_that_is_killed_and_finished_by_the_next_up_fails_no_request(busy: Place, tmp_path: Path) -> None:
    (before,) = busy.versions()

    def killed() -> None:
        busy.stack.change(version="v4.14.0")  # its migration takes eight seconds
        running = busy.stack.pulumi.start("up", "--yes", "--skip-preview", "--stack", busy.name, log=tmp_path / "log")
        try:
            until(lambda: busy.marks("62_sessions_user") == ["started"], seconds=90)
            setup = "app.kubernetes.io/name=zitadel-setup,app.kubernetes.io/version=v4.14.0"
            busy.kubectl("delete", "pods", "-l", setup, "--grace-period=0", "--force")
        finally:
            assert running.wait(180) != 0
        assert "the version before serves on" in (tmp_path / "log").read_text()
        assert busy.versions() == {before}
        assert busy.marks("62_sessions_user") == ["started"], "a killed setup leaves its mark"
        said = busy.up()
        assert "made anew" in said
        assert "step 62_sessions_user for less than 10 s" in said, "the database's own records are told"

    under_load(busy, tmp_path, killed)
    assert busy.marks("62_sessions_user") == ["started", "failed", "started", "done"]
    assert busy.versions() == {"v4.14.0"}


def test_a_migration_that_fails_touches_no_pod_and_fails_no_request(busy: Place, tmp_path: Path) -> None:
    (before,) = busy.versions()

    def failing() -> None:
        busy.stack.change(version="v4.15.0")
        try:
            said = busy.up(succeeds=False)
        finally:
            busy.stack.change(version=before)
        assert "the version before serves on" in said
        assert "63_sessions_agent" in said, "the log of the failed job is the evidence"
        assert busy.marks("63_sessions_agent")[-1] == "failed"
        busy.up()

    under_load(busy, tmp_path, failing, replaces=False)
    assert busy.versions() == {before}


def test_a_version_that_never_gets_ready_is_undone_while_the_one_before_serves(busy: Place, tmp_path: Path) -> None:
    (before,) = busy.versions()
    with (
        EndpointWatch(busy.cluster, busy.name, "zitadel", pods=REPLICAS) as watch,
        Load(lanes(busy, tmp_path, signed_in=False), rate=RATE, folder=tmp_path) as load,
    ):
        busy.stack.change(version="v4.16.0", rolloutDeadline="1m")
        try:
            said = busy.up(succeeds=False)
        finally:
            busy.stack.change(version=before, undo="v4.16.0", rolloutDeadline=None)
        assert "old pods go on serving" in said
        busy.up()
        report = load.end()
    busy.stack.change(undo=None)
    assert_nothing_failed(report)
    assert min(len(seen.pods) for seen in watch.seen) >= REPLICAS
    assert not watch.lacking(3)
    assert busy.versions() == {before}
