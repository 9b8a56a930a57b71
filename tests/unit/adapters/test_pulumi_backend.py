"""Where Pulumi keeps its state, found as Pulumi finds it; and lock files of a folder."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kastellan.adapters.pulumi.backend import backend_url, lock_files, lock_folders
from kastellan.domain.errors import InvalidInputError, UnreachableError


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
    assert lock_files("gs://bucket") is None
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
