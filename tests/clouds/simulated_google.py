"""The simulated Google Cloud before the engine."""

from tests.clouds.simulated import Simulated


class SimulatedGoogle(Simulated):
    """Google Cloud."""

    package = "gcp"
    module = "tests.clouds.provider"
    login = "gke-gcloud-auth-plugin"
