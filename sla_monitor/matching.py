"""Whose lead a call or a mail concerns: by id, e-mail, phone, and last by the company's switchboard.

Pure, and made for many: an index of leads is built once, and each call costs a look into it. Where several leads fit
alike none is taken, and how many there are is said.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from domain.activities import Call
from domain.leads import LeadKey
from domain.phones import phone

By = Literal["id", "email", "phone", "switchboard", "none", "ambiguous"]

CONFIDENCE: Mapping[By, float] = {"id": 1.0, "email": 0.98, "phone": 0.95, "switchboard": 0.6}
NARROWED = 0.8
"""A phone that several leads have, and whoever of ours took part owns one of them."""

SURE = 0.75
"""From here on it is the lead who spoke, and not only somebody at the same number."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """How one lead can be reached. `mailboxes` are e-mail addresses in the form in which mailboxes are compared;
    `phones` are the lead's own, `switchboards` its company's (E.164). `owner` is who has it (e-mail address)."""

    lead: LeadKey
    mailboxes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    switchboards: tuple[str, ...] = ()
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The leads that something concerns: one, or several records of one person; none where `by` is none or ambiguous.

    `reason` says by what, or why not. `inbound` is set where a call's direction followed from which side the lead was.
    """

    leads: tuple[LeadKey, ...]
    by: By
    confidence: float
    reason: str
    inbound: bool | None = None


class _Shelf:
    """The leads that one number, address or id belongs to."""

    __slots__ = ("leads", "owned", "people")

    def __init__(self, leads: list[Reachable]) -> None:
        self.leads = leads
        self.people = 0
        """how many people they are; 0: not counted yet"""
        self.owned: dict[str | None, _Shelf] = {}

    def count(self) -> int:
        """Records with a mailbox in common are one person. Counted once: thousands of calls may go to one number."""
        if not self.people:
            self.people = _people(self.leads)
        return self.people

    def of(self, owner: str) -> "_Shelf | None":
        """Those that somebody owns."""
        if not self.owned:
            for one in self.leads:
                self.owned.setdefault(one.owner, _Shelf([])).leads.append(one)
        return self.owned.get(owner)


class Leads:
    """Leads by all that they can be reached by. `country` is that of numbers which name none."""

    def __init__(self, leads: Iterable[Reachable], country: str | None = None) -> None:
        self._country = country
        self._by_id: dict[str, _Shelf] = {}
        self._by_mailbox: dict[str, _Shelf] = {}
        self._by_phone: dict[str, _Shelf] = {}
        self._by_switchboard: dict[str, _Shelf] = {}
        for one in leads:
            for shelves, marks in (
                (self._by_id, (one.lead.id,)),
                (self._by_mailbox, one.mailboxes),
                (self._by_phone, one.phones),
                (self._by_switchboard, one.switchboards),
            ):
                for mark in marks:
                    shelf = shelves.get(mark)
                    if shelf is None:
                        shelves[mark] = _Shelf([one])
                    else:
                        shelf.leads.append(one)
        self._ends = frozenset(number[-_END:] for number in (*self._by_phone, *self._by_switchboard))
        self._written: dict[str, str] = {}

    def of_call(
        self, call: Call, by: str | None = None, ids: Sequence[str] = (), mailboxes: Sequence[str] = ()
    ) -> Match:
        """The lead at the other end. `by` is the e-mail address of who of ours took part (None: not known); `ids` and
        `mailboxes` are what else the source said of the other side."""
        if call.direction == "internal":
            return Match((), "none", 0.0, "a call between two of ours")
        if told := self._told(ids, mailboxes, by):
            return told
        found = self._at(call.number, by)
        if call.direction is None and found.by == "none" and call.own_number:
            other = self._at(call.own_number, by)
            if other.leads:
                return replace(other, inbound=True)
        return found

    def of_mail(self, mailbox: str) -> Match:
        """The lead with this mailbox, in one CRM or several. A mail to two leads is one for each of them."""
        return self._told((), (mailbox,), None) or Match((), "none", 0.0, "no lead has this address")

    def _told(self, ids: Sequence[str], mailboxes: Sequence[str], by: str | None) -> Match | None:
        for id_ in ids:
            if shelf := self._by_id.get(id_):
                return _only(shelf, "id", f"the record's id {id_}", by)
        shelves = [shelf for mailbox in dict.fromkeys(mailboxes) if (shelf := self._by_mailbox.get(mailbox))]
        if not shelves:
            return None
        one = shelves[0] if len(shelves) == 1 else _Shelf([lead for shelf in shelves for lead in shelf.leads])
        return _only(one, "email", "the address", by)

    def _at(self, written: str, by: str | None) -> Match:
        number = self._number(written)
        if not number:
            return _NOBODY
        if shelf := self._by_phone.get(number):
            return _only(shelf, "phone", f"the number {number}", by)
        if shelf := self._by_switchboard.get(number):
            return _only(shelf, "switchboard", f"the company's number {number}", by)
        return _NOBODY

    def _number(self, written: str) -> str:
        """The number as leads have it; nothing where no lead has one that ends like it. What is parsed is kept: it is
        a number that some lead has, or nearly one, and the leads are in memory already."""
        digits = _OTHER.sub("", written)
        if digits[-_END:] not in self._ends:
            return ""
        abroad = written.startswith("+")
        plain = f"+{digits}" if abroad else f"+{digits[2:]}" if digits.startswith("00") else digits
        if plain in self._by_phone:
            return plain
        # Blanks and brackets change nothing about a number that names no country; letters and a (0) do.
        form = written if abroad or _LETTER.search(written) else digits
        number = self._written.get(form)
        if number is None:
            number = self._written[form] = phone(form, self._country) or ""
        return number


_END = 7
"""Digits at a number's end that tell it from most others, however it is written."""

_OTHER = re.compile(r"[^0-9]+")
_LETTER = re.compile(r"[^\W\d_]")

_NOBODY = Match((), "none", 0.0, "no lead has this number")


def _only(shelf: _Shelf, by: By, what: str, agent: str | None) -> Match:
    """The one person among them; narrowed to the agent's own leads where there are several."""
    people = shelf.count()
    if people == 1:
        return Match(_keys(shelf), by, CONFIDENCE[by], f"by {what}")
    own = shelf.of(agent) if agent is not None else None
    if own and own.count() == 1:
        reason = f"by {what}, which {people:,} leads have: the one that {agent} owns"
        return Match(_keys(own), by, min(CONFIDENCE[by], NARROWED), reason)
    return Match((), "ambiguous", 0.0, f"{what} belongs to {people:,} leads")


def _keys(shelf: _Shelf) -> tuple[LeadKey, ...]:
    if len(shelf.leads) == 1:
        return (shelf.leads[0].lead,)
    return tuple(sorted({one.lead for one in shelf.leads}))


def _people(leads: Sequence[Reachable]) -> int:
    """How many people they are: joined wherever two have a mailbox in common."""
    root: dict[str, str] = {}

    def top(mark: str) -> str:
        while (above := root.setdefault(mark, mark)) != mark:
            root[mark] = root[above]
            mark = above
        return mark

    for one in leads:
        first, *others = one.mailboxes or (str(one.lead),)
        for other in others:
            root[top(other)] = top(first)
        top(first)
    return len({top(mark) for mark in root})
