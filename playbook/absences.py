"""`absences.csv`: who is away from when to when, and who stands in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.hours import Calendar
from domain.people import Absence, Rep
from playbook.problems import Id
from playbook.reading import Reading
from playbook.tables import Row, rows

FILE = "absences.csv"
COLUMNS = ("email", "from", "to", "cover", "reason")


def read(reading: Reading, reps: Mapping[str, Rep], calendars: Mapping[str, Calendar]) -> tuple[Absence, ...]:
    """The absences. A date is that whole day, at the end of an absence too; dates and times without an offset are
    those of the rep's calendar, or UTC where he has none."""
    if FILE not in reading.texts:
        return ()
    found: list[tuple[Absence, Row]] = []
    for row in rows(FILE, reading.texts[FILE], COLUMNS[:3], COLUMNS, reading.problems):
        email = row.values["email"].lower()
        cover = row.values.get("cover", "").lower() or None
        zone = zone_of(reps.get(email), calendars)
        starts, ends = _moment(row, "from", zone, reading), _moment(row, "to", zone, reading)
        known = [_is_person(row, "email", email, reps, reading), _is_person(row, "cover", cover, reps, reading)]
        if starts is None or ends is None or not all(known):
            continue
        if ends <= starts:
            reading.problems.append(row.problem("to", Id.OUT_OF_RANGE, f"{email} would be back before he leaves"))
            continue
        found.append((Absence(email, starts, ends, cover, row.values.get("reason", "")), row))
    _check_covers(found, reading)
    return tuple(absence for absence, _ in found)


def _check_covers(found: Sequence[tuple[Absence, Row]], reading: Reading) -> None:
    """Nobody stands in, through whatever line of covers who are away then too, for himself."""
    reported: set[str] = set()
    for absence, row in found:
        line, at, until = [absence.rep], absence.starts, absence.ends
        following: Absence | None = absence
        while following and following.cover and following.cover not in line:
            line.append(following.cover)
            away_too = (one for one, _ in found if one.rep == line[-1] and at < one.ends and one.starts < until)
            following = next(away_too, None)
            if following:
                at, until = max(at, following.starts), min(until, following.ends)
        if following and following.cover == absence.rep and absence.rep not in reported:
            reported.update(line)
            loop = " -> ".join([*line, absence.rep])
            message = f"nobody is there from {at:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC: {loop}"
            reading.problems.append(row.problem("cover", Id.COVER_LOOP, message, "name somebody who is there"))


def _is_person(row: Row, column: str, email: str | None, reps: Mapping[str, Rep], reading: Reading) -> bool:
    if email is None or email in reps:
        return True
    if reps:
        reading.problems.append(row.nobody(column, email, reps))
    return False


def zone_of(rep: Rep | None, calendars: Mapping[str, Calendar]) -> ZoneInfo:
    """The time zone of the person's calendar; UTC for whoever has none."""
    calendar = calendars.get(rep.hours or "") if rep else None
    return ZoneInfo(calendar.timezone if calendar else "UTC")


def moment(text: str, zone: ZoneInfo, *, end: bool) -> datetime:
    """The start of an absence, or its end, in UTC: `2026-12-24` is the whole of that day, `2026-12-24T13:00` the time
    in `zone`, unless it has an offset of its own. ValueError where it is neither, OverflowError beyond all calendars.
    """
    if len(text) == len("2026-12-24"):
        day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


HOW = "write 2026-12-24 or 2026-12-24T13:00"


def _moment(row: Row, column: str, zone: ZoneInfo, reading: Reading) -> datetime | None:
    text = row.values[column]
    try:
        return moment(text, zone, end=column == "to")
    except (ValueError, OverflowError):
        reading.problems.append(row.problem(column, Id.NOT_A_DATE, f"{text!r} is neither a date nor a time", HOW))
        return None
