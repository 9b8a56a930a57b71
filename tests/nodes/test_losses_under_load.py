"""What is lost when a node, a zone or the database is lost, and for how long (DI-2).

Zone a has two nodes, so that one of them may be lost without its zone. The lab's API server gives a node up after 16 s
and evicts after 10 s more; a cloud's takes 40 to 50 s and 300 s (docs/resilience.md reckons both).
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.endpoint_watch import EndpointWatch
from lab.load import Load
from lab.loss import Loss, cut_power, nodes_of
from lab.place import Place
from lab.simulated import ZONES
from tests.nodes.test_under_load import RATE, REPLICAS, assert_nothing_failed, lanes
from tests.waiting import until

API = "app.kubernetes.io/name=zitadel"
NODE_GRACE = 16.0
"""Seconds after which the lab's controller manager calls a silent node gone."""
EVICTION = 10.0
"""Seconds more after which its pods are replaced."""
READINESS = 15.0
"""Three failed probes, five seconds apart."""
RULES = 4.0
"""Until packet rules have followed the endpoints: kube-proxy gathers changes for a second, and is one of many here."""
SLACK = 8.0
"""For a busy machine: how late a cluster that shares two cores with its load does what it has to."""


def test_a_database_that_is_away_for_twenty_seconds_costs_no_pod_and_service_returns_with_it(
    busy: Place, tmp_path: Path
) -> None:
    restarts = _restarts(busy)
    with (
        EndpointWatch(busy.cluster, busy.name, "zitadel", pods=REPLICAS) as watch,
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
        EndpointWatch(busy.cluster, busy.name, "zitadel", pods=REPLICAS) as watch,
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
        EndpointWatch(busy.cluster, busy.name, "zitadel", pods=REPLICAS) as watch,
        Load(lanes(busy, tmp_path), rate=RATE, folder=tmp_path) as load,
    ):
        # Zone a, which has two nodes, last: so pods stand in every zone again at the end.
        for node in sorted(busy.cluster.nodes, reverse=True):
            busy.cluster.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s")
            until(lambda: len(watch.pods()) >= REPLICAS, seconds=60)
            busy.cluster.kubectl("uncordon", node)
        report = load.end()
    assert_nothing_failed(report)
    assert watch.seen[-1].zones == set(ZONES)
    # The disruption budget lets one pod of three be away.
    assert min(len(seen.pods) for seen in watch.seen) >= REPLICAS - 1


def test_a_lost_node_costs_seconds_and_its_zone_gets_a_pod_on_the_other_node(busy: Place, tmp_path: Path) -> None:
    (node,) = nodes_of(busy, "zone-a")
    loss = _lose(busy, tmp_path, [node], lambda _: until(lambda: len(busy.objects("pods", API)) == REPLICAS))
    assert loss.zones == set(ZONES), "the zone has its pod back while the node is still away"
    assert nodes_of(busy, "zone-a") == tuple({*busy.cluster.nodes_of("zone-a")} - {node}), "and it stays there"


def test_a_lost_zone_costs_seconds_and_its_return_costs_nothing(busy: Place, tmp_path: Path) -> None:
    def spread_again(watch: EndpointWatch) -> None:
        assert "zone-c, which takes pods" in busy.refresh()
        busy.up()
        until(lambda: watch.seen[-1].zones == set(ZONES))

    loss = _lose(busy, tmp_path, busy.cluster.nodes_of("zone-c"), spread_again)
    assert loss.zones == set(ZONES) - {"zone-c"}


def _lose(place: Place, folder: Path, nodes: Sequence[str], afterwards: Callable[[EndpointWatch], object]) -> Loss:
    """Lose nodes under load; what that costs ends with the withdrawal of their pods, and their return costs nothing."""
    loss = cut_power(
        place,
        lanes(place, folder),
        nodes,
        folder,
        rate=RATE,
        seconds=NODE_GRACE + EVICTION + SLACK,
        afterwards=afterwards,
    )
    assert loss.withdrawn_at - loss.lost_at <= NODE_GRACE + SLACK
    assert loss.replaced_at - loss.lost_at <= NODE_GRACE + EVICTION + 2 * SLACK
    assert_nothing_failed(loss.report.outside(loss.outage(RULES)))
    during = loss.report.during(loss.outage(RULES))
    assert during.unanswered, "a cut that costs nothing was none: the measure would prove nothing"
    assert len(during.unanswered) <= len(during.requests) / 2, during.summary()
    return loss


def _restarts(place: Place) -> int:
    return sum(
        status["restartCount"] for pod in place.objects("pods", API) for status in pod["status"]["containerStatuses"]
    )
