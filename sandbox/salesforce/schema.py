"""Objects and their fields as this org knows them, read from the tables of `standard_objects` and from metadata."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.salesforce import standard_objects

TEXT_TYPES = frozenset({"string", "textarea", "picklist", "email", "phone", "url", "combobox", "multipicklist"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    length: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    default: Any = None
    refers: tuple[str, ...] = ()
    relationship: str | None = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    """nothing but `values` may be in it"""
    precision: int = 0
    scale: int = 0
    label: str = ""
    children: str | None = None
    """how the records that refer are called by the one that they refer to"""
    unfilterable: bool = False
    """no condition may be on it, whatever its type"""
    function: bool = False
    """made of a field by a function of a query"""

    @property
    def polymorphic(self) -> bool:
        return len(self.refers) > 1

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def long(self) -> bool:
        return self.type == "textarea" and self.length > 255

    @property
    def filterable(self) -> bool:
        return not self.long and not self.unfilterable and self.type != "complexvalue"

    @property
    def sortable(self) -> bool:
        return self.filterable and self.type != "multipicklist"

    @property
    def groupable(self) -> bool:
        bare = NUMBER_TYPES - {"int"} | {"datetime", "multipicklist", "time", "combobox"}
        return self.function or (self.filterable and self.type not in bare)

    @property
    def aggregatable(self) -> bool:
        return self.filterable and self.type not in ("boolean", "multipicklist")


@dataclass(frozen=True, slots=True)
class Children:
    """What the records of one object are called by those that their `field` refers to."""

    name: str
    kind: str
    field: str


@dataclass(frozen=True)
class Kind:
    """One object (sObject type). Those whose `where` is `tooling` exist under /tooling only."""

    name: str
    prefix: str
    fields: Mapping[str, Field]
    """by lower-case name"""
    unique: tuple[str, ...] = ()
    """fields that no two records share all of"""
    where: str = "data"

    @cached_property
    def relationships(self) -> Mapping[str, Field]:
        """References by lower-case relationship name."""
        return {f.relationship.lower(): f for f in self.fields.values() if f.relationship}

    @property
    def writable(self) -> bool:
        """Whether anybody but the system writes its records."""
        return any(field.createable or field.updateable for field in self.fields.values())

    @property
    def owned(self) -> bool:
        """Whether its records have an owner."""
        return "ownerid" in self.fields

    def field(self, name: str) -> Field | None:
        return self.fields.get(name.lower())

    def without(self, names: Iterable[str]) -> "Kind":
        """The object without these fields (names in lower case)."""
        gone = frozenset(names)
        left = {name: field for name, field in self.fields.items() if name not in gone}
        return Kind(self.name, self.prefix, left, self.unique, self.where)

    def with_fields(self, more: Iterable[Field]) -> "Kind":
        return Kind(
            self.name, self.prefix, {**self.fields, **{f.name.lower(): f for f in more}}, self.unique, self.where
        )


_LINE = re.compile(
    r"""(?P<name>\w+)\s+
        (?: (?P<type>[a-z]\w*)(?:\((?P<length>\d+)(?:,(?P<scale>\d+))?\))?(?!\S)
          | (?P<refers>[A-Z][\w,]*)\s+as\s+(?P<as>\w+|-)(?:\s+from\s+(?P<children>\w+))? )
        (?:\s+(?P<flag>required|read|create))? (?:\s+=(?P<default>"[^"]*"|\w+))? (?:\s+(?P<unfilterable>!filter))?""",
    re.VERBOSE,
)
_DEFAULTS = {"true": True, "false": False}


def label(name: str) -> str:
    """OwnerId -> Owner ID, as errors about a field name it."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"\bId$", "ID", words)


def _field(kind: str, line: str) -> Field:
    found = _LINE.fullmatch(line.strip())
    if not found:
        raise ValueError(f"not a line of the schema: {line!r}")
    flag, default, type = found["flag"], found["default"], found["type"] or "reference"
    size, number = int(found["length"] or (18 if found["refers"] else 0)), type in NUMBER_TYPES
    return Field(
        name=found["name"],
        type=type,
        length=0 if number else size,
        required=flag == "required",
        createable=flag != "read",
        updateable=flag not in ("read", "create"),
        default=_DEFAULTS.get(default, default.strip('"')) if default else None,
        refers=tuple(found["refers"].split(",")) if found["refers"] else (),
        relationship=None if found["as"] == "-" else found["as"],
        values=standard_objects.CHOICES.get(f"{kind}.{found['name']}", ()),
        restricted=f"{kind}.{found['name']}" in standard_objects.RESTRICTED,
        precision=size if number else 0,
        scale=int(found["scale"] or 0),
        label=label(found["name"]),
        children=found["children"],
        unfilterable=bool(found["unfilterable"]),
    )


def _kind(name: str, prefix: str, *parts: str, where: str = "data") -> Kind:
    lines = "\n".join((standard_objects.ID, *parts)).strip().splitlines()
    read = (_field(name, line) for line in lines if line.strip())
    return Kind(name, prefix, {f.name.lower(): f for f in read}, standard_objects.UNIQUE.get(name, ()), where)


def _kinds() -> Iterable[Kind]:
    stamps, deletable = standard_objects.STAMPS, standard_objects.DELETABLE
    for name, (prefix, text) in standard_objects.STANDARD.items():
        yield _kind(name, prefix, deletable, stamps, text)
    for name, (prefix, text) in standard_objects.SETUP.items():
        yield _kind(name, prefix, stamps, text)
    for name, (prefix, text) in standard_objects.WHOLE.items():
        yield _kind(name, prefix, text)
    for name, (prefix, text) in standard_objects.TOOLING.items():
        yield _kind(name, prefix, deletable, stamps, text, where="tooling")


KINDS: dict[str, Kind] = {kind.name: kind for kind in _kinds()}
ANY_NAME = _kind("Name", "", standard_objects.NAME)
BY_PREFIX = {kind.prefix: kind.name for kind in KINDS.values()}
_BY_LOWER_NAME = {name.lower(): name for name in KINDS}


def kind_name(text: str) -> str | None:
    """An object's name as it is written, whatever case it was asked in."""
    return _BY_LOWER_NAME.get(text.lower())


_METADATA_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Checkbox": "boolean",
    "DateTime": "datetime",
    "Date": "date",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
}


def custom_field(name: str, metadata: Mapping[str, Any]) -> Field:
    """The field that a CustomField's metadata describes. ValueError where it has no type that we know."""
    type = _METADATA_TYPES.get(metadata.get("type", ""))
    if not type:
        raise ValueError(f"{metadata.get('type')!r} is not a field type")
    length = {
        "TextArea": 255,
        "Email": 80,
        "Phone": 40,
        "Url": 255,
        "Picklist": 255,
        "MultiselectPicklist": 4099,
        "Lookup": 18,
    }
    value_set = metadata.get("valueSet", {})
    choices = value_set.get("valueSetDefinition", {}).get("value", [])
    return Field(
        name=name,
        type=type,
        length=int(metadata.get("length", length.get(metadata["type"], 0))),
        required=bool(metadata.get("required")),
        default=False if type == "boolean" else None,
        refers=(metadata["referenceTo"],) if type == "reference" else (),
        relationship=f"{name.removesuffix('__c')}__r" if type == "reference" else None,
        values=tuple(choice.get("valueName") or choice.get("fullName") for choice in choices),
        restricted=bool(value_set.get("restricted")),
        precision=int(metadata.get("precision", 0)),
        scale=int(metadata.get("scale", 0)),
        label=str(metadata.get("label") or name),
        children=f"{metadata['relationshipName']}__r" if metadata.get("relationshipName") else None,
    )
