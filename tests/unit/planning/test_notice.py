"""The notices as customers read them, all of them in one file."""

from pathlib import Path
from string import Template

from kastellan.planning.notice import TEXTS, Notice, message
from tests.golden import assert_golden
from tests.histories import at

VALUES = {
    "installation": "acme",
    "item": "regular/2026-02",
    "start": at("2026-02-10T22:00"),
    "end": at("2026-02-11T04:00"),
    "at": at("2026-02-10T23:00"),
    "version": "v4.13.1",
    "silence": "silence is consent",
    "standing": "it runs, for silence is consent",
    "release_class": "security",
    "days": 5,
    "verdict": "failed",
    "party": "vendor",
    "reason": "The migration failed.",
    "because": "3 months in a row up to 2026-03 were denied",
    "resolve_by": at("2026-04-07"),
    "failed_at": at("2026-04-01"),
    "right_at": at("2026-04-07"),
    "ends_at": at("2026-05-09"),
    "who": "Max Muster",
    "since": at("2026-03-10"),
    "added": "none",
    "removed": "Tuesday 2026-03-10 22:00 (UTC+0100)",
    "changed": "none",
}


def test_every_notice_reads_as_it_was_reviewed() -> None:
    shown = []
    for notice in Notice:
        one = message(notice, "customer", "key", "Europe/Zurich", **VALUES)
        shown.append(f"--- {notice}\nSubject: {one.subject}\n\n{one.text}")
    assert_golden(Path(__file__).parent / "golden" / "notices.txt", "\n".join(shown))


def test_every_kind_has_a_text_that_names_the_installation_and_a_subject_of_one_line() -> None:
    assert set(TEXTS) == set(Notice)
    for subject, text in TEXTS.values():
        assert "$installation" in subject
        assert Template(subject + text).is_valid()
        assert "\n" not in message(Notice.OFFER, "c", "k", "UTC", **VALUES | {"installation": "a\nb"}).subject
