"""The few calls of the Cloud SQL Admin API that restore points need, over plain HTTPS.

Source: cloud.google.com/sql/docs/postgres/admin-api/rest/v1.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from kastellan.domain.errors import (
    ConflictError,
    DeadlineExceededError,
    ForbiddenError,
    KastellanError,
    NotFoundError,
    RejectedError,
    ServerFaultError,
    StepFailedError,
    TemporaryError,
    ThrottledError,
    UnauthenticatedError,
    UnreachableError,
)
from kastellan.ports.clock import Clock

ADDRESS = "https://sqladmin.googleapis.com"
_POLL_SECONDS = 5.0
_CALL_SECONDS = 30.0
_REFUSALS: Mapping[int, tuple[type[KastellanError], str]] = {
    401: (UnauthenticatedError, "gcloud auth application-default login, or give the workload an identity"),
    403: (ForbiddenError, "grant roles/cloudsql.admin on the project, and enable sqladmin.googleapis.com"),
    404: (NotFoundError, "see whether project and instance are those of `pulumi up`"),
    409: (ConflictError, "wait until the operation that goes on has ended"),
    429: (ThrottledError, "wait a minute"),
}


class SqlAdmin:
    """One instance's project, as an identity that may administer Cloud SQL.

    Every method may raise UnreachableError, ThrottledError, ServerFaultError, UnauthenticatedError, ForbiddenError,
    NotFoundError, ConflictError and RejectedError.

    Args:
        project: id of the project.
        token: gives an access token that is valid now.
        clock: for polling.
        address: of the API.
    """

    def __init__(self, project: str, token: Callable[[], str], clock: Clock, *, address: str = ADDRESS) -> None:
        self._base = f"{address}/v1/projects/{quote(project, safe='')}"
        self._token = token
        self._clock = clock
        self._pool = urllib3.PoolManager(retries=False, timeout=_CALL_SECONDS)

    def backups(self, instance: str) -> Iterator[dict[str, Any]]:
        """All backup runs of an instance, newest first."""
        return self._pages(f"/instances/{quote(instance)}/backupRuns")

    def begin_backup(self, instance: str, description: str) -> dict[str, Any]:
        """Begin a backup on demand; returns its operation. It is kept until somebody deletes it."""
        return self._call("POST", f"/instances/{quote(instance)}/backupRuns", {"description": description})

    def delete_backup(self, instance: str, identity: str) -> dict[str, Any]:
        """Begin to delete one; returns the operation."""
        return self._call("DELETE", f"/instances/{quote(instance)}/backupRuns/{quote(identity)}")

    def instances(self) -> Iterator[dict[str, Any]]:
        """All instances of the project."""
        return self._pages("/instances")

    def instance(self, name: str) -> dict[str, Any]:
        """One of them."""
        return self._call("GET", f"/instances/{quote(name)}")

    def make_instance(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Begin to make one; returns the operation."""
        return self._call("POST", "/instances", body)

    def delete_instance(self, name: str) -> dict[str, Any]:
        """Begin to delete one; returns the operation."""
        return self._call("DELETE", f"/instances/{quote(name)}")

    def restore(self, target: str, *, backup: str, source: str, project: str) -> dict[str, Any]:
        """Begin to overwrite an instance with a backup of another one; returns the operation."""
        context = {"backupRunId": backup, "instanceId": source, "project": project}
        return self._call("POST", f"/instances/{quote(target)}/restoreBackup", {"restoreBackupContext": context})

    def wait(self, operation: Mapping[str, Any], *, budget_seconds: float, watch: Callable[[float], None]) -> None:
        """Wait until an operation has ended; what fails for a while on the way is asked again.

        Args:
            operation: as a call returned it.
            budget_seconds: after so long it is left to itself.
            watch: told how long it has lasted.

        Raises:
            DeadlineExceededError: it has not ended.
            StepFailedError: it failed; the evidence is what Google said.
        """
        began, name = self._clock.monotonic(), str(operation["name"])
        current = operation
        while current.get("status") != "DONE":
            lasted = self._clock.monotonic() - began
            if lasted >= budget_seconds:
                raise DeadlineExceededError(f"{operation.get('operationType')} has not ended after {lasted:.0f} s")
            watch(lasted)
            self._clock.sleep(_POLL_SECONDS)
            try:
                current = self._call("GET", f"/operations/{quote(name)}")
            except TemporaryError:
                continue
        errors = (current.get("error") or {}).get("errors") or ()
        if errors:
            said = "; ".join(str(one.get("message") or one.get("code")) for one in errors)
            raise StepFailedError(f"{operation.get('operationType')} failed", step="cloud-sql", evidence=said)

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            answer = self._call("GET", path + (f"?{urlencode({'pageToken': token})}" if token else ""))
            yield from answer.get("items", ())
            token = answer.get("nextPageToken", "")
            if not token:
                return

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        sent = json.dumps(body) if body is not None else None
        try:
            answer = self._pool.request(method, self._base + path, body=sent, headers=headers)
        except urllib3.exceptions.HTTPError as cause:
            raise UnreachableError(f"the Cloud SQL Admin API gives no answer ({type(cause).__name__})") from cause
        if answer.status >= 300:
            raise _refusal(answer.status, answer.data)
        parsed: dict[str, Any] = json.loads(answer.data)
        return parsed


def _refusal(status: int, content: bytes) -> KastellanError:
    try:
        said = str(json.loads(content)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        said = "no reason"
    message = f"the Cloud SQL Admin API answered with {status}: {said}"
    if status >= 500:
        return ServerFaultError(message)
    kind, remediation = _REFUSALS.get(status, (RejectedError, ""))
    return kind(message, remediation=remediation)
