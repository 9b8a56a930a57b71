"""Load on an installation, from outside of its pods: a program of our own, because no ready one does all that is asked.

k6 has the open loop, but neither HTTP/2 without TLS nor a connection for each request and one kept side by side in one
schedule; vegeta and wrk2 have no trailers of gRPC and no h2c for both. Two hundred lines of Go do.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal

from lab.errors import LabError, Progress
from lab.folders import cache_folder
from lab.go import build_go
from lab.go_sources import sources_key
from lab.load_report import LoadReport, parse

_SOURCE = Path(__file__).parent / "load"
TIMEOUT = 5.0
"""Seconds after which a request is given up."""
Protocol = Literal["http1", "h2c", "h2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One kind of request that comes again and again.

    Attributes:
        name: in the report.
        protocol: HTTP/1.1, HTTP/2 without TLS, or HTTP/2 over TLS.
        fresh: a connection of its own for each request; else kept ones.
        url: where to.
        host: Host header, and the name that TLS verifies.
        method: of HTTP.
        body: of the request.
        headers: of the request.
        expect: the one status that counts as an answer.
        grpc: the answer needs `grpc-status: 0` in its trailers, too.
        ca: file of the authority that TLS trusts.
    """

    name: str
    protocol: Protocol
    fresh: bool
    url: str
    host: str
    method: str = "GET"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    expect: int = 200
    grpc: bool = False
    ca: str = ""


class Load:
    """Requests at a constant rate until it is ended; a context manager.

    Args:
        lanes: what to ask, in turn.
        rate: requests a second, over all lanes.
        folder: for the plan and the lines.

    Raises:
        LabError: the program cannot be built, or refuses the plan.
    """

    def __init__(self, lanes: Sequence[Lane], *, rate: float, folder: Path) -> None:
        self._lines = folder / "load.tsv"
        plan = folder / "load.json"
        described = [{name.capitalize(): value for name, value in asdict(lane).items()} for lane in lanes]
        plan.write_text(json.dumps({"Rate": rate, "Timeout": TIMEOUT, "Lanes": described}), encoding="utf-8")
        with self._lines.open("wb") as out, (folder / "load.log").open("wb") as log:
            self._process = subprocess.Popen([load_program(), plan], stdin=subprocess.PIPE, stdout=out, stderr=log)
        self._log = folder / "load.log"

    def so_far(self) -> LoadReport:
        """What has been answered up to now, a quarter of a second ago at most."""
        with self._lines.open(encoding="utf-8") as lines:
            return LoadReport(parse(lines))

    def end(self) -> LoadReport:
        """Send no more, wait for what is under way, and return the whole; may be repeated.

        Raises:
            LabError: the program ended with an error.
        """
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        if self._process.wait(TIMEOUT + 10) != 0:
            raise LabError(f"the load ended by itself: {self._log.read_text(errors='replace')[-500:]}")
        return self.so_far()

    def __enter__(self) -> "Load":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def load_program(progress: Progress = print) -> Path:
    """Build it, unless the cache has it from these sources.

    Raises:
        LabError: the build fails.
    """
    target = cache_folder() / "images" / f"load-{sources_key(_SOURCE)}" / "load"
    if not target.exists():
        build_go(_SOURCE, ".", target, ldflags="-s -w", label="the load generator", progress=progress)
    return target
