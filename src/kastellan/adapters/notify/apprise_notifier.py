"""Mail, chat and webhooks through apprise, which knows some hundred services by their URLs.

What it would do by itself is switched off: repeating, and sleeping between two messages (the caller decides both, by
its clock), `optional` (a failure would count as delivered), redirects (a redirected POST becomes a GET and loses the
message). TLS is always verified.
"""

import warnings
from typing import TYPE_CHECKING, Any

from kastellan.adapters.notify.apprise_failure import failure
from kastellan.adapters.notify.apprise_log import captured
from kastellan.adapters.notify.one_line import one_line
from kastellan.ports.notifier import Receipt

if TYPE_CHECKING:
    from kastellan.domain.message import Message


class AppriseNotifier:
    """A `ports.notifier.Notifier` for one channel.

    Args:
        channel: its name, for messages.
        url: its address; secret.
        timeout: seconds for each wait for the server.

    Raises:
        ValueError: apprise does not understand the address, or it switches off the verification of TLS; the text says
            which without the address.
    """

    def __init__(self, channel: str, url: str, *, timeout: float) -> None:
        self._channel = channel
        with captured():
            self._service = _service(url)
        if self._service is None:
            raise ValueError("apprise does not understand its address")
        if not self._service.verify_certificate:
            raise ValueError("its address switches off the verification of TLS (verify=no)")
        self._service.socket_connect_timeout = self._service.socket_read_timeout = timeout
        self._service.retry, self._service.optional, self._service.redirects = 0, False, False
        self._service.request_rate_per_sec = 0

    def send(self, message: "Message") -> Receipt:
        """Hand the message over, as plain text where the service takes it; apprise tells no reference."""
        import apprise

        sender = apprise.Apprise(asset=self._service.asset)
        sender.add(self._service)
        text = message.text.encode(errors="replace").decode()
        with captured() as lines:
            result = sender.notify(title=one_line(message.subject), body=text, body_format=apprise.NotifyFormat.TEXT)
            result.close()
        if not result:
            raise failure(self._channel, lines)
        return Receipt()

    def __repr__(self) -> str:
        return f"apprise for channel {self._channel}"


def _service(url: str) -> Any:
    """Apprise's service of an address, or None."""
    with warnings.catch_warnings():
        # It loads all of its services at once, some of which import what Python deprecates.
        warnings.simplefilter("ignore")
        import apprise

        # In this thread and without a deadline of its own, which would leave the attempt running in another thread.
        asset = apprise.AppriseAsset(app_id="kastellan", async_mode=False, service_timeout=0, storage_mode="memory")
        return apprise.Apprise.instantiate(url.strip(), asset=asset)
