"""The plan a customer subscribed to and the annex' provider column: together they say what is guaranteed (DI-5)."""

from enum import StrEnum

from kastellan.domain.party import Party


class ServicePlan(StrEnum):
    """The subscription plan named in the annex of the terms."""

    STANDARD = "standard"
    ADVANCED = "advanced"

    @property
    def update_flexibility(self) -> bool:
        """Whether the customer may agree a custom frequency and custom times (MU-1: annex, Advanced only)."""
        return self is ServicePlan.ADVANCED

    @property
    def availability_objective(self) -> float:
        """Monthly availability objective in per cent (SL-1), before the annex' limits by platform."""
        return 99.9 if self is ServicePlan.ADVANCED else 99.5


class Platform(StrEnum):
    """Where an installation runs."""

    GKE = "gke"
    EKS = "eks"
    EXISTING = "existing"
    """Infrastructure that the customer brings (DI-4): product maintenance only, no availability objective (DI-5)."""

    @property
    def infrastructure(self) -> Party:
        """Who acts for cluster, database and the way in (IN-2)."""
        return Party.CUSTOMER if self is Platform.EXISTING else Party.VENDOR
