"""Addresses of channels hold secrets: what is wrong with one is told without them."""

import logging

import pytest

from kastellan.adapters.notify.apprise_failure import failure
from kastellan.adapters.notify.channels import notifier_for
from kastellan.domain.errors import (
    InvalidInputError,
    NotFoundError,
    ServerFaultError,
    UnreachableError,
)
from tests.contracts.notifier import SECRET
from tests.servers.notices import Mailbox, Webhook, assert_hidden, free_port, mail_url, mailbox, outcome, send, webhook

__all__ = ["mail_url", "mailbox", "webhook"]


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            f"nosuch://{SECRET}",
            f"slack://{SECRET}",
            f"json://{SECRET}:",
            f"{SECRET}",
            f"file://{SECRET}/folder",
            f"file:relative/{SECRET}",
            f"file:///folder?{SECRET}",
            f"file://[{SECRET}",
            f"jsons://user:{SECRET}@host.example/?verify=no",
        ],
    )
    def test_an_address_that_cannot_be_used_is_told_by_its_channel_and_never_shown(
        self, url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(0)
        with pytest.raises(InvalidInputError) as refused:
            notifier_for({"fine": "file:///folder", "wrong": url})
        assert [reason.path for reason in refused.value.reasons] == ["channel wrong"]
        assert refused.value.reasons[0].remediation
        assert_hidden(refused.value, caplog)

    def test_all_bad_addresses_are_told_at_once(self) -> None:
        with pytest.raises(InvalidInputError) as refused:
            notifier_for({"a": "nosuch://", "b": "file:///folder", "c": "file:x"})
        assert [reason.path for reason in refused.value.reasons] == ["channel a", "channel c"]

    def test_no_channels_are_no_mistake(self) -> None:
        assert repr(notifier_for({})) == "channels none"


class TestSecrets:
    @pytest.mark.parametrize("status", [200, 302, 401, 500, None])
    def test_no_secret_of_a_webhook_is_told(
        self, webhook: Webhook, status: int | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        webhook.status = status
        caplog.set_level(0)
        assert_hidden(outcome(webhook.url, timeout=10 if status else 0.2), caplog)

    def test_no_secret_of_a_webhook_that_is_not_there_is_told(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(0)
        assert_hidden(outcome(f"json://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}?-q={SECRET}"), caplog)

    @pytest.mark.parametrize("answer", ["250 OK", "550 no"])
    def test_no_secret_of_a_mail_server_is_told(
        self, mail_url: str, mailbox: Mailbox, answer: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        mailbox.answer = answer
        caplog.set_level(0)
        assert_hidden(outcome(mail_url), caplog)

    def test_other_http_clients_log_as_ever(self, webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
        send(webhook.url)
        caplog.set_level(0)
        logging.getLogger("urllib3.connectionpool").debug("of somebody else")
        assert "of somebody else" in caplog.text


class TestReasons:
    """What apprise may log, without a server that makes it do so."""

    def test_no_reason_is_temporary(self) -> None:
        error = failure("operations", [])
        assert type(error) is ServerFaultError
        assert error.message == "channel operations: the message was not taken: apprise gave no reason"

    def test_a_name_that_cannot_be_found_is_unreachable(self) -> None:
        line = "Socket Exception: HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by"
        lines = ["A problem occurred.", f"{line} NameResolutionError: Failed to resolve 'x')"]
        assert type(failure("operations", lines)) is UnreachableError

    def test_one_of_several_answers_that_may_change_makes_it_temporary(self) -> None:
        lines = ["Failed to send: error=404.", "Failed to send: error=503."]
        assert type(failure("operations", lines)) is ServerFaultError
        assert type(failure("operations", lines[:1])) is NotFoundError

    def test_nothing_but_numbers_is_taken_from_what_it_logs(self) -> None:
        lines = [f"Failed to send {SECRET}: error=500, {SECRET}", f"Socket Exception: (535, b'{SECRET}') timed out"]
        assert SECRET not in repr(failure("operations", lines)) + str(failure("operations", lines[1:]))
