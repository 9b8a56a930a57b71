"""The published form of a report: its JSON Schema is made from it, and reports that come back are parsed by it."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from kastellan.domain.party import Party
from kastellan.domain.service_plan import Platform, ServicePlan
from kastellan.preflight.delta import Change
from kastellan.preflight.exempting import Use
from kastellan.preflight.gate import Gate
from kastellan.preflight.guarantee import Guarantee
from kastellan.preflight.guarantee_state import Standing
from kastellan.preflight.outcome import Outcome
from kastellan.preflight.report import Overall

_Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_CheckId = Annotated[str, Field(pattern="^[A-Z]+[A-Z0-9]*-[0-9]+$")]
_Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", description="UTC, RFC 3339")]
_Count = Annotated[int, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)


class MeasureModel(_Model):
    """A measured number; a smaller or a larger one is better."""

    value: int | float
    unit: str
    limit: int | float | None
    more_is_better: bool


class _Part(_Model):
    vantage: str
    outcome: Outcome
    observed: str
    measure: MeasureModel | None


class _Evidence(_Model):
    facts: str
    sha256: _Sha256


class _Waiver(_Model):
    kind: Literal["waiver"]
    id: _CheckId
    reason: str
    approver: str
    expires: date


class _Attestation(_Model):
    kind: Literal["attestation"]
    id: _CheckId
    statement: str
    by: str
    stated: date = Field(alias="date")
    document_sha256: _Sha256
    expires: date


class _UsedWaiver(_Waiver):
    use: Use
    because: str


class _UsedAttestation(_Attestation):
    use: Use
    because: str


class FindingModel(_Model):
    """One check's row."""

    id: _CheckId
    check_version: Annotated[int, Field(ge=1)]
    title: str
    outcome: Outcome
    judged_outcome: Annotated[Outcome, Field(description="before a waiver or an attestation")]
    gates: tuple[Gate, ...]
    guarantees: tuple[Guarantee, ...]
    clause: str
    owner: Party
    vantage: str
    subject: str
    expected: str
    observed: str
    measure: MeasureModel | None
    parts: tuple[_Part, ...]
    remediation: str
    doc_url: str
    evidence: tuple[_Evidence, ...]
    executed: bool
    started_at: _Instant | None
    duration_ms: _Count
    seen_at: _Instant | None
    exemption: Annotated[_Waiver | _Attestation, Field(discriminator="kind")] | None
    first_seen: _Instant
    last_transition: _Instant


class _Guarantee(_Model):
    guarantee: Guarantee
    clause: str
    what: str
    standing: Standing
    because: str
    checks: tuple[_CheckId, ...]
    max_evidence_age_days: _Count
    backed_until: _Instant | None


class _Before(_Model):
    outcome: Outcome
    measure: MeasureModel | None
    check_version: int
    seen_at: _Instant | None


class _Now(_Model):
    outcome: Outcome
    measure: MeasureModel | None


class _RowDelta(_Model):
    id: _CheckId
    change: Change
    before: _Before | None
    now: _Now | None
    crosses_limit_at: _Instant | None


class _Earlier(_Model):
    sha256: _Sha256
    target: str
    collected_at: _Instant


class _Delta(_Model):
    earlier: _Earlier
    rows: tuple[_RowDelta, ...]


class _Tool(_Model):
    name: Literal["kastellan"]
    version: str
    sha256: _Sha256


class _Spec(_Model):
    sha256: _Sha256 | Literal[""]


class _Cluster(_Model):
    uid: str


class ReportModel(_Model):
    """A preflight report."""

    schema_version: Literal[2]
    kind: Literal["PreflightReport"]
    target: str
    overall: Overall
    incomplete: bool
    gate: Gate
    read_only: bool
    checks_expected: _Count
    checks_executed: _Count
    counts: dict[Outcome, _Count]
    started_at: _Instant
    collected_at: _Instant
    duration_ms: _Count
    judged_at: _Instant
    tool: _Tool
    matrix_date: date
    spec: _Spec
    cluster: _Cluster
    identity: str
    namespaces: tuple[str, ...]
    platform: Platform | None
    plan: ServicePlan | None
    findings: tuple[FindingModel, ...]
    guarantees: tuple[_Guarantee, ...]
    exemptions: tuple[Annotated[_UsedWaiver | _UsedAttestation, Field(discriminator="kind")], ...]
    delta: _Delta | None


def report_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a report."""
    schema = ReportModel.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Preflight report of kastellan",
    }
