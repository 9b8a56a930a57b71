"""A customer's own Gateway instead of our edge: a rotation of keys behind it fails no request (DI-2)."""

from pathlib import Path

from lab.gateway import install_gateway
from lab.place import Place
from lab.service_load import DISCOVERY, gateway_lanes
from lab.stack import DOMAIN
from tests.nodes.test_under_load import under_load
from tests.waiting import until


def test_behind_a_customers_gateway_a_rotation_of_keys_fails_no_request(busy: Place, tmp_path: Path) -> None:
    """With a controller that knows the Gateway API and not us; it takes the edge away for those after it."""
    gateway = install_gateway(busy.cluster, DOMAIN)
    busy.stack.change(routing=gateway.routing)
    unnamed = dict.fromkeys(("DNS-1", "TLS-1", "NET-2"), "no resolver knows the lab's names")
    busy.stack.waive({**unnamed, "NET-1": "the lab's gateway is one pod, asked at its own address"})
    busy.up()
    until(lambda: gateway.accepts(busy.name, "zitadel"), seconds=30)
    until(lambda: not busy.objects("deployments", "app.kubernetes.io/name=zitadel-edge"), seconds=60)
    for path, status in (("/debug/ready", 404), ("/ui/v2/login/loginname", 200), (DISCOVERY, 200)):
        until(lambda path=path, status=status: gateway.status(path) == status, seconds=30)

    before = busy.operator()
    busy.stack.change(keyGeneration=2)
    report = under_load(busy, tmp_path, busy.up, signed_in=False, way_in=lambda folder: gateway_lanes(gateway, folder))
    assert busy.operator() != before
    assert sum(one.lane.startswith("gateway") for one in report.requests) > 100
