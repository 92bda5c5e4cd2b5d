"""The names of things on both sides: canonical lead fields, and the fields that we write back.

Written-back fields are called `Fairlead_<Name>__c` in Salesforce and `fairlead_<name>` in HubSpot; the
connectors do that. Their meaning is in docs/fields.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from domain.leads import Gone, Value

FieldType = Literal["text", "long_text", "datetime", "number", "choice"]


@dataclass(frozen=True, slots=True)
class WrittenField:
    """A field that Fairlead owns in the CRM. `length` applies to text."""

    name: str
    label: str
    type: FieldType
    length: int = 255
    choices: tuple[str, ...] = ()


WRITTEN: tuple[WrittenField, ...] = (
    WrittenField("decision", "Fairlead decision", "text", 40),
    WrittenField("routed_at", "Fairlead routed at", "datetime"),
    WrittenField("outcome", "Fairlead outcome", "text", 20),
    WrittenField("rule", "Fairlead rule", "text", 255),
    WrittenField("pool", "Fairlead pool", "text", 80),
    WrittenField("reason", "Fairlead reason", "text", 255),
    WrittenField("tier", "Fairlead SLA tier", "text", 80),
    WrittenField(
        "sla_state",
        "Fairlead SLA state",
        "choice",
        choices=("On track", "At risk", "Met", "Breached", "Met late-logged"),
    ),
    WrittenField("due_at", "Fairlead due at", "datetime"),
    WrittenField("first_attempt_at", "Fairlead first attempt at", "datetime"),
    WrittenField("first_contact_at", "Fairlead first contact at", "datetime"),
    WrittenField("first_contact_by", "Fairlead first contact by", "text", 120),
    WrittenField("response_minutes", "Fairlead response minutes (business)", "number"),
    WrittenField("response_minutes_clock", "Fairlead response minutes (wall clock)", "number"),
    WrittenField("attempts", "Fairlead attempts", "number"),
    WrittenField("reassignments", "Fairlead reassignments", "number"),
    WrittenField("previous_owners", "Fairlead previous owners", "long_text", 2000),
    WrittenField("ladder_step", "Fairlead ladder step", "text", 80),
    WrittenField("breach_cause", "Fairlead breach cause", "text", 80),
    WrittenField("config_version", "Fairlead configuration version", "text", 40),
    WrittenField("queue", "Fairlead queue", "text", 80),
    WrittenField("offered_to", "Fairlead offered to", "text", 120),
    WrittenField("waiting_until", "Fairlead waiting until", "datetime"),
    WrittenField("answer", "Fairlead answer", "choice", choices=("Accept", "Decline", "Approve", "Reject")),
)

CANONICAL: frozenset[str] = frozenset(
    "id crm created_at source campaign tags intent fit play score grade email domain phone person company website "
    "country state postcode city territory territory.pool segment timezone language industry sic_codes employees "
    "revenue deal_size product use_case title seniority tech_stack status consent".split()
)
"""Lead fields that conditions may name, beside `account.*`, `named_account.*`, `duplicate.*`, `signals.*`, `custom.*`.
"""

FOUND_OUT = frozenset({"id", "crm", "created_at", "intent", "fit", "play", "territory", "territory.pool", "segment"})
"""Of these, what nobody may fill in: the record itself and the rules say it."""

ACTIVITIES = ("calls", "emails", "meetings")
"""Kinds of activity that `crm/<name>.yaml` may name."""

IGNORE = "ignore"
"""In place of where a CRM says who is not there: it is not asked."""


STATUSES = ("accepted", "opportunity", "follow_up_agreed", "requalified", "disqualified", "converted")
"""What `statuses` of `crm/<name>.yaml` may say of the CRM's own statuses."""


@dataclass(frozen=True, slots=True)
class KnownCrm:
    """What `crm/<name>.yaml` may name of one CRM: the objects that hold leads (`objects_later`: not built yet;
    `objects_of_ones_own`: how the names of custom objects end, where leads may be kept in one), where it keeps what
    people did, by kind of activity, and where it says when they are not there."""

    objects: tuple[str, ...]
    activities: Mapping[str, tuple[str, ...]]
    objects_later: tuple[str, ...] = ()
    objects_of_ones_own: str = ""
    absences: tuple[str, ...] = ()


CRMS: Mapping[str, KnownCrm] = {
    "salesforce": KnownCrm(
        objects=("Lead", "Contact"),
        objects_of_ones_own="__c",
        activities={"calls": ("Task",), "emails": ("EmailMessage", "Task"), "meetings": ("Event",)},
        absences=("Event",),
    ),
    "hubspot": KnownCrm(
        objects=("contact", "lead"),
        activities={"calls": ("calls",), "emails": ("emails",), "meetings": ("meetings",)},
        absences=("users",),
    ),
}
"""The CRMs whose files are checked to the word. Others are taken as they are, and refused where no connector of
`connectors.registry` has their name."""


@dataclass(frozen=True, slots=True)
class CrmMapping:
    """`crm/<name>.yaml`: which object, which records are new, and what its fields are called here.

    `unowned_by` are the entries of `new_when.owner`: `nobody`, `queue:NAME`, `user:EMAIL`. `fields` maps a canonical
    name to the CRM's field name; `types` adds `amount`, `number` or `list` where one was given. `poll_every` is
    real seconds. `queues` are those where leads lie until somebody takes them, with the addresses of who may; they come
    from `teams.yaml`. `absences` is where the CRM says who is not there, or IGNORE; without it it is asked, too.
    """

    crm: str
    object: str
    unowned_by: tuple[str, ...]
    fields: Mapping[str, str]
    types: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    poll_every: float = 10.0
    activities: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absences: str = ""

    @property
    def asks_for_absences(self) -> bool:
        """Whether the CRM is asked who is not there."""
        return self.absences != IGNORE

    def fate_of(self, values: Mapping[str, Value]) -> Gone | None:
        """CONVERTED where the record's status is one of those that mean so: not every CRM converts records itself."""
        return Gone.CONVERTED if self.means(str(values.get("status") or "").strip(), "converted") else None

    def means(self, status: str, what: str) -> bool:
        """Whether the status is one of those that `statuses` names so; none at all means nothing."""
        return bool(status) and status.casefold() in _folded(self.statuses.get(what, ()))


@lru_cache(maxsize=1000)
def _folded(meant: tuple[str, ...]) -> frozenset[str]:
    return frozenset(text.casefold() for text in meant)
