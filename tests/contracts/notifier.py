"""The contract of `ports.notifier.Notifier`: a test class that is run with every adapter.

A subclass gives the fixtures `notifier`, which has one channel `operations`, whose address holds `SECRET` where it has
a place for it, and `received`, which tells subject and text of every message that arrived.
"""

from collections.abc import Callable

import pytest

from kastellan.domain.errors import InvalidInputError
from kastellan.domain.message import Message
from kastellan.ports.notifier import Notifier, Receipt

SECRET = "pa55w0rd-t0k3n"
Received = Callable[[], list[tuple[str, str]]]


def message(
    key: str = "notice-1", *, subject: str = "Maintenance on Tuesday", text: str = "It begins at 22:00.\n\nBye."
) -> Message:
    return Message(key=key, channel="operations", subject=subject, text=text)


class NotifierContract:
    def test_a_message_arrives_with_subject_and_text(self, notifier: Notifier, received: Received) -> None:
        assert isinstance(notifier.send(message()), Receipt)
        assert received() == [("Maintenance on Tuesday", "It begins at 22:00.\n\nBye.")]

    def test_every_message_arrives(self, notifier: Notifier, received: Received) -> None:
        for number in range(3):
            notifier.send(message(f"notice-{number}", subject=f"Number {number}"))
        assert sorted(subject for subject, _ in received()) == ["Number 0", "Number 1", "Number 2"]

    def test_text_is_not_interpreted(self, notifier: Notifier, received: Received) -> None:
        text = "<b>Zürich</b> & ${HOME} *x* \\n :smile: 漢\n\tindented"
        notifier.send(message(text=text))
        assert received()[0][1] == text

    @pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\v", "\u2028", "\x85"])
    def test_a_subject_of_several_lines_is_sent_as_one(
        self, notifier: Notifier, received: Received, line_break: str
    ) -> None:
        notifier.send(message(subject=f"Tuesday{line_break}Bcc: everybody@evil.example{line_break}{line_break}body"))
        assert received() == [("Tuesday Bcc: everybody@evil.example body", "It begins at 22:00.\n\nBye.")]

    def test_a_subject_without_an_end_is_cut(self, notifier: Notifier, received: Received) -> None:
        notifier.send(message(subject="x" * 3000))
        assert received()[0][0] == "x" * 199 + "…"

    def test_characters_that_cannot_be_encoded_stop_no_message(self, notifier: Notifier, received: Received) -> None:
        notifier.send(message(subject="a\x00b\ud800c", text="d\ud800e"))
        assert received() == [("a b c", "d?e")]

    def test_a_channel_that_is_not_there_is_refused_with_the_names_of_those_that_are(self, notifier: Notifier) -> None:
        unknown = Message(key="1", channel="nobody", subject="", text="x")
        with pytest.raises(InvalidInputError, match="no channel nobody; channels with an address: operations"):
            notifier.send(unknown)

    def test_it_shows_the_names_of_its_channels_and_no_address(self, notifier: Notifier) -> None:
        assert repr(notifier) == "channels operations"
        assert SECRET not in repr(vars(notifier))
