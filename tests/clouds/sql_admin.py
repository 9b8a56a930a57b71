"""A Cloud SQL Admin API on this machine, which judges every request by Google's own discovery document.

Nothing is backed up: a backup is what `content` gave at its instant, and an instance has what was restored into it.
"""

import itertools
import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from googleapiclient.discovery_cache import get_static_doc

from tests.clouds.strict_body import body_problems

PROJECT = "acme-zitadel"
_DOCUMENT: dict[str, Any] = json.loads(get_static_doc("sqladmin", "v1"))


class SqlAdminServer:
    """The API, with one instance.

    Attributes:
        instances: by name, as the API tells them.
        backups: newest first, as the API tells them, with what they hold under `_content`.
        contents: what each instance holds.
        requests: method and path of everything that was asked.
        failing: statuses that the next calls get instead of an answer.
        broken: operation types that fail.

    Args:
        name: of the instance that is there.
        now: the clock.
        content: what that instance holds, as a backup keeps it.
        database: private address of every instance, and PEM of the authority of its certificate.
    """

    def __init__(
        self,
        name: str,
        now: Callable[[], datetime],
        content: Callable[[], Any],
        *,
        database: tuple[str, str] = ("10.40.224.3", "-----BEGIN CERTIFICATE-----"),
    ) -> None:
        self._now, self._content = now, content
        self._name, self._database = name, database
        self._numbers = itertools.count(1700000000000)
        self.instances: dict[str, dict[str, Any]] = {name: _instance(name, now(), database)}
        self.backups: list[dict[str, Any]] = []
        self.contents: dict[str, Any] = {}
        self.requests: list[str] = []
        self.failing: list[int] = []
        self.broken: set[str] = set()
        self.operations: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        """Status and document."""
        self.requests.append(f"{method} {path}")
        if self.failing:
            return _refused(self.failing.pop(0), "as the test said")
        found = _method(method, path)
        if found is None:
            return _refused(404, f"no method {method} {path}")
        name, parameters, request = found
        unknown = sorted(set(query) - set(_parameters(name)))
        problems = [f"unknown parameter {one}" for one in unknown]
        if request:
            problems += body_problems(_DOCUMENT["schemas"], request, body)
        if problems or parameters["project"] != PROJECT:
            return _refused(400, "; ".join(problems) or "another project")
        instance = parameters.get("instance")
        if instance is not None and instance not in self.instances:
            return _refused(404, f"The Cloud SQL instance {instance} does not exist.")
        return self._carried_out(name, parameters, query, body)

    def _carried_out(
        self, name: str, parameters: Mapping[str, str], query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        match name:
            case "sql.backupRuns.list":
                start = int(query.get("pageToken", ["0"])[0])
                told = [{key: value for key, value in one.items() if key != "_content"} for one in self.backups]
                more = {"nextPageToken": str(start + 2)} if start + 2 < len(told) else {}
                return 200, {"items": told[start : start + 2], **more}
            case "sql.backupRuns.insert":
                return 200, self._begun("BACKUP_VOLUME", self._back_up, body["description"])
            case "sql.backupRuns.delete":
                self.backups = [one for one in self.backups if one["id"] != parameters["id"]]
                return 200, self._begun("DELETE_BACKUP", lambda: None)
            case "sql.instances.list":
                return 200, {"items": list(self.instances.values())}
            case "sql.instances.get":
                return 200, self.instances[parameters["instance"]]
            case "sql.instances.insert":
                if body["name"] in self.instances:
                    return _refused(409, "The Cloud SQL instance already exists.")
                self.instances[body["name"]] = _instance(body["name"], self._now(), self._database) | body
                return 200, self._begun("CREATE", lambda: None)
            case "sql.instances.delete":
                del self.instances[parameters["instance"]]
                return 200, self._begun("DELETE", lambda: None)
            case "sql.instances.restoreBackup":
                context = body["restoreBackupContext"]
                (held,) = [one["_content"] for one in self.backups if one["id"] == context["backupRunId"]]
                target = parameters["instance"]
                return 200, self._begun("RESTORE_VOLUME", lambda: self.contents.update({target: held}))
            case "sql.operations.get":
                return 200, self._further(parameters["operation"])
        return _refused(501, name)

    def back_up(self, description: str, *, status: str = "SUCCESSFUL") -> dict[str, Any]:
        """A backup that is there."""
        made = {
            "kind": "sql#backupRun", "id": str(next(self._numbers)), "instance": self._name,
            "status": status, "type": "ON_DEMAND", "description": description,
            "maxChargeableBytes": "1048576", "_content": self._content(),
        }  # fmt: skip
        self.backups.insert(0, made)
        return made

    def _back_up(self, description: str) -> None:
        self.back_up(description, status="FAILED" if "BACKUP_VOLUME" in self.broken else "SUCCESSFUL")

    def _begun(self, kind: str, act: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Acts at once, and says so two questions later."""
        act(*arguments)
        name = f"operation-{len(self.operations)}"
        self.operations[name] = {"name": name, "kind": "sql#operation", "operationType": kind, "status": "PENDING"}
        return self.operations[name]

    def _further(self, name: str) -> dict[str, Any]:
        current = self.operations[name]
        current["status"] = {"PENDING": "RUNNING", "RUNNING": "DONE", "DONE": "DONE"}[current["status"]]
        if current["status"] == "DONE" and current["operationType"] in self.broken:
            current["error"] = {"errors": [{"code": "INTERNAL", "message": "the disk was on fire"}]}
        return current


def _instance(name: str, made: datetime, database: tuple[str, str]) -> dict[str, Any]:
    address, authority = database
    return {
        "name": name, "region": "europe-west6", "databaseVersion": "POSTGRES_17", "createTime": made.isoformat(),
        "dnsName": f"{name}.europe-west6.sql.goog.", "ipAddresses": [{"type": "PRIVATE", "ipAddress": address}],
        "serverCaCert": {"cert": authority},
        "diskEncryptionConfiguration": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
        "settings": {
            "tier": "db-custom-4-16384", "edition": "ENTERPRISE", "availabilityType": "REGIONAL",
            "dataDiskType": "PD_SSD", "dataDiskSizeGb": "100", "databaseFlags": [{"name": "a", "value": "on"}],
            "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": "projects/p/global/networks/n",
                                "sslMode": "ENCRYPTED_ONLY", "serverCaMode": "GOOGLE_MANAGED_CAS_CA"},
            "userLabels": {"installation": "acme"},
        },
    }  # fmt: skip


def _methods(resources: Mapping[str, Any]) -> "list[dict[str, Any]]":
    return [one for resource in resources.values() for one in resource.get("methods", {}).values()]


def _method(method: str, path: str) -> tuple[str, dict[str, str], str] | None:
    for one in _methods(_DOCUMENT["resources"]):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(one["path"]))
        found = re.fullmatch(f"/{pattern}", path)
        if found and one["httpMethod"] == method:
            return one["id"], found.groupdict(), one.get("request", {}).get("$ref", "")
    return None


def _parameters(identity: str) -> Mapping[str, Any]:
    return next(one for one in _methods(_DOCUMENT["resources"]) if one["id"] == identity).get("parameters", {})


def _refused(status: int, said: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": status, "message": said}}


def _handler(server: SqlAdminServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two packets

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            parts = urlsplit(self.path)
            status, document = (
                server.answer(self.command, parts.path, parse_qs(parts.query), json.loads(content) if content else None)
                if self.headers.get("Authorization") == "Bearer valid"
                else _refused(401, "Request had invalid authentication credentials.")
            )
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, format: str, *arguments: Any) -> None:
            """A test's output is its own."""

    return Handler
