"""What people did with a lead, as telephony, mail and the CRM recorded it.

An activity is on a lead. A call or a mail is what a telephone system or a mail server knows: numbers and addresses.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.leads import LeadKey

Kind = Literal["call", "email", "meeting", "message", "task", "note"]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity on one lead. Facts carry two times: when it happened, and when it was logged (both UTC).

    `by` is the rep's e-mail address where known. `talk_seconds` is the connected time of a call (None: not known; 0:
    nobody answered). `answered` is True when a person answered. `automated` marks sequence mail and the like, and
    `why_automated` says by what it is known where that is not the CRM's word. `confidence` is how sure it is that it
    was with this lead (`sla_monitor.matching`). `claimed`: a person typed it in, and no
    program recorded it; `noted`: and wrote something about it. One activity on several leads has the same `id` on each.
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
    why_automated: str = ""
    confidence: float = 1.0
    claimed: bool = False
    noted: bool = False


Direction = Literal["outbound", "inbound", "internal"]
AnsweredBy = Literal["human", "machine", "nobody"]


@dataclass(frozen=True, slots=True)
class Call:
    """One telephone call, however many phones rang for it. Whose lead it concerns is not known yet.

    `id` tells it from the source's other calls. `number` is the other side's and `own_number` ours, as the source
    writes them (empty: not known). `direction` is None where nobody can tell; then each of the two may be the other
    side. `agent` is who of ours took part, in the source's words: an extension, a name, an e-mail address.
    `talk_seconds` is the connected time, with a machine too; it is contact only where `answered_by` is human. `record`
    and `addresses` are a CRM record's id and e-mail addresses that the source gives of the other side.
    """

    id: str
    started_at: datetime
    direction: Direction | None
    number: str
    agent: str | None = None
    talk_seconds: int = 0
    answered_by: AnsweredBy = "nobody"
    own_number: str = ""
    record: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, by its headers. Whose lead it concerns is not known yet.

    `id` is its Message-ID, `answers` are those that it refers to (all without `<>`). Addresses are in lower case.
    `automated` says why no person wrote it (empty: a person may have).
    """

    id: str
    sent_at: datetime
    sender: str
    recipients: tuple[str, ...]
    answers: tuple[str, ...] = ()
    automated: str = ""


_WORTH = {"nobody": 0, "machine": 1, "human": 2}


def told(answered_by: AnsweredBy, talk_seconds: int) -> tuple[int, int]:
    """How much an answer says: a person's more than a machine's, a long one more than a short one."""
    return _WORTH[answered_by], talk_seconds


def joined_calls(known: Call, heard: Call) -> Call:
    """What is known of one call by two hearings: a leg that was answered counts for more than one that rang in vain,
    and a name for more than none, whichever came first."""
    by_worth = [known, heard]
    by_worth.sort(key=lambda call: told(call.answered_by, call.talk_seconds), reverse=True)
    more, less = by_worth
    # Whoever knows the direction knows whose number is whose.
    sides = less if more.direction is None and less.direction is not None else more
    return replace(
        more,
        started_at=min(known.started_at, heard.started_at),
        direction=sides.direction,
        number=sides.number or less.number,
        own_number=sides.own_number or less.own_number,
        agent=more.agent or less.agent,
        record=more.record or less.record,
        addresses=tuple(sorted({*more.addresses, *less.addresses})),
    )


def happened(one: Call | Mail) -> datetime:
    """When it began, or was sent."""
    return one.started_at if isinstance(one, Call) else one.sent_at


def joined_mails(known: Mail, heard: Mail) -> Mail:
    """What is known of one mail by two hearings: a server writes a line for each recipient."""
    return replace(
        known,
        sent_at=min(known.sent_at, heard.sent_at),
        recipients=tuple(sorted({*known.recipients, *heard.recipients})),
        answers=tuple(dict.fromkeys((*known.answers, *heard.answers))),
        automated=known.automated or heard.automated,
    )
