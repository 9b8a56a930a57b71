"""Reading texts that a user names; writing files that are either whole or not there."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from kastellan.domain.errors import InvalidInputError


def say_whole(document: str) -> None:
    """Write a document to standard output; whoever reads only its beginning has enough, which is no failure."""
    with suppress(BrokenPipeError):
        click.echo(document, nl=False)


def text_of(path: Path, what: str) -> str:
    """The content of a file that a user names.

    Args:
        path: of the file.
        what: it is to be, for people, such as `the kubeconfig`.

    Raises:
        InvalidInputError: it cannot be read, is empty, or is no text.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as cause:
        raise InvalidInputError(f"{what} {path} is no text (UTF-8)") from cause
    except OSError as cause:
        raise InvalidInputError(f"{what} {path} cannot be read: {cause.strerror}") from cause
    if not content.strip():
        raise InvalidInputError(f"{what} {path} is empty")
    return content


def expect_writable(*folders: Path | None) -> None:
    """See before a long run that its results can be written, so that they are not lost after it; folders are made.

    Raises:
        InvalidInputError: a file cannot be put into one of them.
    """
    for folder in filter(None, folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as cause:
            raise InvalidInputError(f"{folder} cannot be written: {cause.strerror}") from cause


def write_whole(path: Path, content: str | bytes) -> None:
    """Write aside, then move into place; folders are made.

    Raises:
        InvalidInputError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content.encode() if isinstance(content, str) else content)
        aside.replace(path)
    except OSError as cause:
        with suppress(OSError):
            aside.unlink()
        raise InvalidInputError(f"{path} cannot be written: {cause.strerror}") from cause
