"""Amazon's regions with their zones, as far as an installation may stand there.

Source: docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html, November 2025. Letters are
mapped to places per account, and a young account may not see all of them. us-west-1 is left out, because new accounts
get two zones there; so is us-east-1e, where EKS runs no control plane in most accounts; and so are ca-west-1 and
me-south-1, which do not offer the machines that are sized.
"""

_ABC = (
    "af-south-1", "ap-east-1", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
    "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "sa-east-1",
    "us-east-2",
)  # fmt: skip

AWS_REGIONS: dict[str, tuple[str, ...]] = {
    region: tuple(f"{region}{letter}" for letter in letters)
    for regions, letters in (
        (_ABC, "abc"),
        (("ap-northeast-1",), "acd"),
        (("ap-northeast-2", "us-west-2"), "abcd"),
        (("ca-central-1",), "abd"),
        (("us-east-1",), "abcdf"),
    )
    for region in regions
}
"""Region → its zones."""
