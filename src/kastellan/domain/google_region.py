"""Google Cloud's regions with their zones, as far as an installation may stand there.

Source: cloud.google.com/compute/docs/regions-zones, November 2025. A region that is not here is refused, because
nothing could be said about its zones without asking the cloud, and configuration is judged without a network.
"""

_BCD = ("europe-west1", "us-east1")
_ABF = ("us-central1",)
_ABC = (
    "africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2", "asia-northeast3", "asia-south1",
    "asia-south2", "asia-southeast1", "asia-southeast2", "australia-southeast1", "australia-southeast2",
    "europe-central2", "europe-north1", "europe-southwest1", "europe-west2", "europe-west3", "europe-west4",
    "europe-west6", "europe-west8", "europe-west9", "europe-west10", "europe-west12", "me-central1", "me-central2",
    "me-west1", "northamerica-northeast1", "northamerica-northeast2", "southamerica-east1", "southamerica-west1",
    "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4",
)  # fmt: skip

GOOGLE_REGIONS: dict[str, tuple[str, ...]] = {
    region: tuple(f"{region}-{letter}" for letter in letters)
    for regions, letters in ((_ABC, "abc"), (_BCD, "bcd"), (_ABF, "abcf"))
    for region in regions
}
"""Region → its zones."""
