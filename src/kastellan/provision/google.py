"""The Google Cloud half of the program: makes the base, and says what the installation gets of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pulumi

from kastellan.config.cloud_stack import made_values
from kastellan.config.google_model import GoogleModel
from kastellan.config.google_stack import google_base
from kastellan.config.stack import StackConfig
from kastellan.provision.guarding import hold_to_guard_rails


def make_google(
    name: str, stack: StackConfig, google: GoogleModel, values: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Declare the base; returns the configuration of the installation that stands on it.

    Args:
        name: of the stack.
        stack: its parsed configuration.
        google: its keys about Google Cloud.
        values: its values, secrets marked.
        now: closed times that are over are left out of Google's exclusions.
    """
    # Here and not above: the SDK takes seconds to import, and other platforms must not wait for it.
    from kastellan.provision.gcp.base import GooglePlatform, GooglePlatformArgs

    hold_to_guard_rails("google", protect=google.protect)
    installation = stack.installation
    base = google_base(name, installation.hosts, google, stack.sizing, stack.contract, now)
    password = values["database"]["password"]
    platform = GooglePlatform(
        "platform",
        GooglePlatformArgs(
            base=base,
            database=installation.database.name,
            user=installation.database.user,
            password=password,
            escrow={"masterkey": values["masterkey"], "database-password": password},
        ),
    )
    pulumi.export("address", platform.address)
    pulumi.export("domainAuthorisations", platform.authorisations)
    pulumi.export("backupBucket", platform.bucket)
    made: dict[str, dict[str, Any]] = {
        "cluster": {"kubeconfig": platform.kubeconfig},
        "database": {"host": platform.database_host, "port": 5432, "ca": platform.database_ca},
    }
    pulumi.export("base", made)
    return made_values(name, values, cluster=made["cluster"], database=made["database"])
