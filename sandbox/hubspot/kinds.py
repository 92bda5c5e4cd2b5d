"""The kinds of CRM object this sandbox knows, and the names a path may call them by.

HubSpot accepts the singular name, the plural and the type id (`contact`, `contacts`, `0-1`) wherever a path says
`{objectType}`.
"""

from dataclasses import dataclass

from sandbox.hubspot.errors import Refusal


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type. `shown` are the properties a read answers with when it names none."""

    name: str
    plural: str
    type_id: str
    shown: tuple[str, ...]
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    required: tuple[str, ...] = ()

    @property
    def shouted(self) -> str:
        """The name as HubSpot's error texts write it."""
        return self.name.upper()


CONTACT = Kind(
    "contact", "contacts", "0-1", ("email", "firstname", "lastname"), created="createdate", modified="lastmodifieddate"
)
COMPANY = Kind("company", "companies", "0-2", ("name", "domain"), created="createdate")
DEAL = Kind("deal", "deals", "0-3", ("dealname", "amount", "dealstage", "pipeline", "closedate"), created="createdate")
CALL = Kind("call", "calls", "0-48", (), required=("hs_timestamp",))
EMAIL = Kind("email", "emails", "0-49", (), required=("hs_timestamp",))
MEETING = Kind("meeting", "meetings", "0-47", (), required=("hs_timestamp",))
NOTE = Kind("note", "notes", "0-46", (), required=("hs_timestamp",))
TASK = Kind("task", "tasks", "0-27", (), required=("hs_timestamp",))
COMMUNICATION = Kind("communication", "communications", "0-18", (), required=("hs_timestamp",))
USER = Kind("user", "users", "0-115", ())
LEAD = Kind("lead", "leads", "0-136", ("hs_lead_name",), required=("hs_lead_name",))

KINDS = (CONTACT, COMPANY, DEAL, CALL, EMAIL, MEETING, NOTE, TASK, COMMUNICATION, USER, LEAD)

# What a sales person does with somebody, as against what is written about it.
ACTIVITIES = (CALL, EMAIL, MEETING, COMMUNICATION)

_BY_ANY_NAME = {alias: kind for kind in KINDS for alias in (kind.name, kind.plural, kind.type_id)}


def kind_called(alias: str) -> Kind:
    """The kind a path means. Refusal 400 for a name HubSpot would not know either."""
    kind = _BY_ANY_NAME.get(alias.lower())
    if kind is None:
        raise Refusal(400, f"Unable to infer object type from: {alias}")
    return kind
