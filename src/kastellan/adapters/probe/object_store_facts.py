"""OBJ-1, from this machine: a canary is put, read, listed and deleted, in at most ten requests.

Listing or a HEAD of the bucket would not prove that a backup can be written, read and cleaned up.
"""

from collections.abc import Callable
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kastellan.adapters.probe.steps import StepEndedError, Walk, walked
from kastellan.domain.probing import ObjectStore
from kastellan.preflight.dialogue import Control
from kastellan.preflight.probe_facts import Canary

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_NAME = "kastellan-preflight-canary"
_BODY = b"kastellan writes this object to prove that a backup can be written, and deletes it again\n"
_SECONDS = 10
_MISSING = ("404", "NoSuchKey", "NotFound")
_UNSUPPORTED = ("NotImplemented", "MethodNotAllowed", "XNotImplemented")


def collect_canary(store: ObjectStore, secret: str, *, owner: str, timeout: int = _SECONDS) -> Canary:
    """Go through an object's life; then ask with a wrong secret, which must be refused.

    Args:
        store: where.
        secret: of its access key.
        owner: name of the installation; the object's name holds it, so that a canary that a kill left is used again.
        timeout: seconds for one request; nothing is repeated by the client.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    requests: list[str] = []
    about: dict[str, Any] = {"region": "", "versioned": None, "locked": None}
    key = f"{store.prefix.rstrip('/') + '/' if store.prefix else ''}{_NAME}-{owner}"

    def step(name: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except ClientError as refusal:
            error = refusal.response.get("Error", {})
            status = refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            said = f"{error.get('Code', '?')}: {error.get('Message', '')}"[:200]
            raise StepEndedError(name, said, held=None if status >= 500 else False) from refusal
        except (BotoCoreError, OSError) as failure:
            said = " ".join(str(failure).split())[:200]
            certificate = "CERTIFICATE_VERIFY_FAILED" in said
            raise StepEndedError(
                name, said, held=False if certificate else None, transport=name == "put" and not certificate
            ) from failure

    with NamedTemporaryFile("w", prefix="kastellan-", suffix=".pem") as authority:
        authority.write(store.ca)
        authority.flush()
        verify = authority.name if store.ca else None
        client = _client(store, secret, verify, timeout, requests)

        def walk(noted: Walk) -> None:
            put = step("put", lambda: client.put_object(Bucket=store.bucket, Key=key, Body=_BODY))
            noted.held("put", key)
            version = put.get("VersionId")
            try:
                read = step("get", lambda: client.get_object(Bucket=store.bucket, Key=key)["Body"].read())
                if read != _BODY:
                    raise StepEndedError("get", "other bytes came back than were written", held=False)
                noted.held("get", "the same bytes came back")
                listed = step("list", lambda: client.list_objects_v2(Bucket=store.bucket, Prefix=key, MaxKeys=1))
                if [entry["Key"] for entry in listed.get("Contents", ())] != [key]:
                    raise StepEndedError("list", "the object is not in the list", held=False)
                noted.held("list")
            finally:
                chosen = {"VersionId": version} if version and version != "null" else {}
                step("delete", lambda: client.delete_object(Bucket=store.bucket, Key=key, **chosen))
            noted.held("delete")
            if not _is_gone(lambda: step("gone", lambda: client.head_object(Bucket=store.bucket, Key=key))):
                raise StepEndedError("gone", f"{key} is still there after it was deleted", held=False)
            noted.held("gone")
            about.update(_about(client, store))

        def controls() -> tuple[Control, ...]:
            wrong = _client(store, "kastellan-control", verify, timeout, requests)
            name = "a wrong secret"
            try:
                step("control", lambda: wrong.list_objects_v2(Bucket=store.bucket, Prefix=key, MaxKeys=1))
            except StepEndedError as end:
                return (Control(name=name, refused=True if end.held is False else None, said=end.said),)
            return (Control(name=name, refused=False),)

        where = f"{store.bucket} at {urlsplit(store.endpoint).netloc or 'Amazon S3'}"
        dialogue = walked(where, walk, controls, attempts=2)
    return Canary(
        dialogue=dialogue,
        requests=len(requests),
        expected_region=store.region,
        lock_promised=store.locked,
        **about,
    )


def _client(store: ObjectStore, secret: str, verify: str | None, timeout: int, requests: list[str]) -> "S3Client":
    """A client that repeats nothing and counts what it sends."""
    import boto3
    from botocore.config import Config

    client: S3Client = boto3.session.Session().client(
        "s3",
        region_name=store.region,
        endpoint_url=store.endpoint or None,
        aws_access_key_id=store.access_key_id,
        aws_secret_access_key=secret,
        verify=verify,
        config=Config(
            connect_timeout=timeout,
            read_timeout=timeout,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path" if store.endpoint else "auto"},
        ),
    )
    client.meta.events.register("before-send.s3", lambda request, **_: requests.append(request.method))
    return client


def _is_gone(look: Callable[[], object]) -> bool:
    from botocore.exceptions import ClientError

    try:
        look()
    except StepEndedError as end:
        cause = end.__cause__
        if isinstance(cause, ClientError) and cause.response.get("Error", {}).get("Code") in _MISSING:
            return True
        raise
    return False


def _about(client: "S3Client", store: ObjectStore) -> dict[str, Any]:
    """Region, versioning, object lock; what a store does not tell stays unknown."""
    from botocore.exceptions import BotoCoreError, ClientError

    def asked(ask: Callable[[], Any], *, missing: object) -> Any:
        try:
            return ask()
        except ClientError as refusal:
            code = refusal.response.get("Error", {}).get("Code", "")
            return missing if code == "ObjectLockConfigurationNotFoundError" else None
        except (BotoCoreError, OSError):
            return None

    location = asked(lambda: client.get_bucket_location(Bucket=store.bucket), missing=None)
    versioning = asked(lambda: client.get_bucket_versioning(Bucket=store.bucket), missing=None)
    lock = asked(lambda: client.get_object_lock_configuration(Bucket=store.bucket), missing={})
    return {
        # Amazon's first region has no location constraint (S3 API, GetBucketLocation).
        "region": "" if location is None else location.get("LocationConstraint") or "us-east-1",
        "versioned": None if versioning is None else versioning.get("Status") == "Enabled",
        "locked": None
        if lock is None
        else lock.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled",
    }
