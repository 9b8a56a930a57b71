"""Container images, always by digest: a tag can be moved, and then nobody knows what ran (DI-6)."""

import re
from dataclasses import dataclass

_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Image:
    """An image that cannot change under its name.

    Attributes:
        repository: registry and path without tag, such as `ghcr.io/zitadel/zitadel`.
        digest: `sha256:` and 64 hexadecimal digits, of the manifest or the index.
    """

    repository: str
    digest: str

    def __post_init__(self) -> None:
        if not _DIGEST.match(self.digest):
            raise ValueError(f"{self.digest!r} is not a digest; write sha256: and 64 hexadecimal digits")
        if not self.repository or "@" in self.repository or any(c.isspace() for c in self.repository):
            raise ValueError(f"{self.repository!r} is not an image repository")

    @classmethod
    def parse(cls, text: str) -> "Image":
        """Read `repository@sha256:…`.

        Raises:
            ValueError: there is no digest, or a tag stands in its place.
        """
        repository, separator, digest = text.partition("@")
        if not separator:
            raise ValueError(f"{text!r} names no digest; write repository@sha256:…")
        return cls(repository, digest)

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSet:
    """The two images of one release: the API server (also run as `init` and `setup`) and the login application."""

    zitadel: Image
    login: Image
