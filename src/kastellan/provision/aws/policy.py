"""Policies of IAM as JSON; the version is that of the language and never changes."""

import json
from collections.abc import Iterable

_LANGUAGE = "2012-10-17"


def trusted_by(service: str, *actions: str) -> str:
    """Who may take a role: one service of Amazon's.

    Args:
        service: its principal, such as `eks.amazonaws.com`.
        actions: `sts:AssumeRole` by default.
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(actions or ("sts:AssumeRole",)),
    }
    return json.dumps({"Version": _LANGUAGE, "Statement": [statement]})


def allow(*actions: str, on: Iterable[str]) -> str:
    """What a role may do, on which resources."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(on)}
    return json.dumps({"Version": _LANGUAGE, "Statement": [statement]})


def tls_only(bucket: str) -> str:
    """Refuses everybody who speaks to a bucket without TLS 1.2.

    Source: docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html.
    """
    on = [bucket, f"{bucket}/*"]

    def deny(name: str, condition: dict[str, dict[str, str]]) -> dict[str, object]:
        return {
            "Sid": name, "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": on, "Condition": condition,
        }  # fmt: skip

    statements = [
        deny("TlsOnly", {"Bool": {"aws:SecureTransport": "false"}}),
        deny("NoOldTls", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]
    return json.dumps({"Version": _LANGUAGE, "Statement": statements})


def writing(bucket: str, key: str) -> str:
    """May add objects to a bucket that a key encrypts, and nothing else."""
    statements = [
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": [f"{bucket}/*"]},
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": [key]},  # of its own parts
    ]
    return json.dumps({"Version": _LANGUAGE, "Statement": statements})
