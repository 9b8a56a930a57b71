"""Which images a pull secret has a credential for, as the kubelet matches them.

Source: kubernetes.io, "Images", section "Interpretation of config.json".
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

_DOCKER_HUB = "docker.io"
_HUB_NAMES = (_DOCKER_HUB, "index.docker.io", "registry-1.docker.io")


def covered(repository: str, registries: Iterable[str]) -> bool:
    """Whether one of the entries of a pull secret matches a repository such as `ghcr.io/zitadel/zitadel`."""
    host, path = _parts(repository)
    return any(_matches(host, path, *_entry(one)) for one in registries)


def _parts(repository: str) -> tuple[str, str]:
    """Host and path; without a host it is Docker Hub's."""
    first, _, rest = repository.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        return (_DOCKER_HUB if first in _HUB_NAMES else first), rest
    return _DOCKER_HUB, repository


def _entry(written: str) -> tuple[str, str]:
    """Host and path of an entry: with or without a scheme, and `/v1/` or `/v2/` of old clients mean no path."""
    host, _, path = written.partition("://")[2].partition("/") if "://" in written else written.partition("/")
    path = path.strip("/")
    return (_DOCKER_HUB if host in _HUB_NAMES else host), ("" if path in ("v1", "v2") else path)


def _matches(host: str, path: str, wanted_host: str, wanted_path: str) -> bool:
    """Hosts match part by part, `*` for one part or some of it; a path is a beginning."""
    theirs, ours = wanted_host.split("."), host.split(".")
    same = len(theirs) == len(ours) and all(fnmatchcase(one, rule) for one, rule in zip(ours, theirs, strict=True))
    return same and (not wanted_path or path == wanted_path or path.startswith(f"{wanted_path}/"))
