"""A folder as a channel, for demos and tests, and for sites where another program picks messages up.

Each message is one file that is named by its key and appears as a whole, so that a repeated delivery makes no second
one. Keys are unique in an installation; where several share a folder, the later one's name ends with a hash.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from kastellan.adapters.notify.one_line import one_line
from kastellan.domain.errors import ForbiddenError, KastellanError, NotFoundError, ServerFaultError
from kastellan.domain.message import Message
from kastellan.ports.notifier import Receipt

_LONGEST = 120
"""Bytes of a key in a file's name; file systems take 255."""


class FileNotifier:
    """A `ports.notifier.Notifier` for one channel.

    Args:
        channel: its name, for messages.
        folder: where the files go; it is made where it is missing.
    """

    def __init__(self, channel: str, folder: Path) -> None:
        self._channel = channel
        self._folder = folder

    def send(self, message: Message) -> Receipt:
        """Write the message's file; the reference is the file's name."""
        text = f"Channel: {one_line(message.channel)}\nSubject: {one_line(message.subject)}\n\n{message.text}\n"
        content = text.encode(errors="replace")
        stem = _stem(message.key)
        try:
            for name in (f"{stem}.txt", f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}.txt"):
                if self._write(name, content):
                    break
        except OSError as cause:
            raise self._translated(cause) from cause
        return Receipt(reference=name, confirms_delivery=True)

    def __repr__(self) -> str:
        return f"folder of channel {self._channel}"

    def _write(self, name: str, content: bytes) -> bool:
        """Whether the file holds the content afterwards; False where it held another."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # A link fails where the name is taken, so that of two processes one is first and none overwrites.
            os.link(temporary, path)
        except FileExistsError:
            return path.read_bytes() == content
        finally:
            Path(temporary).unlink()
        return True

    def _translated(self, cause: OSError) -> KastellanError:
        message = f"channel {self._channel}: the message cannot be written: {cause.strerror or 'no reason given'}"
        match cause:
            case PermissionError():
                return ForbiddenError(message, remediation="give the user the right to write to the folder")
            case FileNotFoundError() | NotADirectoryError() | FileExistsError():
                return NotFoundError(message, remediation="correct the channel's folder")
            case _:
                return ServerFaultError(message, remediation="see whether the disk is full")


def _stem(key: str) -> str:
    """A name that no key can leave the folder by; a key that is too long ends with its hash."""
    name = quote(key, safe="", errors="surrogatepass").replace(".", "%2E")
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:16]}"
    return name
