"""Our own fields on the way into a CRM: cut to their length, times in UTC, each name known to the mapping."""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.values import stamp
from domain.leads import Value
from domain.mapping import WRITTEN, CrmMapping

_BY_NAME = {field.name: field for field in WRITTEN}


def native(
    fields: Mapping[str, Value], mapping: CrmMapping, own: Callable[[str], str], encode: Callable[[Value], object]
) -> dict[str, object]:
    """The CRM's field names with values as the CRM takes them.

    `own` names one of our fields there, any other name is looked up in the mapping. KeyError for a name that
    neither knows.
    """
    return {
        own(name) if name in _BY_NAME else mapping.fields[name]: encode(fitting(name, value))
        for name, value in fields.items()
    }


def fitting(name: str, value: Value) -> Value:
    """The value as the field can hold it: too long a text ends in an ellipsis, a time is UTC with milliseconds."""
    field = _BY_NAME.get(name)
    if field is None or not isinstance(value, str):
        return value
    if field.type == "datetime":
        return stamp(datetime.fromisoformat(value)) if value else None
    if field.type in ("text", "long_text") and len(value) > field.length:
        return value[: field.length - 1] + "…"
    return value
