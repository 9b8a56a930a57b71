"""The edge enforces RL-1 and RL-2 and hides what is nobody's business: the real Traefik with our configuration."""

import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
import pytest
import urllib3

from kastellan.domain.image import Image
from kastellan.domain.installation import Edge, Routing, RoutingKind
from kastellan.domain.rate_limit import PAGES, REQUESTS, RateLimit
from lab.load import Lane, Load
from tests.builders import installation
from tests.lab.edge_process import RunningEdge, running_edge
from tests.waiting import until

EDGE = Edge(image=Image("traefik", "sha256:" + "a" * 64), trusted_proxies=("127.0.0.1/32",))
OF = installation(routing=Routing(kind=RoutingKind.EDGE, tls_secret="tls", edge=EDGE))


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEdge]:
    with running_edge(OF, EDGE, tmp_path_factory.mktemp("edge")) as one:
        yield one


def ask(edge: RunningEdge, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    pool = urllib3.HTTPSConnectionPool(
        "127.0.0.1", edge.https, ca_certs=str(edge.ca), server_hostname=OF.domain, assert_hostname=OF.domain
    )
    with pool:
        sent = {"Host": OF.domain, "X-Forwarded-For": "203.0.113.99", **headers}
        return pool.request("GET", path, headers=sent, retries=False, redirect=False, timeout=5)


@pytest.mark.parametrize(
    ("path", "behind"),
    [
        ("/", "api"),
        ("/.well-known/openid-configuration", "api"),
        ("/ui/console/", "api"),
        ("/ui/v2/login/loginname", "login"),
    ],
)
def test_requests_reach_what_serves_them_with_the_name_that_was_asked_for(
    edge: RunningEdge, path: str, behind: str
) -> None:
    answer = ask(edge, path)
    assert answer.status == 200
    assert answer.data.decode().split()[-1] == behind
    assert answer.headers["X-Asked"] == OF.domain + path


@pytest.mark.parametrize(
    "path",
    ["/debug", "/debug/metrics", "//debug/metrics", "/./debug/ready", "/ui/../debug/metrics", "/%64ebug/metrics"],
)
@pytest.mark.parametrize("content", ["text/plain", "application/grpc"])
def test_what_is_under_debug_reaches_nobody_however_it_is_written(edge: RunningEdge, path: str, content: str) -> None:
    raw = f"GET {path} HTTP/1.1\r\nHost: {OF.domain}\r\nContent-Type: {content}\r\nConnection: close\r\n\r\n"
    trust = ssl.create_default_context(cafile=str(edge.ca))
    with (
        socket.create_connection(("127.0.0.1", edge.https), timeout=5) as plain,
        trust.wrap_socket(plain, server_hostname=OF.domain) as secure,
    ):
        secure.sendall(raw.encode())
        said = b"".join(iter(lambda: secure.recv(4096), b""))
    assert said.split()[1] in (b"301", b"308", b"400", b"404"), said
    assert b"metrics" not in said.partition(b"\r\n\r\n")[2]


def test_a_foreign_host_name_reaches_nobody(edge: RunningEdge) -> None:
    assert ask(edge, "/", Host="other.example").status in (404, 421)


def test_plain_http_is_sent_to_https(edge: RunningEdge) -> None:
    answer = urllib3.request(
        "GET", f"http://127.0.0.1:{edge.http}/x", headers={"Host": OF.domain}, redirect=False, retries=False
    )
    assert answer.status in (301, 308)
    assert answer.headers["Location"] == f"https://{OF.domain}/x"


def test_grpc_arrives_over_http2_with_its_trailers(edge: RunningEdge) -> None:
    credentials = grpc.ssl_channel_credentials(edge.ca.read_bytes())
    options = [("grpc.ssl_target_name_override", OF.domain), ("grpc.default_authority", OF.domain)]
    with grpc.secure_channel(f"127.0.0.1:{edge.https}", credentials, options) as channel:
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=5) == b"\x08\x01"


def test_a_renewed_certificate_is_served_without_a_restart(edge: RunningEdge) -> None:
    def serial() -> int:
        trust = ssl.create_default_context(cafile=str(edge.ca))
        with (
            socket.create_connection(("127.0.0.1", edge.https), timeout=5) as plain,
            trust.wrap_socket(plain, server_hostname=OF.domain) as secure,
        ):
            found = secure.getpeercert()
        assert found is not None
        return int(str(found["serialNumber"]), 16)

    before = serial()
    certificate, key = edge.authority.server([OF.domain]).write(edge.folder, "next")
    certificate.replace(edge.folder / "tls.crt")
    key.replace(edge.folder / "tls.key")
    until(lambda: serial() != before)


@pytest.mark.parametrize(
    ("limit", "path"), [(PAGES, "/ui/console/"), (REQUESTS, "/oauth/v2/keys")], ids=["RL-1", "RL-2"]
)
def test_one_clients_excess_is_refused_with_429_and_hurts_nobody_else(
    edge: RunningEdge, limit: RateLimit, path: str, tmp_path: Path
) -> None:
    greedy, modest = f"203.0.113.{limit.per_second}", f"198.51.100.{limit.per_second}"
    lanes = [_lane("greedy", edge, path, {"X-Forwarded-For": greedy})] * 9
    lanes.append(_lane("modest", edge, path, {"X-Forwarded-For": modest}))
    with Load(lanes, rate=limit.per_second * 12, folder=tmp_path) as load:
        until(lambda: _counts(load)["greedy", "status 429"] > 50, seconds=60)
        time.sleep(0.5)
        report = load.end()
    counts = Counter((one.lane, one.outcome) for one in report.requests)
    lasted = max(one.at + one.seconds for one in report.requests) - report.requests[0].at
    # Nobody who keeps to the average over a minute is refused, and nobody gets more than that.
    assert limit.per_period <= counts["greedy", "ok"] <= limit.per_period + limit.per_second * (lasted + 1)
    assert counts["modest", "status 429"] == 0
    assert counts["modest", "ok"] > 50


def test_a_client_cannot_lift_its_limit_by_naming_another_address_where_nobody_is_trusted(tmp_path: Path) -> None:
    untrusting = Edge(image=EDGE.image)
    of = installation(routing=Routing(kind=RoutingKind.EDGE, tls_secret="tls", edge=untrusting))
    with running_edge(of, untrusting, tmp_path) as edge:
        lanes = [_lane(f"as {n}", edge, "/ui/console/", {"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(1, 6)]
        with Load(lanes, rate=400, folder=tmp_path) as load:
            until(lambda: any(one.outcome == "status 429" for one in load.so_far().requests), seconds=60)


def _lane(name: str, edge: RunningEdge, path: str, headers: Mapping[str, str]) -> Lane:
    url = f"https://127.0.0.1:{edge.https}{path}"
    return Lane(name=name, protocol="h2", fresh=False, url=url, host=OF.domain, headers=headers, ca=str(edge.ca))


def _counts(load: Load) -> Counter[tuple[str, str]]:
    return Counter((one.lane, one.outcome) for one in load.so_far().requests)
