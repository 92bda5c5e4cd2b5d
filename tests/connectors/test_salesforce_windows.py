"""Walking windows of changes: nothing is missed, whatever commits late, and a backlog comes in parts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.salesforce import windows
from connectors.salesforce.org import Record
from connectors.salesforce.windows import LAG, OVERLAP, PAGES, Window, walk
from connectors.values import instant, stamp

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
FROM = re.compile(r"At >= (\S+)")
AFTER = re.compile(r"At <= (\S+) AND \(At > (\S+) OR \(At = \S+ AND Id > '(\w+)'\)\)")


class Table:
    """Rows with a stamp that is seen only from their commit on, asked as Salesforce is asked."""

    def __init__(self, rows: list[tuple[datetime, datetime]], now: datetime = NOON) -> None:
        self.now = now
        self.rows = sorted((at, f"id{number:05}", commit) for number, (at, commit) in enumerate(rows))
        self.asked = 0

    def ask(self, where: str, then: str) -> list[Record]:
        self.asked += 1
        found = [(at, id) for at, id, commit in self.rows if commit <= self.now and self._fits(where, at, id)]
        return [{"At": stamp(at), "Id": id} for at, id in found[: int(then.rpartition(" ")[2])]]

    def _fits(self, where: str, at: datetime, id: str) -> bool:
        begins, after = FROM.fullmatch(where), AFTER.fullmatch(where)
        if begins:
            return at >= instant(begins[1])
        assert after or not where
        return not after or (at <= instant(after[1]) and (at, id) > (instant(after[2]), after[3]))

    def walk(self, since: datetime | None, page: int = 3, overlap: timedelta = OVERLAP) -> Window:
        return walk(self.ask, lambda: self.now, by="At", since=since, page=page, overlap=overlap)


def ids(window: Window) -> list[str]:
    return [row["Id"] for row in window.rows]


def minutes_ago(*minutes: float) -> list[tuple[datetime, datetime]]:
    """Rows of these ages, all of them committed."""
    return [(NOON - timedelta(minutes=each), NOON - timedelta(minutes=each)) for each in minutes]


def test_a_backlog_comes_in_parts_that_go_on_where_the_last_one_ended() -> None:
    table = Table(minutes_ago(*range(100, 60, -1)))

    first = table.walk(NOON - timedelta(hours=3))
    second = table.walk(first.cursor)

    assert (len(first.rows), first.more) == (PAGES * 3, True)
    assert ids(second)[0] == ids(first)[-1]
    assert second.more


def test_a_crowd_younger_than_the_overlap_is_walked_to_its_end() -> None:
    table = Table(minutes_ago(*[2] * 20))

    window = table.walk(NOON - timedelta(hours=1))

    assert (len(window.rows), window.more) == (20, False)


def test_an_instant_that_holds_more_than_a_window_is_walked_by_id() -> None:
    table = Table(minutes_ago(*[90] * 20, 60))

    window = table.walk(NOON - timedelta(minutes=90) + OVERLAP)

    assert ids(window) == [id for _, id, _ in table.rows]


def test_the_cursor_of_a_whole_window_stays_behind_the_first_answer() -> None:
    assert Table(minutes_ago(10)).walk(NOON - timedelta(hours=1)).cursor == NOON - LAG


def test_a_first_walk_starts_at_the_beginning() -> None:
    assert len(Table(minutes_ago(10_000, 10)).walk(None).rows) == 2


def test_a_row_that_claims_to_be_of_the_year_9999_stops_nothing() -> None:
    far = datetime(9999, 12, 31, tzinfo=UTC)
    table = Table([*minutes_ago(30), *[(far, NOON)] * 5])

    window = table.walk(NOON - timedelta(hours=1))

    assert ids(window)[0] == "id00000"
    assert window.cursor == NOON - LAG


SECONDS = st.integers(0, 1200)
ROWS = st.lists(st.tuples(SECONDS, st.integers(0, 290)), max_size=60)


@given(ROWS, st.lists(st.integers(1, 400), max_size=8), st.integers(0, 400))
@example(rows=[(200, 0)] * 7 + [(199, 290)], polls=[201], storing=400)
def test_whatever_commits_late_is_found_however_long_it_takes_to_store_a_part(
    rows: list[tuple[int, int]], polls: list[int], storing: int
) -> None:
    start = NOON - timedelta(seconds=1200)
    written = [(start + timedelta(seconds=at), start + timedelta(seconds=at + late)) for at, late in rows]
    table = Table(written, now=start)
    found: set[str] = set()
    cursor = start

    for wait in [*polls, 3600]:
        table.now += timedelta(seconds=wait)
        more = True
        while more:
            window = table.walk(cursor)
            found.update(ids(window))
            table.now += timedelta(seconds=storing)
            assert window.cursor > cursor or not window.more  # it gets on
            cursor, more = window.cursor, window.more

    assert found == {id for _, id, _ in table.rows}


@given(st.lists(SECONDS, max_size=60))
def test_without_an_overlap_a_walk_in_parts_still_finds_all(rows: list[int]) -> None:
    table = Table([(NOON - timedelta(seconds=at),) * 2 for at in rows])  # type: ignore[misc]
    found: set[str] = set()
    cursor, more = NOON - timedelta(hours=1), True

    while more:
        window = table.walk(cursor, overlap=timedelta(0))
        found.update(ids(window))
        cursor, more = window.cursor, window.more

    assert len(found) == len(rows)


@pytest.mark.parametrize("page", [1, 2, 2000])
def test_the_size_of_a_page_makes_no_difference(page: int) -> None:
    table = Table(minutes_ago(50, 40, 40, 30, 3, 2))
    found: set[str] = set()
    cursor, more = NOON - timedelta(hours=1), True

    while more:
        window = table.walk(cursor, page=page)
        found.update(ids(window))
        cursor, more = window.cursor, window.more

    assert len(found) == 6


def test_a_window_is_small_enough_to_be_stored_at_once() -> None:
    assert windows.PAGE * PAGES <= 5000
