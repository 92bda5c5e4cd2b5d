"""Records of any object by hand, and what the integration user may see: what an admin does in Setup.

POST  /records/{kind}        [native fields] -> ids; read-only ones too, such as LoginHistory or IsArchived
GET   /records/{kind}        [native fields, "id", "owner_changes", …], deleted ones included
PATCH /records/{kind}/{id}   native fields: a person changes the record
PUT   /permissions           {"Lead.Email": "none" | "read" | "edit", "Task": "none"} -> everything that was set so far
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.control import said
from sandbox.salesforce import by_hand
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import NAME, Org
from sandbox.salesforce.schema import kind_name

Json = dict[str, Any]


def routes(org: Org) -> list[Route]:
    async def add(request: Request) -> Response:
        return await said(lambda rows: by_hand.add_records(org, _kind(request), rows))(request)

    async def every(request: Request) -> Response:
        return await said(lambda _: [by_hand.shown(record) for record in org.all(_kind(request))])(request)

    async def change(request: Request) -> Response:
        return await said(lambda fields: _change(org, _kind(request), request.path_params["id"], fields))(request)

    prefix = f"/sandbox/{NAME}"
    return [
        Route(f"{prefix}/records/{{kind}}", add, methods=["POST"]),
        Route(f"{prefix}/records/{{kind}}", every, methods=["GET"]),
        Route(f"{prefix}/records/{{kind}}/{{id}}", change, methods=["PATCH"]),
        Route(f"{prefix}/permissions", said(lambda wanted: _permit(org, wanted)), methods=["PUT"]),
    ]


def _kind(request: Request) -> str:
    asked = request.path_params["kind"]
    kind = kind_name(asked)
    if kind is None:
        raise LookupError(f"there is no object {asked} in this Salesforce")
    return kind


def _change(org: Org, kind: str, id: str, fields: Json) -> None:
    record = org.find(read_id(id))
    if record is None or record.kind != kind:
        raise LookupError(f"there is no {kind} {id} in this Salesforce")
    unknown = [name for name in fields if not org.full(kind).field(name)]
    if unknown:
        raise ValueError(f"a {kind} has no {unknown}")
    owner = str(fields.get("OwnerId", record.fields.get("OwnerId")))
    org.change(record, fields, "person", owner if owner.startswith("005") else org.integration_user)


def _permit(org: Org, wanted: dict[str, str]) -> dict[str, str]:
    org.permissions.change(wanted)
    org.forget_schema()
    return org.permissions.shown()
