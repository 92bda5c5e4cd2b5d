"""Writing owners and fields: read, write, look back.

HubSpot cannot refuse a row because its owner changed. So the owner is read immediately before the write, and his
history immediately after it; where a person came in between, that person's choice is put back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import NOBODY, ConnectorError, NotSignedIn, Write, Written
from connectors.batches import Row, chunks, deliver
from connectors.hubspot.answers import Record
from connectors.hubspot.errors import refused_rows
from connectors.hubspot.history import taken, when
from connectors.hubspot.kinds import Kind
from connectors.hubspot.portal import Portal, Read
from connectors.hubspot.records import OWNER, field_name
from connectors.written import native
from domain.leads import Value
from domain.mapping import CrmMapping

AT_ONCE = 100
WITH_HISTORY = 50
"""Rows that one read may ask the history of."""

DECISION = field_name("decision")

NOTHING: Read[Record] = Read({}, {})

LOST = "somebody changed the owner first"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A row that changes the owner, as the guard read found its record."""

    row: Row
    wrote: str | None
    expected: str | None
    decision: str
    standing: str
    """the decision that the record carries"""

    @property
    def changes_owner(self) -> bool:
        return self.wrote is not None and (self.wrote or None) != self.expected

    @property
    def takes_away(self) -> bool:
        return self.wrote == NOBODY

    @property
    def there_already(self) -> bool:
        return self.standing == self.decision


def write(portal: Portal, kind: Kind, mapping: CrmMapping, rows: Sequence[Write]) -> list[Written]:
    """What became of each row, in the order of the request."""
    became: dict[str, Written] = {}
    ready: list[tuple[Write, Row]] = []
    for row in rows:
        try:
            ready.append((row, Row(row.key.id, row.key, properties(row, mapping))))
        except (KeyError, ValueError) as error:
            became[row.key.id] = Written(row.key, "refused", f"crm/hubspot.yaml has no use for {error}")
    for chunk in chunks(ready, AT_ONCE):
        became |= _written(portal, kind, chunk)
    return [became[row.key.id] for row in rows]


def confirm(portal: Portal, kind: Kind, rows: Sequence[Write]) -> list[Written]:
    """What the owners' history says about guarded rows that are known to be there, in the order of the request."""
    there = [_guard(row, Row(row.key.id, row.key, {}), standing=row.decision or "") for row in rows]
    became = {guard.row.id: Written(guard.row.key, "applied") for guard in there}
    became |= _looked_back(portal, kind, there)
    return [became[row.key.id] for row in rows]


def properties(row: Write, mapping: CrmMapping) -> dict[str, object]:
    """The properties of one row as HubSpot takes them: all text; an empty one clears."""
    texts = native(row.fields, mapping, field_name, encoded)
    if row.decision is not None:
        texts[DECISION] = row.decision
    if row.owner_id is not None:
        texts[OWNER] = row.owner_id
    return texts


def encoded(value: Value) -> str:
    """A value as text; `""` empties a property, null would leave it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ";".join(value)
    return "" if value is None else str(value)


def _written(portal: Portal, kind: Kind, chunk: Sequence[tuple[Write, Row]]) -> dict[str, Written]:
    plain = [row for write, row in chunk if write.decision is None]
    asked = [(write, row) for write, row in chunk if write.decision is not None]
    try:
        read = portal.read_each(kind.path, [row.id for _, row in asked], (OWNER, DECISION)) if asked else NOTHING
    except NotSignedIn:
        raise
    except ConnectorError as error:  # nothing was written, so the wait is the only news
        return {row.id: row.became(error) for _, row in asked} | deliver(plain, lambda rows: _sent(portal, kind, rows))
    became, guarded = _guarded(asked, read, kind)
    going = [guard.row for guard in guarded if not guard.there_already]
    became |= deliver([*going, *plain], lambda rows: _sent(portal, kind, rows))
    became |= {guard.row.id: Written(guard.row.key, "applied") for guard in guarded if guard.there_already}
    return became | _looked_back(portal, kind, [g for g in guarded if became[g.row.id].outcome == "applied"])


def _guarded(
    asked: Sequence[tuple[Write, Row]], read: Read[Record], kind: Kind
) -> tuple[dict[str, Written], list[Guarded]]:
    """What the guard read settles by itself, and the rows that may go."""
    settled: dict[str, Written] = {}
    guarded: list[Guarded] = []
    for write, row in asked:
        if why := read.later.get(row.id):
            settled[row.id] = Written(row.key, "later", why)
            continue
        record = read.found.get(row.id)
        if record is None:
            settled[row.id] = Written(row.key, "refused", f"HubSpot has no {kind.name} {row.id} any more")
            continue
        owner = record["properties"].get(OWNER) or None
        standing = record["properties"].get(DECISION) or ""
        guard = _guard(write, row, standing)
        if owner != write.expected_owner and not guard.there_already:
            settled[row.id] = Written(row.key, "lost", LOST)
        else:
            guarded.append(guard)
    return settled, guarded


def _guard(write: Write, row: Row, standing: str) -> Guarded:
    return Guarded(row, write.owner_id, write.expected_owner, write.decision or "", standing)


def _sent(portal: Portal, kind: Kind, rows: Sequence[Row]) -> list[Written]:
    answer = portal.update(kind.path, [{"id": row.id, "properties": dict(row.properties)} for row in rows])
    refused = refused_rows(answer, "ids")
    updated = {row["id"] for row in answer["results"]}
    return [_became(row, updated, refused) for row in rows]


def _became(row: Row, updated: set[str], refused: Mapping[str, str]) -> Written:
    if row.id in updated:
        return Written(row.key, "applied")
    if row.id in refused:
        return Written(row.key, "refused", f"HubSpot: {refused[row.id]}")
    return Written(row.key, "unknown", "HubSpot's answer does not name this record")


def _looked_back(portal: Portal, kind: Kind, guarded: Sequence[Guarded]) -> dict[str, Written]:
    """What the owners tell about rows that carry our decision. History costs a call for 50 rows and not for 100, so it
    is asked only where we changed the owner, and of others as far as there is room in those calls: who came before a
    write that left him alone is still there."""
    changed = [guard for guard in guarded if guard.changes_owner]
    others = [guard for guard in guarded if not guard.changes_owner]
    room = -len(changed) % WITH_HISTORY
    became: dict[str, Written] = {}
    for part in chunks([*changed, *others[:room]], WITH_HISTORY):
        became |= _looked_at(portal, kind, part, history=(OWNER, DECISION))
    for part in chunks(others[room:], AT_ONCE):
        became |= _looked_at(portal, kind, part, history=())
    return became


def _looked_at(portal: Portal, kind: Kind, part: Sequence[Guarded], history: Sequence[str]) -> dict[str, Written]:
    try:
        read = portal.read_each(kind.path, [guard.row.id for guard in part], (OWNER, DECISION), history=history)
    except NotSignedIn:
        raise
    except ConnectorError as error:
        # Tried again, the guard read finds our decision, and the history is looked at once more.
        return {guard.row.id: _not_yet(guard, str(error), getattr(error, "after", None)) for guard in part}
    became = {guard.row.id: _not_yet(guard, read.later[guard.row.id]) for guard in part if guard.row.id in read.later}
    restoring: list[Row] = []
    for guard in part:
        record = read.found.get(guard.row.id)
        choice = taken(_versions(record), guard.wrote, guard.expected, _arrived(record, guard)) if record else None
        if record is None or choice is None:
            continue
        standing = record["properties"].get(OWNER) or None
        if guard.there_already and choice.owner == standing:
            continue  # it was written some time ago; who took the lead since then has it
        if guard.there_already and record["properties"].get(DECISION) != guard.decision:
            continue  # whoever took the lead from whom, it was not by this row
        back = {} if choice.owner == standing else {OWNER: choice.owner or ""}
        # Whoever took a lead that was open to everyone did so by our decision, which the record goes on to carry.
        decision = {} if guard.there_already and guard.takes_away else {DECISION: ""}
        restoring.append(Row(guard.row.id, guard.row.key, {**decision, **back}))
    for id, written in deliver(restoring, lambda rows: _sent(portal, kind, rows)).items():
        became[id] = _restored(written)
    return became


def _versions(record: Record) -> Sequence[Mapping[str, object]]:
    """The owner's history, newest first; where none was asked for, the owner who is there now."""
    history = record.get("propertiesWithHistory")
    return [{"value": record["properties"].get(OWNER)}] if history is None else history.get(OWNER) or []


def _arrived(record: Record, guard: Guarded) -> datetime | None:
    """Since when the record carries our decision; None where that is not asked or another one stands there."""
    versions = record.get("propertiesWithHistory", {}).get(DECISION) or []
    return when(versions[0]) if versions and versions[0].get("value") == guard.decision else None


def _not_yet(guard: Guarded, why: str, after: float | None = None) -> Written:
    return Written(guard.row.key, "later", f"written, but the owner's history could not be read: {why}", after)


def _restored(written: Written) -> Written:
    """A choice that could not be put back is tried again as a whole; one that HubSpot refuses is left to a person."""
    if written.outcome == "applied":
        return Written(written.key, "lost", f"{LOST}; that choice was put back")
    if written.outcome == "refused":
        return Written(written.key, "lost", f"{LOST}; putting that choice back was refused: {written.detail}")
    return Written(
        written.key, "later", f"{LOST}; putting that choice back has to wait: {written.detail}", written.after
    )
