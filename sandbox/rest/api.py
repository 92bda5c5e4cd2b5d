"""The company's own CRM over HTTP."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import instant
from sandbox.rest.example import TOKEN
from sandbox.rest.office import FIELDS, Office, Refusal
from sandbox.store import Record
from sandbox.world import Json

PREFIX = "/rest/v1"
MOST = 200

Serve = Callable[[Json, Mapping[str, str]], Json]


class Rest(Office):
    """The CRM as the application sees it."""

    name = "rest"
    prefixes = (f"{PREFIX}/",)

    def routes(self) -> Sequence[BaseRoute]:
        calls: list[tuple[str, str, Serve]] = [
            ("GET", "account", lambda _, __: {"id": "own-crm"}),
            ("GET", "users", lambda _, __: {"users": self.users()}),
            *(("GET", kind, self._page(kind)) for kind in ("leads", "companies", "activities")),
            ("POST", "leads/read", self._read),
            ("POST", "leads/history", self._history),
            ("POST", "activities/read", self._activities_of),
            ("POST", "leads/count", self._count),
            ("PATCH", "leads", self._write),
            ("POST", "tasks", self._tasks),
            ("POST", "tasks/read", self._tasks_there),
            ("GET", "fields", self._fields),
            ("POST", "fields", self._add_fields),
        ]
        return [Route(f"{PREFIX}/{path}", _answered(serve), methods=[method]) for method, path, serve in calls]

    def fault(self, status: int, retry_after: float | None) -> Response:
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        return JSONResponse({"error": "fault", "message": f"answered with {status} on request"}, status, headers)

    def decorate(self, headers: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        return {}

    async def background(self) -> None:
        """It sends no webhooks: whoever wants its news asks for them."""

    def _page(self, kind: str) -> Serve:
        def serve(_: Json, asked: Mapping[str, str]) -> Json:
            by = "created" if asked.get("order") == "created" else "modified"
            rows = sorted((one for one in self.rows(kind) if self._wanted(one, asked, by)), key=_place(by))
            limit = min(int(asked.get("limit", MOST)), MOST)
            return {"rows": [_shown(row) for row in rows[:limit]], "more": len(rows) > limit}

        return serve

    def _wanted(self, row: Record, asked: Mapping[str, str], by: str) -> bool:
        at = getattr(row, by)
        if "from" in asked and (at, row.id) < (instant(asked["from"]), _behind(asked.get("after", ""))):
            return False
        if "until" in asked and at >= instant(asked["until"]):
            return False
        if "owner" in asked and (row.fields.get("owner") or "none") not in asked["owner"].split(","):
            return False
        for question, filled in (("filled", True), ("empty", False)):
            if question in asked:
                self.known(row.kind, asked[question])
                if (row.fields.get(asked[question]) not in (None, "")) != filled:
                    return False
        return True

    def _read(self, body: Json, _: Mapping[str, str]) -> Json:
        found = [self.find("leads", id) for id in _few(body["ids"])]
        return {"rows": [_shown(row) for row in found if row]}

    def _history(self, body: Json, _: Mapping[str, str]) -> Json:
        rows = [row for id in _few(body["ids"]) for row in self.changes(str(id))]
        return {"rows": [row for row in rows if row["field"] in body["fields"]]}

    def _activities_of(self, body: Json, _: Mapping[str, str]) -> Json:
        leads = set(_few(body["leads"]))
        return {"rows": [_shown(row) for row in self.rows("activities") if row.fields["lead"] in leads]}

    def _count(self, body: Json, _: Mapping[str, str]) -> Json:
        counts = dict.fromkeys(body["owners"], 0)
        for row in self.rows("leads"):
            owner, closed = row.fields.get("owner"), row.fields.get("status") in body["not_status"]
            if owner in counts and not closed and not row.fields.get("gone"):
                counts[owner] += 1
        return {"counts": counts}

    def _write(self, body: Json, _: Mapping[str, str]) -> Json:
        return {"rows": [self._written(row) for row in _few(body["rows"])]}

    def _written(self, row: Json) -> Json:
        lead = self.find("leads", str(row["id"]))
        if lead is None or lead.deleted:
            return {"id": row["id"], "outcome": "refused", "error": "unknown_lead", "message": "there is no such lead"}
        if "if_owner" in row and row["if_owner"] != lead.fields.get("owner"):
            return {"id": row["id"], "outcome": "owner_changed", "message": "somebody changed the owner first"}
        try:
            self.write(lead, row["fields"], "api")
        except Refusal as refusal:
            return {"id": row["id"], "outcome": "refused", **refusal.body()}
        return {"id": row["id"], "outcome": "applied"}

    def _tasks(self, body: Json, _: Mapping[str, str]) -> Json:
        return {"rows": [self._task(row) for row in _few(body["rows"])]}

    def _task(self, row: Json) -> Json:
        try:
            self.add_task(row)
        except Refusal as refusal:
            return {"id": row["key"], "outcome": "refused", **refusal.body()}
        return {"id": row["key"], "outcome": "applied"}

    def _tasks_there(self, body: Json, _: Mapping[str, str]) -> Json:
        return {"keys": [key for key in _few(body["keys"]) if self.find("tasks", key)]}

    def _fields(self, _: Json, __: Mapping[str, str]) -> Json:
        there = [{"name": name, "type": "text"} for name in FIELDS["leads"]]
        return {"fields": [*there, *self.added.values()]}

    def _add_fields(self, body: Json, _: Mapping[str, str]) -> Json:
        for field in body["fields"]:
            self.added.setdefault(str(field["name"]), dict(field))
        return {}


def _answered(serve: Serve) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": "unauthorised", "message": "the token is not valid"}, 401)
        try:
            body = json.loads(await request.body() or b"{}")
            return JSONResponse(serve(body, request.query_params))
        except Refusal as refusal:
            return JSONResponse(refusal.body(), refusal.status)
        except (ValueError, KeyError, TypeError) as wrong:
            return JSONResponse({"error": "bad_request", "message": f"not understood: {wrong}"}, 400)

    return endpoint


def _place(by: str) -> Callable[[Record], Any]:
    return lambda row: (getattr(row, by), row.id)


def _behind(after: str) -> str:
    """The least id behind this one."""
    return f"{after}\0" if after else ""


def _few(rows: Sequence[Any]) -> Sequence[Any]:
    if len(rows) > MOST:
        raise Refusal(400, "too_many", f"at most {MOST} at once")
    return rows


def _shown(row: Record) -> Json:
    return {
        **row.fields,
        "id": row.id,
        "created": row.created.isoformat(),
        "modified": row.modified.isoformat(),
        "gone": row.fields.get("gone"),
    }
