"""Business hours agree with other people's: the suites of 17 libraries, and the due times of a city's live system.

The data are not part of this repository. They are looked for beside it, in `../shared/data`.
"""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest

from domain.hours import Calendar, Span, due, working_seconds

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CASES = DATA / "business_hours" / "cases.json"
BOSTON = DATA / "boston311_h1"

Case = Mapping[str, Any]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Where another library means something else than docs/configuration.md. Each reason has its own expectation below, so
# that a case is never merely skipped.
ENDS_AT_THE_NEXT_OPENING = "pandas ends an amount that uses up an interval at the next opening; ours ends at the close"
ROLLS_ZERO_BACK = "a zero cannot be signed: outside hours ours moves to the next opening, theirs to the last close"
ZERO_STAYS_AT_THE_CLOSE = "to that library the second of the close is open; our intervals are half-open"
ROUNDS_TO_SECONDS = "that library rounds to whole seconds; ours does not round"
CUTS_TO_HOURS = "that library cuts its answer to whole hours; ours does not round"
LESS_THAN_A_SECOND = "the amount is less than a second, which the configuration cannot say"

THEY_DIFFER: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    ENDS_AT_THE_NEXT_OPENING: {
        "pandas": (83, 93, 112, 119, 146, 147, 179, 180, 181, 189, 205, 207, 210, 218, 230, 255),
    },
    ROLLS_ZERO_BACK: {
        "biz": (30, 50, 62, 73),
        "working_hours": (90, 94, 99, 103),
        "business_time": (21, 44),
        "moment-business-time": (5, 7),
        "dayjs-business-time": (35, 37),
        "pandas": (302, 327, 331),
        "businesstimedelta": (16,),
    },
    ZERO_STAYS_AT_THE_CLOSE: {"business-hours-calc": (6,)},
    ROUNDS_TO_SECONDS: {"working_hours": (23, 25, 26, 36, 41, 42, 43)},
    CUTS_TO_HOURS: {"moment-business-time": (60, 64)},
    LESS_THAN_A_SECOND: {"moment-business-time": (53,)},
}
DIFFERENT = {
    f"{library}-{number:03}": reason
    for reason, libraries in THEY_DIFFER.items()
    for library, numbers in libraries.items()
    for number in numbers
}


def cases() -> list[Any]:
    if not CASES.exists():
        reason = "the cases of other libraries are not here: ../shared/data/business_hours/cases.json"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="no data")]
    return [pytest.param(case, id=case["id"]) for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]]


def hours(pairs: list[list[str]]) -> tuple[tuple[int, int], ...]:
    def seconds(text: str) -> int:
        hour, minute, second = (*map(int, text.split(":")), 0)[:3]
        return hour * 3600 + minute * 60 + second

    spans = [(seconds(opens), seconds(closes)) for opens, closes in pairs]
    return tuple((opens, closes if closes > opens else closes + 86_400) for opens, closes in spans)


def dated(days: Mapping[str, list[list[str]]] | None) -> dict[date, tuple[tuple[int, int], ...]]:
    return {date.fromisoformat(day): hours(pairs) for day, pairs in (days or {}).items()}


def calendar_of(case: Case) -> Calendar:
    free = frozenset(map(date.fromisoformat, case["holidays"]))
    special = dated(case.get("date_overrides"))
    if case.get("holiday_beats_override"):  # with us an open day wins: to say this, RevOps would leave the day out
        special = {day: pairs for day, pairs in special.items() if day not in free}
    week = tuple(hours(case["weekly_hours"].get(day, [])) for day in WEEKDAYS)
    return Calendar(case["id"], case["timezone"], week, free, open=special, breaks=dated(case.get("breaks")))


def answer(case: Case, calendar: Calendar) -> float | datetime:
    start = datetime.fromisoformat(case["start"])
    if case["op"] == "between":
        return working_seconds(calendar, start, datetime.fromisoformat(case["end"]))
    sign = -1 if case["direction"] == "backward" else 1
    return due(calendar, start, Span(sign * int(case["amount_seconds"])))


def expected_of(case: Case, key: str = "expected") -> float | datetime:
    return float(case[key]) if case["op"] == "between" else datetime.fromisoformat(case[key])


@pytest.mark.parametrize("case", cases())
def test_hours_agree_with_the_suites_of_other_libraries(case: Case) -> None:
    calendar = calendar_of(case)
    ours, theirs = answer(case, calendar), expected_of(case)
    reason = DIFFERENT.get(case["id"])
    if reason is None:
        assert ours == theirs
        return
    assert ours != theirs, f"{case['id']} agrees by now: strike it from the list of those that differ"
    if isinstance(ours, float) and isinstance(theirs, float):
        assert theirs == (ours // 3600 * 3600 if reason == CUTS_TO_HOURS else pytest.approx(ours, abs=0.75))
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        # The same moment of the working time, said the other way.
        assert abs(working_seconds(calendar, theirs, ours)) < (1 if reason == LESS_THAN_A_SECOND else 1e-6)
    if reason == ENDS_AT_THE_NEXT_OPENING:
        assert ours == expected_of(case, "reference_value")


NEW_YORK = ZoneInfo("America/New_York")
CITY_HALL = Calendar(
    "city hall",
    "America/New_York",
    (((30_600, 61_200),),) * 5 + ((), ()),  # 08:30 to 17:00
    holidays=frozenset(holidays.country_holidays("US", subdiv="MA", years=range(2014, 2018))),
)
SETTLED = 0.99
"""Types of request whose target, as inferred in the data, holds for so many rows. Of the other types people set the
target anew, for a while or by hand: over all types of business days no single number per type and week explains more
than 97.3 % of the rows, whatever the calendar."""


def business_days_of_settled_types() -> dict[str, int]:
    with (BOSTON / "inferred_sla_rules_by_type.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["type"]: int(row["best_rule"].split()[0])
            for row in csv.DictReader(file)
            if row["best_rule"].endswith("business days") and float(row["agreement"]) >= SETTLED
        }


def requests() -> Iterator[tuple[str, datetime, datetime]]:
    """Each request with a due time: its type, when it was opened, and when the city's system said it was due."""
    with gzip.open(BOSTON / "boston311_2015_h1.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["target_dt"]:
                opened, target = (datetime.fromisoformat(row[key]) for key in ("open_dt", "target_dt"))
                yield row["type"], opened.replace(tzinfo=NEW_YORK), target.replace(tzinfo=NEW_YORK)


@pytest.mark.skipif(not BOSTON.exists(), reason="the city's requests are not here: ../shared/data/boston311_h1")
def test_business_days_agree_with_a_citys_live_system() -> None:
    targets = business_days_of_settled_types()
    off_by = [
        abs(due(CITY_HALL, opened, Span(targets[kind], "business_days")) - target)
        for kind, opened, target in requests()
        if kind in targets
    ]
    agreeing = sum(one <= timedelta(minutes=3) for one in off_by)
    assert len(off_by) > 10_000
    assert agreeing / len(off_by) >= 0.995, f"{agreeing} of {len(off_by)} due times agree"
