"""Four host names at the real Traefik with our configuration, and the stand-in of ZITADEL behind it (docs/adr/0006)."""

import contextlib
from collections.abc import Iterator

import grpc
import pytest
import urllib3

from kastellan.domain.host_names import HostNames, Layout
from kastellan.domain.image import Image
from kastellan.domain.installation import Edge, Routing, RoutingKind
from kastellan.domain.rate_limit import PAGES, REQUESTS, RateLimit
from tests.builders import installation
from tests.lab.conftest import Database
from tests.lab.edge_process import RunningEdge, running_edge
from tests.lab.standin_pods import StandInPods

HOSTS = HostNames.of("customer.example", Layout.FOUR_SUBDOMAINS)
ISSUER, API, ACCOUNTS, CONSOLE = HOSTS.every
EDGE = Edge(image=Image("traefik", "sha256:" + "a" * 64), trusted_proxies=("127.0.0.1/32",))
OF = installation(routing=Routing(kind=RoutingKind.EDGE, tls_secret="tls", edge=EDGE), hosts=HOSTS)
RELEASE = "v4.13.1"


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEdge]:
    """Before servers that tell what they were asked."""
    with running_edge(OF, EDGE, tmp_path_factory.mktemp("telling")) as one:
        yield one


def ask(edge: RunningEdge, host: str, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
    pool = urllib3.HTTPSConnectionPool(
        "127.0.0.1", edge.https, ca_certs=str(edge.ca), server_hostname=host, assert_hostname=host
    )
    with pool:
        sent = {"Host": host, "X-Forwarded-For": "203.0.113.99", **headers}
        return pool.request("GET", path, headers=sent, retries=False, redirect=False, timeout=5)


def test_the_stand_in_answers_as_the_issuer_by_the_apis_name_and_by_its_own(
    tmp_path_factory: pytest.TempPathFactory, database: Database
) -> None:
    pods = StandInPods(tmp_path_factory.mktemp("pods"), database)
    pods.hosts = HOSTS
    with contextlib.closing(pods):
        pods.install(RELEASE)
        api = pods.serve(RELEASE)
        # The control: unless somebody says whose instance it is, the API's name has none.
        assert api.get("/.well-known/openid-configuration", host=API).status == 404
        named = {"X-Forwarded-Host": API, "X-Zitadel-Instance-Host": ISSUER}  # as a Gateway is told to
        assert (
            api.get("/.well-known/openid-configuration", host=API, headers=named).json()["issuer"]
            == f"https://{ISSUER}"
        )
        with running_edge(OF, EDGE, tmp_path_factory.mktemp("edge"), api=api.port) as edge:
            for host in (ISSUER, API):
                found = ask(edge, host, "/.well-known/openid-configuration")
                assert (found.status, found.json()["issuer"]) == (200, f"https://{ISSUER}")
                assert ask(edge, host, "/oauth/v2/keys").json()["keys"]


@pytest.mark.parametrize(
    ("host", "path", "to"),
    [
        (CONSOLE, "/", "/ui/console/"),
        (CONSOLE, "/?login_hint=a%40b&x=1", "/ui/console/?login_hint=a%40b&x=1"),
        (CONSOLE, "/ui/console/users/42?tab=general", "/ui/console/users/42?tab=general"),
        (ACCOUNTS, "/", "/ui/v2/login/loginname"),
        (ACCOUNTS, "/?a=1", "/ui/v2/login/loginname?a=1"),
        (ACCOUNTS, "/oauth/v2/authorize?client_id=1&state=%2F", "/oauth/v2/authorize?client_id=1&state=%2F"),
        (ACCOUNTS, "//elsewhere.example/x", "/elsewhere.example/x"),
        (API, "/ui/console/", "/ui/console/"),
        (API, "/ui/v2/login/loginname?a=1", "/ui/v2/login/loginname?a=1"),
    ],
)
def test_what_browsers_ask_leads_to_the_issuers_name_with_path_and_query(
    telling: RunningEdge, host: str, path: str, to: str
) -> None:
    answer = ask(telling, host, path)
    assert (answer.status, answer.headers["Location"]) == (302, f"https://{ISSUER}{to}")


def test_a_port_or_capitals_in_the_host_change_nothing(telling: RunningEdge) -> None:
    for written in (f"{CONSOLE}:443", CONSOLE.upper()):
        assert ask(telling, CONSOLE, "/", Host=written).headers["Location"] == f"https://{ISSUER}/ui/console/"


@pytest.mark.parametrize("host", HOSTS.every)
@pytest.mark.parametrize("path", ["/debug", "/debug/metrics", "//debug/metrics", "/%64ebug/metrics"])
@pytest.mark.parametrize("content", ["text/plain", "application/grpc"])
def test_what_is_under_debug_is_closed_on_every_name(telling: RunningEdge, host: str, path: str, content: str) -> None:
    answer = ask(telling, host, path, **{"Content-Type": content})
    assert answer.status in (301, 302, 307, 308, 400, 404)
    assert "X-Asked" not in answer.headers


@pytest.mark.parametrize("host", ["customer.example", "other.customer.example", "id.customer.example"])
def test_a_name_that_is_none_of_the_four_gets_404(telling: RunningEdge, host: str) -> None:
    pool = urllib3.HTTPSConnectionPool(
        "127.0.0.1", telling.https, ca_certs=str(telling.ca), server_hostname=ISSUER, assert_hostname=ISSUER
    )
    with pool:
        assert pool.request("GET", "/", headers={"Host": host}, retries=False, redirect=False).status in (404, 421)


def test_grpc_to_the_apis_name_arrives_with_its_trailers(telling: RunningEdge) -> None:
    credentials = grpc.ssl_channel_credentials(telling.ca.read_bytes())
    options = [("grpc.ssl_target_name_override", API), ("grpc.default_authority", API)]
    with grpc.secure_channel(f"127.0.0.1:{telling.https}", credentials, options) as channel:
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=5) == b"\x08\x01"


@pytest.mark.parametrize(
    ("limit", "hosts", "path"),
    [(REQUESTS, HOSTS.served, "/oauth/v2/keys"), (PAGES, (ACCOUNTS, CONSOLE), "/x")],
    ids=["RL-2", "RL-1"],
)
def test_a_clients_requests_to_several_names_share_one_limit(
    telling: RunningEdge, limit: RateLimit, hosts: tuple[str, ...], path: str
) -> None:
    client = f"198.51.100.{limit.per_second}"
    answers = []
    pools = [
        urllib3.HTTPSConnectionPool("127.0.0.1", telling.https, ca_certs=str(telling.ca), server_hostname=host,
                                    assert_hostname=host, headers={"Host": host, "X-Forwarded-For": client})
        for host in hosts
    ]  # fmt: skip
    for number in range(2 * limit.per_period):
        answer = pools[number % len(pools)].request("GET", path, retries=False, redirect=False, timeout=5)
        answers.append(answer.status)
        if answers.count(429) > 20:
            break
    # A limit for each name would have let twice as many through.
    assert answers.count(429) > 20
    assert limit.per_period <= len(answers) - answers.count(429) < 1.7 * limit.per_period
    for pool in pools:
        pool.close()
