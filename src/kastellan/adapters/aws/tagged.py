"""What carries an installation's tag, by Amazon's own index of tags.

Source: docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html. What is global stands in
the index of us-east-1.
"""

from collections import defaultdict

from kastellan.adapters.aws.account import AwsAccount, answered
from kastellan.domain.aws_ids import Tagged, kind_of_arn

_GLOBAL = "us-east-1"


def tagged_with(account: AwsAccount, installation: str) -> Tagged:
    """Everything with the tag `installation`, by what its ARN says it is and by its tag `Name`.

    The index may be some seconds late, and may still tell what was deleted an hour ago.

    Raises:
        UnauthenticatedError, ForbiddenError, ThrottledError, ServerFaultError, UnreachableError: as `AwsAccount`.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for region in sorted({account.region, _GLOBAL}):
        pages = account.client("resourcegroupstaggingapi", region).get_paginator("get_resources")
        with answered(f"asking what is tagged in {region}", allow="tag:GetResources"):
            for page in pages.paginate(TagFilters=[{"Key": "installation", "Values": [installation]}]):
                for one in page["ResourceTagMappingList"]:
                    tags = {tag["Key"]: tag["Value"] for tag in one["Tags"]}
                    found[kind_of_arn(one["ResourceARN"]), tags.get("Name", "")].append(one["ResourceARN"])
    return found
