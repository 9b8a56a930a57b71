"""Short ways to write an installation's history in tests; all times are local to Zurich unless they say otherwise."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kastellan.domain.catalogue import Catalogue
from kastellan.domain.contract import Contract
from kastellan.domain.history import (
    Decided,
    DecisionKind,
    EmergencyOpened,
    Enrolled,
    Fact,
    Item,
    NoticeReceived,
    RunEnded,
    Verdict,
    WindowOffered,
)
from kastellan.domain.party import Party
from kastellan.domain.release import Release, ReleaseClass
from kastellan.domain.service_plan import ServicePlan
from kastellan.domain.version import Version

ZONE = "Europe/Zurich"
CONTRACT = Contract(plan=ServicePlan.ADVANCED, zone=ZONE)
OLD, NEW, PATCHED = Version(4, 13, 0), Version(4, 13, 1), Version(4, 13, 2)
CATALOGUE = Catalogue(releases=tuple(Release(version=v, published=None, reachable_from=OLD) for v in (OLD, NEW)))


def at(text: str) -> datetime:
    """`2026-03-10` or `2026-03-10T22:00`, on the wall clock of Zurich."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC"))


def enrolled(day: str = "2026-01-01", version: Version = OLD) -> Enrolled:
    return Enrolled(at=at(day), version=version)


def offered(start: str, *, received: str | None = None, item: str = "") -> tuple[Fact, ...]:
    """A window of six hours for its month, offered 28 days ahead; received at once, unless it says when."""
    begins = at(start)
    what = Item(item or f"regular/{start[:7]}")
    told = at(received) if received else begins - timedelta(days=28)
    offer = WindowOffered(
        at=begins - timedelta(days=28), item=what, start=begins, end=begins + timedelta(hours=6), version=NEW
    )
    return (offer, NoticeReceived(at=told, item=what, start=begins))


def said(kind: DecisionKind, start: str, *, when: str, item: str = "", chosen: str | None = None) -> Decided:
    regular = not item.startswith("emergency")
    return Decided(
        at=at(when),
        item=Item(item or f"regular/{start[:7]}"),
        kind=kind,
        start=at(start) if regular else None,
        chosen=at(chosen) if chosen else None,
        who="Ada Example",
        channel="mail",
        reason="a release of ours",
    )


def denied(start: str, *, when: str, item: str = "") -> Decided:
    return said(DecisionKind.DENY, start, when=when, item=item)


def ran(
    start: str,
    verdict: Verdict = Verdict.PASSED,
    *,
    by: Party = Party.VENDOR,
    when: str | None = None,
    item: str = "",
    version: Version = NEW,
) -> RunEnded:
    ended = at(when) if when else at(start) + timedelta(hours=1)
    return RunEnded(
        at=ended,
        item=Item(item or f"regular/{start[:7]}"),
        verdict=verdict,
        attribution=by,
        start=None if item.startswith("emergency") else at(start),
        version=version,
    )


def emergency(day: str, *, received: str | None, version: Version = PATCHED) -> tuple[Fact, ...]:
    item = Item.emergency(version)
    opened = EmergencyOpened(at=at(day), item=item, release_class=ReleaseClass.SECURITY)
    return (opened, NoticeReceived(at=at(received), item=item)) if received else (opened,)


def denied_month(month: str) -> tuple[Fact, ...]:
    """A window on the tenth, offered in time and denied."""
    start = f"{month}-10T22:00"
    return (*offered(start), denied(start, when=f"{month}-01T09:00"))
