"""The API server's answer to something that was tried and not done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """One attempt.

    Attributes:
        subject: what was tried, such as `Pod zitadel/setup`.
        accepted: None where the answer says nothing about it.
        message: of the API server, where it was not accepted.
        elsewhere: the namespace in which it was tried, because its own is not there yet; empty where it was its own.
    """

    subject: str
    accepted: bool | None
    message: str = ""
    elsewhere: str = ""
