"""What is lost when a node, a zone or the database is lost, and for how long (DI-2).

The lab has one node in each zone, so that losing one is losing the other. Its API server gives a node up after 16 s and
evicts after 10 s more; a cloud's takes 40 to 50 s and 300 s (docs/resilience.md reckons both).
"""

import time
from pathlib import Path

from lab.endpoint_watch import EndpointWatch
from lab.load import Load
from lab.place import Place
from lab.real import RealCluster
from lab.simulated import ZONES
from tests.nodes.test_under_load import RATE, REPLICAS, assert_nothing_failed, lanes
from tests.waiting import until

NODE_GRACE = 16.0
"""Seconds after which the lab's controller manager calls a silent node gone."""
EVICTION = 10.0
"""Seconds more after which its pods are replaced."""
READINESS = 15.0
"""Three failed probes, five seconds apart."""
SLACK = 14.0
"""For packet rules to follow, which took up to 13 s here, and for a busy machine."""


def test_a_lost_zone_costs_seconds_and_its_return_costs_nothing(
    real_cluster: RealCluster, busy: Place, tmp_path: Path
) -> None:
    _spread_again(busy)
    with (
        EndpointWatch(busy.cluster, busy.name, "zitadel") as watch,
        Load(lanes(busy, tmp_path), rate=RATE, folder=tmp_path) as load,
    ):
        # A loss is only measured from where nothing is missing.
        until(lambda: len(watch.pods()) >= REPLICAS and watch.seen[-1].zones == set(ZONES), seconds=60)
        lost_at = time.time()
        real_cluster.kill_zone("zone-c")
        try:
            until(lambda: len(watch.pods()) == REPLICAS - 1, seconds=NODE_GRACE + SLACK)
            withdrawn_at = watch.seen[-1].at
            until(lambda: len(watch.pods()) >= REPLICAS, seconds=EVICTION + 2 * SLACK)
            replaced_at = watch.seen[-1].at
        finally:
            real_cluster.start_zone("zone-c")
        real_cluster.wait_until_ready("node-zone-c-0")
        assert "zone-c, which takes pods" in busy.refresh()
        busy.up()
        until(lambda: watch.seen[-1].zones == set(ZONES))
        report = load.end()

    assert withdrawn_at - lost_at <= NODE_GRACE + SLACK
    assert replaced_at - lost_at <= NODE_GRACE + EVICTION + 2 * SLACK
    outage = (lost_at - 1, withdrawn_at + SLACK)
    assert_nothing_failed(report.outside(outage))
    during = report.during(outage)
    assert during.unanswered, "a cut that costs nothing was none: the measure would prove nothing"
    answered = 1 - len(during.unanswered) / len(during.requests)
    assert answered >= 0.5, during.summary()


def test_a_database_that_is_away_for_twenty_seconds_costs_no_pod_and_service_returns_with_it(
    busy: Place, tmp_path: Path
) -> None:
    restarts = _restarts(busy)
    with (
        EndpointWatch(busy.cluster, busy.name, "zitadel") as watch,
        Load(lanes(busy, tmp_path), rate=RATE, folder=tmp_path) as load,
    ):
        gone_at = time.time()
        busy.postgres.stop()
        try:
            until(lambda: not watch.pods(), seconds=READINESS + 5 + SLACK)
            time.sleep(max(0.0, gone_at + 20 - time.time()))
        finally:
            busy.postgres.start()
        back_at = time.time()
        until(lambda: len(watch.pods()) >= REPLICAS, seconds=READINESS)
        ready_at = watch.seen[-1].at
        time.sleep(3)
        report = load.end()
    assert ready_at - back_at <= 5 + SLACK
    assert_nothing_failed(report.outside((gone_at, ready_at + 2)))
    assert _restarts(busy) == restarts, "no pod is restarted: that would not bring the database back"


def test_a_failover_of_the_database_is_over_before_a_pod_is_withdrawn(busy: Place, tmp_path: Path) -> None:
    with (
        EndpointWatch(busy.cluster, busy.name, "zitadel") as watch,
        Load(lanes(busy, tmp_path), rate=RATE, folder=tmp_path) as load,
    ):
        busy.postgres.stop()
        busy.postgres.start()
        time.sleep(READINESS)
        report = load.end()
    assert_nothing_failed(report)
    assert min(len(seen.pods) for seen in watch.seen) == REPLICAS


def test_draining_every_node_in_turn_fails_no_request(busy: Place, tmp_path: Path) -> None:
    with (
        EndpointWatch(busy.cluster, busy.name, "zitadel") as watch,
        Load(lanes(busy, tmp_path), rate=RATE, folder=tmp_path) as load,
    ):
        for node in sorted(busy.cluster.nodes):
            busy.cluster.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s")
            until(lambda: len(watch.pods()) >= REPLICAS, seconds=60)
            busy.cluster.kubectl("uncordon", node)
        report = load.end()
    assert_nothing_failed(report)
    # The disruption budget lets one pod of three be away.
    assert min(len(seen.pods) for seen in watch.seen) >= REPLICAS - 1


def _spread_again(place: Place) -> None:
    """What earlier losses left crowded is spread before the next."""
    place.refresh()
    place.up()


def _restarts(place: Place) -> int:
    return sum(
        status["restartCount"]
        for pod in place.objects("pods", "app.kubernetes.io/name=zitadel")
        for status in pod["status"]["containerStatuses"]
    )
