"""What a property is: its type, who may write it, and how one of its values is checked, stored and compared."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sandbox.hubspot import times
from sandbox.hubspot.errors import Invalid

Comparable = float | str

FIELD_TYPES = {
    "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "string": ("text", "textarea", "phonenumber", "html", "file", "calculation_equation"),
    "number": ("number", "calculation_equation"),
}
LONGEST_TEXT = 65_536
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an enumeration."""

    label: str
    value: str
    display_order: int = -1
    hidden: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "value": self.value,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
        }


@dataclass(frozen=True, slots=True)
class Definition:
    """One property of one object type.

    `external` marks an enumeration whose choices live elsewhere (owners, pipeline stages). `by_hubspot` ones come with
    every portal; of the others `created_at` (ms) and the rest are what somebody sent.
    """

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = "contactinformation"
    options: tuple[Option, ...] = ()
    description: str = ""
    read_only: bool = False
    external: bool = False
    unique: bool = False
    hidden: bool = False
    form_field: bool = False
    by_hubspot: bool = False
    display_order: int = -1
    created_at: int = 0
    updated_at: int = 0
    values: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozenset(option.value for option in self.options))

    def as_json(self) -> dict[str, Any]:
        """The definition as the properties API answers it."""
        return {
            "updatedAt": times.written(self.updated_at),
            "createdAt": times.written(self.created_at),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.as_json() for option in self.options],
            "displayOrder": self.display_order,
            "calculated": False,
            "externalOptions": self.external,
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            **({"hubspotDefined": True} if self.by_hubspot else {}),
            "modificationMetadata": {
                "archivable": not self.by_hubspot,
                "readOnlyDefinition": self.by_hubspot,
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
        }


def stored(definition: Definition, raw: object, owners: Collection[str]) -> str | Invalid:
    """The value as the portal keeps it, or why not. The empty text clears a property of any type.

    `owners` are the ids a record may be given to now: active ones.
    """
    text = ("true" if raw else "false") if isinstance(raw, bool) else str(raw).strip()
    if text == "":
        return ""
    return _CHECKS[definition.type](definition, text, owners)


def comparable(definition: Definition | None, value: str) -> Comparable:
    """What search compares: a number for numbers and times, the lower-cased text for text, the value for a choice."""
    match definition.type if definition else "string":
        case "number":
            return float(value)
        case "datetime":
            return float(times.read(value))
        case "date":
            return float(times.read(value)) if value.isdigit() else float(times.read(f"{value[:10]}T00:00:00Z"))
        case "string":
            return value.lower()
        case _:
            return value


def _text(definition: Definition, text: str, _owners: Collection[str]) -> str | Invalid:
    if len(text) > LONGEST_TEXT:
        return Invalid(definition.name, f"{definition.name} is too long: {LONGEST_TEXT} characters", "INVALID_STRING")
    if definition.name == "email":
        if not _EMAIL.fullmatch(text):
            return Invalid(definition.name, f"Email address {text} is invalid", "INVALID_EMAIL")
        return text.lower()
    return text


def _number(definition: Definition, text: str, _owners: Collection[str]) -> str | Invalid:
    # INVALID_INTEGER is the code even for decimals: recorded with `1.42e-14 was not a valid number.` on an amount.
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
        return Invalid(definition.name, f"{text} was not a valid number.", "INVALID_INTEGER")
    return text


def _datetime(definition: Definition, text: str, _owners: Collection[str]) -> str | Invalid:
    try:
        return times.written(times.read(text))
    except (ValueError, OverflowError):
        return Invalid(definition.name, f"{text} was not a valid long.", "INVALID_LONG")


def _date(definition: Definition, text: str, _owners: Collection[str]) -> str | Invalid:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text).isoformat()
        ms = times.read(text)
        day = times.written(ms)[:10]
    except (ValueError, OverflowError):
        return Invalid(definition.name, f"{text} was not a valid long.", "INVALID_LONG")
    if ms % _DAY_MS:
        return Invalid(definition.name, f"{text} is at {times.written(ms)[11:19]} UTC, not midnight!", "INVALID_DATE")
    return day


def _choice(definition: Definition, text: str, owners: Collection[str]) -> str | Invalid:
    if definition.name == "hubspot_owner_id":
        # The code is what the field reports; no public recording holds the text.
        known = text in owners
        return text if known else Invalid(definition.name, f"{text} is not a valid owner id", "INVALID_OWNER_ID")
    chosen = text.split(";") if definition.field_type == "checkbox" else [text]
    if not definition.external and not definition.values.issuperset(chosen):
        allowed = ", ".join(
            f'label: "{option.label}"\nvalue: "{option.value}"\ndisplay_order: {option.display_order}\n'
            f"hidden: {str(option.hidden).lower()}\nread_only: false\n"
            for option in definition.options
        )
        message = f"{text} was not one of the allowed options: [{allowed}]"
        return Invalid(definition.name, message, "INVALID_OPTION")
    return text


def _yes_or_no(definition: Definition, text: str, _owners: Collection[str]) -> str | Invalid:
    if text.lower() not in ("true", "false"):
        return Invalid(definition.name, f"{text} was not one of the allowed options: [true, false]", "INVALID_OPTION")
    return text.lower()


_CHECKS: dict[str, Callable[[Definition, str, Collection[str]], str | Invalid]] = {
    "string": _text,
    "number": _number,
    "datetime": _datetime,
    "date": _date,
    "enumeration": _choice,
    "bool": _yes_or_no,
}
