"""Dumps in a bucket: a server on the loopback that speaks S3."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectionClosedError

from kastellan.adapters.dump_storage.bucket import BucketStorage, s3_client
from kastellan.domain.errors import NotFoundError, UnauthenticatedError, UnreachableError
from kastellan.domain.restore_storage import Bucket
from lab.control_plane import free_port
from tests.contracts.dump_storage import CONTENT, DumpStorageContract, Names, Write, keep, read
from tests.fakes.progress import FakeProgress
from tests.unit.domain.test_restore_point import point

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART = 5 * 1024 * 1024
"""The smallest part that S3 takes."""
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port("127.0.0.1"), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-2")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def bucket(endpoint: str) -> Bucket:
    return Bucket(name=f"points-{next(_numbers)}", endpoint=endpoint, prefix="customers/", region="eu-central-2")


@pytest.fixture
def client(bucket: Bucket) -> "S3Client":
    client = s3_client(bucket)
    client.create_bucket(Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-2"})
    return client


@pytest.fixture
def storage(client: "S3Client", bucket: Bucket) -> BucketStorage:
    return BucketStorage(client, bucket, "acme", FakeProgress(), part_bytes=PART)


@pytest.fixture
def names(client: "S3Client", bucket: Bucket) -> Names:
    def read() -> list[str]:
        found = client.list_objects_v2(Bucket=bucket.name).get("Contents", [])
        assert client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", []) == []
        return sorted(item["Key"].removeprefix("customers/acme/") for item in found)

    return read


@pytest.fixture
def write(client: "S3Client", bucket: Bucket) -> Write:
    def act(name: str, content: bytes) -> None:
        client.put_object(Bucket=bucket.name, Key=f"customers/acme/{name}", Body=content)

    return act


class TestBucketStorage(DumpStorageContract):
    def test_a_large_dump_goes_in_parts_and_comes_back_whole(
        self, storage: BucketStorage, client: "S3Client", bucket: Bucket
    ) -> None:
        content = CONTENT * (2 * PART // len(CONTENT) + 7)
        made = keep(storage, point(size=len(content)), content)
        assert read(storage, made) == content
        head = client.head_object(Bucket=bucket.name, Key="customers/acme/one.dump", ChecksumMode="ENABLED")
        assert head["ETag"].strip('"').endswith("-3"), "three parts"
        assert head["ChecksumSHA256"]

    def test_an_upload_that_breaks_leaves_nothing_and_is_told(
        self, storage: BucketStorage, client: "S3Client", names: Names
    ) -> None:
        parts = itertools.count(1)

        def broken(**_: Any) -> None:
            if next(parts) >= 2:
                raise ConnectionClosedError(endpoint_url="cut in the middle")

        client.meta.events.register("before-send.s3.UploadPart", broken)
        content = CONTENT * (2 * PART // len(CONTENT) + 7)
        with pytest.raises(UnreachableError, match="keeping restore point one"):
            keep(storage, point(), content)
        assert names() == []
        assert storage.find("one") is None

    def test_what_a_killed_upload_left_is_aborted_by_the_next_one(
        self, storage: BucketStorage, client: "S3Client", bucket: Bucket, names: Names
    ) -> None:
        upload = client.create_multipart_upload(Bucket=bucket.name, Key="customers/acme/one.dump")
        client.upload_part(
            Bucket=bucket.name,
            Key="customers/acme/one.dump",
            UploadId=upload["UploadId"],
            PartNumber=1,
            Body=b"half",
        )
        keep(storage, point())
        assert names() == ["one.dump", "one.json"]

    def test_restore_points_on_several_pages_are_all_listed(self, storage: BucketStorage, client: "S3Client") -> None:
        def short(params: dict[str, Any], **_: Any) -> None:
            params["MaxKeys"] = 3

        client.meta.events.register("before-parameter-build.s3.ListObjectsV2", short)
        for number in range(5):
            keep(storage, point(key=f"k{number}"))
        assert len(list(storage.descriptions())) == 5

    def test_a_bucket_that_is_not_there_is_named(self, bucket: Bucket) -> None:
        storage = BucketStorage(s3_client(bucket), bucket, "acme", FakeProgress())
        with pytest.raises(NotFoundError, match=f"listing the restore points in s3://{bucket.name}/customers/acme/"):
            list(storage.descriptions())

    def test_missing_credentials_are_said_to_be_missing(self, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        storage = BucketStorage(s3_client(bucket), bucket, "acme", FakeProgress())
        with pytest.raises(UnauthenticatedError, match="there are no credentials"):
            list(storage.descriptions())

    def test_a_store_that_does_not_answer_is_unreachable(self) -> None:
        bucket = Bucket(name="b", endpoint=f"http://127.0.0.1:{free_port('127.0.0.1')}", region="x")
        storage = BucketStorage(s3_client(bucket), bucket, "acme", FakeProgress())
        with pytest.raises(UnreachableError) as refused:
            storage.find("one")
        assert "secret-of-the-test" not in str(refused.value)
