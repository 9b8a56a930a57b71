"""Text that has to fit on one line: a header, a title, a file's first line."""

_LONGEST = 200
"""Characters; a mail's line may have 998 octets (RFC 5321, section 4.5.3.1.6), and not every program folds it."""


def one_line(text: str) -> str:
    """The text with line breaks and control characters as single spaces, cut where it is too long for a header."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
