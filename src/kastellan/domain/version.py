"""Version of ZITADEL, Kubernetes or PostgreSQL: ordering as semantic versioning defines it.

Only the parts that decisions need are kept: build metadata is dropped, because it never orders two releases.
"""

import re
from dataclasses import dataclass
from functools import total_ordering

_PATTERN = re.compile(
    r"^v?(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<patch>\d+))?(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$"
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version; a pre-release sorts before its release (semver.org, item 11)."""

    major: int
    minor: int
    patch: int = 0
    pre: str = ""

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Read `v4.13.1`, `4.13.1` or `1.35`.

        Raises:
            ValueError: the text is no version; the message repeats it and shows the form.
        """
        match = _PATTERN.match(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a version; write it as v4.13.1")
        return cls(int(match["major"]), int(match["minor"]), int(match["patch"] or 0), match["pre"] or "")

    @property
    def minor_line(self) -> str:
        """The line that support windows speak of, such as `1.35`."""
        return f"{self.major}.{self.minor}"

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")

    def __lt__(self, other: "Version") -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        # A release outranks every pre-release of itself; numeric identifiers sort before and below textual ones.
        identifiers = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre.split("."))
        return (self.major, self.minor, self.patch, (1,) if not self.pre else (0, identifiers))
