"""The types of association: an id for each direction between two kinds of object."""

from dataclasses import dataclass

from sandbox.hubspot.errors import invalid_request
from sandbox.hubspot.exchange import Json, field_of
from sandbox.hubspot.kinds import (
    CALL,
    COMMUNICATION,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    LEAD,
    MEETING,
    NOTE,
    TASK,
    Kind,
)

DEFINED = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True)
class Type:
    """One direction of one kind of association. `back` is the type id of the other direction."""

    id: int
    start: Kind
    end: Kind
    back: int
    label: str | None = None


# The plain (unlabelled) type of each pair is what `default` makes. Ids from a lead are documented; those back to it are
# not, and stand here only so that both directions have one.
_PAIRS = (
    (CONTACT, 279, COMPANY, 280, None),
    (CONTACT, 1, COMPANY, 2, "Primary"),
    (CONTACT, 4, DEAL, 3, None),
    (COMPANY, 342, DEAL, 341, None),
    (CONTACT, 193, CALL, 194, None),
    (CONTACT, 197, EMAIL, 198, None),
    (CONTACT, 199, MEETING, 200, None),
    (CONTACT, 201, NOTE, 202, None),
    (CONTACT, 203, TASK, 204, None),
    (CONTACT, 82, COMMUNICATION, 81, None),
    (COMPANY, 181, CALL, 182, None),
    (COMPANY, 185, EMAIL, 186, None),
    (COMPANY, 187, MEETING, 188, None),
    (COMPANY, 189, NOTE, 190, None),
    (COMPANY, 191, TASK, 192, None),
    (COMPANY, 88, COMMUNICATION, 87, None),
    (LEAD, 608, CONTACT, 607, None),
    (LEAD, 578, CONTACT, 579, "Primary"),
    (LEAD, 610, COMPANY, 609, None),
    (LEAD, 596, CALL, 595, None),
    (LEAD, 598, EMAIL, 597, None),
    (LEAD, 600, MEETING, 599, None),
    (LEAD, 854, NOTE, 855, None),
    (LEAD, 646, TASK, 647, None),
    (LEAD, 602, COMMUNICATION, 601, None),
)
TYPES = {
    type_.id: type_
    for start, there, end, back, label in _PAIRS
    for type_ in (Type(there, start, end, back, label), Type(back, end, start, there, label))
}
PRIMARY_CONTACT_OF_A_LEAD = 578
PLAIN_COMPANY, PLAIN_COMPANY_OF = 279, 280
PRIMARY_COMPANY, PRIMARY_COMPANY_OF = 1, 2


def type_of(spec: Json) -> Type:
    """The type that a row of a request names. Refusal 400 for one that does not exist."""
    type_id = field_of(spec, "associationTypeId")
    type_ = TYPES.get(int(type_id)) if type_id.isdigit() else None
    if type_ is None:
        raise invalid_request(f"Association type {type_id} does not exist")
    return type_


def plain_type(start: str, end: str) -> Type:
    """The unlabelled type between two kinds (by plural name). Refusal 400 where there is none."""
    for type_ in TYPES.values():
        if (type_.start.plural, type_.end.plural, type_.label) == (start, end, None):
            return type_
    raise invalid_request(f"{start} cannot be associated with {end}")
