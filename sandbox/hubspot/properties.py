"""Property definitions and groups: /crm/v3/properties. Standard ones come with the portal, others are created here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sandbox.hubspot import times
from sandbox.hubspot.definitions import FIELD_TYPES, Definition, Option
from sandbox.hubspot.errors import VALIDATION, Refusal, invalid_request
from sandbox.hubspot.exchange import Answer, Call, Json, batch, field_of
from sandbox.hubspot.kinds import CONTACT, KINDS, Kind, kind_called
from sandbox.hubspot.standard import STANDARD
from sandbox.world import World

CRM = "hubspot"
MOST_ROWS = 100
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STANDARD_GROUPS = {
    "contactinformation": "Contact information",
    "companyinformation": "Company information",
    "sales_properties": "Sales properties",
    "contact_activity": "Contact activity",
}


class PropertyBook:
    """Every object type's properties, by name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._all: dict[Kind, dict[str, Definition]] = {}
        self.reset()

    def reset(self) -> None:
        """The standard properties, and what the store holds beside them."""
        self._all = {kind: dict(STANDARD[kind]) for kind in KINDS}
        for kind in KINDS:
            for record in self._store.where(CRM, "property options", "objectType", kind.plural):
                name = record.fields["name"]
                self._all[kind][name] = replace(self._all[kind][name], options=_options(record.fields))
            for record in self._store.where(CRM, "properties", "objectType", kind.plural):
                if record.deleted:
                    continue
                self._all[kind][record.fields["name"]] = _definition(record.fields, times.in_ms(record.created))

    def grow(self, wanted: Sequence[Json]) -> tuple[str, ...]:
        """An admin adds text fields of {"name", "label", "kind"? (contacts)} where there are none of that name; the
        names of those that were added. ValueError with HubSpot's reason for one that it would refuse.
        """
        try:
            return tuple(name for one in wanted if (name := self._grown(one)))
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    def _grown(self, wanted: Json) -> str | None:
        kind = kind_called(wanted.get("kind", CONTACT.plural))
        sent = {"groupName": "contactinformation", "type": "string", "fieldType": "text", **wanted}
        self._refuse_malformed(kind, sent)
        return None if sent["name"] in self._all[kind] else self._add(kind, sent).name

    def get(self, kind: Kind, name: str) -> Definition | None:
        return self._all[kind].get(name)

    def all(self, kind: Kind) -> Mapping[str, Definition]:
        return self._all[kind]

    def list(self, call: Call) -> Answer:
        """GET /crm/v3/properties/{objectType}"""
        kind = kind_called(call.words["kind"])
        return Answer(200, {"results": [definition.as_json() for definition in self._all[kind].values()]})

    def one(self, call: Call) -> Answer:
        """GET /crm/v3/properties/{objectType}/{propertyName}"""
        return Answer(200, self._known(call).as_json())

    def create(self, call: Call) -> Answer:
        """POST /crm/v3/properties/{objectType}: 201, or 409 CONFLICT when there is one of that name."""
        kind, sent = kind_called(call.words["kind"]), call.json()
        self._refuse_malformed(kind, sent)
        if sent["name"] in self._all[kind]:
            raise Refusal(409, f"A property named '{sent['name']}' already exists.", "CONFLICT")
        return Answer(201, self._add(kind, sent).as_json())

    def create_batch(self, call: Call) -> Answer:
        """POST .../batch/create: 201, or 207 with a row for each name that was there (recorded)."""
        kind, rows = kind_called(call.words["kind"]), call.inputs(MOST_ROWS)
        for row in rows:
            self._refuse_malformed(kind, row)
        there = [row["name"] for row in rows if row["name"] in self._all[kind]]
        results = [self._add(kind, row).as_json() for row in rows if row["name"] not in self._all[kind]]
        errors = [
            {
                "status": "error",
                "category": "OBJECT_ALREADY_EXISTS",
                "subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS",
                "message": f"A property named '{name}' already exists.",
                "context": {"name": [name]},
            }
            for name in there
        ]
        return batch(results, errors, self._now(), done=201)

    def read_batch(self, call: Call) -> Answer:
        """POST .../batch/read: 200, or 207 with a row for each unknown name."""
        kind, rows = kind_called(call.words["kind"]), call.inputs(MOST_ROWS)
        names = [field_of(row, "name") for row in rows]
        results = [self._all[kind][name].as_json() for name in names if name in self._all[kind]]
        errors = [
            {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "message": f"Property {name} does not exist.",
                "context": {"name": [name]},
            }
            for name in names
            if name not in self._all[kind]
        ]
        return batch(results, errors, self._now())

    def update(self, call: Call) -> Answer:
        """PATCH .../{propertyName}: what is sent lies over what there was. Refusal 400 for one that came with the
        portal, but for its options.
        """
        kind, known, sent = kind_called(call.words["kind"]), self._known(call), call.json()
        record = self._store.get(CRM, "properties", f"{kind.plural}.{known.name}")
        now = self._world.clock.now()
        if record is None:
            if sent.keys() != {"options"} or known.type != "enumeration":
                raise Refusal(400, f"The definition of {known.name} is read only", VALIDATION)
            changed = replace(known, options=_options(sent))
            self._keep_options(kind, known.name, sent["options"])
        else:
            fields = {**record.fields, **sent, "name": known.name}
            self._refuse_malformed(kind, fields)
            self._store.change(record, fields, now)
            changed = replace(_definition(fields, known.created_at), updated_at=times.in_ms(now))
        self._all[kind][known.name] = changed
        return Answer(200, changed.as_json())

    def archive(self, call: Call) -> Answer:
        """DELETE .../{propertyName}: 204. Refusal 400 for one that came with the portal."""
        self._archive(kind_called(call.words["kind"]), self._known(call))
        return Answer(204)

    def archive_batch(self, call: Call) -> Answer:
        """POST .../batch/archive: 204"""
        kind = kind_called(call.words["kind"])
        for row in call.inputs(MOST_ROWS):
            known = self._all[kind].get(field_of(row, "name"))
            if known:
                self._archive(kind, known)
        return Answer(204)

    def groups(self, call: Call) -> Answer:
        """GET .../groups"""
        kind = kind_called(call.words["kind"])
        return Answer(200, {"results": [self._group(name, label) for name, label in self._groups(kind).items()]})

    def group(self, call: Call) -> Answer:
        """GET .../groups/{groupName}"""
        name, groups = call.words["name"], self._groups(kind_called(call.words["kind"]))
        if name not in groups:
            raise Refusal(404, f"Property group '{name}' does not exist.", "OBJECT_NOT_FOUND")
        return Answer(200, self._group(name, groups[name]))

    def create_group(self, call: Call) -> Answer:
        """POST .../groups: 201, or 409 when there is one of that name."""
        kind, sent = kind_called(call.words["kind"]), call.json()
        name, label = field_of(sent, "name"), field_of(sent, "label")
        if name in self._groups(kind):
            raise Refusal(409, f"A property group named '{name}' already exists.", "CONFLICT")
        fields = {"objectType": kind.plural, "name": name, "label": label}
        self._store.add(CRM, "property groups", f"{kind.plural}.{name}", fields, self._world.clock.now())
        return Answer(201, self._group(name, label))

    def _known(self, call: Call) -> Definition:
        name = call.words["name"]
        definition = self._all[kind_called(call.words["kind"])].get(name)
        if definition is None:
            raise Refusal(404, f"Property {name} does not exist.", "OBJECT_NOT_FOUND")
        return definition

    def _keep_options(self, kind: Kind, name: str, options: Any) -> None:
        """Of a property that came with the portal; its definition is in no row of the store."""
        key, fields = f"{kind.plural}.{name}", {"objectType": kind.plural, "name": name, "options": options}
        kept, now = self._store.get(CRM, "property options", key), self._world.clock.now()
        if kept:
            self._store.change(kept, fields, now)
        else:
            self._store.add(CRM, "property options", key, fields, now)

    def _archive(self, kind: Kind, known: Definition) -> None:
        record = self._store.get(CRM, "properties", f"{kind.plural}.{known.name}")
        if record is None:
            raise Refusal(400, f"{known.name} is defined by HubSpot and cannot be archived", VALIDATION)
        self._store.change(record, {}, self._world.clock.now(), deleted=True)
        del self._all[kind][known.name]

    def _add(self, kind: Kind, sent: Json) -> Definition:
        now = self._world.clock.now()
        fields, key = {**sent, "objectType": kind.plural}, f"{kind.plural}.{sent['name']}"
        archived = self._store.get(CRM, "properties", key)
        if archived:
            self._store.put(replace(archived, fields=fields, created=now, modified=now, deleted=False))
        else:
            self._store.add(CRM, "properties", key, fields, now)
        definition = self._all[kind][sent["name"]] = _definition(sent, times.in_ms(now))
        return definition

    def _groups(self, kind: Kind) -> dict[str, str]:
        added = self._store.where(CRM, "property groups", "objectType", kind.plural)
        return {**_STANDARD_GROUPS, **{record.fields["name"]: record.fields["label"] for record in added}}

    def _group(self, name: str, label: str) -> Json:
        return {"name": name, "label": label, "displayOrder": -1, "archived": False}

    def _now(self) -> str:
        return times.written(times.in_ms(self._world.clock.now()))

    def _refuse_malformed(self, kind: Kind, sent: Json) -> None:
        name, group = field_of(sent, "name"), field_of(sent, "groupName")
        field_of(sent, "label")
        type_, field_type = field_of(sent, "type"), field_of(sent, "fieldType")
        if not _NAME.fullmatch(name):
            raise invalid_request(
                f"Property name '{name}' must begin with a letter and hold lower-case letters, digits and underscores"
            )
        if group not in self._groups(kind):
            raise invalid_request(f"Property group '{group}' does not exist.")
        if field_type not in FIELD_TYPES.get(type_, ()):
            raise invalid_request(f"Property type '{type_}' cannot have field type '{field_type}'")
        values = [field_of(option, "value") for option in sent.get("options") or []]
        if type_ == "enumeration" and not values and not sent.get("externalOptions"):
            raise invalid_request("Property of type enumeration must have options")
        if len(set(values)) < len(values):
            raise Refusal(400, "Property option values must be unique", VALIDATION)


def _options(sent: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(
        Option(str(option.get("label", option["value"])), str(option["value"]), int(option.get("displayOrder", -1)),
               bool(option.get("hidden", False)))
        for option in sent.get("options") or []
    )  # fmt: skip


def _definition(sent: Mapping[str, Any], created: int) -> Definition:
    return Definition(
        name=sent["name"],
        label=sent["label"],
        type=sent["type"],
        field_type=sent["fieldType"],
        group=sent["groupName"],
        options=_options(sent),
        description=sent.get("description") or "",
        unique=bool(sent.get("hasUniqueValue", False)),
        hidden=bool(sent.get("hidden", False)),
        form_field=bool(sent.get("formField", False)),
        display_order=int(sent.get("displayOrder", -1)),
        created_at=created,
        updated_at=created,
    )
