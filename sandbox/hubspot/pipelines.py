"""Pipelines and their stages, as a new portal has them: /crm/v3/pipelines. They can be read and not changed here."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.hubspot import times
from sandbox.hubspot.errors import Refusal
from sandbox.hubspot.exchange import Answer, Call, Json
from sandbox.hubspot.kinds import DEAL, LEAD, Kind, kind_called

_AT = times.written(0)


@dataclass(frozen=True, slots=True)
class Stage:
    """`metadata` says what the stage means; which keys it has depends on the object type."""

    id: str
    label: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: str
    label: str
    stages: tuple[Stage, ...]


def _lead_stage(id: str, label: str, state: str) -> Stage:
    closed = str(state in ("QUALIFIED", "UNQUALIFIED")).lower()
    return Stage(id, label, {"isClosed": closed, "leadState": state})


def _deal_stage(id: str, label: str, probability: str) -> Stage:
    return Stage(id, label, {"isClosed": str(probability in ("0.0", "1.0")).lower(), "probability": probability})


# No public recording shows the ids of a new portal's lead stages; a client has to read them here in any case.
LEADS = Pipeline(
    "lead-pipeline-id",
    "Lead pipeline",
    (
        _lead_stage("new-stage-id", "New", "NEW"),
        _lead_stage("attempting-stage-id", "Attempting", "IN_PROGRESS"),
        _lead_stage("connected-stage-id", "Connected", "IN_PROGRESS"),
        _lead_stage("qualified-stage-id", "Qualified", "QUALIFIED"),
        _lead_stage("unqualified-stage-id", "Disqualified", "UNQUALIFIED"),
    ),
)
DEALS = Pipeline(
    "default",
    "Sales Pipeline",
    (
        _deal_stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
        _deal_stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
        _deal_stage("presentationscheduled", "Presentation Scheduled", "0.6"),
        _deal_stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
        _deal_stage("contractsent", "Contract Sent", "0.9"),
        _deal_stage("closedwon", "Closed Won", "1.0"),
        _deal_stage("closedlost", "Closed Lost", "0.0"),
    ),
)
_OF: Mapping[Kind, tuple[Pipeline, ...]] = {LEAD: (LEADS,), DEAL: (DEALS,)}


def page(call: Call) -> Answer:
    """GET /crm/v3/pipelines/{objectType}: all of them; an object type without pipelines has none."""
    return Answer(200, {"results": [_as_json(one) for one in _OF.get(kind_called(call.words["kind"]), ())]})


def one(call: Call) -> Answer:
    """GET .../{pipelineId}"""
    return Answer(200, _as_json(_known(call)))


def stages(call: Call) -> Answer:
    """GET .../{pipelineId}/stages"""
    return Answer(200, {"results": _as_json(_known(call))["stages"]})


def _known(call: Call) -> Pipeline:
    for pipeline in _OF.get(kind_called(call.words["kind"]), ()):
        if pipeline.id == call.words["pipeline"]:
            return pipeline
    raise Refusal(404, "resource not found", "OBJECT_NOT_FOUND")


def _as_json(pipeline: Pipeline) -> Json:
    stages = [
        {
            "id": stage.id,
            "label": stage.label,
            "displayOrder": order,
            "metadata": dict(stage.metadata),
            "createdAt": _AT,
            "updatedAt": _AT,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "archived": False,
        }
        for order, stage in enumerate(pipeline.stages)
    ]
    return {
        "id": pipeline.id,
        "label": pipeline.label,
        "displayOrder": 0,
        "stages": stages,
        "createdAt": _AT,
        "updatedAt": _AT,
        "archived": False,
    }
