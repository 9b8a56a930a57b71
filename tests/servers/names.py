"""A name server with a zone of its own, over UDP."""

import socket
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """Answers from records like `{("id.customer.example", "A"): ["192.0.2.1"]}`; a context manager.

    Attributes:
        records: what it knows; a name without any is NXDOMAIN.
        failing: response code for every question, where it is not None.
        signed_wrongly: SERVFAIL unless checking is disabled, as a validating resolver does with bad signatures.
        silent: it takes questions and says nothing.
    """

    def __init__(self, records: dict[tuple[str, str], list[str]], *, ttl: int = 300) -> None:
        self.records, self.ttl = records, ttl
        self.failing: int | None = None
        self.signed_wrongly = self.silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> "NameServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4096)
            if not data:
                return
            if not self.silent:
                self._socket.sendto(self._answer(dns.message.from_wire(data)).to_wire(), client)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(question)
        if self.failing is not None:
            response.set_rcode(dns.rcode.Rcode(self.failing))
            return response
        if self.signed_wrongly and not question.flags & dns.flags.CD:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        asked = question.question[0]
        kind = dns.rdatatype.to_text(asked.rdtype)
        name = asked.name.to_text(omit_final_dot=True)
        known = False
        while True:
            known = known or any(owner == name for owner, _ in self.records)
            if values := self.records.get((name, kind)):
                response.answer.append(dns.rrset.from_text(f"{name}.", self.ttl, "IN", kind, *values))
                break
            alias = self.records.get((name, "CNAME"))
            if not alias:
                break
            response.answer.append(dns.rrset.from_text(f"{name}.", self.ttl, "IN", "CNAME", *alias))
            name = alias[0].rstrip(".")
        if not known:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response
