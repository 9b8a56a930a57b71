"""The stand-in's images: valid by the OCI specification, the same bytes each time, known to the catalogue by digest."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from kastellan.config.catalogue_file import read_catalogue
from kastellan.domain.image import Image
from kastellan.domain.version import Version
from lab.images import VARIANTS, StandInRelease, catalogue, releases
from lab.oci_archive import Archive, name_of


@pytest.fixture(scope="module")
def built() -> tuple[StandInRelease, ...]:
    return releases()


def blobs(archive: Archive) -> dict[str, bytes]:
    with tarfile.open(archive.path) as opened:
        files = {entry.name: opened.extractfile(entry) for entry in opened}
        return {
            name.replace("blobs/sha256/", "sha256:"): file.read()
            for name, file in files.items()
            if file and name.startswith("blobs/")
        }


def described(archive: Archive) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Manifest, configuration and layer of an image, by the way that a runtime goes: digest by digest."""
    found = blobs(archive)
    manifest = json.loads(found[archive.digest])
    (layer,) = manifest["layers"]
    return manifest, json.loads(found[manifest["config"]["digest"]]), found[layer["digest"]]


def test_every_blob_has_the_digest_and_size_that_name_it(built: tuple[StandInRelease, ...]) -> None:
    for archive in (built[0].server, built[0].login):
        for digest, content in blobs(archive).items():
            assert digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
        manifest, config, layer = described(archive)
        assert manifest["layers"][0]["size"] == len(layer)
        assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]  # not compressed
        assert name_of(archive.path) == archive.reference


def test_the_server_runs_the_program_and_the_login_its_other_face_as_user_1000(
    built: tuple[StandInRelease, ...],
) -> None:
    for archive, arguments in ((built[0].server, []), (built[0].login, ["login"])):
        _, config, layer = described(archive)
        assert config["config"]["Entrypoint"] == ["/zitadel-standin"]
        assert config["config"]["Cmd"] == arguments
        assert config["config"]["User"] == "1000:1000"
        assert config["config"]["Labels"]["dev.kastellan.stand-in"] == "true"
        with tarfile.open(fileobj=io.BytesIO(layer)) as files:
            assert files.getmember("zitadel-standin").mode == 0o755
            assert files.getmember("tmp").mode == 0o1777
            program = files.extractfile("zitadel-standin")
            assert program
            assert program.read() == built[0].program.read_bytes()
    assert described(built[0].server)[2] == described(built[0].login)[2]


def test_the_program_needs_no_library(built: tuple[StandInRelease, ...]) -> None:
    elf = built[0].program.read_bytes()[:65536]
    assert elf.startswith(b"\x7fELF")
    assert b"/ld-linux" not in elf
    assert b"/ld-musl" not in elf


def test_a_build_elsewhere_gives_the_same_digests(
    built: tuple[StandInRelease, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_cache = Path.home() / ".cache" / "go-build"
    monkeypatch.setenv("GOCACHE", str(go_cache))  # what is linked anew need not be compiled anew
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said: list[str] = []
    (again,) = releases(("v4.14.0",), progress=said.append)
    assert again.program.is_relative_to(tmp_path)
    assert said[0] == "building the stand-in v4.14.0"
    first = next(release for release in built if release.version == "v4.14.0")
    assert (again.server.digest, again.login.digest) == (first.server.digest, first.login.digest)


def test_a_second_call_builds_nothing(built: tuple[StandInRelease, ...]) -> None:
    said: list[str] = []
    assert releases(progress=said.append) == built
    assert said == []


def test_every_image_of_every_release_has_a_digest_of_its_own(built: tuple[StandInRelease, ...]) -> None:
    assert (
        [release.version for release in built]
        == list(VARIANTS)
        == ["v4.13.0", "v4.13.1", "v4.14.0", "v4.15.0", "v4.16.0"]
    )
    digests = {archive.digest for release in built for archive in (release.server, release.login)}
    assert len(digests) == 2 * len(built)


def test_the_catalogue_names_them_and_allows_each_step_up(built: tuple[StandInRelease, ...], tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    catalogue(path, built)
    known = read_catalogue(path)
    for release in built:
        found = known.find(Version.parse(release.version))
        assert found
        assert found.images
        assert found.images.zitadel == Image("localhost/kastellan/zitadel-standin", release.server.digest)
        assert found.images.login == Image("localhost/kastellan/zitadel-login-standin", release.login.digest)
        assert known.refusals(known.releases[0].version, found.version) == ()
