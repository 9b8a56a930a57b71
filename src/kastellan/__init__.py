"""Kastellan provisions, validates and maintains dedicated ZITADEL installations under written terms."""

from importlib.metadata import version

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Read the version only when asked for: package metadata costs more than most commands."""
    if name == "__version__":
        return version("kastellan")
    raise AttributeError(name)
