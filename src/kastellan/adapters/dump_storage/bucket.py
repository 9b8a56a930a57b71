"""Dumps in a bucket of Amazon S3 or a store that speaks its protocol: `PREFIX/INSTALLATION/KEY.dump` and `KEY.json`.

Who one is comes from where every AWS tool looks (environment, profile, role of the machine), never from the stack. The
server checks what it gets by SHA-256. A dump is written to a local file first, because its description has its digest;
TMPDIR says where.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kastellan.adapters.dump_storage.bucket_errors import MISSING, code_of, translated
from kastellan.adapters.dump_storage.description import description, read_description
from kastellan.domain.restore_point import RestorePoint
from kastellan.domain.restore_storage import Bucket
from kastellan.ports.progress import Progress

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 64 * 1024 * 1024
"""Size of the parts of a large dump; 10,000 parts are allowed, which is 640 GB (S3 limits)."""


class BucketStorage:
    """Implements `storage.DumpStorage` in a bucket.

    Args:
        client: made by `s3_client`.
        bucket: where.
        installation: whose dumps.
        progress: told how far a transfer is.
        part_bytes: files larger than this are sent in parts of this size.
    """

    def __init__(
        self, client: "S3Client", bucket: Bucket, installation: str, progress: Progress, *, part_bytes: int = PART_BYTES
    ) -> None:
        self._client = client
        self._bucket = bucket.name
        self._prefix = f"{bucket.prefix.strip('/')}/{installation}/".removeprefix("/")
        self._progress = progress
        self._part_bytes = part_bytes

    @property
    def place(self) -> str:
        """See the protocol."""
        return f"s3://{self._bucket}/{self._prefix}"

    def descriptions(self) -> Iterator[RestorePoint]:
        """See the protocol."""
        with translated(f"listing the restore points in {self.place}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            names = [
                item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(".json")
            ]
            for name in names:
                point = self._read(name)
                if point is not None:
                    yield point

    def find(self, key: str) -> RestorePoint | None:
        """See the protocol."""
        with translated(f"reading restore point {key} in {self.place}"):
            return self._read(self._name(key, "json"))

    @contextmanager
    def begin(self, key: str) -> Iterator[Path]:
        """See the protocol. A bucket has no locks: the lease of a run keeps two processes apart."""
        with translated(f"clearing restore point {key} in {self.place}"):
            name = self._name(key, "dump")
            uploads = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=name).get("Uploads", ())
            for upload in uploads:
                if upload["Key"] == name:
                    self._client.abort_multipart_upload(Bucket=self._bucket, Key=name, UploadId=upload["UploadId"])
            self._client.delete_object(Bucket=self._bucket, Key=name)
        with tempfile.TemporaryDirectory(prefix="kastellan-") as folder:
            yield Path(folder) / "dump"

    def keep(self, dump: Path, point: RestorePoint) -> None:
        """See the protocol."""
        from boto3.s3.transfer import TransferConfig

        limits = TransferConfig(multipart_threshold=self._part_bytes, multipart_chunksize=self._part_bytes)
        name, sent = self._name(point.key, "dump"), 0

        def told(count: int) -> None:
            nonlocal sent
            sent += count
            self._progress.report("restore-point", f"sending to {self.place}", done=sent, total=point.size)

        with translated(f"keeping restore point {point.key} in {self.place}"):
            self._client.upload_file(
                str(dump),
                self._bucket,
                name,
                ExtraArgs={"ChecksumAlgorithm": "SHA256", "Metadata": {"sha256": point.digest}},
                Config=limits,
                Callback=told,
            )
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._name(point.key, "json"),
                Body=description(point),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
            )

    @contextmanager
    def fetched(self, point: RestorePoint) -> Iterator[Path | None]:
        """See the protocol."""
        with tempfile.TemporaryDirectory(prefix="kastellan-") as folder:
            path: Path | None = Path(folder) / "dump"
            with translated(f"fetching restore point {point.key} from {self.place}"):
                try:
                    self._client.download_file(self._bucket, self._name(point.key, "dump"), str(path))
                except self._client.exceptions.ClientError as cause:
                    if code_of(cause) not in MISSING:
                        raise
                    path = None
            yield path

    def remove(self, point: RestorePoint) -> None:
        """See the protocol."""
        with translated(f"removing restore point {point.key} in {self.place}"):
            for suffix in ("json", "dump"):
                self._client.delete_object(Bucket=self._bucket, Key=self._name(point.key, suffix))

    def _name(self, key: str, suffix: str) -> str:
        return f"{self._prefix}{key}.{suffix}"

    def _read(self, name: str) -> RestorePoint | None:
        try:
            content = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except self._client.exceptions.ClientError as cause:
            if code_of(cause) not in MISSING:
                raise
            return None
        return read_description(content, where=f"s3://{self._bucket}/{name}")


def s3_client(bucket: Bucket) -> "S3Client":
    """A client for a bucket, with few and quick retries: the caller has a budget of its own."""
    import boto3
    from botocore.config import Config

    client: S3Client = boto3.session.Session().client(
        "s3",
        endpoint_url=bucket.endpoint or None,
        region_name=bucket.region or None,
        config=Config(
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 4},
            s3={"addressing_style": "path" if bucket.endpoint else "auto"},
        ),
    )
    return client
