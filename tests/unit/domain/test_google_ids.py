"""Ids by which Google Cloud's objects are adopted, held against the SDK's own documentation."""

import re

import pytest

from kastellan.domain.google_ids import GOOGLE_IDS, google_id
from tests.clouds.reflection_file import shapes

UNDOCUMENTED = {"gcp:serviceaccount/account:Account", "gcp:storage/bucket:Bucket"}
"""The SDK has no section "Import" for these."""


def _form(template: str) -> str:
    return re.sub(r"\{+[^}]+\}+", "{}", template)


@pytest.mark.parametrize("kind", sorted(GOOGLE_IDS.keys() - UNDOCUMENTED))
def test_every_id_has_a_form_that_the_sdk_documents(kind: str) -> None:
    documented = {_form(form.replace("{{location}}", "global")) for form in shapes()[kind]["ids"]}
    documented |= {_form(form) for form in shapes()[kind]["ids"]}
    assert _form(GOOGLE_IDS[kind]) in documented


@pytest.mark.parametrize("kind", sorted(UNDOCUMENTED))
def test_the_exceptions_are_exceptions(kind: str) -> None:
    assert shapes()[kind]["ids"] == []


def test_an_id_is_made_of_inputs_and_only_where_all_are_known() -> None:
    kind = "gcp:container/nodePool:NodePool"
    inputs = {"location": "europe-west6", "cluster": "acme", "name": "zitadel", "nodeCount": 2}
    assert google_id(kind, inputs, "acme-zitadel") == "acme-zitadel/europe-west6/acme/zitadel"
    assert google_id(kind, inputs | {"cluster": None}, "acme-zitadel") is None
    assert google_id("gcp:monitoring/alertPolicy:AlertPolicy", {"displayName": "x"}, "p") is None
