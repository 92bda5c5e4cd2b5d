"""Calendar feeds: who is away, who is in a meeting, and what is neither."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
import responses

from connectors.base import Refused, TryLater
from connectors.calendar_feed import busy, fetch
from domain.people import Absence

ANA = "ana@acme.example"
BERLIN = ZoneInfo("Europe/Berlin")
NOVEMBER, NEXT_YEAR = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def calendar(*events: str) -> str:
    lines = "".join(f"BEGIN:VEVENT\nUID:u1\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nDTSTART:19700101T000000\nEND:VTIMEZONE\n{lines}END:VCALENDAR\n"


def told(*events: str) -> list[Absence]:
    return busy(calendar(*events).replace("\n", "\r\n"), ANA, BERLIN, NOVEMBER, NEXT_YEAR)


def at(day: int, hour: float, month: int = 11) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour)


NINE = "DTSTART:20261123T090000\nDTEND:20261123T120000"


def test_an_event_is_a_meeting_in_the_persons_own_time() -> None:
    assert told(NINE) == [Absence(ANA, at(23, 8), at(23, 11), None, "calendar", meeting=True)]


@pytest.mark.parametrize(
    ("event", "starts", "ends"),
    [
        pytest.param("DTSTART;VALUE=DATE:20261123", at(22, 23), at(23, 23), id="a whole day"),
        pytest.param(
            "DTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261126", at(22, 23), at(25, 23), id="several days"
        ),
        pytest.param(f"{NINE}\nX-MICROSOFT-CDO-BUSYSTATUS:OOF", at(23, 8), at(23, 11), id="shown as out of office"),
        pytest.param(f"{NINE}\nSUMMARY:Out of\n  office", at(23, 8), at(23, 11), id="called so, on two lines"),
    ],
)
def test_whole_days_and_out_of_office_are_absences(event: str, starts: datetime, ends: datetime) -> None:
    assert told(event) == [Absence(ANA, starts, ends, None, "calendar")]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(f"{NINE}\nSTATUS:CANCELLED", id="cancelled"),
        pytest.param(f"{NINE}\nTRANSP:TRANSPARENT", id="free"),
        pytest.param("DTSTART;VALUE=DATE:20261123\nTRANSP:TRANSPARENT", id="a birthday"),
        pytest.param(f"{NINE}\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", id="tentative"),
        pytest.param("DTSTART:20261123T090000", id="without an end"),
        pytest.param("DTSTART:2026", id="without a time"),
        pytest.param("DTSTART:20251123T090000Z\nDURATION:PT1H", id="long ago"),
        pytest.param("SUMMARY:nothing", id="without anything"),
    ],
)
def test_what_is_not_busy_is_nothing(event: str) -> None:
    assert told(event) == []


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        pytest.param("DTSTART;TZID=America/New_York:20261123T090000\nDURATION:PT1H", at(23, 14), id="a zone"),
        pytest.param(
            'DTSTART;TZID="W. Europe Standard Time":20261123T090000\nDURATION:PT1H', at(23, 8), id="a strange one"
        ),
        pytest.param("DTSTART:20261123T090000Z\nDURATION:PT1H", at(23, 9), id="UTC"),
    ],
)
def test_times_are_those_of_their_zone(event: str, starts: datetime) -> None:
    assert [one.starts for one in told(event)] == [starts]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        pytest.param("FREQ=DAILY;COUNT=3", [23, 24, 25], id="three days"),
        pytest.param("FREQ=DAILY;INTERVAL=2;UNTIL=20261127T080000Z", [23, 25, 27], id="every other day until then"),
        pytest.param("FREQ=DAILY;UNTIL=20261124", [23, 24], id="until a day"),
        pytest.param("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", [23, 25, 30], id="two days a week"),
        pytest.param("FREQ=WEEKLY;BYDAY=SU,TU;COUNT=2;WKST=SU", [24, 29], id="days after the first"),
        pytest.param("FREQ=WEEKLY;BYDAY=1MO", [23], id="a rule that is not understood happens once"),
        pytest.param("FREQ=DAILY;COUNT=many", [], id="a number that is none"),
    ],
)
def test_events_that_repeat_are_laid_out(rule: str, days: list[int]) -> None:
    assert [one.starts for one in told(f"{NINE}\nRRULE:{rule}")] == [at(day, 8) for day in days]


def test_an_event_stays_at_nine_when_the_clocks_change() -> None:
    event = "DTSTART;TZID=Europe/Berlin:20261018T090000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY"

    found = [one.starts for one in busy(calendar(event), ANA, BERLIN, at(1, 0, month=10), NEXT_YEAR)]

    assert found == [at(18, 7, month=10), at(18, 8), at(18, 8, month=12)]


def test_exceptions_and_moved_events_are_heeded() -> None:
    series = f"{NINE}\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20261124T090000"
    moved = "RECURRENCE-ID:20261125T090000\nDTSTART:20261125T150000\nDURATION:PT1H"

    assert [one.starts for one in told(series, moved)] == [at(23, 8), at(25, 14), at(26, 8)]


def test_a_series_without_end_does_not_run_for_ever() -> None:
    assert len(told("DTSTART:18000101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY")) == 0
    assert len(told(f"{NINE}\nRRULE:FREQ=YEARLY;INTERVAL=99999")) == 1


ADDRESS = "https://calendar.example/secret.ics"


@responses.activate
def test_a_feed_is_fetched() -> None:
    responses.get(ADDRESS, body=calendar(NINE))

    assert "BEGIN:VEVENT" in fetch(ADDRESS)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"status": 503}, TryLater, id="not there just now"),
        pytest.param({"status": 404}, Refused, id="gone"),
        pytest.param({"body": "<html>sign in</html>"}, Refused, id="a page instead"),
        pytest.param({"body": requests.ConnectionError(ADDRESS)}, TryLater, id="no answer"),
        pytest.param({"body": calendar(*[NINE] * 200_000)}, Refused, id="larger than any calendar"),
        pytest.param({"body": calendar(NINE)[:-20]}, TryLater, id="it breaks off"),
    ],
)
@responses.activate
def test_a_feed_that_cannot_be_read_is_an_error_that_does_not_tell_its_address(
    answer: dict[str, Any], error: type[Exception]
) -> None:
    responses.get(ADDRESS, **answer)

    with pytest.raises(error) as raised:
        fetch(ADDRESS)

    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
