"""Business hours agree with other people's: the suites of 17 libraries, the due times of a city's live system, and an
authority's holidays and clock changes. All questions go through `fairlead due`, in the language of `config/`.

The data are not part of this repository. They are looked for beside it, in `../shared/data`.
"""

import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from domain.hours import always, working_seconds
from playbook.book import load_calendars
from playbook.calendars import holidays_of
from scripts.due import command

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CASES = DATA / "business_hours" / "cases.json"
BOSTON = DATA / "boston311_h1"
HOLIDAYS = DATA / "holidays"

Case = Mapping[str, Any]


def asked(folder: Path, rows: Sequence[Mapping[str, str]], calendars: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What `fairlead due` answers, by id. JSON is YAML."""
    folder.mkdir(exist_ok=True)
    (folder / "calendars.yaml").write_text(json.dumps({"calendars": calendars}), encoding="utf-8")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    files = [f"--config={folder}", f"--in={folder / 'rows.csv'}", f"--out={folder / 'out.csv'}"]
    ran = CliRunner().invoke(command, files)
    assert ran.exit_code == 0, ran.output
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def tell(capsys: pytest.CaptureFixture[str], lines: Iterable[str]) -> None:
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


# Where another library means something else than docs/configuration.md. Each reason has its own expectation below, so
# that a case is never merely skipped.
ENDS_AT_THE_NEXT_OPENING = "pandas ends an amount that uses up an interval at the next opening; ours ends at the close"
ROLLS_ZERO_BACK = "a zero cannot be signed: outside hours ours moves to the next opening, theirs to the last close"
ZERO_STAYS_AT_THE_CLOSE = "to that library the second of the close is open; our intervals are half-open"
ROUNDS_TO_SECONDS = "that library rounds to whole seconds; ours does not round"
CUTS_TO_HOURS = "that library cuts its answer to whole hours; ours does not round"

CANNOT_BE_SPELT = {"moment-business-time-053": "an amount of less than a second, which `config/` cannot say"}
"""Of these no question is asked."""

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
}
DIFFERENT = {
    f"{library}-{number:03}": reason
    for reason, libraries in THEY_DIFFER.items()
    for library, numbers in libraries.items()
    for number in numbers
}


def cases() -> list[Case]:
    found: list[Case] = json.loads(CASES.read_text(encoding="utf-8"))["cases"] if CASES.exists() else []
    return found


def parameters() -> list[Any]:
    if not CASES.exists():
        reason = "the cases of other libraries are not here: ../shared/data/business_hours/cases.json"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="no data")]
    return [pytest.param(case, id=case["id"]) for case in cases() if case["id"] not in CANNOT_BE_SPELT]


def spelt(case: Case) -> dict[str, Any]:
    """The case's calendar as RevOps would write it."""
    closed, special = case["holidays"], case.get("date_overrides") or {}
    if case.get("holiday_beats_override"):  # with us an open day wins: to say this, RevOps would leave the day out
        special = {day: pairs for day, pairs in special.items() if day not in closed}
    return {
        "timezone": case["timezone"],
        "hours": {day: hours(pairs) for day, pairs in case["weekly_hours"].items() if pairs},
        "closed": closed,
        "open": {day: hours(pairs) for day, pairs in special.items()},
        "breaks": {day: hours(pairs) for day, pairs in (case.get("breaks") or {}).items()},
    }


def hours(pairs: list[list[str]]) -> list[str]:
    return [f"{opens}-{closes if closes != opens else '24:00'}" for opens, closes in pairs]


def question(case: Case) -> dict[str, str]:
    row = {"id": case["id"], "calendar": case["id"], "start": case["start"]}
    if case["op"] == "between":
        return row | {"end": case["end"]}
    sign = -1 if case["direction"] == "backward" else 1
    return row | {"target": f"{sign * int(case['amount_seconds'])} s"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth")


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, float | datetime]:
    found: dict[str, float | datetime] = {}
    for op in ("add", "between"):
        some = [case for case in cases() if case["op"] == op and case["id"] not in CANNOT_BE_SPELT]
        told = asked(folder / op, [question(case) for case in some], {case["id"]: spelt(case) for case in some})
        assert len(told) == len(some)
        for id_, row in told.items():
            found[id_] = float(row["working_seconds"]) if op == "between" else datetime.fromisoformat(row["due"])
    return found


def expected_of(case: Case, key: str = "expected") -> float | datetime:
    return float(case[key]) if case["op"] == "between" else datetime.fromisoformat(case[key])


@pytest.mark.parametrize("case", parameters())
def test_hours_agree_with_the_suites_of_other_libraries(
    case: Case, answers: Mapping[str, float | datetime], folder: Path
) -> None:
    ours, theirs = answers[case["id"]], expected_of(case)
    reason = DIFFERENT.get(case["id"])
    if reason is None:
        assert ours == theirs
        return
    assert ours != theirs, f"{case['id']} agrees by now: strike it from the list of those that differ"
    if isinstance(ours, float) and isinstance(theirs, float):
        assert theirs == (ours // 3600 * 3600 if reason == CUTS_TO_HOURS else pytest.approx(ours, abs=0.75))
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        # The same moment of the working time, said the other way.
        calendars = load_calendars(folder / case["op"])
        assert isinstance(calendars, Mapping)
        assert abs(working_seconds(calendars[case["id"]], theirs, ours)) < 1e-6
    if reason == ENDS_AT_THE_NEXT_OPENING:
        assert ours == expected_of(case, "reference_value")


@pytest.mark.skipif(not CASES.exists(), reason="the cases of other libraries are not here")
def test_how_many_cases_of_other_libraries_agree(
    answers: Mapping[str, float | datetime], capsys: pytest.CaptureFixture[str]
) -> None:
    agreeing = [case for case in cases() if answers.get(case["id"]) == expected_of(case)]
    tell(
        capsys,
        [
            f"business hours: {len(agreeing)} of {len(cases())} cases of other libraries agree; the others:",
            *(f"{count:>5}  {reason}" for reason, count in Counter(DIFFERENT.values()).most_common()),
            *(f"{1:>5}  {reason}" for reason in CANNOT_BE_SPELT.values()),
        ],
    )
    assert len(agreeing) + len(DIFFERENT) + len(CANNOT_BE_SPELT) == len(cases())


NEW_YORK = ZoneInfo("America/New_York")
CITY_HALL = {"timezone": "America/New_York", "hours": {"mon-fri": "08:30-17:00"}, "holidays": "US-MA"}
SETTLED = 0.99
"""Types of request whose target, as inferred in the data, holds for so many rows. Of the other types people set the
target anew, for a while or by hand: over all types of business days no single number per type and week explains more
than 97.3 % of the rows, whatever the calendar."""
CLOSE_ENOUGH = timedelta(minutes=3)


def business_days_of_settled_types() -> dict[str, str]:
    with (BOSTON / "inferred_sla_rules_by_type.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["type"]: row["best_rule"]
            for row in csv.DictReader(file)
            if row["best_rule"].endswith("business days") and float(row["agreement"]) >= SETTLED
        }


def requests() -> Iterator[dict[str, str]]:
    """Each request for which the city's system said when it was due."""
    with gzip.open(BOSTON / "boston311_2015_h1.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["target_dt"])


def overdue(row: Mapping[str, str], due: datetime) -> bool:
    """Closed after it was due, or never: the data were written down long afterwards."""
    return not row["closed_dt"] or datetime.fromisoformat(row["closed_dt"]).replace(tzinfo=NEW_YORK) > due


@pytest.mark.skipif(not BOSTON.exists(), reason="the city's requests are not here: ../shared/data/boston311_h1")
def test_business_days_and_breaches_agree_with_a_citys_live_system(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = business_days_of_settled_types()
    rows = [row for row in requests() if row["type"] in targets]
    told = asked(
        folder / "boston",
        [
            {
                "id": row["case_enquiry_id"],
                "start": row["open_dt"],
                "target": targets[row["type"]],
                "calendar": "city hall",
            }
            for row in rows
        ],
        {"city hall": CITY_HALL},
    )
    both = [
        (
            row,
            datetime.fromisoformat(told[row["case_enquiry_id"]]["due"]),
            datetime.fromisoformat(row["target_dt"]).replace(tzinfo=NEW_YORK),
        )
        for row in rows
    ]
    agreeing = [one for one in both if abs(one[1] - one[2]) <= CLOSE_ENOUGH]
    flagged = [one for one in both if one[0]["ontime_status"]]
    by_theirs = [one for one in flagged if overdue(one[0], one[2]) == (one[0]["ontime_status"] == "OVERDUE")]
    comparable = [one for one in agreeing if one[0]["ontime_status"]]
    by_ours = [one for one in comparable if overdue(one[0], one[1]) == (one[0]["ontime_status"] == "OVERDUE")]
    tell(
        capsys,
        [
            f"a city's live system, {len(targets)} types of business days:",
            f"  due times within 3 minutes: {len(agreeing):,} of {len(both):,} ({len(agreeing) / len(both):.2%})",
            f"  breaches, where the due times agree: {len(by_ours):,} of {len(comparable):,}",
            f"  breaches, by the city's own due times: {len(by_theirs):,} of {len(flagged):,}",
        ],
    )
    assert len(both) > 10_000
    assert len(agreeing) / len(both) >= 0.995
    assert by_ours == comparable
    assert by_theirs == flagged


DIVISIONS = {
    "england-and-wales": ("GB-ENG", "GB-WLS"),
    "scotland": ("GB-SCT",),
    "northern-ireland": ("GB-NIR",),
}


@pytest.mark.skipif(not HOLIDAYS.exists(), reason="the authority's holidays are not here: ../shared/data/holidays")
def test_holidays_are_an_authoritys_day_for_day(capsys: pytest.CaptureFixture[str]) -> None:
    """And no others, but for those on a weekend in whose place the authority gives another day."""
    with (HOLIDAYS / "bank_holidays_flat.csv").open(encoding="utf-8", newline="") as file:
        dates = [(row["division"], date.fromisoformat(row["date"])) for row in csv.DictReader(file)]
    years = {day.year for _, day in dates}
    ours = {code: {day for day in holidays_of(code) if day.year in years} for of in DIVISIONS.values() for code in of}
    known = sum(all(day in ours[code] for code in DIVISIONS[of]) for of, day in dates)
    tell(capsys, [f"holidays: {known} of {len(dates)} dates of {min(years)} to {max(years)} agree"])
    assert known == len(dates)
    for division, codes in DIVISIONS.items():
        theirs = {day for of, day in dates if of == division}
        for code in codes:
            assert {day for day in ours[code] - theirs if day.weekday() < 5} == set(), code


@pytest.mark.skipif(not HOLIDAYS.exists(), reason="the authority's clock changes are not here: ../shared/data/holidays")
def test_days_are_longer_and_shorter_when_an_authority_says_so() -> None:
    told = json.loads((HOLIDAYS / "when-do-the-clocks-change.json").read_text(encoding="utf-8"))
    changes = {
        datetime.strptime(one["date"], "%d/%m/%Y").date(): 23 if "forward" in one["notes"] else 25  # noqa: DTZ007
        for year in told["divisions"]["united-kingdom"].values()
        for one in year
    }
    london = ZoneInfo("Europe/London")
    day = datetime(min(changes).year, 1, 1)  # noqa: DTZ001
    odd = {}
    while day.year <= max(changes).year:
        start, end = (each.replace(tzinfo=london).astimezone(UTC) for each in (day, day + timedelta(days=1)))
        if (worked := working_seconds(always("Europe/London"), start, end)) != 86_400:
            odd[day.date()] = worked / 3600
        day += timedelta(days=1)
    assert odd == changes
