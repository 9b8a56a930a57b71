"""Requests to RDS, S3, KMS and Secrets Manager."""

from tests.clouds.aws.request import ANYTHING, Inputs, Kind, Made, Send, pascal

SERVER = {
    "identifier": "DBInstanceIdentifier", "instanceClass": "DBInstanceClass", "multiAz": "MultiAZ",
    "username": "MasterUsername", "password": "MasterUserPassword", "dbSubnetGroupName": "DBSubnetGroupName",
    "parameterGroupName": "DBParameterGroupName", "caCertIdentifier": "CACertificateIdentifier",
    "backupWindow": "PreferredBackupWindow", "maintenanceWindow": "PreferredMaintenanceWindow",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
}  # fmt: skip
"""Input → parameter, where it is more than a capital."""
_LATER = ("applyImmediately", "allowMajorVersionUpgrade", "deleteAutomatedBackups", "skipFinalSnapshot",
          "finalSnapshotIdentifier")  # fmt: skip
"""What the provider says when it changes or deletes a server."""


def _server(inputs: Inputs, send: Send) -> Made:
    given = {key: inputs[key] for key in inputs if key not in ("tags", "__defaults") and inputs[key] is not None}
    now = {key: value for key, value in given.items() if key not in _LATER}
    answer = send("rds", "create_db_instance", **pascal(now, SERVER), Tags=inputs.tags)["DBInstance"]
    send(
        "rds", "modify_db_instance", DBInstanceIdentifier=inputs.identifier, ApplyImmediately=inputs.applyImmediately,
        AllowMajorVersionUpgrade=inputs.allowMajorVersionUpgrade,
    )  # fmt: skip
    host = answer["Endpoint"]["Address"]
    return inputs.identifier, {"address": host, "endpoint": host, "arn": answer["DBInstanceArn"]}


def _places(inputs: Inputs, send: Send) -> Made:
    send(
        "rds", "create_db_subnet_group", DBSubnetGroupName=inputs.name, SubnetIds=inputs.subnetIds,
        DBSubnetGroupDescription=inputs.description, Tags=inputs.tags,
    )  # fmt: skip
    return inputs.name, {}


def _parameters(inputs: Inputs, send: Send) -> Made:
    send(
        "rds", "create_db_parameter_group", DBParameterGroupName=inputs.name, DBParameterGroupFamily=inputs.family,
        Description=inputs.description, Tags=inputs.tags,
    )  # fmt: skip
    wanted = [
        {"ParameterName": one["name"], "ParameterValue": one["value"], "ApplyMethod": one["applyMethod"]}
        for one in inputs.parameters
    ]
    send("rds", "modify_db_parameter_group", DBParameterGroupName=inputs.name, Parameters=wanted)
    return inputs.name, {}


def _key(inputs: Inputs, send: Send) -> Made:
    tags = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in inputs.tags]
    key = send("kms", "create_key", Description=inputs.description, Tags=tags)["KeyMetadata"]
    if inputs.enableKeyRotation:
        days = inputs.rotationPeriodInDays
        send("kms", "enable_key_rotation", KeyId=key["KeyId"], RotationPeriodInDays=days)
    assert 7 <= inputs.deletionWindowInDays <= 30
    return key["KeyId"], {"keyId": key["KeyId"], "arn": key["Arn"]}


def _alias(inputs: Inputs, send: Send) -> Made:
    send("kms", "create_alias", AliasName=inputs.name, TargetKeyId=inputs.targetKeyId)
    return inputs.name, {}


def _bucket(inputs: Inputs, send: Send) -> Made:
    send("s3", "create_bucket", Bucket=inputs.bucket, ObjectLockEnabledForBucket=inputs.objectLockEnabled)
    send("s3", "put_bucket_tagging", Bucket=inputs.bucket, Tagging={"TagSet": inputs.tags})
    assert inputs.forceDestroy is False  # a step of the provider's own
    arn = f"arn:aws:s3:::{inputs.bucket}" if isinstance(inputs.bucket, str) else ANYTHING
    return inputs.bucket, {"arn": arn}


def _closed(inputs: Inputs, send: Send) -> Made:
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    settings = pascal({flag: inputs[flag] for flag in flags})
    send("s3", "put_public_access_block", Bucket=inputs.bucket, PublicAccessBlockConfiguration=settings)
    return inputs.bucket, {}


def _versioned(inputs: Inputs, send: Send) -> Made:
    settings = pascal(inputs.versioningConfiguration)
    send("s3", "put_bucket_versioning", Bucket=inputs.bucket, VersioningConfiguration=settings)
    return inputs.bucket, {}


def _encrypted(inputs: Inputs, send: Send) -> Made:
    renamed = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}
    rules = pascal(inputs.rules, renamed)
    send("s3", "put_bucket_encryption", Bucket=inputs.bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    return inputs.bucket, {}


def _policy(inputs: Inputs, send: Send) -> Made:
    send("s3", "put_bucket_policy", Bucket=inputs.bucket, Policy=inputs.policy)
    return inputs.bucket, {}


def _locked(inputs: Inputs, send: Send) -> Made:
    settings = {"ObjectLockEnabled": "Enabled", "Rule": pascal(inputs.rule)}
    send("s3", "put_object_lock_configuration", Bucket=inputs.bucket, ObjectLockConfiguration=settings)
    return inputs.bucket, {}


def _lifecycle(inputs: Inputs, send: Send) -> Made:
    rules = pascal(inputs.rules, {"id": "ID"})
    send("s3", "put_bucket_lifecycle_configuration", Bucket=inputs.bucket, LifecycleConfiguration={"Rules": rules})
    return inputs.bucket, {}


def _secret(inputs: Inputs, send: Send) -> Made:
    secret = send("secretsmanager", "create_secret", Name=inputs.name, Description=inputs.description, Tags=inputs.tags)
    assert 7 <= inputs.recoveryWindowInDays <= 30
    return secret["ARN"], {"arn": secret["ARN"]}


def _content(inputs: Inputs, send: Send) -> Made:
    answer = send("secretsmanager", "put_secret_value", SecretId=inputs.secretId, SecretString=inputs.secretString)
    return answer["VersionId"], {}


KINDS: dict[str, Kind] = {
    "aws:kms/alias:Alias": _alias,
    "aws:kms/key:Key": _key,
    "aws:rds/instance:Instance": _server,
    "aws:rds/parameterGroup:ParameterGroup": _parameters,
    "aws:rds/subnetGroup:SubnetGroup": _places,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _locked,
    "aws:s3/bucketPolicy:BucketPolicy": _policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _closed,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encrypted,
    "aws:s3/bucketVersioning:BucketVersioning": _versioned,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _content,
}
