"""Where Pulumi keeps its state, found as Pulumi finds it; and lock files of a folder."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from googleapiclient.discovery_cache import get_static_doc

from kastellan.adapters.pulumi.backend import backend_url, lock_files, lock_folders
from kastellan.domain.errors import InvalidInputError, UnauthenticatedError, UnreachableError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: installation\nruntime: python\n")
    return tmp_path


def test_the_environment_comes_first_then_the_project_then_the_login(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(InvalidInputError, match=r"logged in to no backend.*pulumi login"):
        backend_url(project, {"PULUMI_HOME": str(home)})
    (home / "credentials.json").write_text(json.dumps({"current": "file://login"}))
    assert backend_url(project, {"PULUMI_HOME": str(home)}) == "file://login"
    (project / "Pulumi.yaml").write_text("name: installation\nbackend: {url: 'file://project'}\n")
    assert backend_url(project, {"PULUMI_HOME": str(home)}) == "file://project"
    assert backend_url(project, {"PULUMI_BACKEND_URL": "s3://bucket"}) == "s3://bucket"


def test_locks_of_other_stacks_are_not_among_them(project: Path, tmp_path: Path) -> None:
    today, before = lock_folders(project, "acme")
    for folder, name in ((today, "1"), (before, "2"), (f"{before}/deeper", "3"), (f"{today}-other", "4")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{name}.json").write_text(name)
    files = lock_files(f"file://{tmp_path}?no_tmp_dir=true")
    assert files is not None
    assert files.read(today) == {f"{today}/1.json": b"1"}
    assert files.read(before) == {f"{before}/2.json": b"2"}
    files.remove(f"{today}/1.json")
    files.remove(f"{today}/1.json")
    assert files.read(today) == {}
    assert files.read("absent") == {}


def test_a_backend_whose_locks_only_pulumi_can_read_is_not_taken_for_one_without_locks() -> None:
    assert lock_files("azblob://container") is None
    assert lock_files("https://api.pulumi.com") is None


def test_a_database_that_does_not_answer_is_unreachable_and_its_password_is_not_told() -> None:
    files = lock_files("postgres://me:geheim@127.0.0.1:1/state?sslmode=disable&table=mine")
    assert files is not None
    assert "geheim" not in repr(files)
    with pytest.raises(UnreachableError) as unreachable:
        files.read("x")
    assert "geheim" not in str(unreachable.value)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of a server on the loopback that speaks S3, with a bucket `state`."""
    import boto3
    from moto.server import ThreadedMotoServer

    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
        "AWS_DEFAULT_REGION": "eu-central-2",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=address)
    client.create_bucket(Bucket="state", CreateBucketConfiguration={"LocationConstraint": "eu-central-2"})
    for key in ("team/.pulumi/locks/organization/installation/acme/1.json", ".pulumi/locks/organization/x/acme/2.json"):
        client.put_object(Bucket="state", Key=key, Body=b"content")
    client.close()
    yield address
    server.stop()


def test_locks_in_a_bucket_below_a_prefix(s3: str) -> None:
    files = lock_files(f"s3://state/team?region=eu-central-2&endpoint={s3}&s3ForcePathStyle=true")
    assert files is not None
    folder = ".pulumi/locks/organization/installation/acme"
    assert files.read(folder) == {f"{folder}/1.json": b"content"}
    files.remove(f"{folder}/1.json")
    files.remove(f"{folder}/1.json")
    assert files.read(folder) == {}
    absent = lock_files(f"s3://absent?region=eu-central-2&endpoint={s3}")
    assert absent is not None
    with pytest.raises(UnreachableError, match="NoSuchBucket"):
        absent.read(folder)


class Storage(BaseHTTPRequestHandler):
    """Google's object store with one bucket, `state`; takes what Google's discovery document knows, pages by one."""

    objects: ClassVar[dict[str, bytes]] = {}
    failing: ClassVar[list[int]] = []
    methods: ClassVar[dict[str, Any]] = json.loads(get_static_doc("storage", "v1"))["resources"]["objects"]["methods"]

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def asked(self, method: str) -> tuple[str, dict[str, str]] | None:
        """The object and the parameters; None where it was answered already."""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        assert parts.path.startswith("/storage/v1/b/")
        bucket, _, name = parts.path.removeprefix("/storage/v1/b/").partition("/o")
        assert set(query) <= {"alt", *self.methods[method]["parameters"]}
        if self.failing or self.headers["Authorization"] != "Bearer valid":
            self.answer(self.failing.pop() if self.failing else 401)
        elif bucket != "state" or (name and unquote(name[1:]) not in self.objects):
            self.answer(404)
        else:
            return unquote(name[1:]), query
        return None

    def do_GET(self) -> None:
        of_one = urlsplit(self.path).path.rpartition("/o")[2]
        found = self.asked("get" if of_one else "list")
        if found is None:
            return
        name, query = found
        if name:
            assert query == {"alt": "media"}
            self.answer(200, self.objects[name])
            return
        prefix = query["prefix"]
        right_in = [key for key in sorted(self.objects) if key.startswith(prefix) and "/" not in key[len(prefix) :]]
        first = int(query.get("pageToken", 0))
        more = {"nextPageToken": str(first + 1)} if first + 1 < len(right_in) else {}
        self.answer(200, json.dumps({"items": [{"name": key} for key in right_in[first : first + 1]], **more}).encode())

    def do_DELETE(self) -> None:
        found = self.asked("delete")
        if found is not None:
            del self.objects[found[0]]
            self.answer(204)


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Storage]]:
    monkeypatch.setattr(Storage, "objects", {})
    monkeypatch.setattr(Storage, "failing", [])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "valid")
    monkeypatch.delenv("GOOGLE_CREDENTIALS", raising=False)
    yield Storage
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("url", "before"),
    [("gs://state", ""), ("gs://state/team", "team/"), ("gs://state/team?prefix=all/", "all/team/")],
)
def test_locks_in_a_bucket_of_googles(url: str, before: str, google: type[Storage]) -> None:
    folder = ".pulumi/locks/organization/installation/acme"
    google.objects |= {f"{before}{folder}/{name}.json": name.encode() for name in ("1", "2", "3", "deeper/4")}
    google.objects[f"{before}{folder}-other/5.json"] = b"5"
    files = lock_files(url)
    assert files is not None
    google.failing.append(503)
    assert files.read(folder) == {f"{folder}/{name}.json": name.encode() for name in ("1", "2", "3")}
    files.remove(f"{folder}/1.json")
    files.remove(f"{folder}/1.json")
    assert sorted(files.read(folder)) == [f"{folder}/2.json", f"{folder}/3.json"]
    assert files.read("absent") == {}


def test_a_bucket_of_googles_that_may_not_be_read_is_not_taken_for_an_empty_one(
    google: type[Storage], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = lock_files("gs://absent")
    assert absent is not None
    with pytest.raises(UnreachableError, match="no such bucket"):
        absent.read("x")
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "old")
    refused = lock_files("gs://state")
    assert refused is not None
    with pytest.raises(UnreachableError, match="HTTP 401"):
        refused.read("x")
    monkeypatch.setenv("GOOGLE_CREDENTIALS", "geheim")
    with pytest.raises(UnauthenticatedError, match="GOOGLE_CREDENTIALS is no JSON") as unauthenticated:
        lock_files("gs://state")
    assert "geheim" not in str(unauthenticated.value)
