"""A survey as a file: what was seen, in words that a customer can read before sending it, and nothing that is secret.

The bundle holds what the checks judge and no raw object of the cluster, so that nothing has to be taken out of it:
names of nodes, namespaces and hosts, versions, sizes, counts, answers of the API server. It holds no object of kind
Secret, no environment, no annotation, no kubeconfig and no password.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from kastellan.adapters.evidence.collection import evidence_of
from kastellan.adapters.evidence.facts_document import facts_of, group_document, value_document, value_of
from kastellan.adapters.evidence.survey import Survey
from kastellan.domain.canonical import canonical
from kastellan.domain.errors import InvalidInputError
from kastellan.preflight.circumstances import Circumstances
from kastellan.preflight.facts import Facts
from kastellan.preflight.finding import Evidence
from kastellan.preflight.requirement import Requirement

SCHEMA_VERSION = 1
KIND = "PreflightBundle"
_KEYS = {"schemaVersion", "kind", "about", "circumstances", "requirement", "evidence", "facts"}
_ABOUT = (
    "What kastellan saw of the cluster and the database that are named below, collected read-only. It is judged by "
    "`kastellan preflight judge`. It holds no secrets; names of nodes, namespaces and hosts are in it."
)


def write_bundle(survey: Survey) -> bytes:
    """The bundle as canonical JSON (RFC 8785)."""
    groups = {field.name: getattr(survey.facts, field.name) for field in fields(Facts)}
    return canonical(
        {
            "schemaVersion": SCHEMA_VERSION,
            "kind": KIND,
            "about": _ABOUT,
            "circumstances": value_document(survey.circumstances),
            "requirement": value_document(survey.requirement),
            "evidence": [value_document(one) for one in survey.evidence.values()],
            "facts": {name: group_document(name, group) for name, group in groups.items()},
        }
    )


def read_bundle(content: bytes) -> Survey:
    """The survey that a bundle holds.

    Raises:
        InvalidInputError: it is no bundle, one of another version, or facts and digests do not belong together.
    """
    document = _parsed(content)
    facts = facts_of(document["facts"])
    evidence = [value_of(Evidence, one, f"evidence.{number}") for number, one in enumerate(document["evidence"])]
    for one in evidence:
        if one.facts not in document["facts"]:
            raise InvalidInputError(f"the bundle has evidence of {one.facts}, but no such facts")
        again = evidence_of(one.facts, getattr(facts, one.facts), one.started, one.milliseconds)
        if again.sha256 != one.sha256:
            raise InvalidInputError(f"the bundle's facts about {one.facts} are not those that were collected")
    return Survey(
        facts=facts,
        evidence={one.facts: one for one in evidence},
        requirement=value_of(Requirement, document["requirement"], "requirement"),
        circumstances=value_of(Circumstances, document["circumstances"], "circumstances"),
    )


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError as cause:
        raise InvalidInputError(f"the bundle is no JSON: {cause}") from cause
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InvalidInputError(f"this is no {KIND}; `kastellan preflight collect -o FILE` writes one")
    if document.get("schemaVersion") != SCHEMA_VERSION or document.keys() != _KEYS:
        raise InvalidInputError(
            f"the bundle is of another version (schemaVersion {document.get('schemaVersion')}, not {SCHEMA_VERSION})"
        )
    return document
