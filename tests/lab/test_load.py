"""The load generator counts what a client would suffer: its proofs are worth as much as these."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from lab.errors import LabError
from lab.load import Lane, Load
from tests.waiting import until


class Server(ThreadingHTTPServer):
    daemon_threads = True
    delay = 0.0
    status = 200
    closing = False


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        time.sleep(self.server.delay)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.send_header("X-Pod", self.headers["Host"])
        self.end_headers()
        self.wfile.write(b"ok")
        # Closed without having said so, as by a server that ends: what is sent next on it is lost.
        self.close_connection = self.server.closing

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def server(port: int = 0) -> Iterator[Server]:
    with Server(("127.0.0.1", port), Answer) as one:
        thread = Thread(target=lambda: one.serve_forever(0.05))
        thread.start()
        try:
            yield one
        finally:
            one.shutdown()
            thread.join()


def lanes(port: int) -> list[Lane]:
    url = f"http://127.0.0.1:{port}/"
    return [
        Lane(name=name, protocol="http1", fresh=fresh, url=url, host="id.example")
        for name, fresh in (("kept", False), ("fresh", True))
    ]


def test_requests_leave_at_their_rate_however_slow_the_answers_are(tmp_path: Path) -> None:
    with server() as slow, Load(lanes(slow.server_port), rate=40, folder=tmp_path) as load:
        slow.delay = 1.2
        time.sleep(2)
        report = load.end()
    assert report.rate == pytest.approx(40, rel=0.1)
    assert len(report.failed) == len(report.requests), "all are late"
    assert report.pods == {"id.example"}


def test_a_server_that_goes_away_is_counted_and_so_is_its_return(tmp_path: Path) -> None:
    with server() as one:
        port = one.server_port
        load = Load(lanes(port)[1:], rate=100, folder=tmp_path)
        until(lambda: len(load.so_far().requests) > 20, seconds=20)
    with load:
        until(lambda: load.so_far().failed != (), seconds=20)
        with server(port):
            until(lambda: not load.so_far().requests[-1].failed, seconds=20)
            report = load.end()
    assert {one.outcome for one in report.failed} >= {"refused"}
    assert not report.requests[0].failed
    assert not report.requests[-1].failed


def test_a_wrong_status_is_a_failure(tmp_path: Path) -> None:
    with server() as one, Load(lanes(one.server_port), rate=50, folder=tmp_path) as load:
        one.status = 503
        until(lambda: len(load.so_far().requests) > 10, seconds=20)
        assert {request.outcome for request in load.end().requests} == {"status 503"}


def test_a_request_on_a_connection_that_was_just_closed_is_sent_again_and_said(tmp_path: Path) -> None:
    with server() as one, Load(lanes(one.server_port)[:1], rate=200, folder=tmp_path) as load:
        one.closing = True
        until(lambda: load.so_far().resent > 0, seconds=20)
        assert "sent again" in load.end().summary()


def test_a_plan_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with Load([], rate=10, folder=tmp_path) as load, pytest.raises(LabError, match="a rate, a timeout and lanes"):
        load.end()
