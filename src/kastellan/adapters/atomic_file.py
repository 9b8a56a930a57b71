"""Replaces a file as a whole: after a crash or a full disk there is the old content or the new one, never a part."""

import os
import tempfile
from pathlib import Path

from kastellan.domain.errors import ForbiddenError, ServerFaultError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file anew; its permissions stay, and a symbolic link goes on pointing where it does.

    The content is on the disk when this returns, also if the machine loses its power right after.

    Raises:
        ForbiddenError: the user may not write there.
        ServerFaultError: the disk is full, or failed.
    """
    target = path.resolve()
    try:
        _replace(target, content)
    except PermissionError as cause:
        raise ForbiddenError(
            f"{path} cannot be written", remediation="give the user the right to write to its folder"
        ) from cause
    except OSError as cause:
        raise ServerFaultError(
            f"{path} cannot be written: {cause.strerror or 'no reason given'}; it is as it was",
            remediation="see whether the disk is full",
        ) from cause


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), target.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself
    finally:
        os.close(folder)
