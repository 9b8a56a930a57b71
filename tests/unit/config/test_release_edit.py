"""The release in a stack file: it changes, and nothing else of the file does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kastellan.config.release_edit import read_release, with_release
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.version import Version

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
FILE = f"""\
# who may change this: the SRE team
encryptionsalt: v1:abc=:v1:def:ghi==
config:
  installation:version: v4.13.0                # a release of the catalogue
  installation:images: {{zitadel: "ghcr.io/z@{A}",
    login: 'ghcr.io/l@{A}'}}  # by digest
  installation:domain: "id.Zürich.example"
  installation:masterkey:
    secure:   v1:x1y2:Zm9v
  other:version: v4.13.0
"""


def images(digest: str) -> ImageSet:
    return ImageSet(zitadel=Image("ghcr.io/z", digest), login=Image("ghcr.io/l", digest))


def release(version: str, found: ImageSet | None = None) -> ConfiguredRelease:
    return ConfiguredRelease(version=Version.parse(version), images=found)


def test_version_and_images_change_and_every_other_character_stays() -> None:
    assert read_release(FILE, source="f") == release("v4.13.0", images(A))
    changed = with_release(FILE, release("v4.14.0", images(B)), source="f")
    assert changed == FILE.replace(A, B).replace("installation:version: v4.13.0", "installation:version: v4.14.0")
    assert with_release(changed, release("v4.13.0", images(A)), source="f") == FILE


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('installation:version: "v4.13.0"', 'installation:version: "v4.14.0"'),
        ("installation:version: '4.13.0'   # x", "installation:version: '4.14.0'   # x"),
        ("installation:version:   4.13.0", "installation:version:   4.14.0"),
        ("installation:version:\n    v4.13.0", "installation:version:\n    v4.14.0"),
        ('"installation:version": v4.13.0', '"installation:version": v4.14.0'),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_form_of_the_value_is_kept(line: str, expected: str, ending: str) -> None:
    text = f"config:\n  {line}\n  installation:domain: x\n".replace("\n", ending)
    changed = with_release(text, release("v4.14.0"), source="f")
    assert changed == f"config:\n  {expected}\n  installation:domain: x\n".replace("\n", ending)


COMMENTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=20)
KEYS = st.from_regex(r"[a-z]{1,8}:[a-z]{1,8}", fullmatch=True).filter(lambda key: not key.startswith("installation:"))
REST = st.lists(st.tuples(KEYS, COMMENTS), max_size=6, unique_by=lambda pair: pair[0])


@given(before=REST, after=REST, comment=COMMENTS)
def test_whatever_stands_around_it_there_and_back_is_the_same_file(
    before: list[tuple[str, str]], after: list[tuple[str, str]], comment: str
) -> None:
    def lines(pairs: list[tuple[str, str]], number: int) -> str:
        return "".join(f"  {key}{number}: {{secure: v1:{number}}} #{text}\n" for key, text in pairs)

    head, tail = f"config:\n{lines(before, 1)}", f" #{comment}\n{lines(after, 2)}"
    text = f"{head}  installation:version: v4.13.0{tail}"
    changed = with_release(text, release("v4.14.0-rc.1"), source="f")
    assert changed == f"{head}  installation:version: v4.14.0-rc.1{tail}"
    assert with_release(changed, release("v4.13.0"), source="f") == text


def test_the_same_release_is_the_same_text() -> None:
    text = 'config:\n  installation:version: "4.13.0"\n'
    assert with_release(text, release("v4.13.0"), source="f") is text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("config: [", "is no YAML"),
        ("config: {}\n", "names no release"),
        ("config:\n  installation:version: soon\n", "'soon' is not a version"),
        ("- a list\n", "names no release"),
        ("config:\n  installation:version: v4.13.0\n  installation:images: {zitadel: x}\n", "names no digest"),
        ("config:\n  installation:version: v4.13.0\n  installation:version: v4.13.0\n", "exactly once"),
        ("config:\n  installation:version: >-\n    v4.13.0\n", "not written on one line"),
        ("config:\n  installation:version: &v v4.13.0\n  other:version: *v\n", "do it by hand"),
        ("config:\n  other:version: &v v4.13.0\n  installation:version: *v\n", "do it by hand"),
    ],
)
def test_what_cannot_be_exchanged_alone_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        with_release(text, release("v4.14.0"), source="stacks/Pulumi.acme.yaml")


@pytest.mark.parametrize(("text", "found"), [(FILE, None), ("config:\n  installation:version: v4.13.0\n", images(B))])
def test_images_that_only_one_side_names_are_refused(text: str, found: ImageSet | None) -> None:
    with pytest.raises(InvalidInputError, match="names images and the other does not"):
        with_release(text, release("v4.14.0", found), source="f")


@pytest.mark.parametrize("before", [FILE, "config:\n  installation:version:\n    v4.13.0"], ids=["long", "short"])
def test_taking_an_update_back_is_written_on_a_line_of_its_own_and_removed_by_the_next_update(before: str) -> None:
    found = read_release(before, source="f").images
    newer = with_release(before, release("v4.14.0", found), source="f")
    back = ConfiguredRelease(version=Version.parse("v4.13.0"), images=found, undoing=Version.parse("v4.14.0"))
    undone = with_release(newer, back, source="f")
    assert "\n  installation:undo: v4.14.0\n" in undone
    assert read_release(undone, source="f") == back
    assert with_release(undone, back, source="f") == undone
    again = with_release(undone, release("v4.14.0", found), source="f")
    assert again.rstrip("\n") == newer.rstrip("\n")


def test_a_file_on_one_line_takes_no_undo() -> None:
    back = ConfiguredRelease(version=Version.parse("v4.13.0"), undoing=Version.parse("v4.14.0"))
    with pytest.raises(InvalidInputError, match="a line for each key"):
        with_release('config: {"installation:version": v4.14.0}', back, source="f")
