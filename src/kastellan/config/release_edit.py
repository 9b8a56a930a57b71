"""Reads and changes the release in a stack file's text; every other character of the file stays as it is.

People and Pulumi write the file, with comments and ciphertext. So it is not loaded and dumped: the values are found by
their place in the text, exchanged there, and the result is parsed again to prove that nothing else has changed.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from kastellan.config.stack_problem import PREFIX
from kastellan.domain.configured_release import ConfiguredRelease
from kastellan.domain.errors import InvalidInputError
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.version import Version

Path = tuple[str, ...]

_VERSION: Path = ("config", f"{PREFIX}version")
_UNDO: Path = ("config", f"{PREFIX}undo")
_IMAGES: Path = ("config", f"{PREFIX}images")
_SERVER: Path = (*_IMAGES, "zitadel")
_LOGIN: Path = (*_IMAGES, "login")


def read_release(text: str, *, source: str) -> ConfiguredRelease:
    """The release that a stack file asks for.

    Args:
        text: the file's content.
        source: names the file in errors.

    Raises:
        InvalidInputError: it is no YAML, or a key is missing or cannot be read.
    """
    document = _load(text, source)
    try:
        images = None
        if _at(document, _IMAGES) is not None:
            server, login = (Image.parse(str(_at(document, path))) for path in (_SERVER, _LOGIN))
            images = ImageSet(zitadel=server, login=login)
        undoing = _at(document, _UNDO)
        return ConfiguredRelease(
            version=Version.parse(str(_at(document, _VERSION))),
            images=images,
            undoing=Version.parse(str(undoing)) if undoing is not None else None,
        )
    except ValueError as cause:
        raise InvalidInputError(f"{source} names no release that can be read: {cause}") from cause


def with_release(text: str, release: ConfiguredRelease, *, source: str) -> str:
    """The text of the file with another release in it; the same text where it asks for that one already.

    Raises:
        InvalidInputError: it is no YAML; one of file and release names images and the other does not; or the release
            cannot be exchanged without changing something else (an anchor that others refer to).
    """
    current = read_release(text, source=source)
    if current == release:
        return text
    wanted: dict[Path, str] = {_VERSION: str(release.version)}
    match current.images, release.images:
        case None, None:
            pass
        case ImageSet(), ImageSet():
            wanted |= {_SERVER: str(release.images.zitadel), _LOGIN: str(release.images.login)}
        case _:
            raise InvalidInputError(
                f"{source}: one of the file and release {release.version} names images and the other does not"
            )
    exchanged = _exchanged(text, wanted, source)
    return exchanged if release.undoing == current.undoing else _with_undo(exchanged, release.undoing, source)


def _with_undo(text: str, undoing: Version | None, source: str) -> str:
    """The text with `installation:undo` on a line of its own below the version, or without that line."""
    values = {key.value: (key, value) for key, value in _mapping(text, source).value}
    result = text
    if _UNDO[-1] in values:
        key, value = values[_UNDO[-1]]
        result = text[: text.rfind("\n", 0, key.start_mark.index) + 1] + text[_line_end(text, value) :]
        return _with_undo(result, undoing, source) if undoing is not None else _proven(text, result, undoing, source)
    if undoing is not None:
        key, value = values[_VERSION[-1]]
        place = _line_end(text, value)
        end = "" if text[:place].endswith("\n") else "\n"
        result = f"{text[:place]}{end}{' ' * key.start_mark.column}{_UNDO[-1]}: {undoing}\n{text[place:]}"
    return _proven(text, result, undoing, source)


def _proven(before: str, after: str, undoing: Version | None, source: str) -> str:
    try:
        same = _without(_load(after, source), {_UNDO: ""}) == _without(_load(before, source), {_UNDO: ""})
        proven = same and read_release(after, source=source).undoing == undoing
    except InvalidInputError:
        proven = False
    if not proven:
        raise InvalidInputError(
            f"{source}: {_UNDO[-1]} cannot be written without changing something else; do it by hand"
        )
    return after


def _mapping(text: str, source: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = [value for key, value in root.value if key.value == "config"] if isinstance(root, yaml.MappingNode) else []
    if len(found) != 1 or not isinstance(found[0], yaml.MappingNode) or found[0].flow_style:
        raise InvalidInputError(f"{source}: `config:` must stand there once, with a line for each key")
    return found[0]


def _line_end(text: str, node: yaml.Node) -> int:
    """Where the line after a node begins."""
    end = text.find("\n", node.end_mark.index)
    return len(text) if end < 0 else end + 1


def _exchanged(text: str, wanted: Mapping[Path, str], source: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    places = sorted(((_scalar(root, path, source), value) for path, value in wanted.items()), key=_start, reverse=True)
    result = text
    for node, value in places:
        before = node.value.strip()
        written = value.removeprefix("v") if before[:1].isdigit() else value  # a version is kept in the file's form
        quote = node.style or ""
        result = result[: node.start_mark.index] + f"{quote}{written}{quote}" + result[node.end_mark.index :]
    try:
        same = _without(yaml.safe_load(result), wanted) == _without(yaml.safe_load(text), wanted)
        proven = same and read_release(result, source=source).version == Version.parse(wanted[_VERSION])
    except (yaml.YAMLError, InvalidInputError):
        proven = False
    if not proven:
        raise InvalidInputError(
            f"{source}: its release cannot be exchanged without changing something else; do it by hand"
        )
    return result


def _load(text: str, source: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as cause:
        raise InvalidInputError(f"{source} is no YAML: {' '.join(str(cause).split())}") from cause


def _at(document: Any, path: Path) -> Any:
    for part in path:
        document = document.get(part) if isinstance(document, Mapping) else None
    return document


def _scalar(root: Any, path: Path, source: str) -> yaml.ScalarNode:
    node = root
    for part in path:
        found = [value for key, value in node.value if key.value == part] if isinstance(node, yaml.MappingNode) else []
        if len(found) != 1:
            raise InvalidInputError(f"{source}: {'.'.join(path)} must stand there exactly once")
        node = found[0]
    if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">"):
        raise InvalidInputError(f"{source}: {'.'.join(path)} is not written on one line")
    return node


def _start(place: tuple[yaml.ScalarNode, str]) -> int:
    index: int = place[0].start_mark.index
    return index


def _without(document: Any, wanted: Mapping[Path, str]) -> Any:
    """The document with the exchanged values taken out."""
    for path in wanted:
        parent = _at(document, path[:-1])
        if isinstance(parent, dict):
            parent.pop(path[-1], None)
    return document
