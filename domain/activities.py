"""What people did with a lead, as telephony, mail and the CRM recorded it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.leads import LeadKey

Kind = Literal["call", "email", "meeting", "message", "task", "note"]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity on one lead. Facts carry two times: when it happened, and when it was logged (both UTC).

    `by` is the rep's e-mail address where known. `talk_seconds` is the connected time of a call (None: not known; 0:
    nobody answered). `answered` is True when a person answered. `automated` marks sequence mail and the like. One
    activity on several leads has the same `id` on each.
    """

    id: str
    crm: str
    lead: LeadKey
    kind: Kind
    happened_at: datetime
    logged_at: datetime
    by: str | None = None
    direction: Literal["outbound", "inbound"] | None = None
    talk_seconds: int | None = None
    answered: bool | None = None
    reply: bool = False
    held: bool = False
    automated: bool = False
