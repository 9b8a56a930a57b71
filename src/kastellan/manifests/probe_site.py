"""Where the preflight's probes stand: which run, seen from which nodes, in a namespace of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kastellan.domain.image import Image
from kastellan.domain.installation import Installation
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.identity import INSTANCE_LABEL, MANAGED_BY, MANAGED_BY_LABEL

COMPONENT = "kastellan-probe"
RUN_ANNOTATION = "kastellan.dev/probe-run"
KEPT_LABEL = "kastellan.dev/kept"
"""On a namespace that was made for the probes beforehand, with a role in it: it is emptied and stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """A node from which a zone is seen."""

    zone: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSite:
    """One run of the probes.

    Attributes:
        installation: for which.
        image: the probe program.
        run: a name of this run, in every answer.
        vantages: one a zone; the first one's node also has the server that the others try to reach.
        questions: what the pods are asked; no secrets.
        pulled: images to be pulled in every zone.
        storage_class: to be tried in every zone, or empty.
    """

    installation: Installation
    image: Image
    run: str
    vantages: tuple[Vantage, ...]
    questions: Mapping[str, Any]
    pulled: tuple[Image, ...] = ()
    storage_class: str = ""

    @property
    def namespace(self) -> str:
        """The probes' own; one an installation, so that the next run finds what an earlier one left."""
        return namespace_name(self.installation)


def namespace_name(installation: Installation) -> str:
    """Name of the probes' namespace."""
    return f"{COMPONENT}-{installation.name}"[:63].rstrip("-")


def namespace(site: ProbeSite) -> Manifest:
    """The namespace; deleting it takes everything away."""
    made = _namespace(site.installation)
    return {**made, "metadata": {**made["metadata"], "annotations": {RUN_ANNOTATION: site.run}}}


def kept_namespace(installation: Installation) -> Manifest:
    """The namespace, made beforehand by whoever gives rights in it: a role in it would go with it otherwise."""
    made = _namespace(installation)
    return {**made, "metadata": {**made["metadata"], "labels": made["metadata"]["labels"] | {KEPT_LABEL: "true"}}}


def _namespace(installation: Installation) -> Manifest:
    name = namespace_name(installation)
    labels = labels_of(name, COMPONENT) | {"pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def placed(
    site: ProbeSite, version: str, kind: str, name: str, *, component: str = COMPONENT, **content: Any
) -> Manifest:
    """An object in the namespace of the probes."""
    metadata = {"name": name, "namespace": site.namespace, "labels": labels_of(site.namespace, component)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **content}


def labels_of(namespace: str, component: str) -> dict[str, str]:
    """Whose it is, and what part of the probes."""
    return {
        "app.kubernetes.io/name": COMPONENT,
        "app.kubernetes.io/component": component,
        INSTANCE_LABEL: namespace,
        MANAGED_BY_LABEL: MANAGED_BY,
    }


def selector(component: str) -> dict[str, str]:
    """Finds the pods of a part."""
    return {"app.kubernetes.io/name": COMPONENT, "app.kubernetes.io/component": component}
