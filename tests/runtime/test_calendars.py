"""People's calendars are read now and then, a few at a time; one that cannot be read stays as it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from connectors.base import TryLater
from domain.people import Absence
from ledger import people
from ledger.store import Ledger, open_ledger
from playbook.book import Playbook, load_texts
from runtime.calendars import MOST, read_calendars
from runtime.services import Services

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOLIDAY = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261124\nSUMMARY:Secret\nEND:VEVENT\nEND:VCALENDAR\n"
FREE = "BEGIN:VCALENDAR\nEND:VCALENDAR\n"


class Office:
    """People with calendars; `says` is what they say by now, nothing where they cannot be read."""

    def __init__(self, ledger: Ledger, people_: int) -> None:
        self.ledger, self.machine = ledger, MONDAY
        self.woken: list[str] = []
        self.says: dict[str, str] = {f"ICS_{number}": HOLIDAY for number in range(people_)}
        self.with_calendars(people_)

    def with_calendars(self, number: int) -> None:
        reps = "".join(
            f"  - {{ email: rep{at}@acme.example, name: Rep, calendar_feed: env:ICS_{at} }}\n" for at in range(number)
        )
        pool = "pools: { sales: { manager: tom@acme.example, members: [ { rep: tom@acme.example } ] } }\n"
        found = load_texts({
            "teams.yaml": f"reps:\n  - {{ email: tom@acme.example, name: Tom }}\n{reps}{pool}",
            "routing.yaml": "fallback: { assign: { pool: sales } }\n",
        })  # fmt: skip
        assert isinstance(found, Playbook), "\n".join(map(str, found))
        self.book = found

    def read(self, crm: str = "hubspot", later: timedelta = timedelta(minutes=5)) -> int:
        self.machine += later
        return read_calendars(
            Services(
                ledger=self.ledger,
                crms={"salesforce": None, "hubspot": None},  # type: ignore[dict-item]
                playbook=lambda: self.book,
                now=lambda: MONDAY,
                machine=lambda: self.machine,
                tell=lambda told: None,
                wake=lambda job, crm, lane: self.woken.append(job),
                log=structlog.get_logger(),
                feed=self.feed,
            ),
            crm,
        )

    def feed(self, variable: str) -> str:
        if variable not in self.says:
            raise TryLater("the calendar feed did not answer")
        return self.says[variable]

    def away(self) -> list[str]:
        with self.ledger.reading() as tx:
            return [absence.rep.partition("@")[0] for absence in people.absences(tx)]


def office(tmp_path: Path, people_: int = 2) -> Office:
    return Office(open_ledger(f"sqlite:///{tmp_path}/ledger.db"), people_)


def test_a_calendar_says_who_is_away_and_no_title_is_kept(tmp_path: Path) -> None:
    there = office(tmp_path, 1)

    there.read()

    day = datetime(2026, 11, 24, tzinfo=UTC)
    with there.ledger.reading() as tx:
        assert people.absences(tx) == [Absence("rep0@acme.example", day, day + timedelta(days=1), None, "calendar")]


def test_a_calendar_that_says_otherwise_is_believed_and_one_that_cannot_be_read_stays(tmp_path: Path) -> None:
    there = office(tmp_path)
    there.read()

    there.says = {"ICS_0": FREE}
    there.read()

    assert there.away() == ["rep1"]


def test_of_meetings_those_of_the_next_day_are_kept(tmp_path: Path) -> None:
    there = office(tmp_path, 1)
    meeting = "DTSTART:20261101T083000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    there.says = {"ICS_0": HOLIDAY.replace("DTSTART;VALUE=DATE:20261124", meeting)}

    there.read()

    with there.ledger.reading() as tx:
        assert [absence.starts.day for absence in people.absences(tx)] == [23, 24]


def test_a_calendar_that_is_not_named_any_more_is_forgotten(tmp_path: Path) -> None:
    there = office(tmp_path)
    there.read()

    there.with_calendars(1)
    there.read()

    assert there.away() == ["rep0"]


def test_calendars_are_read_a_few_at_a_time_by_one_crms_job_and_not_too_often(tmp_path: Path) -> None:
    there = office(tmp_path, MOST + 2)

    assert there.read("salesforce") == 0
    assert [there.read(later=timedelta(seconds=1)) for _ in range(3)] == [MOST, 2, 0]
    assert there.woken == ["calendars"]
    assert len(there.away()) == MOST + 2
