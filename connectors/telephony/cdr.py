"""Files of calls: an Asterisk CDR, with or without a first line that names its columns, and the generic table.

Asterisk does not say which way a call went: it knows channels and numbers. The plainest sign of these is taken: an
extension's few digits, the channels' names, names of contexts that everybody uses, and last who has a name in the
exchange.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.lines import Broken, Fault, Line, NotATable, moment, read
from connectors.telephony.legs import Leg
from domain.activities import AnsweredBy, Direction

GENERIC = ("call_id", "started_at", "answered_at", "ended_at", "direction", "from", "to", "agent")

ASTERISK = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield",
)  # fmt: skip
"""The order in which cdr_csv writes. `uniqueid` and `userfield` are there where cdr.conf says so."""

NEWER = ("peeraccount", "linkedid", "sequence")
"""What follows with `newcdrcolumns=yes`."""

_ALSO = {"calldate": "start", "starttime": "start", "answertime": "answer", "endtime": "end"}
"""Other names of columns: FreePBX's and cdr_adaptive_odbc's."""

_PLAIN = frozenset({"start", "src", "dst", "disposition"})


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: `zone` is that of times that name none (None: as the calls' ids tell, else UTC);
    calls in the contexts `inbound` come in, whatever else they look like. Of a file that is not read as a `whole`,
    nothing is learnt from its calls together: of a few new lines it would often be wrong."""

    zone: ZoneInfo | None = None
    inbound: frozenset[str] = frozenset()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Which columns a file has, by name, and whether it is Asterisk's."""

    columns: Mapping[str, int]
    asterisk: bool
    width: int


_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def legs_of_file(path: Path, reading: Reading, report: Callable[[Fault], None]) -> list[Leg]:
    """Every leg of a file. NotATable where it is no file of calls; OSError where there is no such file."""
    with path.open("rb") as raw:
        if raw.read(2) in _UTF16:
            raise NotATable("this is UTF-16: save it as CSV in UTF-8")
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
        return legs(enumerate(file, start=1), reading, report)


def legs(
    numbered: Iterable[tuple[int, str]], reading: Reading, report: Callable[[Fault], None], table: Table | None = None
) -> list[Leg]:
    """Every leg that the lines tell of. What cannot be read is reported and stops nothing.

    `table` is what `begins` found in the file's first line, where that is not among the lines. NotATable where the
    first line is neither.
    """
    rows: list[Leg | _Row] = []
    for each in read(numbered):
        if isinstance(each, Fault):
            report(each)
            continue
        if table is None:
            named, table = begins(each)
            if named:
                continue
        try:
            rows.append(_generic(each, table, reading, report) if not table.asterisk else _row(each, table, reading))
        except Broken as problem:
            report(each.fault(problem.at, str(problem)))
    ways = _Ways.learnt([row for row in rows if reading.whole and isinstance(row, _Row)], reading.inbound)
    return [ways.leg(row) if isinstance(row, _Row) else row for row in rows]


def begins(line: Line) -> tuple[bool, Table]:
    """Whether a file's first line names its columns, and which columns it has. NotATable where it is neither."""
    names = [_ALSO.get(name, name) for name in (cell.lower().strip("# ") for cell in line.cells)]
    columns = {name: at for at, name in reversed(list(enumerate(names))) if name}
    if "call_id" in columns:
        if missing := {"started_at", "from", "to"} - columns.keys():
            raise NotATable(f"the column {_listed(missing)} is missing: the first line must be {','.join(GENERIC)}")
        return True, Table(columns, asterisk=False, width=len(names))
    if columns.keys() >= _PLAIN:
        return True, Table(columns, asterisk=True, width=len(names))
    # A first line that is broken is no reason to leave the others unread.
    if len(names) > 1 and not any(name in GENERIC for name in names):
        return False, Table({}, asterisk=True, width=0)
    hint = "; the values are separated by semicolons, and must be by commas" if ";" in line.text else ""
    raise NotATable(
        "this is no file of calls: it must be an Asterisk CDR (16 to 21 columns), or its first line must be "
        f"{','.join(GENERIC)}{hint}"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


# --- the generic table --------------------------------------------------------------------------------------------

_DIRECTIONS: Mapping[str, Direction] = {
    "outbound": "outbound", "outgoing": "outbound", "out": "outbound",
    "inbound": "inbound", "incoming": "inbound", "in": "inbound",
    "internal": "internal",
}  # fmt: skip

_MACHINE = re.compile(
    r"(^|[^a-z])(announcement|answering machine|auto ?attendant|bot|ivr|machine|mail ?box|menu|robot|vm|voice ?mail)"
    r"([^a-z]|$)"
)
"""What stands in the place of an agent where none took part."""


def _generic(line: Line, table: Table, reading: Reading, report: Callable[[Fault], None]) -> Leg:
    if len(line.cells) != table.width:
        raise Broken(min(len(line.cells), table.width), _width(len(line.cells), f"{table.width}"))
    columns = table.columns
    value = _values(line, columns)
    if not value("call_id"):
        raise Broken(columns["call_id"], "the row has no call_id")
    zone = reading.zone or UTC
    started = _time(value, columns, "started_at", zone)
    if started is None:
        raise Broken(columns["started_at"], "the row has no started_at")
    answered, ended = (_time(value, columns, name, zone) for name in ("answered_at", "ended_at"))
    for name, before, after in (("answered_at", started, answered), ("ended_at", answered or started, ended)):
        if after is not None and after < before:
            what = "started" if name == "answered_at" or answered is None else "was answered"
            raise Broken(columns[name], f"{name} is before the call {what}")
    direction = _DIRECTIONS.get(word := value("direction").lower())
    if word and direction is None:
        at = columns["direction"]
        report(line.fault(at, f"{word!r} is no direction (inbound, outbound, internal), and is left out"))
    talked = int((ended - answered).total_seconds()) if answered and ended else 0
    agent = value("agent") or None
    by: AnsweredBy = "nobody"
    if talked > 0:
        # Whoever rang in and reached none of ours was answered by a menu or a mailbox.
        alone = agent is None and "agent" in columns and direction == "inbound"
        by = "machine" if alone or (agent and _MACHINE.search(agent.lower())) else "human"
    return Leg(
        call=value("call_id"),
        channel=value("call_id"),
        started_at=started,
        ended_at=ended or answered or started,
        talk_seconds=talked,
        answered_by=by,
        direction=direction,
        caller=value("from"),
        callee=value("to"),
        agent=agent,
    )


def _values(line: Line, columns: Mapping[str, int]) -> Callable[[str], str]:
    """What stands in the column of a name; nothing where the file has no such column."""

    def value(name: str) -> str:
        at = columns.get(name)
        return line.cells[at] if at is not None else ""

    return value


def _time(value: Callable[[str], str], columns: Mapping[str, int], name: str, zone: tzinfo | None) -> datetime | None:
    """The time in that column; None where nothing stands there, or the zeros of a database."""
    text = value(name)
    if not text or text.startswith("0000"):
        return None
    try:
        return moment(text, zone)
    except (ValueError, OverflowError):
        raise Broken(columns[name], f"{name} {text[:40]!r} is not a date with a time") from None


def _width(found: int, wanted: str) -> str:
    return f"{found} values, and not {wanted}: a comma in a value needs quotes, or the line was cut off"


# --- Asterisk -----------------------------------------------------------------------------------------------------

_ANSWERED, _IN_VAIN = "ANSWERED", frozenset({"NO ANSWER", "NOANSWER", "BUSY", "FAILED", "CONGESTION", "CANCEL"})

_PUTS_THROUGH = frozenset(
    "dial retrydial queue followme bridge bridgewait appdial appdial2 appqueue confbridge meetme pickup page".split()
)
"""Applications that connect people. Whatever else a call ended in (Hangup, Wait, Answer, Playback, VoiceMail, an IVR)
is the exchange itself, which had nobody to put the call through to."""

_HIDDEN = frozenset({"NOT_AVAILABLE", "<unknown>", "unknown", "s"})


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of Asterisk's, read, before it is known which way calls go here."""

    call: str
    channel: str
    started_at: datetime
    ended_at: datetime
    talk_seconds: int
    answered_by: AnsweredBy
    busy: bool
    caller: str
    callee: str
    name: str
    context: str
    calling: str | None
    called: str | None
    did: bool
    record: str


def _row(line: Line, table: Table, reading: Reading) -> _Row:
    columns = table.columns or _positions(line)
    if table.width and len(line.cells) != table.width:
        raise Broken(min(len(line.cells), table.width), _width(len(line.cells), f"{table.width}"))
    value = _values(line, columns)
    started = _time(value, columns, "start", None)
    if started is None:
        raise Broken(columns["start"], "the row has no start")
    id_ = value("uniqueid")
    # Systems write some times with their zone and others without, in one line too.
    zone = reading.zone or started.tzinfo or _zone_of(started, id_)
    started = started if started.tzinfo else started.replace(tzinfo=zone)
    answered, ended = (_time(value, columns, name, zone) for name in ("answer", "end"))
    duration, billed = (_seconds(columns, value, name) for name in ("duration", "billsec"))
    state = value("disposition").upper().replace("_", " ")
    if state != _ANSWERED and state not in _IN_VAIN:
        shown = value("disposition")[:40]
        raise Broken(columns["disposition"], f"disposition {shown!r} is none that Asterisk writes")
    if ended is None:
        ended = started + timedelta(seconds=duration or 0)
    if ended < started:
        raise Broken(columns.get("end", columns["start"]), "the call ends before it starts")
    if billed is None:
        billed = int((ended - answered).total_seconds()) if answered else 0
    talked = billed if state == _ANSWERED else 0
    return _Row(
        call=value("linkedid") or id_,
        channel=id_,
        started_at=started,
        ended_at=ended,
        talk_seconds=talked,
        answered_by=_answered_by(talked, value("lastapp"), value("dstchannel"), columns),
        busy=state == "BUSY",
        caller=_shown(value("src")),
        callee=_shown(value("did")) if value("dst") == "s" and value("did") else _shown(value("dst")),
        name=_caller_name(value("clid")),
        context=value("dcontext").lower(),
        calling=_extension(value("channel")),
        called=_extension(value("dstchannel")),
        did=bool(value("did")),
        record=(found[1] or found[2]) if (found := _RECORD.fullmatch(value("userfield"))) else "",
    )


def _positions(line: Line) -> Mapping[str, int]:
    """The columns of a line without names, by their number."""
    count, plain = len(line.cells), len(ASTERISK)
    if not plain - 2 <= count <= plain + len(NEWER):
        raise Broken(min(count, plain), _width(count, f"{plain - 2} to {plain + len(NEWER)}"))
    newer = count > plain
    names = [*ASTERISK[: count - len(NEWER) if newer else count], *(NEWER if newer else ())]
    if count == plain - 1 and not _CHANNEL_ID.fullmatch(line.cells[-1]):
        names[-1] = "userfield"
    return {name: at for at, name in enumerate(names)}


_RECORD = re.compile(r"(?:salesforce:|hubspot:)(\w+)|(00Q\w{12}(?:\w{3})?)")
"""A CRM record's id, as a dial-plan or a click-to-dial may leave it in `userfield`."""

_CHANNEL_ID = re.compile(r".*\d{9,10}\.\d+")


def _seconds(columns: Mapping[str, int], value: Callable[[str], str], name: str) -> int | None:
    text = value(name)
    if not text:
        return None
    if not (text.isascii() and re.fullmatch(r"\d{1,8}(\.\d+)?", text)):
        raise Broken(columns[name], f"{name} {text[:40]!r} is not a number of seconds")
    return int(float(text))


QUARTER = 900
"""Seconds: offsets from UTC are multiples of a quarter of an hour."""


def _zone_of(started: datetime, id_: str) -> tzinfo:
    """The offset that a call's id tells: it begins with the second at which the channel began, and the line says what
    the clock on the wall showed then. UTC where the id is of another kind, or the leg began much later."""
    found = re.search(r"(\d{9,10})\.\d+$", id_)
    if started.tzinfo is not None or not found:
        return UTC
    ahead = (started.replace(tzinfo=UTC) - datetime.fromtimestamp(int(found[1]), UTC)).total_seconds()
    quarters = round(ahead / QUARTER)
    # The leg may begin a while after its channel, and an offset is at most 14 hours.
    if -5 <= ahead - quarters * QUARTER <= 120 and abs(quarters) <= 14 * 4:
        return timezone(timedelta(seconds=quarters * QUARTER)) if quarters else UTC
    return UTC


def _answered_by(talked: int, application: str, to: str, columns: Mapping[str, int]) -> AnsweredBy:
    if talked <= 0:
        return "nobody"
    if application.lower() not in _PUTS_THROUGH:
        return "machine"
    # Whoever waited in a queue and left was answered by its music.
    waited = application.lower() == "queue" and "dstchannel" in columns and not to
    return "machine" if waited else "human"


def _shown(number: str) -> str:
    return "" if number in _HIDDEN else number


def _caller_name(clid: str) -> str:
    """`Ana Doe` of `"Ana Doe" <101>`; nothing where only the number stands there, once more as the name."""
    name, _, number = clid.partition("<")
    name = name.strip().strip('"').strip()
    return "" if not name or name == number.rstrip(">") or name.lower() in ("unknown", "anonymous") else name


_PEER = re.compile(r"(?:Local|Agent|Member|[A-Za-z0-9]+)/(?:[a-z]-)?([^-@/;:]+)(?:@[^;]*?)?(?:-[0-9a-f]+)?(?:;[12])?")
_SHORT = re.compile(r"\d{2,6}")


def _extension(channel: str) -> str | None:
    """The extension of `PJSIP/101-000000af`; None for trunks, which have names."""
    found = _PEER.fullmatch(channel)
    return found[1] if found and _SHORT.fullmatch(found[1]) else None


_COMES_IN = re.compile(
    r"from-?(trunk|pstn|did|outside|external|zaptel|dahdi|sip-external|provider|carrier)|incoming|inbound|ext-did|(^|[-_])ivr"
)
_GOES_OUT = re.compile(r"from-?(internal|inside|phones|users|extensions)|outgoing|outbound|outrt|dial-?out|trunk-?dial")


@dataclass(slots=True)
class _Ways:
    """Which way calls go in each context of an exchange, and which numbers are its own."""

    inbound: frozenset[str]
    contexts: dict[str, Direction] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    @classmethod
    def learnt(cls, rows: Sequence[_Row], inbound: frozenset[str]) -> "_Ways":
        """What a file's rows together say about those that do not say it themselves. An exchange names its own
        phones; who rings in has a number only. Where all have names, or none has, many ring few, and few ring many."""
        ways = cls(frozenset(name.lower() for name in inbound))
        unsure = [row for row in rows if ways._plain(row) is None]
        told = len({bool(row.name) for row in unsure}) == 2
        for context, theirs in _by_context(unsure):
            callers, called = {row.caller for row in theirs}, {row.callee for row in theirs}
            if told:
                named = sum(bool(row.name) for row in theirs)
                ways.contexts[context] = "outbound" if 2 * named > len(theirs) else "inbound"
            elif len(callers) != len(called):
                ways.contexts[context] = "inbound" if len(callers) > len(called) else "outbound"
        ways.own = frozenset(
            row.caller for row in unsure if row.name and ways.contexts.get(row.context) == "outbound" and row.caller
        )
        return ways

    def leg(self, row: _Row) -> Leg:
        """The row, with its direction and who of ours took part."""
        direction = self._plain(row) or self._by_numbers(row) or self.contexts.get(row.context)
        ours = (row.called, row.callee) if direction == "inbound" else (row.calling, row.caller)
        return Leg(
            call=row.call,
            channel=row.channel,
            started_at=row.started_at,
            ended_at=row.ended_at,
            talk_seconds=row.talk_seconds,
            answered_by=row.answered_by,
            direction=direction,
            caller=row.caller,
            callee=row.callee,
            agent=next((one for one in ours if one), None) if direction else None,
            busy=row.busy,
            record=row.record,
        )

    def _plain(self, row: _Row) -> Direction | None:
        """What the row itself says."""
        if row.did or row.context in self.inbound:
            return "inbound"
        to_extension = bool(_SHORT.fullmatch(row.callee))
        if row.calling or _SHORT.fullmatch(row.caller):
            return "internal" if to_extension else "outbound"
        if to_extension or row.called or _COMES_IN.search(row.context):
            return "inbound"
        return "outbound" if _GOES_OUT.search(row.context) else None

    def _by_numbers(self, row: _Row) -> Direction | None:
        if row.callee not in self.own:
            return None
        return "internal" if row.caller in self.own else "inbound"


def _by_context(rows: Iterable[_Row]) -> Iterator[tuple[str, list[_Row]]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.context, []).append(row)
    yield from found.items()
