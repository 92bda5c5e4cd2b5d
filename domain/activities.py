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


Direction = Literal["outbound", "inbound", "internal"]
AnsweredBy = Literal["human", "machine", "nobody"]


@dataclass(frozen=True, slots=True)
class Call:
    """One telephone call, however many phones rang for it. Whose lead it concerns is not known yet.

    `id` tells it from the source's other calls. `number` is the other side's and `own_number` ours, as the source
    writes them (empty: not known). `direction` is None where nobody can tell; then each of the two may be the other
    side. `agent` is who of ours took part, in the source's words: an extension, a name, an e-mail address.
    `talk_seconds` is the connected time, with a machine too; it is contact only where `answered_by` is human.
    """

    id: str
    started_at: datetime
    direction: Direction | None
    number: str
    agent: str | None = None
    talk_seconds: int = 0
    answered_by: AnsweredBy = "nobody"
    own_number: str = ""
