"""Lock files in a bucket of Google Cloud Storage, over its JSON API.

Source: cloud.google.com/storage/docs/json_api/v1/objects (list, get with `alt=media`, delete).
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from kastellan.domain.errors import UnreachableError

if TYPE_CHECKING:
    from urllib3 import PoolManager

_ADDRESS = "https://storage.googleapis.com"
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class GoogleBucket:
    """A backend `gs://BUCKET/FOLDER?prefix=…`; gocloud.dev puts the prefix before the folder."""

    url: str
    token: Callable[[], str] = field(repr=False)

    def read(self, folder: str) -> Mapping[str, bytes]:
        """See `backend.LockFiles`."""
        found = {key: self._call("GET", key, alt="media") for key in self._names(folder)}
        return {key: content for key, content in found.items() if content is not None}

    def remove(self, key: str) -> None:
        """See `backend.LockFiles`."""
        self._call("DELETE", key)

    def _names(self, folder: str) -> Iterator[str]:
        page = ""
        while True:
            asked = {"prefix": f"{self._prefix}{folder}/", "delimiter": "/"} | ({"pageToken": page} if page else {})
            answer = self._call("GET", "", **asked)
            if answer is None:
                raise _unreachable("there is no such bucket")
            told: dict[str, Any] = json.loads(answer)
            yield from (str(item["name"]).removeprefix(self._prefix) for item in told.get("items", ()))
            page = told.get("nextPageToken", "")
            if not page:
                return

    @property
    def _prefix(self) -> str:
        parts = urlsplit(self.url)
        folder = parts.path.strip("/")
        return dict(parse_qsl(parts.query)).get("prefix", "") + (f"{folder}/" if folder else "")

    def _call(self, method: str, key: str, **asked: str) -> bytes | None:
        """What the API answers about an object, or about all of them; None where there is none."""
        import urllib3

        # The variable by which every library of Google's is led to a server of one's own.
        address = os.environ.get("STORAGE_EMULATOR_HOST", _ADDRESS)
        address = address if "://" in address else f"http://{address}"
        one = f"/{quote(self._prefix + key, safe='')}" if key else ""
        where = f"{address}/storage/v1/b/{quote(urlsplit(self.url).netloc)}/o{one}"
        headers = {"Authorization": f"Bearer {self.token()}"}
        try:
            answer = _pool().request(method, f"{where}?{urlencode(asked)}" if asked else where, headers=headers)
        except urllib3.exceptions.HTTPError as cause:
            raise _unreachable(type(cause).__name__) from cause
        if answer.status == 404:
            return None
        if answer.status >= 300:
            raise _unreachable(f"HTTP {answer.status}")
        return answer.data


@cache
def _pool() -> "PoolManager":
    """One for all calls, which share its connections."""
    import urllib3

    retries = urllib3.Retry(2, status_forcelist=(429, 500, 502, 503), raise_on_status=False, backoff_factor=0.2)
    return urllib3.PoolManager(timeout=_SECONDS, retries=retries)


def _unreachable(said: str) -> UnreachableError:
    return UnreachableError(
        f"the bucket of Pulumi's state does not answer as it should ({said})",
        remediation="see whether it may be read and written from here, then try again",
    )
