"""Kastellan provisions, validates and maintains dedicated ZITADEL installations under written terms."""


def __getattr__(name: str) -> str:
    """Give `__version__` when it is asked for: reading package metadata costs more than most commands."""
    if name == "__version__":
        from importlib.metadata import version

        return version("kastellan")
    raise AttributeError(name)
