"""calendars.yaml: weeks, holidays and single days."""

from datetime import date

import pytest
from holidays import list_supported_countries

from playbook import calendars
from tests.playbook.writing import ids, loaded, problems, with_files

NINE, NOON, ONE, FIVE = 32_400, 43_200, 46_800, 61_200


def test_a_whole_calendar_is_read_as_written() -> None:
    texts = with_files(
        calendars="""\
        calendars:
          berlin:
            timezone: Europe/Berlin
            hours: { mon-thu: [09:00-12:00, 13:00-17:00], fri: 09:00-12:00 }
            holidays: [DE-BE, GB-SCT]
            closed: [2026-12-24, 2026-12-31]
            open: { 2026-12-19: 09:00-12:00 }
            breaks: { 2026-11-27: 12:00-13:00 }
        """
    )
    berlin = loaded(texts).calendars["berlin"]
    assert berlin.week[:5] == (*[((NINE, NOON), (ONE, FIVE))] * 4, ((NINE, NOON),))
    assert berlin.week[5:] == ((), ())
    assert {date(2026, 3, 8), date(2026, 11, 30)} <= berlin.holidays, "Women's Day in Berlin, St Andrew's in Scotland"
    assert berlin.closed == {date(2026, 12, 24), date(2026, 12, 31)}
    assert berlin.open == {date(2026, 12, 19): ((NINE, NOON),)}
    assert berlin.breaks == {date(2026, 11, 27): ((NOON, ONE),)}


def test_a_range_of_days_may_run_over_the_weekend() -> None:
    texts = with_files(calendars="calendars: { berlin: { timezone: UTC, hours: { sat-mon: 09:00-17:00 } } }")
    week = loaded(texts).calendars["berlin"].week
    assert [bool(day) for day in week] == [True, False, False, False, False, True, True]


def test_holidays_are_known_from_2000_to_2050() -> None:
    days = calendars.holidays_of("DE-BE")
    assert {day.year for day in days} == set(range(2000, 2051))


@pytest.mark.slow
def test_holidays_of_hundreds_of_countries_and_their_parts_can_be_written() -> None:
    countries = list_supported_countries(include_aliases=False)
    codes = [*countries, *(f"{country}-{part}" for country, parts in countries.items() for part in parts)]
    having = [code for code in codes if calendars.holidays_of(code)]
    assert len(codes) > 800
    assert set(codes) - set(having) == {"BV", "HM", "IO"}, "islands on which nobody lives"


@pytest.mark.parametrize(
    ("calendar", "id_", "hint"),
    [
        pytest.param(
            "{ timezone: Europe/Berln, hours: { mon: 09:00-17:00 } }", "C102", "Europe/Berlin", id="a time zone"
        ),
        pytest.param("{ timezone: UTC, hours: { mon: 9-17 } }", "C101", "", id="hours without minutes"),
        pytest.param("{ timezone: UTC, hours: { monday: 09:00-17:00 } }", "C101", "mon tue", id="a day written out"),
        pytest.param(
            "{ timezone: UTC, hours: { mon-wed: 09:00-17:00, tue: 09:00-10:00 } }", "C104", "", id="a day twice"
        ),
        pytest.param(
            "{ timezone: UTC, hours: { mon: [09:00-12:00, 11:00-13:00] } }", "C101", "", id="overlapping hours"
        ),
        pytest.param("{ timezone: UTC, hours: {} }", "C101", "", id="never open"),
        pytest.param(
            "{ timezone: UTC, hours: { mon: 09:00-17:00 }, holidays: XX }", "C103", "two capital", id="a country"
        ),
        pytest.param(
            "{ timezone: UTC, hours: { mon: 09:00-17:00 }, holidays: DE-BX }", "C103", "there are", id="a state"
        ),
        pytest.param(
            "{ timezone: UTC, hours: { mon: 09:00-17:00 }, closed: [24.12.2026] }", "V103", "2026-12-24", id="a date"
        ),
        pytest.param(
            "{ timezone: UTC, hours: { mon: 09:00-17:00 }, open: { 2026-02-30: 09:00-10:00 } }",
            "V103",
            "",
            id="30 February",
        ),
        pytest.param("{ hours: { mon: 09:00-17:00 } }", "K102", "", id="no time zone"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_a_problem(calendar: str, id_: str, hint: str) -> None:
    (problem,) = problems(with_files(calendars=f"calendars: {{ berlin: {calendar} }}"))
    assert problem.id == id_
    assert hint in problem.hint


def test_a_calendar_that_is_used_must_exist() -> None:
    texts = with_files(calendars="calendars: { berlim: { timezone: UTC, hours: { mon: 09:00-17:00 } } }")
    (problem,) = problems(texts)
    assert (problem.file, problem.line, problem.column, problem.id) == ("teams.yaml", 1, 20, "N103")
    assert problem.hint == "did you mean 'berlim'?"


def test_a_calendar_cannot_be_called_by_a_word_that_means_something_else() -> None:
    texts = with_files(
        calendars="""\
        calendars:
          berlin: { timezone: UTC, hours: { mon: 09:00-17:00 } }
          ignore: { timezone: UTC, hours: { mon: 09:00-17:00 } }
        """
    )
    assert ids(texts) == ["N202"]


def test_a_calendar_with_only_single_days_opens_on_those() -> None:
    texts = with_files(
        calendars="calendars: { berlin: { timezone: UTC, hours: {}, open: { 2026-12-19: 09:00-12:00 } } }"
    )
    assert ids(texts) == []
