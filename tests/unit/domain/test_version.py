"""Versions order as semantic versioning says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.domain.version import Version

versions = st.builds(
    Version,
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from(["", "rc.1", "rc.2", "rc.10", "alpha", "1"]),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("v4.13.1", "v4.13.1"), ("4.13.1", "v4.13.1"), ("1.35", "v1.35.0"), ("v5.0.0-rc.1+build7", "v5.0.0-rc.1")],
)
def test_a_version_is_read_with_or_without_its_v(text: str, shown: str) -> None:
    assert str(Version.parse(text)) == shown


@pytest.mark.parametrize("text", ["", "latest", "v4", "v4.13.1.2", "4.13.x"])
def test_what_is_no_version_is_refused_with_the_form_to_use(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version; write it as v4\.13\.1"):
        Version.parse(text)


def test_versions_sort_as_semantic_versioning_lists_them() -> None:
    in_order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    in_order += ["1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]
    parsed = [Version.parse(text) for text in in_order]
    assert sorted(reversed(parsed)) == parsed


@given(versions)
def test_a_shown_version_reads_back_as_itself(version: Version) -> None:
    assert Version.parse(str(version)) == version


@given(versions, versions, versions)
def test_the_order_is_total_and_transitive(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (b < a) + (a == b) == 1
    if a <= b <= c:
        assert a <= c
