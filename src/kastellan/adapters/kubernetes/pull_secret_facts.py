"""The pull secret of an installation: whether it can be used, and for which registries; never what it holds."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from kastellan.domain.image import Image
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.ports.cluster import Cluster
from kastellan.preflight.platform_facts import PullSecret

_KEYS = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
"""Types that the kubelet pulls with, and their key (kubernetes.io, "Secrets", section "Docker config Secrets")."""


def pull_secret(cluster: Cluster, namespace: str, name: str, images: Iterable[Image]) -> PullSecret:
    """Read it.

    Raises:
        KastellanError: it may not be read, which is not the same as that it is not there.
    """
    live = cluster.get(ObjectRef("v1", "Secret", namespace, name))
    repositories = tuple(sorted({image.repository for image in images}))
    if live is None:
        return PullSecret(name=name, problem=f"it is not in namespace {namespace}", images=repositories)
    found = _registries(live)
    if isinstance(found, str):
        return PullSecret(name=name, problem=found, images=repositories)
    return PullSecret(name=name, problem="", registries=found, images=repositories)


def _registries(live: Manifest) -> tuple[str, ...] | str:
    """Registries with a credential, or why there are none; what could not be parsed is not quoted."""
    kind = live["type"]  # the API server writes one into every Secret
    if kind not in _KEYS:
        return f"it is of type {kind}, by which nothing is pulled (it has to be kubernetes.io/dockerconfigjson)"
    key = _KEYS[kind]
    try:
        parsed = json.loads(base64.b64decode((live.get("data") or {}).get(key, ""), validate=True))
    except ValueError:
        return f"its {key} is no JSON"
    entries = parsed.get("auths") if kind.endswith("json") and isinstance(parsed, dict) else parsed
    if not isinstance(entries, dict):
        return f"its {key} names no registries"
    return tuple(sorted(registry for registry, entry in entries.items() if _has_credential(entry)))


def _has_credential(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(
        entry.get("auth") or entry.get("identitytoken") or (entry.get("username") and entry.get("password"))
    )
