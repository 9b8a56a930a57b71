"""Names and labels: what makes an object ours, and how an object whose content changed gets a new name."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kastellan.domain.installation import Installation

MANAGED_BY = "kastellan"
API = "zitadel"
LOGIN = "zitadel-login"
EDGE = "zitadel-edge"
INSTANCE_LABEL = "app.kubernetes.io/instance"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"


def labels(installation: Installation, component: str) -> dict[str, str]:
    """Labels of every object of ours (Kubernetes' recommended labels).

    The version is on pods only: elsewhere it would change objects that an update does not touch.
    """
    return {
        "app.kubernetes.io/name": component,
        INSTANCE_LABEL: installation.name,
        MANAGED_BY_LABEL: MANAGED_BY,
        "app.kubernetes.io/part-of": "zitadel",
    }


def selector(installation: Installation, component: str) -> dict[str, str]:
    """Labels that select a component's pods; a Deployment cannot change them, so nothing that varies is among them."""
    return {"app.kubernetes.io/name": component, INSTANCE_LABEL: installation.name}


def owned_selector(installation_name: str) -> str:
    """The label selector that finds all objects of an installation, and none of anybody else's."""
    return f"{INSTANCE_LABEL}={installation_name},{MANAGED_BY_LABEL}={MANAGED_BY}"


def metadata(installation: Installation, name: str, component: str = API) -> dict[str, Any]:
    """Metadata of an object in the installation's namespace."""
    return {"name": name, "namespace": installation.namespace, "labels": labels(installation, component)}


def content_hash(content: Mapping[str, Any]) -> str:
    """Ten hexadecimal digits that change exactly when the content does."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:10]
