"""What the core asks the world to do: rows of the outbox, once each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.leads import LeadKey, Value


@dataclass(frozen=True, slots=True)
class AssignOwner:
    """Write the owner, the decision id and the written-back fields in one row.

    `owner` is a person's e-mail address; or `queue` names where the lead waits; with neither, the owner stays
    (nurtured, disqualified, review). `expected_owner` is the CRM id of the owner that was read when deciding:
    the write must not win over anybody else. `fields` are names of `domain.mapping.WRITTEN`.
    """

    lead: LeadKey
    decision: str
    expected_owner: str | None
    owner: str | None = None
    queue: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    kind: Literal["assign_owner"] = "assign_owner"


@dataclass(frozen=True, slots=True)
class WriteFields:
    """Write written-back fields only; the owner is left alone."""

    lead: LeadKey
    fields: Mapping[str, Value]
    kind: Literal["write_fields"] = "write_fields"


@dataclass(frozen=True, slots=True)
class CreateTask:
    """A task in the CRM for `owner`, due at `due_at` (UTC). `token` makes a second creation recognisable."""

    lead: LeadKey
    owner: str
    subject: str
    due_at: datetime
    token: str
    kind: Literal["create_task"] = "create_task"


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people (e-mail addresses) one sentence about a lead. `event`: assigned, reassigned, reminder, review."""

    lead: LeadKey
    event: str
    to: tuple[str, ...]
    text: str
    kind: Literal["notify"] = "notify"


@dataclass(frozen=True, slots=True)
class Report:
    """Tell people (`to`) one sentence that stays true whatever becomes of the lead: about a person, or a breach.
    `asked` are others who are told only while the cycle goes on: an answer is asked of them."""

    lead: LeadKey
    event: str
    to: tuple[str, ...]
    text: str
    asked: tuple[str, ...] = ()
    kind: Literal["report"] = "report"


@dataclass(frozen=True, slots=True)
class LookBack:
    """Ask the CRM, later, whether the write of this decision has arrived after all and took the lead from somebody.

    `owner` and `expected_owner` are the write's; an empty owner is one that it took away. The `last` look is not
    followed by another one.
    """

    lead: LeadKey
    decision: str
    owner: str
    expected_owner: str | None
    last: bool = False
    kind: Literal["look_back"] = "look_back"


Action = AssignOwner | WriteFields | CreateTask | Notify | Report | LookBack
