"""Records as the API shows them: how a field is read, and the `attributes` of a row."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.salesforce.schema import Field
from sandbox.salesforce.stamps import stamp
from sandbox.store import Record

Value = Callable[[Any], Any]
"""reads a value of a record (or, behind GROUP BY, of a group of them)"""

_SYSTEM: Mapping[str, Value] = {
    "Id": lambda record: record.id,
    "IsDeleted": lambda record: record.deleted,
    "CreatedDate": lambda record: stamp(record.created),
    "LastModifiedDate": lambda record: stamp(record.modified),
    "SystemModstamp": lambda record: stamp(record.modified),
}


def value_of(field: Field) -> Value:
    """How to read a field of its own record."""
    name = field.name
    return _SYSTEM.get(name) or (lambda record: record.fields.get(name))


def row_attributes(record: Record, api: str, type: str | None = None) -> dict[str, str]:
    """`attributes` of a row; `api` is the path up to `/sobjects`."""
    return {"type": type or record.kind, "url": f"{api}/sobjects/{record.kind}/{record.id}"}
