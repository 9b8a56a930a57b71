"""The formats of a report, by the names that the command line gives them."""

from collections.abc import Callable

from kastellan.domain.canonical import canonical
from kastellan.preflight.rendering.html import html
from kastellan.preflight.rendering.junit import junit
from kastellan.preflight.rendering.markdown import markdown
from kastellan.preflight.rendering.story import Document
from kastellan.preflight.rendering.text import text


def json_text(document: Document) -> str:
    """Canonical JSON (RFC 8785) and nothing after it, so that the file's digest is that which is signed."""
    return canonical(document).decode()


FORMATS: dict[str, tuple[str, Callable[[Document], str]]] = {
    "text": ("report.txt", text),
    "json": ("report.json", json_text),
    "markdown": ("report.md", markdown),
    "junit": ("report.junit.xml", junit),
    "html": ("report.html", html),
}
"""Name of a format → its file name in an output folder, and what writes it."""
