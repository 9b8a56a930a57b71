"""Finds what somebody else did to the objects of an installation (DI-6)."""

from collections.abc import Iterable, Iterator

from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.planning.drift import Drift, DriftKind
from kastellan.planning.field_owners import OURS, added_paths, is_foreign, strangers
from kastellan.planning.field_path import look_up
from kastellan.planning.object_diff import field_change, field_changes
from kastellan.planning.observed_object import ObservedObject


def drift_since_applied(
    observed: Iterable[ObservedObject], owned: Iterable[Manifest], optional: frozenset[ObjectRef] = frozenset()
) -> tuple[Drift, ...]:
    """Every difference from what was applied, on the assumption that the observed desired objects were.

    Args:
        observed: one look at each desired object.
        owned: all live objects that carry the installation's labels, of every kind that we make.
        optional: objects whose absence is no drift.
    """
    known: set[ObjectRef] = set()
    found: list[Drift] = []
    for thing in observed:
        known.add(thing.ref)
        if thing.live is None:
            if thing.ref not in optional:
                found.append(Drift(kind=DriftKind.MISSING, ref=thing.ref))
            continue
        found += _changed(thing, thing.live, only_foreign=False)
        found += _added(thing, thing.live)
    found += _unexpected(owned, known)
    return tuple(found)


def drift_in_the_way(observed: Iterable[ObservedObject]) -> tuple[Drift, ...]:
    """What others changed, seen while something new is about to be applied: only fields that others own.

    A field that nobody owns may be one that the new release brings, so it is not among them.
    """
    found: list[Drift] = []
    for thing in observed:
        if thing.live is not None:
            found += _changed(thing, thing.live, only_foreign=True)
            found += _added(thing, thing.live)
    return tuple(found)


def _changed(thing: ObservedObject, live: Manifest, *, only_foreign: bool) -> Iterator[Drift]:
    if thing.result is None:
        return
    for change in field_changes(live, thing.result):
        if is_foreign(change.owners):
            yield Drift(kind=DriftKind.CHANGED, ref=thing.ref, field=change, authors=change.owners)
        elif not only_foreign:
            yield Drift(kind=DriftKind.CHANGED, ref=thing.ref, field=change, authors=strangers(live))


def _added(thing: ObservedObject, live: Manifest) -> Iterator[Drift]:
    for path in added_paths(live, thing.desired):
        value = look_up(live, path)
        if value is not None:
            change = field_change(thing.ref, live, path, value, None)
            yield Drift(kind=DriftKind.ADDED, ref=thing.ref, field=change, authors=change.owners)


def _unexpected(owned: Iterable[Manifest], known: set[ObjectRef]) -> Iterator[Drift]:
    for live in owned:
        ref = ObjectRef.of(live)
        managers = {entry.get("manager") for entry in live["metadata"].get("managedFields") or ()}
        if ref not in known and OURS not in managers and not live["metadata"].get("ownerReferences"):
            yield Drift(kind=DriftKind.UNEXPECTED, ref=ref, authors=strangers(live))
