"""A pull secret covers an image as the kubelet reads it."""

import pytest

from kastellan.preflight.registries import covered


@pytest.mark.parametrize(
    ("repository", "registry", "matches"),
    [
        ("ghcr.io/zitadel/zitadel", "ghcr.io", True),
        ("ghcr.io/zitadel/zitadel", "https://ghcr.io", True),
        ("ghcr.io/zitadel/zitadel", "ghcr.io/zitadel", True),
        ("ghcr.io/zitadel/zitadel", "ghcr.io/zit", False),
        ("ghcr.io/zitadel/zitadel", "ghcr.io/other", False),
        ("ghcr.io/zitadel/zitadel", "https://index.docker.io/v1/", False),
        ("library/postgres", "https://index.docker.io/v1/", True),
        ("docker.io/library/postgres", "docker.io", True),
        ("postgres", "registry-1.docker.io", True),
        ("eu.registry.example/a/b", "*.registry.example", True),
        ("a.eu.registry.example/a/b", "*.registry.example", False),
        ("registry.example:5000/a", "registry.example:5000", True),
        ("registry.example:5000/a", "registry.example", False),
        ("localhost/a", "localhost", True),
    ],
)
def test_an_entry_matches_by_host_and_by_the_beginning_of_the_path(
    repository: str, registry: str, matches: bool
) -> None:
    assert covered(repository, ["other.example", registry]) is matches


def test_no_entry_covers_nothing() -> None:
    assert not covered("ghcr.io/a", [])
