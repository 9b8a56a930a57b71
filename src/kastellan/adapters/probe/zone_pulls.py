"""IMG-1 and STO-1: what only a node can do, pull an image and mount a volume."""

from kastellan.adapters.probe.zone_run import ZoneRun
from kastellan.domain.kubernetes_object import Manifest, ObjectRef
from kastellan.manifests import probes
from kastellan.manifests.pod import ZONE_LABEL
from kastellan.preflight.time_limits import NODE_SECONDS
from kastellan.preflight.zone_facts import Pull, Pulls, Volumes, VolumeTried

_REFUSED = (
    "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable",
    "SignatureValidationFailed",
)  # fmt: skip
"""Reasons by which the kubelet says that it has no image (kubernetes, pkg/kubelet/images/types.go)."""


def pulls(run: ZoneRun) -> Pulls:
    """Let a node of every zone pull every image, and one that cannot exist."""
    pods = [*probes.pull_pods(run.site), probes.pull_control(run.site)]
    for pod in pods:
        run.cluster.apply(pod)
    found: dict[str, Pull] = {}

    def look() -> bool | None:
        for pod in pods:
            name = pod["metadata"]["name"]
            live = run.cluster.get(ObjectRef("v1", "Pod", run.site.namespace, name))
            pulled, said = _pulled(live or {})
            if pulled is not None:
                found[name] = _pull(pod, pulled, (not pulled and run.event(name)) or said)
        return True if len(found) == len(pods) else None

    run.until(NODE_SECONDS, look, doing="pulling images in every zone")
    seen = [found.get(pod["metadata"]["name"]) or _pull(pod, None, "the node said nothing in time") for pod in pods]
    return Pulls(pulls=tuple(seen[:-1]), control=seen[-1])


def _pull(pod: Manifest, pulled: bool | None, said: str) -> Pull:
    spec = pod["spec"]
    zone, image = spec["nodeSelector"][ZONE_LABEL], spec["containers"][0]["image"]
    return Pull(zone=zone, image=image, pulled=pulled, said=said)


def _pulled(live: Manifest) -> tuple[bool | None, str]:
    for status in live.get("status", {}).get("containerStatuses") or ():
        state = status.get("state", {})
        waiting, ended = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason") in _REFUSED:
            return False, " ".join(f"{waiting['reason']} {waiting.get('message', '')}".split())[:300]
        if ended or status.get("imageID") or waiting.get("reason") in ("CreateContainerError", "RunContainerError"):
            return True, "pulled"  # what came after the pull is an end that was meant
    return None, ""


def volumes(run: ZoneRun) -> Volumes:
    """Claim a volume in every zone, write to it, read it; a claim that nobody can serve must stay open meanwhile."""
    control = run.cluster.apply(probes.claim_control(run.site))["metadata"]["name"]
    tried = run.together(*(lambda n=number: _tried(run, n) for number in range(len(run.site.vantages))))
    claims = run.cluster.list("v1", "PersistentVolumeClaim", namespace=run.site.namespace)
    bound = {one["metadata"]["name"] for one in claims if one.get("status", {}).get("phase") == "Bound"}
    return Volumes(tried=tuple(tried), control_bound=control in bound)


def _tried(run: ZoneRun, number: int) -> VolumeTried:
    zone, name = run.site.vantages[number].zone, f"hold-{number}"
    for manifest in probes.volume(run.site, number):
        run.cluster.apply(manifest)
    ended = run.until(NODE_SECONDS, lambda: run.ended(name), doing=f"mounting a volume in {zone}")
    held = bool(ended) and any(line.get("held") is True for line in run.answers(name))
    pod = run.pod_of(name)
    said = "" if held else run.event(name) or run.event(pod["metadata"]["name"] if pod else "") or "it was not mounted"
    return VolumeTried(zone=zone, storage_class=run.site.storage_class, held=held, said=said)
