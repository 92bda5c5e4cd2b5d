"""Where an app's webhooks go, set by its developer: /webhooks/v3/{appId}/settings and …/subscriptions.

These calls know no bearer: they want the developer's key in the query.
"""

from typing import Any

from sandbox.hubspot import times
from sandbox.hubspot.errors import invalid_request, not_signed_in, resource_not_found
from sandbox.hubspot.exchange import Answer, Call, Json, field_of
from sandbox.hubspot.portal import CRM
from sandbox.hubspot.sign_in import CLIENT_SECRET
from sandbox.hubspot.subscriptions import FIRST_ID, Subscription, subscription
from sandbox.hubspot.webhooks import Webhooks
from sandbox.store import Record
from sandbox.world import World

DEVELOPER_KEY = "sandbox-developer-key"
APPS = "webhook apps"


class WebhookSettings:
    """The settings of every app, kept in the store. Deliveries are signed with the client secret of the OAuth app."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._store = world.store
        self._clock = world.clock
        self._webhooks = webhooks

    def reset(self) -> None:
        """Deliver to the apps that the store holds."""
        for app in self._store.all(CRM, APPS):
            self._webhooks.deliver_to(app.id, _wanted(app.fields))

    def settings(self, call: Call) -> Answer:
        """GET .../settings: 404 where none are made."""
        return Answer(200, _shown(self._known(call)))

    def configure(self, call: Call) -> Answer:
        """PUT .../settings of {"targetUrl", "throttling"}."""
        asked = call.json()
        field_of(asked, "targetUrl")
        settings = {"targetUrl": asked["targetUrl"], "throttling": asked.get("throttling") or {}}
        return Answer(200, _shown(self._keep(call, {"settings": settings})))

    def clear(self, call: Call) -> Answer:
        """DELETE .../settings: 204, and nothing is delivered any more."""
        self._known(call)
        self._keep(call, {"settings": None})
        return Answer(204)

    def subscriptions(self, call: Call) -> Answer:
        """GET .../subscriptions"""
        return Answer(200, {"results": self._rows(call)})

    def subscribe(self, call: Call) -> Answer:
        """POST .../subscriptions of {"eventType", "propertyName"?, "objectTypeId"?, "active"?}: 201."""
        asked, now = call.json(), times.written(times.in_ms(self._clock.now()))
        row = {
            "id": str(FIRST_ID + self._store.new_number(CRM, "webhook subscriptions")),
            "eventType": field_of(asked, "eventType"),
            "active": bool(asked.get("active", False)),
            "createdAt": now,
            "updatedAt": now,
            **{key: asked[key] for key in ("propertyName", "objectTypeId") if asked.get(key)},
        }
        self._keep(call, {"rows": [*self._rows(call), row]})
        return Answer(201, row)

    def activate(self, call: Call) -> Answer:
        """PATCH .../subscriptions/{subscriptionId} of {"active"}."""
        row = {**self._row(call), "active": bool(call.json().get("active"))}
        self._keep(call, {"rows": [row if one["id"] == row["id"] else one for one in self._rows(call)]})
        return Answer(200, row)

    def unsubscribe(self, call: Call) -> Answer:
        """DELETE .../subscriptions/{subscriptionId}: 204"""
        row = self._row(call)
        self._keep(call, {"rows": [one for one in self._rows(call) if one["id"] != row["id"]]})
        return Answer(204)

    def _keep(self, call: Call, fields: Json) -> Record:
        app = self._app(call)
        before = dict(app.fields) if app else {"settings": None, "rows": []}
        try:
            wanted = _wanted({**before, **fields})
        except ValueError as wrong:
            raise invalid_request(str(wrong)) from None
        now = self._clock.now()
        kept = self._store.change(app, fields, now) if app else None
        kept = kept or self._store.add(CRM, APPS, call.words["app"], {**before, **fields}, now)
        self._webhooks.deliver_to(kept.id, wanted)
        return kept

    def _app(self, call: Call) -> Record | None:
        """Refusal 401 without the developer's key."""
        if call.query.get("hapikey") != DEVELOPER_KEY:
            raise not_signed_in()
        return self._store.get(CRM, APPS, call.words["app"])

    def _known(self, call: Call) -> Record:
        app = self._app(call)
        if app is None or app.fields["settings"] is None:
            raise resource_not_found()
        return app

    def _rows(self, call: Call) -> list[Json]:
        app = self._app(call)
        return list(app.fields["rows"]) if app else []

    def _row(self, call: Call) -> Json:
        for row in self._rows(call):
            if row["id"] == call.words["subscription"]:
                return row
        raise resource_not_found()


def _wanted(app: Any) -> Subscription | None:
    """What is to be delivered; None where there is no address or nothing is active. ValueError for what is no topic."""
    rows = app["rows"]
    told = subscription(
        {
            "url": (app["settings"] or {}).get("targetUrl", "https://nowhere.example"),
            "secret": CLIENT_SECRET,
            "subscriptions": [
                {
                    "subscriptionType": row["eventType"],
                    "objectType": row.get("objectTypeId"),
                    "propertyName": row.get("propertyName"),
                }
                for row in rows
            ],
        }
    )
    active = [(topic, int(row["id"])) for topic, row in zip(told.topics, rows, strict=False) if row["active"]]
    if app["settings"] is None or not active:
        return None
    return Subscription(told.url, told.secret, tuple(topic for topic, _ in active), tuple(id for _, id in active))


def _shown(app: Record) -> Json:
    created, modified = (times.written(times.in_ms(at)) for at in (app.created, app.modified))
    return {**app.fields["settings"], "createdAt": created, "updatedAt": modified}
