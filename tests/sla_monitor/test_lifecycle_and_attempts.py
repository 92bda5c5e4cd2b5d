"""What happens to a lead does to each clock what the table says; attempts come at another time of day."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.clocks import Clock, ClockKind, State, Step
from domain.hours import Calendar
from domain.leads import LeadKey
from sla_monitor.attempts import at_another_time
from sla_monitor.lifecycle import LIFECYCLE, Effect, Happening, happen

HOUR = 3600
NINE, TEN, NOON = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (9, 10, 12))
LEAD = LeadKey("salesforce", "acme", "Lead", "00Q1")
RUNNING = Clock(LEAD, 0, ClockKind.FIRST_RESPONSE, "hot", NINE, NOON, (Step(NOON, "breach"),), next_at=NOON)


@pytest.mark.parametrize("kind", ClockKind)
@pytest.mark.parametrize("happening", Happening)
def test_a_running_clock_does_what_the_table_says(happening: Happening, kind: ClockKind) -> None:
    after = happen(replace(RUNNING, kind=kind), happening, TEN)
    expected = {Effect.MEETS: State.MET, Effect.GOES_ON: State.RUNNING}
    assert after.state == expected.get(LIFECYCLE[happening][kind], State.ENDED)


@pytest.mark.parametrize("happening", Happening)
def test_a_breach_that_has_happened_is_never_undone_by_what_happens_later(happening: Happening) -> None:
    breached = replace(RUNNING, state=State.BREACHED, breached_at=NOON)
    later = NOON.replace(hour=13)
    assert happen(breached, happening, later).state == State.BREACHED


# Attempts. Monday 23 November 2026; Berlin is an hour ahead of UTC.

OFFICE = Calendar("office", "Europe/Berlin", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day_of", "tried", "zone", "expected"),
    [
        pytest.param(utc(24, 9), [], None, utc(24, 9), id="nothing was tried: it stays"),
        pytest.param(utc(24, 12), [utc(23, 8)], None, utc(24, 12), id="tried in the morning: at midday it stays"),
        pytest.param(utc(24, 8), [utc(23, 8)], None, utc(24, 13), id="again in the morning: until the end of midday"),
        pytest.param(
            utc(24, 8), [utc(23, 8), utc(23, 11)], None, utc(24, 16), id="morning and midday: until the office closes"
        ),
        pytest.param(utc(24, 8), [utc(23, 8), utc(23, 11), utc(23, 15)], None, utc(24, 8), id="at all times: it stays"),
        pytest.param(
            utc(24, 16), [utc(23, 15)], "America/New_York", utc(24, 16), id="midday there, after the morning there"
        ),
        pytest.param(
            utc(24, 8), [utc(23, 8)], "Asia/Tokyo", utc(24, 8), id="the only time at which it is day in both: it stays"
        ),
        pytest.param(utc(24, 8), [utc(23, 8)], "Mars/Olympus", utc(24, 13), id="no time zone: the office's"),
    ],
)
def test_an_attempt_is_due_in_a_part_of_the_day_in_which_none_was_made(
    day_of: datetime, tried: list[datetime], zone: str | None, expected: datetime
) -> None:
    assert at_another_time(OFFICE, day_of, tried, zone) == expected
