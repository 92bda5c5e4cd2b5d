"""The units of time that RevOps write."""

import pytest

from domain.hours import Span
from playbook import spans


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90 s", Span(90)),
        ("15 min", Span(900)),
        ("15min", Span(900)),
        ("4 h", Span(14_400)),
        ("1.5 h", Span(5_400)),
        ("1.1 h", Span(3_960)),
        ("-15 min", Span(-900)),
        ("1 business day", Span(1, "business_days")),
        ("5 business days", Span(5, "business_days")),
        ("24 h elapsed", Span(86_400, "elapsed")),
        ("1 min elapsed", Span(60, "elapsed")),
        ("30 calendar days", Span(30, "calendar_days")),
    ],
)
def test_an_amount_of_time_is_read_as_documented(text: str, span: Span) -> None:
    assert spans.parse(text) == span


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("15", "of what", id="a number without a unit"),
        pytest.param("2 days", "business days", id="days of either kind"),
        pytest.param("15 minutes", "`min`", id="a unit written out"),
        pytest.param("4 business hours", "`h` alone", id="business hours"),
        pytest.param("1 week", "5 business days", id="weeks"),
        pytest.param("soon", "units are", id="no amount at all"),
        pytest.param("0.5 business days", "units are", id="half a day"),
    ],
)
def test_what_is_no_amount_of_time_says_how_one_is_written(text: str, hint: str) -> None:
    with pytest.raises(spans.NotASpan) as caught:
        spans.parse(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("09:00-12:30", (32_400, 45_000), id="a morning"),
        pytest.param("22:00-06:00", (79_200, 108_000), id="past midnight"),
        pytest.param("00:00-24:00", (0, 86_400), id="a whole day"),
        pytest.param("09:00:30-17:00", (32_430, 61_200), id="seconds"),
    ],
)
def test_hours_are_seconds_from_midnight(text: str, seconds: tuple[int, int]) -> None:
    assert spans.interval(text) == seconds


@pytest.mark.parametrize(
    "text", ["9-17", "09:00", "09:60-10:00", "25:00-26:00", "09:00-09:00", "24:00-06:00", "24:01-06:00"]
)
def test_hours_that_are_no_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"times? of day|ends when|begins at|not two times"):
        spans.interval(text)
