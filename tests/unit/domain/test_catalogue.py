"""Which steps between releases are allowed."""

from dataclasses import replace

import pytest

from kastellan.config.catalogue_file import packaged_catalogue, parse_catalogue
from kastellan.domain.catalogue import Catalogue
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.version import Version

V = Version.parse


@pytest.mark.parametrize(
    ("installed", "wanted", "codes"),
    [
        (None, "v4.13.1", []),
        ("v4.13.1", "v4.13.1", []),
        ("v4.13.1", "v4.14.0", []),
        ("v4.14.0", "v4.13.1", ["downgrade"]),
        ("v3.0.0", "v4.0.0", ["forbidden-jump"]),
        ("v3.4.1", "v4.0.0", []),
        (None, "v4.99.0", ["version-unknown"]),
    ],
)
def test_only_steps_that_the_catalogue_allows_are_taken(installed: str | None, wanted: str, codes: list[str]) -> None:
    found = packaged_catalogue().refusals(V(installed) if installed else None, V(wanted))
    assert [reason.code for reason in found] == codes


@pytest.mark.parametrize(
    ("undoing", "compatible", "codes"),
    [
        (None, True, ["downgrade"]),
        ("v4.13.1", True, ["downgrade"]),  # not the installed one
        ("v4.14.0", True, []),
        ("v4.14.0", False, ["no-way-back"]),
        ("v4.99.0", True, ["downgrade"]),
    ],
)
def test_only_the_installed_version_is_undone_and_only_where_its_schema_serves_the_one_before(
    undoing: str | None, compatible: bool, codes: list[str]
) -> None:
    known = packaged_catalogue().releases
    changed = tuple(
        replace(release, backward_compatible=compatible if release.version == V("v4.14.0") else True)
        for release in known
    )
    found = Catalogue(releases=changed).refusals(V("v4.14.0"), V("v4.13.1"), undoing=V(undoing) if undoing else None)
    assert [reason.code for reason in found] == codes


def test_an_installed_version_that_nobody_knows_cannot_be_undone() -> None:
    (reason,) = packaged_catalogue().refusals(V("v4.99.0"), V("v4.13.1"), undoing=V("v4.99.0"))
    assert reason.code == "no-way-back"


def test_a_forbidden_jump_names_the_steps_that_lead_there() -> None:
    (reason,) = packaged_catalogue().refusals(V("v2.71.5"), V("v4.20.0"))
    assert reason.remediation == "update step by step: v3.4.1, then v4.0.0, then v4.20.0"


def test_where_no_way_leads_none_is_invented() -> None:
    (reason,) = packaged_catalogue().refusals(V("v1.0.0"), V("v4.20.0"))
    assert reason.remediation == "update step by step: no known way"


def test_a_release_brings_its_advisories_with_links_and_what_to_do() -> None:
    release = packaged_catalogue().find(V("v4.0.0"))
    assert release is not None
    (advisory,) = release.advisories
    assert (advisory.name, advisory.link) == ("A-10017", "https://zitadel.com/docs/support/advisory/a10017")
    assert "soak" in advisory.action
    assert release.soak_days == 7


def test_the_packaged_catalogue_knows_every_advisory_with_a_constraint() -> None:
    known = {advisory.name for release in packaged_catalogue().releases for advisory in release.advisories}
    assert known == {"A-10005", "A-10008", "A-10012", "A-10015", "A-10016", "A-10017", "A-10018"}
    assert [str(r.version) for r in packaged_catalogue().releases if r.downtime_expected] == ["v2.39.0"]


def test_an_advisory_that_is_named_and_not_there_is_told() -> None:
    row = "{version: v4.2.0, published: null, class: regular, reachableFrom: v4.0.0, images: null, advisories: [A-1]}"
    with pytest.raises(InvalidInputError, match="names A-1, which `advisories` does not have"):
        parse_catalogue(f"schemaVersion: 1\nproduct: zitadel\nasOf: 2026-11-23\nreleases: [{row}]", source="mine")


def test_the_packaged_catalogue_names_its_newest_release() -> None:
    newest = packaged_catalogue().newest
    assert newest is not None
    assert newest.version == V("v4.20.0")


def test_a_catalogue_out_of_order_is_refused() -> None:
    releases = packaged_catalogue().releases
    with pytest.raises(ValueError, match="not in ascending order"):
        Catalogue(releases=(releases[1], releases[0]))
    with pytest.raises(ValueError, match="stands twice"):
        Catalogue(releases=(releases[0], replace(releases[0], soak_days=1)))


def test_a_wrong_catalogue_tells_all_its_errors_at_once_with_their_places() -> None:
    text = """
schemaVersion: 1
product: zitadel
asOf: 2026-11-23
releases:
  - {version: four, published: null, class: regular, reachableFrom: v4.0.0, images: null}
  - {version: v4.1.0, published: null, class: urgent, reachableFrom: v4.0.0, images: {zitadel: "a:b", login: "x"}}
  - {version: v4.2.0, published: null, class: regular, reachableFrom: v4.0.0, images: null, soakDay: 3}
"""
    with pytest.raises(InvalidInputError) as caught:
        parse_catalogue(text, source="mine.yaml")
    assert [reason.path for reason in caught.value.reasons] == [
        "releases[0].version",
        "releases[1].class",
        "releases[1].images.zitadel",
        "releases[1].images.login",
        "releases[2].soakDay",
    ]
    assert "did you mean soakDays?" in str(caught.value)


def test_what_is_no_yaml_is_said_so() -> None:
    with pytest.raises(InvalidInputError, match="mine is no YAML"):
        parse_catalogue("releases: [", source="mine")
