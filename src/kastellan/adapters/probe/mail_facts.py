"""SMT-1, from this machine: the dialogue with the relay up to RCPT; nothing is ever sent (no DATA).

Sources: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC).
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import takewhile

from kastellan.adapters.foreign_authority import foreign_authority
from kastellan.adapters.probe.name_lookup import system_resolvers, texts
from kastellan.adapters.probe.steps import StepEndedError, Walk, connected, walked, wrapped
from kastellan.adapters.probe.tls import verifying
from kastellan.domain.probing import MailRelay, MailTls
from kastellan.preflight.dialogue import Control
from kastellan.preflight.probe_facts import Mail

NOBODY = "kastellan-control"
"""User of the control: no account of anybody's, so that no account is locked by a wrong password."""
_HELLO = "kastellan.invalid"
_SECONDS = 10.0


class _Smtp(smtplib.SMTP):
    """A dialogue over a socket that is connected already."""

    def __init__(self, stream: socket.socket, timeout: float) -> None:
        super().__init__(local_hostname=_HELLO, timeout=timeout)
        self.sock = stream
        self.file = None


def collect_mail(relay: MailRelay, password: str, resolvers: Sequence[str], *, timeout: float = _SECONDS) -> Mail:
    """Go through the dialogue; then with a foreign authority, and with a password that is nobody's."""

    def walk(noted: Walk) -> None:
        dialogue = _begun(noted, relay, verifying(relay.ca), timeout)
        try:
            if relay.user:
                _authenticated(dialogue, relay.user, password)
                noted.held("auth", f"as {relay.user}")
            _said("mail", lambda: dialogue.mail(relay.sender))
            noted.held("mail", relay.sender)
            recipient = relay.recipient or relay.sender
            _said("rcpt", lambda: dialogue.rcpt(recipient))
            noted.held("rcpt", recipient)
        finally:
            _ended(dialogue)

    dialogue = walked(f"{relay.host}:{relay.port}", walk, lambda: _controls(relay, timeout))
    domain = relay.sender.rpartition("@")[2]
    spf, dmarc, dkim, known = _records(domain, relay.dkim_selector, resolvers or system_resolvers())
    return Mail(dialogue=dialogue, sender_domain=domain, spf=spf, dmarc=dmarc, dkim=dkim, records_known=known)


def _begun(noted: Walk, relay: MailRelay, context: ssl.SSLContext, timeout: float) -> _Smtp:
    """Connected, greeted, encrypted, and greeted again."""
    stream: socket.socket = connected(noted, relay.host, relay.port, timeout=timeout)
    try:
        if relay.tls is MailTls.IMPLICIT:
            stream = wrapped(noted, stream, context, relay.host)
        dialogue = _Smtp(stream, timeout)
        _said("greeting", dialogue.getreply)
        _said("ehlo", dialogue.ehlo)
        noted.held("ehlo")
        if relay.tls is MailTls.STARTTLS:
            if not dialogue.has_extn("starttls"):
                raise StepEndedError("starttls", "the relay does not offer STARTTLS", held=False)
            _said("starttls", lambda: dialogue.docmd("STARTTLS"))
            noted.held("starttls")
            stream = wrapped(noted, stream, context, relay.host)
            dialogue = _Smtp(stream, timeout)
            _said("ehlo", dialogue.ehlo)
        return dialogue
    except BaseException:
        stream.close()
        raise


def _authenticated(dialogue: _Smtp, user: str, password: str) -> None:
    try:
        dialogue.login(user, password)
    except smtplib.SMTPAuthenticationError as refusal:
        raise StepEndedError(
            "auth", f"refused with {refusal.smtp_code}", held=None if refusal.smtp_code < 500 else False
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise StepEndedError("auth", "the relay does not offer AUTH", held=False) from None
    except smtplib.SMTPException as failure:
        raise StepEndedError("auth", f"no common mechanism ({type(failure).__name__})", held=False) from None
    except OSError as failure:
        raise StepEndedError("auth", f"cut off ({failure})", held=None) from failure


def _said(step: str, ask: Callable[[], tuple[int, bytes]]) -> None:
    """Take a reply: 2xx holds, 4xx is "not now" (greylisting), 5xx is "no"."""
    try:
        code, text = ask()
    except (smtplib.SMTPException, OSError) as failure:
        raise StepEndedError(step, f"cut off ({failure})", held=None, transport=step == "greeting") from failure
    if not 200 <= code < 300:
        words = " ".join(text.decode(errors="replace").split())[:200]
        held = None if 400 <= code < 500 else False
        raise StepEndedError(step, f"{code} {words}", held=held)


def _ended(dialogue: _Smtp) -> None:
    with suppress(smtplib.SMTPException, OSError):
        dialogue.docmd("QUIT")
    dialogue.close()


def _controls(relay: MailRelay, timeout: float) -> tuple[Control, ...]:
    found = [_foreign_authority(relay, timeout)]
    if relay.user:
        found.append(_wrong_password(relay, timeout))
    return tuple(found)


def _foreign_authority(relay: MailRelay, timeout: float) -> Control:
    name = "a foreign authority"
    try:
        _ended(_begun(Walk(), relay, verifying(foreign_authority()), timeout))
    except StepEndedError as end:
        refused = True if isinstance(end.__cause__, ssl.SSLCertVerificationError) else None
        return Control(name=name, refused=refused, said=end.said)
    return Control(name=name, refused=False)


def _wrong_password(relay: MailRelay, timeout: float) -> Control:
    name = "an unknown user"
    try:
        dialogue = _begun(Walk(), relay, verifying(relay.ca), timeout)
    except StepEndedError as end:
        return Control(name=name, refused=None, said=end.said)
    try:
        _authenticated(dialogue, NOBODY, NOBODY)
    except StepEndedError as end:
        return Control(name=name, refused=True if end.held is False else None, said=end.said)
    finally:
        _ended(dialogue)
    return Control(name=name, refused=False)


def _records(domain: str, selector: str, resolvers: Sequence[str]) -> tuple[str, str, str | None, bool]:
    """SPF, DMARC, DKIM as the first resolver that answers gives them, and whether any did."""
    names = [domain, f"_dmarc.{domain}", *([f"{selector}._domainkey.{domain}"] if selector else ())]
    for resolver in resolvers:
        found = list(takewhile(lambda texts: texts is not None, (texts(name, resolver) for name in names)))
        if len(found) < len(names):
            continue  # one that is silent once is not waited for again
        own, policy, *keys = (records or () for records in found)
        spf = next((record for record in own if record.lower().startswith("v=spf1")), "")
        dmarc = next((record for record in policy if record.lower().startswith("v=dmarc1")), "")
        return spf, dmarc, next(iter(keys[0]), "") if keys else None, True
    return "", "", None, False
