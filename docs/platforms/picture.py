"""Draws what a preview makes: one box a component with its resources, and an arrow to each component that it needs.

`python docs/platforms/picture.py PREVIEW.json docs/platforms/gke.md` puts it between the marks of that page; a test
compares the page with what comes out of the saved preview.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- picture: made by docs/platforms/picture.py -->\n", "<!-- /picture -->\n"


def mermaid(preview: Mapping[str, Any]) -> str:
    """The picture as text of Mermaid's."""
    states = {step["urn"]: step["newState"] for step in preview["steps"] if step["op"] != "delete"}
    inside = {urn: part for urn in states if (part := _component(urn))}
    lines = ["flowchart LR"]
    for part in sorted(set(inside.values())):
        kinds = Counter(_kind(urn) for urn, of in inside.items() if of == part)
        rows = [f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items())]
        lines.append(f'  {part}["<b>{part}</b><br/>{"<br/>".join(rows)}"]')
    lines += [f"  {one} --> {other}" for one, other in sorted(set(_arrows(states, inside)))]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def with_picture(page: str, picture: str) -> str:
    """A page with the picture between its marks."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + picture + END + rest.partition(END)[2]


def _arrows(states: Mapping[str, Any], inside: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for urn, state in states.items():
        for needed in state.get("dependencies") or ():
            one, other = inside.get(urn), inside.get(needed)
            if one and other and one != other:
                yield one, other


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition(":")[2]


def _component(urn: str) -> str:
    """The innermost component of ours that a resource stands in; the installation itself for our own resources."""
    kinds = urn.split("::")[2].split("$")
    if kinds[-1].startswith("kastellan:index:"):
        return "installation"
    ours = [kind for kind in kinds[:-1] if kind.startswith("kastellan:")]
    return ours[-1].rpartition(":")[2].lower() if ours and not kinds[-1].startswith("kastellan:") else ""


if __name__ == "__main__":
    target = Path(sys.argv[2])
    target.write_text(with_picture(target.read_text(), mermaid(json.loads(Path(sys.argv[1]).read_text()))))
