"""An entry of the calendar that a customer subscribes to: one maintenance window, or one that was taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One event of a feed.

    Attributes:
        uid: the same for the whole life of the event, unique in the world; printable, without spaces.
        start: first instant (UTC).
        end: first instant after it (UTC).
        summary: one line for people; may hold whatever a customer wrote.
        description: the same, of several lines.
        sequence: how often time or state changed since it was first published; programs ignore an event whose
            sequence did not grow (RFC 5545, section 3.8.7.4).
        changed_at: when this revision came about (UTC).
        cancelled: taken back. It stays in the feed, because a program that fetches once a day may keep what vanished.
    """

    uid: str
    start: datetime
    end: datetime
    summary: str
    description: str
    sequence: int
    changed_at: datetime
    cancelled: bool

    def __post_init__(self) -> None:
        if not self.uid or not self.uid.isprintable() or " " in self.uid:
            raise ValueError(f"{self.uid!r} is no UID: write printable characters without spaces")
        if any(instant.utcoffset() != timedelta(0) for instant in (self.start, self.end, self.changed_at)):
            raise ValueError(f"{self.uid}: instants must be in UTC")
        if self.end <= self.start:
            raise ValueError(f"{self.uid}: it ends before it begins")
        if self.sequence < 0:
            raise ValueError(f"{self.uid}: a sequence begins at 0")
