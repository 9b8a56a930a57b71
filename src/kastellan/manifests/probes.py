"""What the preflight's probes put into a cluster: one namespace of their own with everything in it, for minutes.

All pods run under the Pod Security Standard `restricted`, by digest, with requests, limits and deadlines, without a
service account token. The only secret is the database's password: in a Secret that its Job owns, so that the cluster
itself takes it away with the Job even if nobody else does.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kastellan.domain.image import Image
from kastellan.domain.kubernetes_object import Manifest
from kastellan.manifests.pod import CONTAINER_SECURITY, POD_SECURITY, ZONE_LABEL
from kastellan.manifests.probe_site import COMPONENT, ProbeSite, Vantage, labels_of, namespace, placed, selector

DEADLINE_SECONDS = 300
"""After it the cluster ends a Job by itself, whether we are still there or not."""
KEPT_SECONDS = 60
"""An ended Job goes by itself after so long (`ttlSecondsAfterFinished`)."""
CREDENTIAL = "database-password"
_PORT = 8080


def pull_secret(site: ProbeSite, live: Manifest) -> Manifest:
    """The installation's pull secret, copied: a pod reads none of another namespace."""
    kind, data = live.get("type", ""), live.get("data", {})
    return placed(site, "v1", "Secret", site.installation.image_pull_secret, type=kind, data=data)


def questions(site: ProbeSite) -> Manifest:
    """What the pods are asked."""
    text = json.dumps(site.questions, sort_keys=True)
    return placed(site, "v1", "ConfigMap", "questions", data={"questions.json": text})


def password_secret(site: ProbeSite, owner: Manifest, password: str) -> Manifest:
    """The database's password, owned by the Job that needs it: it goes with it."""
    reference = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    secret = placed(site, "v1", "Secret", owner["metadata"]["name"], type="Opaque", stringData={CREDENTIAL: password})
    secret["metadata"]["ownerReferences"] = [reference]
    return secret


def ask_job(site: ProbeSite, number: int, *, suspended: bool) -> Manifest:
    """Asks from one zone. It begins suspended, because the Secret that it owns can only be made after it."""
    name = f"ask-{number}"
    password = {"name": "KASTELLAN_DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": {"name": name, "key": CREDENTIAL}}}
    container = {
        "args": ["ask", "/etc/kastellan/questions/questions.json"],
        "env": [*_environment(site), *([password] if site.questions.get("database") else [])],
        "volumeMounts": [
            {"name": "questions", "mountPath": "/etc/kastellan/questions", "readOnly": True},
            {"name": "api", "mountPath": "/etc/kastellan/api", "readOnly": True},
        ],
    }
    volumes = [
        {"name": "questions", "configMap": {"name": "questions"}},
        {"name": "api", "configMap": {"name": "kube-root-ca.crt"}},  # in every namespace (RootCAConfigMap)
    ]
    return _job(site, name, "ask", site.vantages[number], container, volumes, suspended=suspended)


def server(site: ProbeSite) -> tuple[Manifest, ...]:
    """What the watchers try to reach, and a Service for its address."""
    service = placed(
        site,
        "v1",
        "Service",
        "server",
        spec={"selector": selector("server"), "ports": [{"port": _PORT, "protocol": "TCP"}]},
    )
    return service, _job(site, "server", "server", site.vantages[0], {"args": ["serve"], "env": _environment(site)}, [])


def watch_job(site: ProbeSite, number: int, address: str) -> Manifest:
    """Tries to reach the server from one zone, again and again."""
    target = {"name": "KASTELLAN_PROBE_SERVER", "value": f"{address}:{_PORT}"}
    container = {"args": ["watch"], "env": [*_environment(site), target]}
    return _job(site, f"watch-{number}", "watch", site.vantages[number], container, [])


def policy(site: ProbeSite, component: str, direction: str, *, allowed: bool) -> Manifest:
    """Denies one direction of a component, or allows it between watchers and server."""
    peer = "from" if direction == "Ingress" else "to"
    other = "watch" if component == "server" else "server"
    rules = [{peer: [{"podSelector": {"matchLabels": selector(other)}}]}] if allowed else []
    spec: dict[str, Any] = {"podSelector": {"matchLabels": selector(component)}, "policyTypes": [direction]}
    if rules:
        spec[direction.lower()] = rules
    return placed(site, "networking.k8s.io/v1", "NetworkPolicy", f"{component}-{direction.lower()}", spec=spec)


def pull_pods(site: ProbeSite) -> tuple[Manifest, ...]:
    """A pod for every image and zone that does nothing but make its node pull."""
    return tuple(
        _pull(site, f"pull-{zone}-{number}", vantage, image)
        for zone, vantage in enumerate(site.vantages)
        for number, image in enumerate(site.pulled)
    )


def pull_control(site: ProbeSite) -> Manifest:
    """An image that cannot exist: a node that says it has it proves nothing about the others."""
    image = Image(site.pulled[0].repository, "sha256:" + "0" * 64)
    return _pull(site, "pull-control", site.vantages[0], image)


def volume(site: ProbeSite, number: int) -> tuple[Manifest, ...]:
    """A claim, and a pod in its zone that writes to it."""
    name = f"hold-{number}"
    claim = _claim(site, name, site.storage_class)
    container = {
        "args": ["hold", "/volume"],
        "env": _environment(site),
        "volumeMounts": [{"name": "volume", "mountPath": "/volume"}],
    }
    volumes = [{"name": "volume", "persistentVolumeClaim": {"claimName": name}}]
    return claim, _job(site, name, "hold", site.vantages[number], container, volumes)


def claim_control(site: ProbeSite) -> Manifest:
    """A claim of a class that nobody has: where even that is bound, a bound claim proves nothing."""
    return _claim(site, "hold-control", f"{COMPONENT}-control")


def _claim(site: ProbeSite, name: str, storage_class: str) -> Manifest:
    amount = {"requests": {"storage": "1Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": amount}
    return placed(site, "v1", "PersistentVolumeClaim", name, spec=spec)


KINDS = (
    ("batch/v1", "Job"),
    ("v1", "Pod"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("v1", "Service"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
)
"""Everything that stands in the namespace, in the order in which it is taken out of one that stays."""


def everything(site: ProbeSite) -> tuple[Manifest, ...]:
    """All that is put into the cluster, for a reader beforehand; addresses and the password come about in the run."""
    several = range(len(site.vantages))
    return (
        namespace(site),
        questions(site),
        *(ask_job(site, number, suspended=True) for number in several),
        *server(site),
        *(watch_job(site, number, "ADDRESS-OF-THE-SERVICE") for number in several),
        *(
            policy(site, component, direction, allowed=allowed)
            for component, direction in (("server", "Ingress"), ("watch", "Egress"))
            for allowed in (False, True)
        ),
        *pull_pods(site),
        *([pull_control(site)] if site.pulled else []),
        *(piece for number in several if site.storage_class for piece in volume(site, number)),
        *([claim_control(site)] if site.storage_class else []),
    )


def _pull(site: ProbeSite, name: str, vantage: Vantage, image: Image) -> Manifest:
    # The command does not exist in any image: the pull comes before, and nothing of the image ever runs.
    container = {"name": "pull", "image": str(image), "imagePullPolicy": "Always", "command": ["/kastellan-pulls-only"]}
    spec = {**_pod_spec(site, vantage, container, []), "activeDeadlineSeconds": DEADLINE_SECONDS}
    return placed(site, "v1", "Pod", name, component="pull", spec=spec)


def _job(
    site: ProbeSite,
    name: str,
    component: str,
    vantage: Vantage,
    container: Mapping[str, Any],
    volumes: Sequence[Mapping[str, Any]],
    *,
    suspended: bool = False,
) -> Manifest:
    whole = {"name": "probe", "image": str(site.image), "imagePullPolicy": "IfNotPresent", **container}
    template = {
        "metadata": {"labels": labels_of(site.namespace, component)},
        "spec": _pod_spec(site, vantage, whole, volumes),
    }
    spec = {
        "backoffLimit": 0,  # an answer is not asked for again in the hope of another
        "activeDeadlineSeconds": DEADLINE_SECONDS,
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        "suspend": suspended,
        "template": template,
    }
    return placed(site, "batch/v1", "Job", name, component=component, spec=spec)


def _pod_spec(
    site: ProbeSite, vantage: Vantage, container: Mapping[str, Any], volumes: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    amounts = {"cpu": "20m", "memory": "32Mi", "ephemeral-storage": "16Mi"}
    most = {"cpu": "200m", "memory": "64Mi", "ephemeral-storage": "32Mi"}
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        "nodeSelector": {ZONE_LABEL: vantage.zone, "kubernetes.io/hostname": vantage.node},
        "securityContext": POD_SECURITY,
        "containers": [
            {**container, "securityContext": CONTAINER_SECURITY, "resources": {"requests": amounts, "limits": most}}
        ],
        **({"volumes": [*volumes]} if volumes else {}),
        **({"imagePullSecrets": [{"name": pull}]} if (pull := site.installation.image_pull_secret) else {}),
    }


def _environment(site: ProbeSite) -> list[dict[str, Any]]:
    node = {"fieldRef": {"fieldPath": "spec.nodeName"}}
    return [{"name": "KASTELLAN_PROBE_RUN", "value": site.run}, {"name": "KASTELLAN_PROBE_NODE", "valueFrom": node}]
