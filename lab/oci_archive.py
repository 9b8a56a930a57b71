"""Packs one static binary into an OCI image archive, without a container engine and without a registry.

The bytes depend on the binary and the arguments alone (no time stamps), so that the digest does as well. Deliberately
absent: more than one layer, base images, and anything that a static binary needs not.
Source: https://github.com/opencontainers/image-spec (image-layout.md, manifest.md, config.md).
"""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

NAME_ANNOTATION = "io.containerd.image.name"
"""Where an archive's index tells containerd what the image is called."""
_OCI = "application/vnd.oci.image"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_USERS = b"root:x:0:0::/:/\nnonroot:x:65532:65532::/:/\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An image in a file.

    Attributes:
        path: the archive.
        reference: its name with tag, such as `localhost/kastellan/pod-tools:1`.
        digest: digest of its manifest, `sha256:…`.
    """

    path: Path
    reference: str
    digest: str

    @property
    def by_digest(self) -> str:
        """The repository with the digest: what a pod has to name to get exactly these bytes."""
        return f"{self.reference.rpartition(':')[0]}@{self.digest}"


def pack(
    binary: Path,
    target: Path,
    *,
    reference: str,
    arguments: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    user: str = "",
) -> Archive:
    """Write an image whose entry point is this binary.

    Args:
        binary: a static executable for this machine; lies at `/NAME` in the image.
        target: archive to write; replaced atomically.
        reference: repository and tag.
        arguments: default arguments.
        labels: labels of the image.
        user: `uid:gid` that it runs as where the pod says nothing; empty for root.
    """
    machine = {"architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()), "os": "linux"}
    layer = _layer(binary)
    config = _json(
        {
            **machine,
            "config": {
                "Entrypoint": [f"/{binary.name}"],
                "Cmd": list(arguments),
                "Env": ["PATH=/"],
                "WorkingDir": "/",
                "Labels": dict(labels or {}),
                **({"User": user} if user else {}),
            },
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": _descriptor("config.v1+json", config),
            "layers": [_descriptor("layer.v1.tar", layer)],
        }
    )
    names = {NAME_ANNOTATION: reference, "org.opencontainers.image.ref.name": reference.rpartition(":")[2]}
    entry = {**_descriptor("manifest.v1+json", manifest), "annotations": names, "platform": machine}
    partial = target.with_name(f".{target.name}.partial")
    with tarfile.open(partial, "w") as archive:
        _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _add(archive, "index.json", _json({"schemaVersion": 2, "manifests": [entry]}))
        for blob in (layer, config, manifest):
            _add(archive, f"blobs/sha256/{_digest(blob).partition(':')[2]}", blob)
    partial.replace(target)
    return Archive(path=target, reference=reference, digest=_digest(manifest))


def name_of(path: Path) -> str:
    """The name that an archive gives its image.

    Raises:
        LabError: it is no OCI archive, or names none.
    """
    try:
        with tarfile.open(path) as archive:
            index = archive.extractfile("index.json")
            described = json.load(index) if index else {}
        return str(described["manifests"][0]["annotations"][NAME_ANNOTATION])
    except (OSError, tarfile.TarError, KeyError, IndexError, ValueError) as problem:
        raise LabError(f"{path} is no OCI archive whose index names an image ({NAME_ANNOTATION}): {problem}") from None


def _layer(binary: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for name, mode in (("tmp", 0o1777), ("etc", 0o755), ("proc", 0o755), ("sys", 0o755), ("dev", 0o755)):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            layer.addfile(folder)
        _add(layer, binary.name, binary.read_bytes(), 0o755)
        _add(layer, "etc/passwd", _USERS)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _descriptor(kind: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": f"{_OCI}.{kind}", "digest": _digest(blob), "size": len(blob)}


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"
