"""An installation's channels by name, each with the adapter of its address."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.message import Message
from kastellan.domain.party import Party
from kastellan.domain.reason import Reason
from kastellan.ports.notifier import Notifier, Receipt

TIMEOUT = 15.0
"""Seconds for each wait for a channel's server."""


def notifier_for(channels: Mapping[str, str], *, timeout: float = TIMEOUT) -> Notifier:
    """A notifier for channels whose addresses are URLs; nothing is connected yet.

    Args:
        channels: name → `file:///folder`, or what apprise understands, such as `mailtos://user:password@host`.
        timeout: seconds for each wait for a channel's server.

    Raises:
        InvalidInputError: some of the addresses cannot be used; names every such channel, and never the address.
    """
    notifiers: dict[str, Notifier] = {}
    reasons: list[Reason] = []
    for name, url in channels.items():
        try:
            notifiers[name] = _notifier(name, url, timeout)
        except ValueError as problem:
            reasons.append(_unusable(name, str(problem)))
    if reasons:
        raise InvalidInputError("some channels cannot be used", reasons)
    return _Channels(notifiers)


class _Channels:
    def __init__(self, notifiers: Mapping[str, Notifier]) -> None:
        self._notifiers = dict(notifiers)

    def send(self, message: Message) -> Receipt:
        notifier = self._notifiers.get(message.channel)
        if notifier is None:
            known = ", ".join(sorted(self._notifiers)) or "none"
            raise InvalidInputError(f"there is no channel {message.channel}; channels with an address: {known}")
        return notifier.send(message)

    def __repr__(self) -> str:
        return f"channels {', '.join(sorted(self._notifiers)) or 'none'}"


def _notifier(name: str, url: str, timeout: float) -> Notifier:
    """The adapter of an address.

    Raises:
        ValueError: it cannot be used; the text says why without the address.
    """
    if url.strip().lower().startswith("file:"):
        from kastellan.adapters.notify.file_notifier import FileNotifier

        return FileNotifier(name, _folder(url.strip()))
    from kastellan.adapters.notify.apprise_notifier import AppriseNotifier

    return AppriseNotifier(name, url, timeout=timeout)


def _folder(url: str) -> Path:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    path = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or not path.startswith("/") or "\0" in path:
        raise ValueError("a folder is written as file:///path/of/the/folder")
    return Path(path)


def _unusable(name: str, message: str) -> Reason:
    return Reason(
        code="channel",
        message=message,
        owner=Party.VENDOR,
        remediation="correct the channel's address",
        path=f"channel {name}",
    )
