"""Creating what we write to: one property group and its properties. What is there is left as it is."""

from collections.abc import Callable, Collection

from connectors.base import Provisioned, Refused
from connectors.hubspot.answers import Record
from connectors.hubspot.kinds import Kind
from connectors.hubspot.portal import Portal
from connectors.hubspot.records import field_name
from domain.mapping import WRITTEN, WrittenField

GROUP = "fairlead"

_TYPES = {
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "datetime": ("datetime", "date"),
    "number": ("number", "number"),
    "choice": ("enumeration", "select"),
}


def provision(portal: Portal, kind: Kind) -> list[Provisioned]:
    """Look at each thing and create what is missing; HubSpot has no guard to create."""
    group = {"name": GROUP, "label": "Fairlead", "displayOrder": -1}
    what = f"property group {GROUP} of {kind.path}"
    if GROUP in portal.groups(kind.path):
        done = [Provisioned(what, "there")]
    else:
        done = [_created(what, lambda: portal.create_group(kind.path, group))]
    there = portal.properties(kind.path)
    return [*done, *(_property(portal, kind, field, there) for field in WRITTEN)]


def _property(portal: Portal, kind: Kind, field: WrittenField, there: Collection[str]) -> Provisioned:
    what = f"property {kind.path}.{field_name(field.name)}"
    if field_name(field.name) in there:
        return Provisioned(what, "there")
    return _created(what, lambda: portal.create_property(kind.path, definition(field)))


def definition(field: WrittenField) -> Record:
    """One of our fields as HubSpot's properties API takes it."""
    type_, field_type = _TYPES[field.type]
    options = [
        {"label": choice, "value": choice, "displayOrder": order, "hidden": False}
        for order, choice in enumerate(field.choices)
    ]
    shape = {
        "groupName": GROUP,
        "name": field_name(field.name),
        "label": field.label,
        "type": type_,
        "fieldType": field_type,
    }
    return shape | ({"options": options} if options else {})


def _created(what: str, create: Callable[[], None]) -> Provisioned:
    try:
        create()
    except Refused as error:
        return Provisioned(what, "there" if "already exists" in str(error) else "refused", str(error))
    return Provisioned(what, "created")
