"""Which records belong together. An association has two ends; one direction is stored per row, and both are written."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sandbox.hubspot.association_types import (
    PLAIN_COMPANY,
    PLAIN_COMPANY_OF,
    PRIMARY_COMPANY,
    PRIMARY_COMPANY_OF,
    PRIMARY_CONTACT_OF_A_LEAD,
    TYPES,
    plain_type,
    type_of,
)
from sandbox.hubspot.computed import after_an_activity
from sandbox.hubspot.errors import invalid_request, object_not_found
from sandbox.hubspot.exchange import Json, field_of
from sandbox.hubspot.kinds import COMPANY, CONTACT, LEAD, Kind, kind_called
from sandbox.hubspot.portal import CRM, Portal
from sandbox.store import Record

ROWS = "associations"


class Associations:
    """Every association of the account."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._store = portal.world.store

    def of(self, record_id: str, to: Kind) -> dict[str, list[int]]:
        """Ids of the live records of that kind that belong to this one, with the type ids, in order of association."""
        return {
            row.fields["to"]: row.fields["types"]
            for row in self._store.where(CRM, ROWS, "from", record_id)
            if row.fields["kind"] == to.plural and row.fields["types"] and self._portal.live(to, row.fields["to"])
        }

    def as_v3(self, start: Kind, record_id: str, to: Kind) -> list[Json]:
        """What belongs to a record, as a read of the record itself shows it: a row for each type, named in words."""
        return [
            {"id": to_id, "type": f"{start.name}_to_{to.name}{'_unlabeled' if TYPES[id].label is None else ''}"}
            for to_id, types in self.of(record_id, to).items()
            for id in types
        ]

    def join(self, start: Record, end: Record, type_id: int | None = None) -> tuple[int, ...]:
        """Associate both ways, and let what follows follow; the type ids the first has to the second afterwards.

        A contact's first company is its primary one. Doing it again changes nothing.
        """
        type_id = type_id or plain_type(start.kind, end.kind).id
        wanted = [type_id]
        if type_id in (PLAIN_COMPANY, PLAIN_COMPANY_OF):
            contact = start if start.kind == CONTACT.plural else end
            if not any(PRIMARY_COMPANY in types for types in self.of(contact.id, COMPANY).values()):
                wanted = [PRIMARY_COMPANY if contact is start else PRIMARY_COMPANY_OF, type_id]
        known = self.of(start.id, kind_called(end.kind)).get(end.id, [])
        types = tuple(dict.fromkeys([*wanted, *known]))
        if set(types) == set(known):
            return types
        self._write(start, end, types)
        self._write(end, start, [TYPES[id].back for id in types])
        self._follow(start, end, types, fresh=not known)
        return types

    def given_at_creation(self, kind: Kind, rows: object) -> list[tuple[str, int]]:
        """The (id, type id) pairs of a create's `associations`. Refusal 400 for a type that does not fit."""
        wanted: list[tuple[str, int]] = []
        for row in rows if isinstance(rows, list) else []:
            to = field_of(row, "to", "id")
            for spec in row.get("types") or []:
                type_ = type_of(spec)
                if type_.start is not kind:
                    raise invalid_request(f"Association type {type_.id} does not start at {kind.shouted}")
                if self._portal.live(type_.end, to) is None:
                    raise object_not_found(to)
                wanted.append((to, type_.id))
        if kind is LEAD and all(type_id != PRIMARY_CONTACT_OF_A_LEAD for _, type_id in wanted):
            raise invalid_request("A lead must be associated with a primary contact when it is created")
        return wanted

    def join_new(self, record: Record, wanted: Iterable[tuple[str, int]]) -> None:
        """Associate a record that has just been created with what `given_at_creation` found."""
        for to, type_id in wanted:
            end = self._portal.live(TYPES[type_id].end, to)
            if end:
                self.join(record, end, type_id)

    def inherit(self, record: Record, former: Record) -> None:
        """What belonged to the former record belongs to this one as well: a merge. Nothing new has happened by that."""
        for row in self._store.where(CRM, ROWS, "from", former.id):
            end = self._portal.live(kind_called(row.fields["kind"]), row.fields["to"])
            if end:
                self._write(record, end, row.fields["types"])
                self._write(end, record, [TYPES[id].back for id in row.fields["types"]])

    def part(self, record_id: str, to: Kind, to_id: str, gone: Collection[int] | None = None) -> None:
        """Undo these types of association, or all, both ways. A contact whose primary company goes has none."""
        known = self._store.get(CRM, ROWS, f"{record_id}:{to_id}")
        if known is None or known.fields["kind"] != to.plural:
            return
        kept = [] if gone is None else [type_id for type_id in known.fields["types"] if type_id not in gone]
        back = self._store.get(CRM, ROWS, f"{to_id}:{record_id}")
        now = self._portal.world.clock.now()
        self._store.change(known, {"types": kept}, now)
        if back:
            self._store.change(back, {"types": [TYPES[type_id].back for type_id in kept]}, now)
        for one, other in ((record_id, to_id), (to_id, record_id)):
            contact = self._portal.live(CONTACT, one)
            primary = {PRIMARY_COMPANY, PRIMARY_COMPANY_OF}
            if contact and contact.fields.get("associatedcompanyid") == other and primary.isdisjoint(kept):
                self._portal.set_computed(CONTACT, contact, {"associatedcompanyid": ""})

    def _write(self, start: Record, end: Record, types: Sequence[int]) -> None:
        row_id, now = f"{start.id}:{end.id}", self._portal.world.clock.now()
        fields = {"from": start.id, "to": end.id, "kind": end.kind, "types": list(types)}
        known = self._store.get(CRM, ROWS, row_id)
        if known:
            self._store.change(known, fields, now)
        else:
            self._store.add(CRM, ROWS, row_id, fields, now)

    def _follow(self, start: Record, end: Record, types: tuple[int, ...], fresh: bool) -> None:
        for one, other in ((start, end), (end, start)):
            # Read again: an earlier step of the same request may have changed it.
            contact = self._portal.live(CONTACT, one.id) if one.kind == CONTACT.plural else None
            if contact is None:
                continue
            values: Mapping[str, str] = {}
            if other.kind == COMPANY.plural:
                values = (
                    {"associatedcompanyid": other.id} if PRIMARY_COMPANY in types or PRIMARY_COMPANY_OF in types else {}
                )
            elif fresh:
                values = after_an_activity(kind_called(other.kind), other.fields, contact.fields)
            self._portal.set_computed(CONTACT, contact, values)
