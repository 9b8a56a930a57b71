"""Implements `ports.cluster.Cluster` over HTTP: plain JSON objects, one bounded request a call, translated errors."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import urllib3.exceptions as network

from kastellan.adapters.kubernetes.api_resources import ApiResources
from kastellan.adapters.kubernetes.credential_term import term_of, unaccepted
from kastellan.adapters.kubernetes.port_forward import forwarded_get
from kastellan.adapters.kubernetes.translation import answer_error, network_error
from kastellan.domain.errors import NotFoundError, ServerFaultError, UnauthenticatedError
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import HttpAnswer

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

FIELD_MANAGER = "kastellan"
"""Name under which we own fields (server-side apply)."""
_PAGE = 500
"""Objects in one page of a list, as kubectl asks for."""
_APPLY = "application/apply-patch+yaml"


class ApiCluster:
    """A cluster through one kubeconfig; safe for concurrent use.

    Attributes:
        server: URL of the API server, for messages.
        resources: which URL a kind has.
    """

    def __init__(self, client: "ApiClient", *, timeout_seconds: float) -> None:
        self._client = client
        self._timeout = timeout_seconds
        self.server: str = client.configuration.host
        self.resources = ApiResources(self.request)

    def apply(self, manifest: Manifest, *, dry_run: bool = False, force: bool = False) -> Manifest:
        """See the port."""
        ref = ObjectRef.of(manifest)
        query = {"fieldManager": FIELD_MANAGER, "force": str(force).lower(), **({"dryRun": "All"} if dry_run else {})}
        doing = f"{'trying' if dry_run else 'applying'} {ref}"
        answer: Manifest = self._call("PATCH", self.resources.item(ref), doing, query, manifest, content_type=_APPLY)
        return answer

    def replace(self, manifest: Manifest) -> Manifest:
        """See the port."""
        ref = ObjectRef.of(manifest)
        query = {"fieldManager": FIELD_MANAGER}
        answer: Manifest = self._call("PUT", self.resources.item(ref), f"replacing {ref}", query, manifest)
        return answer

    def get(self, ref: ObjectRef) -> Manifest | None:
        """See the port."""
        try:
            answer: Manifest = self._call("GET", self.resources.item(ref), f"reading {ref}")
        except NotFoundError:
            return None
        return answer

    def list(self, api_version: str, kind: str, *, namespace: str = "", labels: str = "") -> Iterator[Manifest]:
        """See the port."""
        path = self.resources.collection(api_version, kind, namespace)
        query = {"limit": str(_PAGE), **({"labelSelector": labels} if labels else {})}
        while True:
            page = self._call("GET", path, f"listing {kind}", query)
            for item in page["items"]:
                yield {"apiVersion": api_version, "kind": kind, **item}
            following = page["metadata"].get("continue")
            if not following:
                return
            query = {**query, "continue": following}

    def delete(self, ref: ObjectRef, *, uid: str = "") -> bool:
        """See the port."""
        options: Manifest = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"}
        if uid:
            options["preconditions"] = {"uid": uid}
        try:
            self._call("DELETE", self.resources.item(ref), f"deleting {ref}", body=options)
        except NotFoundError:
            return False
        return True

    def logs(self, namespace: str, pod: str, *, container: str = "", tail_lines: int = 50) -> str:
        """See the port."""
        query = {"tailLines": str(tail_lines), **({"container": container} if container else {})}
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        status, _, body = self._send("GET", path, f"reading the log of pod {namespace}/{pod}", query)
        return body.decode(errors="replace") if status < 300 else ""

    def request(self, path: str, *, query: Mapping[str, str] | None = None) -> Any:
        """See the port."""
        return self._call("GET", path, f"asking {path}", query)

    def server_time(self) -> datetime:
        """See the port."""
        _, headers, _ = self._send("GET", "/version", "asking the time", {})
        try:
            return parsedate_to_datetime(headers.get("Date", ""))
        except ValueError as cause:
            raise ServerFaultError("asking the time: the answer names none (Date)") from cause

    def create(self, path: str, body: Manifest, *, dry_run: bool = False) -> Manifest:
        """See the port."""
        query = {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if dry_run else {})}
        answer: Manifest = self._call("POST", path, f"creating {body.get('kind', 'an object')}", query, body)
        return answer

    def forwarded_get(
        self, namespace: str, pod: str, port: int, path: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        """See the port."""
        return forwarded_get(self._client, namespace, pod, port, path, headers=headers, timeout_seconds=timeout_seconds)

    def close(self) -> None:
        """Close the connections."""
        self._client.rest_client.close()

    def _call(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None = None,
        body: Manifest | None = None,
        *,
        content_type: str = "application/json",
    ) -> Any:
        status, headers, answer = self._send(method, path, doing, query, body, content_type=content_type)
        if status >= 300:
            confidential = body is not None and body.get("kind") == "Secret"
            problem = answer_error(doing, status, headers, answer, confidential=confidential)
            if isinstance(problem, UnauthenticatedError):
                problem = unaccepted(problem, term_of(self._client.configuration), headers.get("Date", ""))
            raise problem
        try:
            return json.loads(answer) if answer[:1] in (b"{", b"[") else answer.decode(errors="replace")
        except ValueError as cause:
            raise ServerFaultError(f"{doing}: the answer is cut off, or no JSON") from cause

    def _send(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None = None,
        body: Manifest | None = None,
        *,
        content_type: str = "application/json",
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "kastellan"}
        if body is not None:
            headers["Content-Type"] = content_type
        for setting in self._client.configuration.auth_settings().values():
            if setting["value"]:  # asked each time, because the client refreshes tokens here
                headers[setting["key"]] = setting["value"]
        url = f"{self.server}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            answer = self._client.rest_client.pool_manager.request(
                method,
                url,
                headers=headers,
                body=json.dumps(body).encode() if body is not None else None,
                timeout=self._timeout,
                retries=False,
                redirect=False,
            )
        except (network.HTTPError, OSError) as cause:
            problem = network_error(doing, self.server, cause)
            if isinstance(problem, UnauthenticatedError):
                problem = unaccepted(problem, term_of(self._client.configuration), "")
            raise problem from cause
        return answer.status, answer.headers, answer.data
