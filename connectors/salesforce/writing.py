"""Writing owners and fields: one Collections call for 200 rows, each of them guarded by the org itself.

A guarded row carries the owner that was read when deciding, with a mark of its own for each sending. The validation
rule that `fairlead provision` creates refuses the row when its decision or that mark changes while the owner before
the write is another one: a person's choice is never overwritten, not even by the second sending of a write whose
first was applied, and nobody else's row is touched.
"""

import json
import secrets
from collections.abc import Sequence

from connectors.base import Write, Written
from connectors.batches import Row, chunks, deliver
from connectors.salesforce.errors import complaint
from connectors.salesforce.org import COLLECTIONS, Org, Record
from connectors.salesforce.records import field_name
from connectors.written import native
from domain.leads import LeadKey, Value
from domain.mapping import CrmMapping

AT_ONCE = 200

LONGEST_REASON = 200
"""Characters of a reason that nobody can read."""

EXPECTED_OWNER = "Fairlead_Expected_Owner__c"
"""Where a guarded row says whom it expects: an id of 18 characters, a colon, and the mark of this sending. Nothing else
reads it."""

GUARD_NAME = "Fairlead_Owner_Guard"
GUARD_MESSAGE = "Fairlead: somebody changed the owner first, so this decision was not written."
GUARD_FORMULA = (
    f"AND(OR(ISCHANGED({field_name('decision')}), ISCHANGED({EXPECTED_OWNER})), "
    f"CASESAFEID(PRIORVALUE(OwnerId)) <> LEFT({EXPECTED_OWNER}, 18))"
)


def write(org: Org, mapping: CrmMapping, rows: Sequence[Write]) -> list[Written]:
    """What became of each row, in the order of the request."""
    became: dict[str, Written] = {}
    ready: list[Row] = []
    for row in rows:
        try:
            ready.append(Row(row.key.id, row.key, properties(row, mapping)))
        except (KeyError, ValueError) as error:
            became[row.key.id] = Written(row.key, "refused", f"crm/salesforce.yaml has no use for {error}")
    for chunk in chunks(ready, AT_ONCE):
        became |= deliver(chunk, lambda batch: _sent(org, mapping.object, batch))
    return [became[row.key.id] for row in rows]


def properties(row: Write, mapping: CrmMapping) -> dict[str, object]:
    """The fields of one row as Salesforce takes them; null empties one."""
    fields = native(row.fields, mapping, field_name, encoded)
    if row.decision is not None:
        expected = f"{row.expected_owner or ''}:{secrets.token_hex(4)}"
        fields |= {field_name("decision"): row.decision, EXPECTED_OWNER: expected}
    if row.owner_id is not None:
        fields["OwnerId"] = row.owner_id
    return fields


def encoded(value: Value) -> object:
    """JSON has a type for every value but the list."""
    return ";".join(value) if isinstance(value, tuple) else value


def _sent(org: Org, kind: str, batch: Sequence[Row]) -> list[Written]:
    results = org.update([{"attributes": {"type": kind}, "id": row.key.id, **row.properties} for row in batch])
    return [outcome(row.key, result, "PATCH") for row, result in zip(batch, results, strict=True)]


def outcome(key: LeadKey, result: Record, method: str = "PATCH") -> Written:
    """One row's result. Rows are matched by their place: a refused row carries no id."""
    call = f"{method} {COLLECTIONS}"
    if result["success"] is None:
        return Written(key, "unknown", f"Salesforce's answer to {call} about this row was not understood")
    if result["success"]:
        return Written(key, "applied")
    errors = result.get("errors")
    if GUARD_MESSAGE in json.dumps(errors):
        return Written(key, "lost", GUARD_MESSAGE)
    told = complaint(errors)
    if not told.sentence:
        reason = json.dumps(errors)[:LONGEST_REASON]
        return Written(
            key, "refused", f"Salesforce refused this row of {call} for no reason that can be read: {reason}"
        )
    return Written(key, told.outcome, f"Salesforce: {told.sentence}", told.wait)
