"""A report for pipelines that show JUnit results.

A failed gate is a failure, one that could not be determined an error, one that does not apply or was left out is
skipped; everything else is a passed test case, with what there is to say in its output, because JUnit has no warning.
"""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kastellan.preflight.outcome import Outcome
from kastellan.preflight.rendering.story import Document, is_gate, measured, turn

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no characters for (its section 2.2)."""


def junit(document: Document) -> str:
    """The report as one JUnit test suite."""
    rows = document["findings"]
    kinds = [_kind(document, row) for row in rows]
    suite = Element(
        "testsuite",
        name="kastellan preflight",
        tests=str(len(rows)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{document['durationMs'] / 1000:.3f}",
        timestamp=document["collectedAt"].removesuffix("Z"),
    )
    properties = SubElement(suite, "properties")
    for name in ("target", "overall", "gate", "identity"):
        SubElement(properties, "property", name=name, value=_xml(document[name]))
    for row, kind in zip(rows, kinds, strict=True):
        case = SubElement(
            suite, "testcase", classname=row["id"], name=_xml(f"{row['id']} {row['title']}"),
            time=f"{row['durationMs'] / 1000:.3f}",
        )  # fmt: skip
        story = _xml(_story(row))
        if kind == "skipped":
            SubElement(case, "skipped", message=_xml(row["observed"]))
        elif kind:
            SubElement(case, kind, type=row["outcome"], message=_xml(row["observed"])).text = story
        else:
            SubElement(case, "system-out").text = story
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _kind(document: Document, row: Document) -> str:
    if not row["executed"] or row["outcome"] == Outcome.NOT_APPLICABLE:
        return "skipped"
    if not is_gate(document, row):
        return ""
    return {Outcome.FAIL: "failure", Outcome.UNKNOWN: "error", Outcome.ERROR: "error"}.get(row["outcome"], "")


def _story(row: Document) -> str:
    lines = [
        f"outcome: {row['outcome']}",
        f"expected: {row['expected']}",
        f"observed: {row['observed']}",
        f"measured: {measured(row['measure'])}" if row["measure"] else "",
        f"{turn(row)}: {row['remediation']}" if row["remediation"] else "",
        f"explained: {row['docUrl']}",
    ]
    return "\n".join(line for line in lines if line)


def _xml(content: str) -> str:
    return _NOT_XML.sub("\ufffd", content)
