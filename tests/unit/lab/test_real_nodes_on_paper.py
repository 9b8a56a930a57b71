"""What can be said about real nodes without a machine that runs them: addresses, images, what is missing."""

import json
import os
import shutil
import sys
import tarfile
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import LabError
from lab.node_network import CLUSTERS, AddressPlan, free_plan, mac
from lab.node_requirements import why_not
from lab.oci_archive import name_of, pack


def _networks(plan: AddressPlan) -> list[IPv4Network]:
    return [plan.machines, plan.pods, plan.services]


@given(st.integers(0, CLUSTERS - 1), st.integers(0, CLUSTERS - 1))
def test_plans_of_different_indexes_share_no_address(one: int, other: int) -> None:
    if one != other:
        here, there = _networks(AddressPlan(index=one)), _networks(AddressPlan(index=other))
        assert not any(a.overlaps(b) for a in here for b in there)


@given(st.sets(st.integers(0, CLUSTERS - 1), max_size=CLUSTERS - 1))
def test_the_first_plan_that_nobody_uses_is_taken(used: set[int]) -> None:
    routes = [network for index in used for network in _networks(AddressPlan(index=index))]
    assert free_plan(routes).index == min(set(range(CLUSTERS)) - used)


def test_a_wider_route_of_the_machine_gives_way() -> None:
    assert free_plan([IPv4Network("10.0.0.0/8")]).index == 0


def test_a_single_address_within_a_plan_makes_it_taken() -> None:
    assert free_plan([IPv4Network("10.128.7.9/32")]).index == 1


def test_when_every_plan_is_taken_the_error_says_what_to_do() -> None:
    routes = [AddressPlan(index=index).pods for index in range(CLUSTERS)]
    with pytest.raises(LabError, match="python -m lab down"):
        free_plan(routes)


def test_cards_of_a_cluster_differ_and_are_those_of_one_station() -> None:
    plan = AddressPlan(index=3)
    cards = [mac(plan.switch), *(mac(plan.node(number)) for number in range(1, 100))]
    assert cards[1] == "02:00:0a:4d:03:0b"
    assert len({*cards}) == len(cards)
    assert all(int(card[:2], 16) & 3 == 2 for card in cards), "administered locally, and no multicast (IEEE 802, 8.4)"


def test_an_image_of_the_same_binary_has_the_same_digest_and_names_itself(tmp_path: Path) -> None:
    binary = tmp_path / "program"
    binary.write_bytes(b"not really a program")
    one = pack(binary, tmp_path / "one.tar", reference="localhost:5000/a/program:1")
    other = pack(binary, tmp_path / "other.tar", reference="localhost:5000/a/program:1")
    assert one.digest == other.digest
    assert one.by_digest == f"localhost:5000/a/program@{one.digest}"
    assert name_of(one.path) == "localhost:5000/a/program:1"
    binary.write_bytes(b"another")
    assert pack(binary, tmp_path / "other.tar", reference="localhost:5000/a/program:1").digest != one.digest


def test_every_blob_of_an_image_is_found_under_its_digest(tmp_path: Path) -> None:
    binary = tmp_path / "program"
    binary.write_bytes(b"not really a program")
    image = pack(binary, tmp_path / "image.tar", reference="localhost/program:1", arguments=["serve"])
    with tarfile.open(image.path) as archive:

        def read(path: str) -> bytes:
            file = archive.extractfile(path)
            assert file is not None
            return file.read()

        def blob(digest: str) -> bytes:
            return read(f"blobs/{digest.replace(':', '/')}")

        manifest = json.loads(blob(json.loads(read("index.json"))["manifests"][0]["digest"]))
        config = json.loads(blob(manifest["config"]["digest"]))
        assert len(blob(manifest["layers"][0]["digest"])) == manifest["layers"][0]["size"]
        assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]
        assert (config["config"]["Entrypoint"], config["config"]["Cmd"]) == (["/program"], ["serve"])


def test_an_archive_that_names_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.tar").write_bytes(b"nothing of the kind")
    with pytest.raises(LabError, match="no OCI archive whose index names an image"):
        name_of(tmp_path / "broken.tar")


def test_a_machine_that_is_not_linux_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "real nodes need Linux" in (why_not() or "")


def test_whoever_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "need root" in (why_not() or "")


def test_missing_programs_are_named_by_the_packages_that_hold_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None if name in {"ctr", "runc"} else f"/usr/bin/{name}")
    monkeypatch.setattr("lab.node_requirements.cni_folder", lambda: None)
    assert (why_not() or "").endswith("apt-get install --yes containerd containernetworking-plugins runc")
