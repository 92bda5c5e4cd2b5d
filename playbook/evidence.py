"""`evidence.yaml`: where calls and mails outside the CRM are heard of, and which mails nobody wrote himself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playbook.calendars import timezone
from playbook.kinds import (
    Given,
    Kind,
    address,
    from_environment,
    list_of,
    mapping_of,
    person,
    record,
    span,
    text,
    word,
)
from playbook.problems import Id
from playbook.reading import Node
from playbook.suggest import nearest
from router import places

FILE = "evidence.yaml"

SERVICES = ("aircall", "twilio")
"""Telephone services whose webhooks are understood."""

EVERY = 300.0
"""Seconds between two looks into a folder or a mailbox, where the file does not say."""

_LONGEST = 24 * 3600


@dataclass(frozen=True, slots=True)
class CallFiles:
    """A folder of call detail records: the variable that holds its path, and how often it is looked into (seconds).

    `country` is that of numbers without one, `zone` that of times without one (None: as the calls' ids tell). `agents`
    are people by the extension or name that the telephone system gives them.
    """

    folder: str
    every: float = EVERY
    zone: str | None = None
    country: str | None = None
    inbound: frozenset[str] = frozenset()
    agents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallService:
    """A telephone service that sends webhooks, and the variable that holds what they are checked with."""

    service: str
    secret: str
    country: str | None = None
    agents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of a mailbox: the variable that holds its address with the sign-in (`imaps://user:password@host`)."""

    url: str
    folder: str = "Sent"
    every: float = EVERY


@dataclass(frozen=True, slots=True)
class MailLogs:
    """A folder of a mail server's message-tracking files."""

    folder: str
    every: float = EVERY


@dataclass(frozen=True, slots=True)
class Sources:
    """All that is heard of. What `senders` send, and what carries one of `headers` (lower case), no person wrote."""

    files: tuple[CallFiles, ...] = ()
    services: tuple[CallService, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    logs: tuple[MailLogs, ...] = ()
    senders: frozenset[str] = frozenset()
    headers: tuple[str, ...] = ()


def _every(node: Node) -> float | None:
    found = span.read(node)
    if found is None:
        return None
    if found.kind in ("business_days", "calendar_days"):
        node.problem(Id.NOT_A_SPAN, f"{node.label} is real time, such as `5 min`")
        return None
    if found.amount > _LONGEST:
        message = f"{node.label} is {node.value}: breaches would be told that were none"
        node.problem(Id.OUT_OF_RANGE, message, "write at most `24 h`; `5 min` is usual")
        return None
    return float(found.amount)


def _country(node: Node) -> str | None:
    written = text.read(node)
    if written is None:
        return None
    code = places.country(written)
    if code is None:
        message = f"{node.subject_prefix}{written!r} is not a country that is known"
        node.problem(Id.NO_SUCH_COUNTRY, message, "write its two-letter code, such as DE")
    return code


def _header(node: Node) -> str | None:
    value = text.read(node)
    if value is None:
        return None
    if not re.fullmatch(r"[!-9;-~]+", value):
        message = f"{node.subject_prefix}{value!r} cannot be the name of a header"
        node.problem(Id.NOT_ONE_OF, message, "write the name alone, such as X-Campaign")
        return None
    return value.lower()


_EVERY = Kind(_every, span.schema)
_COUNTRY = Kind(_country, {"type": "string"})
_AGENTS = mapping_of(person, "agent")

_CALLS = record(
    {
        "cdr": from_environment,
        "every": _EVERY,
        "timezone": timezone,
        "country": _COUNTRY,
        "inbound": list_of(text),
        "agents": _AGENTS,
    },
    required=("cdr",),
)
_WEBHOOK = record(
    {"webhook": word(*SERVICES), "secret": from_environment, "country": _COUNTRY, "agents": _AGENTS},
    required=("webhook", "secret"),
)
_IMAP = record({"imap": from_environment, "folder": text, "every": _EVERY}, required=("imap",))
_TRACKING = record({"tracking": from_environment, "every": _EVERY}, required=("tracking",))


def _files(given: Given) -> CallFiles | None:
    if "cdr" not in given.values:
        return None
    return CallFiles(
        folder=given.get("cdr"),
        every=given.get("every", EVERY),
        zone=given.get("timezone"),
        country=given.get("country"),
        inbound=frozenset(given.get("inbound", ())),
        agents=_folded(given.get("agents", {})),
    )


def _service(given: Given) -> CallService | None:
    if "webhook" not in given.values or "secret" not in given.values:
        return None
    agents = _folded(given.get("agents", {}))
    return CallService(given.get("webhook"), given.get("secret"), given.get("country"), agents)


def _folded(agents: Mapping[str, str]) -> dict[str, str]:
    return {name.casefold(): address_ for name, address_ in agents.items()}


def _mailbox(given: Given) -> Mailbox | None:
    if "imap" not in given.values:
        return None
    return Mailbox(given.get("imap"), given.get("folder", "Sent"), given.get("every", EVERY))


def _logs(given: Given) -> MailLogs | None:
    return MailLogs(given.get("tracking"), given.get("every", EVERY)) if "tracking" in given.values else None


def _either(first: str, one: Kind[Any], second: str, other: Kind[Any]) -> Kind[Any]:
    """One of two kinds of source, told apart by the key that names it."""

    def read(node: Node) -> Any:
        if not isinstance(node.value, dict):
            node.expected(f"a mapping with `{first}` or `{second}`")
            return None
        named = [key for key in (first, second) if key in node.value]
        # A key that is nearly one of them is reported by the record that it was meant for.
        named = named or [meant for key in node.value if (meant := nearest(key, (first, second)))][:1]
        if len(named) == 1:
            return one.read(node) if named == [first] else other.read(node)
        message = f"exactly one of `{first}` or `{second}` is needed; it has {'both' if named else 'none'}"
        node.problem(Id.ONE_OF_THESE, f"{node.subject_prefix}{message}", "write each as an entry of its own")
        return None

    return Kind(read, {"anyOf": [one.schema, other.schema]})


_TELEPHONY = list_of(_either("cdr", _CALLS.then(_files), "webhook", _WEBHOOK.then(_service)))
_MAIL = list_of(_either("imap", _IMAP.then(_mailbox), "tracking", _TRACKING.then(_logs)))

EVIDENCE = record(
    {
        "telephony": _TELEPHONY,
        "mail": _MAIL,
        "automated": record({"senders": list_of(address), "headers": list_of(Kind(_header, {"type": "string"}))}),
    }
)


def read(root: Node | None) -> Sources:
    """The sources that the file names; none without a file."""
    given = EVIDENCE.read(root) if root else None
    if given is None:
        return Sources()
    sources = [*given.get("telephony", ()), *given.get("mail", ())]
    _told_apart(given, "telephony", ("cdr",))
    _told_apart(given, "mail", ("imap", "tracking"))
    automated = given.get("automated")
    return Sources(
        files=tuple(each for each in sources if isinstance(each, CallFiles)),
        services=tuple(each for each in sources if isinstance(each, CallService)),
        mailboxes=tuple(each for each in sources if isinstance(each, Mailbox)),
        logs=tuple(each for each in sources if isinstance(each, MailLogs)),
        senders=frozenset(automated.get("senders", ())) if automated else frozenset(),
        headers=tuple(dict.fromkeys(automated.get("headers", ()))) if automated else (),
    )


def _told_apart(given: Given, key: str, names: tuple[str, ...]) -> None:
    """Each folder is named once: how far it was read is kept under that name."""
    seen: set[tuple[object, ...]] = set()
    for each in given.nodes[key].elements() if key in given.nodes else ():
        value = each.value if isinstance(each.value, dict) else {}
        marks = [(name, value[name], value.get("folder")) for name in names if isinstance(value.get(name), str)]
        for mark in marks:
            if mark in seen:
                each.problem(Id.NAME_TWICE, f"`{mark[0]}: {mark[1]}` is written twice", "take one out")
            seen.add(mark)
