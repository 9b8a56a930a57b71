"""The difference between two versions of an object, and who owns what differs."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.kubernetes_object import Manifest
from kastellan.planning.field_owners import added_paths
from kastellan.planning.field_path import ListItem, SetValue, look_up, owned_paths, remove, text
from kastellan.planning.object_change import HIDDEN
from kastellan.planning.object_diff import differing_paths, field_changes


def deployment(**entries: Any) -> Manifest:
    """A live Deployment with one container; `entries` maps a manager to its FieldsV1."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "zitadel",
            "namespace": "zitadel",
            "generation": 4,
            "managedFields": [
                {"manager": manager, "operation": "Update", "time": f"2026-11-2{n}T10:00:00Z", "fieldsV1": fields}
                for n, (manager, fields) in enumerate(entries.items())
            ],
        },
        "spec": {
            "replicas": 3,
            "template": {"spec": {"containers": [{"name": "zitadel", "image": "a", "env": [{"name": "X"}]}]}},
        },
        "status": {"replicas": 3},
    }


IMAGE = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"zitadel"}': {"f:image": {}}}}}}}


def test_a_changed_field_is_named_by_the_key_of_its_list_item() -> None:
    live, result = deployment(kastellan=IMAGE), deployment()
    result["spec"]["template"]["spec"]["containers"][0]["image"] = "b"
    (change,) = field_changes(live, result)
    assert change.path == "spec.template.spec.containers[name=zitadel].image"
    assert (change.before, change.after) == ('"a"', '"b"')
    assert [owner.manager for owner in change.owners] == ["kastellan"]


def test_what_the_server_writes_by_itself_is_no_difference() -> None:
    live, result = deployment(kastellan=IMAGE), deployment()
    result["metadata"]["generation"] = 5
    result["status"] = {}
    assert field_changes(live, result) == ()


def test_values_of_a_secret_are_hidden() -> None:
    metadata = {"name": "s", "namespace": "n"}
    live = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"k": "b2xk"}}
    (change,) = field_changes(live, {**live, "data": {"k": "bmV3"}})
    assert (change.path, change.before, change.after) == ("data.k", HIDDEN, HIDDEN)


def test_newest_owner_comes_first() -> None:
    live, result = deployment(kastellan=IMAGE, someone=IMAGE), deployment()
    result["spec"]["template"]["spec"]["containers"][0]["image"] = "b"
    assert [owner.manager for owner in field_changes(live, result)[0].owners] == ["someone", "kastellan"]


def test_a_list_that_nothing_keys_differs_as_a_whole() -> None:
    assert [text(path) for path in differing_paths({"args": ["a"]}, {"args": ["b"]})] == ["args"]


def test_a_changed_order_is_a_difference() -> None:
    before, after = {"env": [{"name": "A"}, {"name": "B"}]}, {"env": [{"name": "B"}, {"name": "A"}]}
    assert [text(path) for path in differing_paths(before, after)] == ["env"]


def test_a_field_that_a_stranger_added_is_found_and_can_be_taken_out() -> None:
    added = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"zitadel"}': {"f:env": {
        'k:{"name":"Y"}': {".": {}, "f:name": {}}}}}}}}}  # fmt: skip
    live = deployment(kastellan=IMAGE, someone=added)
    live["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "Y"})
    (path,) = added_paths(live, deployment())
    assert text(path) == "spec.template.spec.containers[name=zitadel].env[name=Y]"
    edited = copy.deepcopy(live)
    remove(edited, path)
    assert edited["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "X"}]


def test_a_field_of_ours_that_a_stranger_took_over_is_changed_and_not_added() -> None:
    assert not [*added_paths(deployment(someone={"f:spec": {"f:replicas": {}}}), deployment())]


def test_what_kubernetes_itself_writes_is_nobodys_addition() -> None:
    fields = {"f:metadata": {"f:annotations": {"f:deployment.kubernetes.io/revision": {}}}}
    assert not [*added_paths(deployment(**{"kube-controller-manager": fields}), deployment())]


def test_a_dotted_key_is_written_in_brackets() -> None:
    assert text(("metadata", "labels", "app.kubernetes.io/name")) == "metadata.labels[app.kubernetes.io/name]"


def test_values_of_sets_are_followed() -> None:
    (path,) = owned_paths({"f:metadata": {"f:finalizers": {'v:"a/b"': {}}}})
    assert path == ("metadata", "finalizers", SetValue('"a/b"'))
    value = {"metadata": {"finalizers": ["a/b", "c"]}}
    assert look_up(value, path) == "a/b"
    remove(value, path)
    assert value == {"metadata": {"finalizers": ["c"]}}


leaves = st.one_of(st.integers(), st.text(max_size=3), st.booleans())
objects = st.recursive(
    leaves, lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3), max_leaves=12
).filter(lambda value: isinstance(value, dict))


@given(objects)
def test_an_object_does_not_differ_from_itself(value: Any) -> None:
    assert [*differing_paths(value, copy.deepcopy(value))] == []


@given(objects, objects)
def test_two_objects_differ_exactly_where_their_paths_say(before: Any, after: Any) -> None:
    patched = copy.deepcopy(before)
    for path in differing_paths(before, after):
        new = look_up(after, path)
        if not path:
            patched = after
        elif new is None:
            remove(patched, path)
        else:
            look_up(patched, path[:-1])[path[-1]] = new
    assert patched == after


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers()), unique_by=lambda item: item[0]))
def test_every_item_of_a_keyed_list_is_found_again(pairs: list[tuple[str, int]]) -> None:
    items = [{"name": name, "value": value} for name, value in pairs]
    for name, value in pairs:
        assert look_up({"l": items}, ("l", ListItem((("name", name),)), "value")) == value
