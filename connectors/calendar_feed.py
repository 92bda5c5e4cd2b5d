"""Calendar feeds (iCalendar, RFC 5545): when somebody is away or in a meeting. Titles are never kept: they are private.

An event that shows as out of office, or lasts whole days, is an absence; another one that shows as busy is a meeting;
what is free, tentative or cancelled is neither. Events that repeat are laid out by the rules that calendars write
(every so many days, weeks on some days, months or years, with an end and exceptions); of one with another rule only the
first time is known.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests

from connectors.base import Refused, TryLater
from connectors.wire import Timeout, seconds
from domain.people import Absence

TIMEOUT: Timeout = (3.05, 20.0)
LARGEST = 10_000_000
"""Bytes of a feed. A larger one is no calendar of one person."""

LONGEST = 60.0
"""Seconds for which a feed is read that comes in dribs and drabs."""

MOST_TIMES = 4_000
"""How often an event is followed, from its first time on."""


def fetch(url: str, timeout: Timeout = TIMEOUT) -> str:
    """The feed's text. Its address is a secret, so no error repeats it. TryLater when it is not there just now, Refused
    when it is none."""
    try:
        with requests.get(url, timeout=timeout, stream=True) as answer:
            text = _text(answer)
    except requests.RequestException as error:
        # The error's own text names the address.
        raise TryLater(f"the calendar feed did not answer: {type(error).__name__}") from None
    if "BEGIN:VCALENDAR" not in text:
        raise Refused("the calendar feed is no calendar: it needs the address of an ICS file")
    if "END:VCALENDAR" not in text:
        raise TryLater("the calendar feed breaks off in the middle")
    return text


def _text(answer: requests.Response) -> str:
    if answer.status_code == 429 or answer.status_code >= 500:
        after = seconds(answer.headers.get("Retry-After"))
        raise TryLater(f"the calendar feed answered {answer.status_code}", after)
    if answer.status_code >= 300:
        raise Refused(f"the calendar feed answered {answer.status_code}: is its address still right?")
    ends = monotonic() + LONGEST
    body = bytearray()
    for part in answer.iter_content(65_536):
        body += part
        if len(body) > LARGEST:
            # Half of it would say that somebody is there who is away.
            raise Refused(f"the calendar feed is larger than {LARGEST // 1_000_000} MB: no calendar of one person is")
        if monotonic() > ends:
            raise TryLater(f"the calendar feed was still coming after {LONGEST:.0f} s")
    return body.decode("utf-8", "replace")


def busy(text: str, rep: str, zone: ZoneInfo, since: datetime, until: datetime) -> list[Absence]:
    """The person's absences and meetings between two moments, in order. Times without a zone are local to `zone`."""
    events = [event for fields in _events(text) if (event := _event(fields, zone))]
    moved = {(event.uid, event.instead_of) for event in events if event.instead_of}
    found = {
        Absence(rep, starts.astimezone(UTC), ends.astimezone(UTC), None, "calendar", event.meeting)
        for event in events
        if event.blocks
        for starts, ends in _times(event, until)
        if ends > since and starts < until and (event.instead_of or (event.uid, starts) not in moved)
    }
    return sorted(found, key=lambda one: (one.starts, one.ends, one.meeting))


_Fields = Mapping[str, list[tuple[Mapping[str, str], str]]]
"""By name: the parameters and the value of each line."""


@dataclass(frozen=True, slots=True)
class _Event:
    """Times are local to the event's own zone, so that it stays at nine when the clocks change."""

    uid: str
    starts: datetime
    lasts: timedelta
    rule: Mapping[str, str]
    left_out: frozenset[datetime]
    blocks: bool
    meeting: bool
    instead_of: datetime | None


def _events(text: str) -> Iterator[_Fields]:
    fields: dict[str, list[tuple[Mapping[str, str], str]]] = {}
    inside: list[str] = []
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        name, parameters, value = _split(line)
        if name == "BEGIN":
            inside.append(value)
            if value == "VEVENT":
                fields = {}
        elif name == "END":
            if value == "VEVENT":
                yield fields
            if inside:
                inside.pop()
        elif inside and inside[-1] == "VEVENT":
            fields.setdefault(name, []).append((parameters, value))


def _split(line: str) -> tuple[str, Mapping[str, str], str]:
    """`DTSTART;TZID="Europe/Berlin":20261123T090000` as name, parameters and value."""
    found = re.match(r'([^:";]+)((?:;[^:";=]+=(?:"[^"]*"|[^:";]*))*):(.*)', line)
    if not found:
        return line, {}, ""
    parts = re.findall(r';([^:";=]+)=("[^"]*"|[^:";]*)', found[2])
    return found[1].upper(), {key.upper(): value.strip('"') for key, value in parts}, found[3].strip()


def _event(fields: _Fields, zone: ZoneInfo) -> _Event | None:
    """None for one whose times cannot be read."""
    try:
        starts, whole_day = _moment(*fields["DTSTART"][0], zone)
        if "DTEND" in fields:
            lasts = _moment(*fields["DTEND"][0], zone)[0].astimezone(UTC) - starts.astimezone(UTC)
        elif "DURATION" in fields:
            lasts = _duration(fields["DURATION"][0][1])
        else:
            lasts = timedelta(days=1) if whole_day else timedelta(0)
        left_out = {_moment(how, one, zone)[0] for how, ones in fields.get("EXDATE", ()) for one in ones.split(",")}
        instead_of = _moment(*fields["RECURRENCE-ID"][0], zone)[0] if "RECURRENCE-ID" in fields else None
    except (KeyError, ValueError, OverflowError):
        return None
    shows = _value(fields, "X-MICROSOFT-CDO-BUSYSTATUS") or (
        "FREE" if _value(fields, "TRANSP") == "TRANSPARENT" else ""
    )
    away = shows == "OOF" or whole_day or _value(fields, "SUMMARY").startswith("OUT OF OFFICE")
    return _Event(
        uid=_value(fields, "UID"),
        starts=starts,
        lasts=lasts,
        rule={} if instead_of else _rule(_value(fields, "RRULE")),
        left_out=frozenset(left_out),
        blocks=lasts > timedelta(0)
        and shows not in ("FREE", "TENTATIVE")
        and _value(fields, "STATUS") not in _NOT_HELD,
        meeting=not away,
        instead_of=instead_of,
    )


_NOT_HELD = ("CANCELLED", "TENTATIVE")


def _value(fields: _Fields, name: str) -> str:
    return fields[name][0][1].upper() if name in fields else ""


def _moment(how: Mapping[str, str], value: str, zone: ZoneInfo) -> tuple[datetime, bool]:
    """A time, and whether it is a whole day."""
    if len(value) == len("20261123"):
        return datetime.combine(date.fromisoformat(value), time(), zone), True
    if value.endswith("Z"):
        return datetime.fromisoformat(value[:-1]).replace(tzinfo=UTC), False
    return datetime.fromisoformat(value).replace(tzinfo=_zone(how.get("TZID"), zone)), False


def _zone(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """Some programs write names of their own; then the person's own zone is meant nearly always."""
    try:
        return ZoneInfo(name) if name else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text)
    if not found:
        raise ValueError(f"{text!r} is not a duration")
    weeks, days, hours, minutes, secs = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=secs)


# Events that repeat ---------------------------------------------------------------------------------------------------

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})


def _rule(text: str) -> Mapping[str, str]:
    """Empty for an event that happens once, and for a rule that is not understood."""
    rule = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    by_day = rule.get("BYDAY", "").split(",") if "BYDAY" in rule else []
    weekly = rule.get("FREQ") == "WEEKLY" and all(day in _DAYS for day in by_day)
    return rule if rule.keys() <= _KNOWN and (weekly or not by_day) else {}


def _times(event: _Event, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of every time that the event happens, up to a moment."""
    try:
        last = min(_last(event), until)
        most = min(int(event.rule.get("COUNT", MOST_TIMES)), MOST_TIMES)
        starts = _starts(event, max(1, int(event.rule.get("INTERVAL", 1))))
        for number, at in enumerate(starts):
            if number >= most or at > last:
                return
            if at not in event.left_out:
                yield at, (at.astimezone(UTC) + event.lasts)
    except (ValueError, OverflowError):  # a rule that leaves the calendar, or has numbers that are none
        return


def _last(event: _Event) -> datetime:
    """The last moment at which the event may begin; a date is that whole day."""
    if "UNTIL" not in event.rule:
        return datetime.max.replace(tzinfo=UTC)
    last, whole_day = _moment({}, event.rule["UNTIL"], ZoneInfo("UTC"))
    return last.replace(tzinfo=event.starts.tzinfo) + timedelta(days=1) - timedelta.resolution if whole_day else last


def _starts(event: _Event, every: int) -> Iterator[datetime]:
    """By the clocks of the event's own zone."""
    first = event.starts
    match event.rule.get("FREQ"):
        case "DAILY":
            yield from (first + timedelta(days=every * number) for number in range(MOST_TIMES))
        case "WEEKLY":
            days = sorted(_DAYS.index(day) for day in event.rule.get("BYDAY", _DAYS[first.weekday()]).split(","))
            monday = first - timedelta(days=first.weekday())
            weeks = (monday + timedelta(weeks=every * number) for number in range(MOST_TIMES))
            yield from (at for week in weeks for day in days if (at := week + timedelta(days=day)) >= first)
        case "MONTHLY" | "YEARLY" as often:
            months = every * (12 if often == "YEARLY" else 1)
            for number in range(MOST_TIMES):
                month = first.month - 1 + months * number
                if first.day <= monthrange(first.year + month // 12, month % 12 + 1)[1]:
                    yield first.replace(year=first.year + month // 12, month=month % 12 + 1)
        case _:
            yield first
