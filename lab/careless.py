"""The same pods as an installation's, rolled out as most people do it: what a measure of failed requests has to see."""

import copy
import json
import socket
from typing import Any

from lab.load import Lane
from lab.node_wait import wait_for
from lab.place import Place
from lab.service_load import DISCOVERY
from lab.stack import DOMAIN


def careless_objects(
    place: Place, name: str, image: str, *, replicas: int = 3, max_unavailable: int | None = None
) -> list[dict[str, Any]]:
    """A Deployment and a Service beside the installation's: no pause before the end, no spread, no priority.

    Args:
        place: the installation, whose configuration, secrets and database the pods use.
        name: of both objects.
        image: of the first pods.
        replicas: pods.
        max_unavailable: so many may be away at once, and none more than `replicas` is made; None for the defaults of
            Kubernetes, which the public Helm chart leaves as they are.
    """
    live = json.loads(place.kubectl("get", "deployment", "zitadel", "-o", "json"))
    labels = {"app.kubernetes.io/name": name}
    template = copy.deepcopy(live["spec"]["template"])
    template["metadata"] = {"labels": labels}
    spec = template["spec"]
    for absent in ("topologySpreadConstraints", "terminationGracePeriodSeconds", "priorityClassName"):
        spec.pop(absent, None)
    (container,) = spec["containers"]
    container.pop("lifecycle")
    container["image"] = image
    metadata = {"name": name, "namespace": place.name}
    port = {"name": "http2", "port": 8080, "targetPort": "http2"}
    rolling = {"maxUnavailable": max_unavailable, "maxSurge": 0}
    strategy = {} if max_unavailable is None else {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **strategy},
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": labels, "ports": [port]}},
    ]


def install_careless(place: Place, name: str, image: str, **more: int) -> None:
    """Make what `careless_objects` says, and wait until its Service takes connections.

    Raises:
        LabError: it does not within two minutes.
    """
    place.cluster.apply(*careless_objects(place, name, image, **more))
    place.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s")
    address = place.service_address(name)

    def takes() -> bool:
        try:
            socket.create_connection((address, 8080), timeout=1).close()
        except OSError:  # the rules of this machine follow those of the cluster a little later
            return False
        return True

    wait_for(takes, what=f"Service {name} at {address}", seconds=30)


def migrate(place: Place, name: str, image: str) -> None:
    """Run `setup` of an image as the public Helm chart's hook does: a Job with a deadline that kills and five retries.

    Raises:
        LabError: it does not complete within its deadline of five minutes.
    """
    (live, *_) = place.objects("jobs", "app.kubernetes.io/name=zitadel-setup")
    template = copy.deepcopy(live["spec"]["template"])
    template["metadata"] = {"labels": {"app.kubernetes.io/name": f"{name}-setup"}}
    (container,) = template["spec"]["containers"]
    container["image"] = image
    place.cluster.apply(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": f"{name}-setup", "namespace": place.name},
            "spec": {"backoffLimit": 5, "activeDeadlineSeconds": 300, "template": template},
        }
    )
    place.kubectl("wait", "--for=condition=complete", f"job/{name}-setup", "--timeout=300s")


def careless_lanes(place: Place, name: str) -> list[Lane]:
    """Requests to its Service: both protocols, on kept connections and on fresh ones."""
    url = f"http://{place.service_address(name)}:8080{DISCOVERY}"
    return [
        Lane(name=f"{protocol} {'fresh' if fresh else 'kept'}", protocol=protocol, fresh=fresh, url=url, host=DOMAIN)
        for protocol in ("http1", "h2c")
        for fresh in (False, True)
    ]


def roll_out(place: Place, name: str, image: str) -> None:
    """Exchange the image and wait until every pod has it."""
    place.kubectl("set", "image", f"deployment/{name}", f"zitadel={image}")
    place.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s")
