"""Hear: calls and mails from outside the CRM become activities on leads, and move their clocks as any other does.

Sources are read into the ledger first; whose leads a call or a mail concerns is found out from there. So a webhook is
answered at once, and dying in between costs nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors import folder
from connectors.base import ConnectorError, NotSignedIn, Refused
from connectors.lines import Fault, Line, NotATable, read
from connectors.mail import mailbox, tracking
from connectors.mail.headers import Automated
from connectors.telephony import cdr
from connectors.telephony.legs import calls
from domain.activities import Activity, Call, Mail, happened
from domain.leads import LeadKey
from domain.phones import phone
from ledger import cursors, evidence, heard, leads
from ledger.heard import Heard
from playbook.book import Playbook
from playbook.evidence import CallFiles, CallService, Mailbox, Sources
from router.domains import mailbox_key
from runtime.observe import learn
from runtime.services import Services
from sla_monitor.matching import Leads, Match

FIRST_LOOK = timedelta(days=1)
"""How far back the first look into a mailbox goes."""

KEPT = timedelta(days=30)
"""What happened before is not kept: it proves nothing any more for clocks that run."""

AT_ONCE = 500
"""Calls and mails that are matched in one transaction."""

MOST_FAULTS = 10
"""Broken lines of one file that are told in one look; of the others the number."""

_CRM = "heard"
"""In place of a CRM's name, in the cursors of sources."""


def hear(services: Services, crm: str) -> int:
    """Look into every source whose time has come, then find out whose leads everything new concerns. Returns how many
    activities were new or have changed.

    Sources belong to no CRM: of several, the first one's job reads them. What has kept one source from being read is
    raised after the others were.
    """
    if crm != min(services.crms) or services.playbook().sources == Sources():
        return 0
    _file_earlier_leads(services)
    first: ConnectorError | None = None
    more = False
    for source in _sources(services.playbook().sources):
        try:
            more |= _look(services, source, source.every)
        except ConnectorError as problem:
            first = first or type(problem)(f"{source.name}: {problem}")
    learnt = settle(services)
    with services.ledger.writing() as tx:
        heard.forget(tx, services.now() - KEPT)
    if more:
        services.wake("hear", crm, "bulk")
    if first:
        raise first
    return learnt


FRESH = 10.0
"""Seconds for which a look is good enough to hold against somebody that it has found nothing."""

_MOST_LOOKS = 5


def catch_up(services: Services) -> None:
    """Hear of everything that has happened until now, before it is held against anybody that nothing has.

    TryLater where a source cannot be read just now. One that nobody can read until a person has looked after it keeps
    no clock from being acted on: it is said, and what it would tell does not count until then.
    """
    sources = services.playbook().sources
    if sources == Sources():
        return
    for source in _sources(sources):
        try:
            for _ in range(_MOST_LOOKS):
                if not _look(services, source, min(source.every, FRESH)):
                    break
        except (Refused, NotSignedIn) as problem:
            services.log.error("a source of evidence cannot be read", source=source.name, problem=str(problem))
    settle(services)


_FILED, _DONE = "numbers of leads", "done"


def _file_earlier_leads(services: Services) -> None:
    """Leads that were decided before there was anything to hear of are found by their numbers, too: some with each
    job, until all are."""
    with services.ledger.reading() as tx:
        if cursors.position(tx, _CRM, _FILED, "read") == _DONE:
            return
    with services.ledger.writing() as tx:
        position = cursors.position(tx, _CRM, _FILED, "read") or "0"
        if position != _DONE:
            last = leads.file_numbers(tx, int(position), AT_ONCE)
            after = _DONE if last is None else str(last)
            cursors.move(tx, _CRM, _FILED, "read", services.machine(), after)


# --- sources ------------------------------------------------------------------------------------------------------


class _Source(Protocol):
    """Something that is looked into. `name` tells it from the others, `every` is in seconds."""

    name: str
    every: float

    def look(self, services: Services, position: str | None) -> "tuple[Sequence[Call | Mail], str, bool]":
        """What is new, where the next look goes on, and whether there is more at once."""
        ...


def _sources(of: Sources) -> Iterator[_Source]:
    automated = Automated(of.senders, of.headers)
    yield from (_Folder(f"cdr:{one.folder}", one.every, one.folder, _calls_in(one)) for one in of.files)
    yield from (_Folder(f"tracking:{one.folder}", one.every, one.folder, _mails_in(automated)) for one in of.logs)
    yield from (_Imap(one, automated) for one in of.mailboxes)


def _look(services: Services, source: _Source, every: float) -> bool:
    """Look into a source, unless somebody has within `every` seconds. Whether there is more at once."""
    at = services.machine()
    with services.ledger.reading() as tx:
        looked = cursors.get(tx, _CRM, source.name, "read")
        position = cursors.position(tx, _CRM, source.name, "read")
    if looked is not None and at - looked < timedelta(seconds=every):
        return False
    told, after, more = source.look(services, position)
    now = services.now()
    fresh = [one for one in told if happened(one) >= now - KEPT]
    # Where there is more, the next look is due at once.
    moved = (looked or _NEVER) if more else at
    with services.ledger.writing() as tx:
        heard.keep(tx, source.name, fresh, now)
        cursors.move(tx, _CRM, source.name, "read", moved, after)
    return more


_NEVER = datetime.fromtimestamp(0, UTC)


_ReadPart = Callable[[folder.Part, Callable[[Fault], None]], Sequence[Call | Mail]]


class _Folder:
    def __init__(self, name: str, every: float, variable: str, of_part: _ReadPart) -> None:
        self.name, self.every, self._variable, self._of_part = name, every, variable, of_part

    def look(self, services: Services, position: str | None) -> tuple[Sequence[Call | Mail], str, bool]:
        found = folder.look(Path(_set(services, self._variable)), position)
        told: list[Call | Mail] = []
        for part in found.parts:
            faults: list[Fault] = []
            try:
                told += self._of_part(part, faults.append)
            except NotATable as problem:
                services.log.error("a file cannot be read", source=self.name, file=part.file, problem=str(problem))
            for fault in faults[:MOST_FAULTS]:
                where = f"{part.file}:{fault.line}:{fault.column}"
                services.log.warning("a line cannot be read", source=self.name, where=where, problem=fault.message)
            if len(faults) > MOST_FAULTS:
                more = len(faults) - MOST_FAULTS
                services.log.warning("more lines cannot be read", source=self.name, file=part.file, lines=more)
        return told, found.position, found.more


def _calls_in(source: CallFiles) -> _ReadPart:
    reading = cdr.Reading(ZoneInfo(source.zone) if source.zone else None, source.inbound, whole=False)

    def of_part(part: folder.Part, report: Callable[[Fault], None]) -> Sequence[Call]:
        begins = (
            next((one for one in read([(1, part.first[0])]) if isinstance(one, Line)), None) if part.first else None
        )
        named, table = cdr.begins(begins) if begins else (False, None)
        lines = [one for one in part.lines if not (named and one[0] == 1)]
        return calls(cdr.legs(lines, reading, report, table))

    return of_part


def _mails_in(automated: Automated) -> _ReadPart:
    return lambda part, report: tracking.mails(part.first, part.lines, automated, report)


class _Imap:
    def __init__(self, source: Mailbox, automated: Automated) -> None:
        self.name, self.every = f"imap:{source.url}/{source.folder}", source.every
        self._source, self._automated = source, automated

    def look(self, services: Services, position: str | None) -> tuple[Sequence[Call | Mail], str, bool]:
        address = mailbox.address_of(_set(services, self._source.url))
        since = services.now() - FIRST_LOOK
        found = mailbox.look(address, self._source.folder, position, since, self._automated)
        return found.mails, found.position, found.more


def _set(services: Services, variable: str) -> str:
    value = services.variable(variable)
    if not value:
        raise Refused(f"{variable} is not set: set it in the environment of every Fairlead process")
    return value


# --- whose leads --------------------------------------------------------------------------------------------------


def settle(services: Services) -> int:
    """Match everything that was heard and not settled yet. Returns how many activities were new or have changed."""
    learnt = 0
    while True:
        with services.ledger.reading() as tx:
            if not heard.unsettled(tx, 1):
                return learnt
        playbook, now = services.playbook(), services.now()
        with services.ledger.writing() as tx:
            waiting = heard.unsettled(tx, AT_ONCE)
            settled, activities = _matched(tx, playbook, waiting)
            learnt += learn(tx, playbook, activities, now)
            heard.settle(tx, settled)
        if len(waiting) < AT_ONCE:
            return learnt


def _matched(tx: Connection, playbook: Playbook, waiting: Sequence[Heard]) -> tuple[list[Heard], list[Activity]]:
    settled: list[Heard] = []
    activities: list[Activity] = []
    by_country: dict[str | None, list[Heard]] = {}
    for one in waiting:
        country = _source_of(playbook.sources, one.source).country if isinstance(one.what, Call) else None
        by_country.setdefault(country, []).append(one)
    for country, some in by_country.items():
        index = _leads(tx, some, country)
        answered = heard.leads_of_mails(
            tx, {id_ for one in some if isinstance(one.what, Mail) for id_ in one.what.answers}
        )
        for one in some:
            note, found = (
                _of_call(one, one.what, index, playbook)
                if isinstance(one.what, Call)
                else _of_mail(tx, one, one.what, index, playbook, answered)
            )
            settled.append(replace(one, leads=tuple(each.lead for each in found), note=note))
            activities += found
    return settled, activities


def _leads(tx: Connection, some: Sequence[Heard], country: str | None) -> Leads:
    """An index of the leads that these may concern."""
    numbers, mailboxes, records = set[str](), set[str](), set[str]()
    for one in some:
        if isinstance(one.what, Call):
            written = (one.what.number, one.what.own_number)
            numbers |= {number for text in written if text and (number := phone(text, country))}
            mailboxes |= {mailbox for text in one.what.addresses if (mailbox := mailbox_key(text))}
            records |= {one.what.record} - {""}
        else:
            every = (one.what.sender, *one.what.recipients)
            mailboxes |= {mailbox for text in every if (mailbox := mailbox_key(text))}
    return Leads(leads.reachable(tx, numbers, mailboxes, records), country)


_UNKNOWN = CallFiles("")


def _source_of(sources: Sources, name: str) -> CallFiles | CallService:
    """What the file says of the source; of one that is not in it any more, nothing."""
    files = {f"cdr:{one.folder}": one for one in sources.files}
    services: Mapping[str, CallService] = {one.service: one for one in sources.services}
    return files.get(name) or services.get(name) or _UNKNOWN


_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def _person(agent: str | None, agents: Mapping[str, str]) -> str | None:
    """The e-mail address of whom the telephone system calls so."""
    if not agent:
        return None
    if known := agents.get(agent.casefold()):
        return known
    return agent.lower() if _ADDRESS.fullmatch(agent) else None


def _of_call(one: Heard, call: Call, index: Leads, playbook: Playbook) -> tuple[str, list[Activity]]:
    by = _person(call.agent, _source_of(playbook.sources, one.source).agents)
    mailboxes = [mailbox for text in call.addresses if (mailbox := mailbox_key(text))]
    match = index.of_call(call, by, [call.record] if call.record else [], mailboxes)
    machine = by in playbook.not_people
    inbound = match.inbound or call.direction == "inbound"
    return match.reason, [
        Activity(
            id=f"{one.source.partition(':')[0]}:{call.id}",
            crm=lead.crm,
            lead=lead,
            kind="call",
            happened_at=call.started_at,
            logged_at=max(one.learnt_at, call.started_at),
            by=by,
            direction="inbound" if inbound else "outbound" if call.direction else None,
            talk_seconds=call.talk_seconds,
            answered=call.answered_by == "human",
            automated=machine,
            why_automated=f"a call of {by}, who is no person" if machine else "",
            confidence=match.confidence,
        )
        for lead in match.leads
    ]


def _of_mail(
    tx: Connection,
    one: Heard,
    mail: Mail,
    index: Leads,
    playbook: Playbook,
    answered: Mapping[str, tuple[LeadKey, ...]],
) -> tuple[str, list[Activity]]:
    """A mail from one of ours is one to every lead among its recipients; any other is its sender's, if that is a lead,
    or whoever it answers."""
    ours = mail.sender in playbook.rules.reps or mail.sender in playbook.not_people
    sender = index.of_mail(mailbox_key(mail.sender) or "")
    if not ours and not sender.leads:
        sender = _by_thread(mail, answered) or sender
    if sender.leads and not ours:
        return sender.reason, [_reply(tx, one, mail, lead, sender.confidence) for lead in sender.leads]
    found = [index.of_mail(mailbox) for text in mail.recipients if (mailbox := mailbox_key(text))]
    matched = {lead: match for match in found for lead in match.leads}
    machine = mail.sender in playbook.not_people
    why = mail.automated or (f"a mail of {mail.sender}, who is no person" if machine else "")
    activities = [
        Activity(
            id=mail.id,
            crm=lead.crm,
            lead=lead,
            kind="email",
            happened_at=mail.sent_at,
            logged_at=max(one.learnt_at, mail.sent_at),
            by=mail.sender,
            direction="outbound",
            automated=bool(why),
            why_automated=why,
            confidence=match.confidence,
        )
        for lead, match in sorted(matched.items())
    ]
    return next((match.reason for match in matched.values()), "no lead has one of its addresses"), activities


THREAD = 0.97
"""An answer to a mail of a lead's, from an address that the lead does not have."""


def _by_thread(mail: Mail, answered: Mapping[str, tuple[LeadKey, ...]]) -> Match | None:
    for id_ in mail.answers:
        if theirs := answered.get(id_):
            return Match(theirs, "id", THREAD, f"it answers the mail {id_}")
    return None


def _reply(tx: Connection, one: Heard, mail: Mail, lead: LeadKey, confidence: float) -> Activity:
    """What a lead writes is a reply where it answers a mail, or we have written before."""
    before = evidence.of(tx, [lead]).get(lead, ()) if not mail.answers else ()
    written = any(
        each.kind == "email" and each.direction == "outbound" and each.happened_at < mail.sent_at for each in before
    )
    return Activity(
        id=mail.id,
        crm=lead.crm,
        lead=lead,
        kind="email",
        happened_at=mail.sent_at,
        logged_at=max(one.learnt_at, mail.sent_at),
        direction="inbound",
        reply=bool(mail.answers) or written,
        automated=bool(mail.automated),
        why_automated=mail.automated,
        confidence=confidence,
    )
