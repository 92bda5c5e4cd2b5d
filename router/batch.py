"""The first rule that matches, for many leads at once: a simulation or an import asks a hundred thousand times.

Each field is looked up once for each of its values instead of once for each lead, and whole columns are joined.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import NoneType

import numpy as np
from numpy.typing import NDArray

from domain.leads import Value
from router.conditions import Facts
from router.index import FieldIndex, RuleIndex

NONE = -1
"""No rule matches."""

Places = NDArray[np.int32]

_Coded = tuple[NDArray[np.intp], NDArray[np.uint64]]
"""For each lead the number of its row, and the rows: a bit for each rule, set where a part fails."""

_MOST_PAIRS = 2048
_AT_ONCE = 2048  # leads: what is joined stays in the processor's cache


def first_for_each(index: RuleIndex, leads: Sequence[Facts]) -> Places:
    """For each lead the place of the first rule whose condition holds, or NONE: what `index.first` answers."""
    return first_in_columns(index, {name: [lead.get(name) for lead in leads] for name in index.names}, len(leads))


def first_in_columns(index: RuleIndex, columns: Mapping[str, Sequence[Value]], count: int) -> Places:
    """The same for `count` leads whose values stand in columns, one for each field; a column that is not there is one
    without values."""
    nothing = [None] * count
    coded = [_coded(each, columns.get(name, nothing), len(index.conditions)) for name, each in index.fields.items()]
    places = _joined(_paired(coded, count), len(index.conditions), count)
    if index.left_over:
        left_over = np.zeros(len(index.conditions) + 1, dtype=bool)
        left_over[sorted(index.left_over)] = True
        for lead in np.flatnonzero(left_over[places]).tolist():
            found = index.first({name: column[lead] for name, column in columns.items()})
            places[lead] = NONE if found is None else found
    return places


def _paired(coded: Sequence[_Coded], count: int) -> Sequence[_Coded]:
    """Fields with few different rows are joined beforehand, each row with each."""
    found = sorted(coded, key=_size)
    while len(found) > 1 and _size(found[0]) * _size(found[1]) <= min(_MOST_PAIRS, count):
        (codes, rows), (others, more) = found[:2]
        pairs = (rows[:, None] | more[None]).reshape(-1, rows.shape[1])
        found = sorted([(codes * len(more) + others, pairs), *found[2:]], key=_size)
    return found


def _size(coded: _Coded) -> int:
    return len(coded[1])


def _joined(coded: Sequence[_Coded], rules: int, count: int) -> Places:
    """The lowest bit that no column's row has set."""
    width = _width(rules)
    outside = _rows([0], rules)[0]
    places = np.empty(count, dtype=np.int32)
    failed, more = np.empty((_AT_ONCE, width), np.uint64), np.empty((_AT_ONCE, width), np.uint64)
    for start in range(0, count, _AT_ONCE):
        end = min(start + _AT_ONCE, count)
        failed[:] = outside
        for codes, rows in coded:
            np.take(rows, codes[start:end], axis=0, out=more[: end - start], mode="clip")
            failed |= more
        open_ = ~failed[: end - start]
        words = (open_ != 0).argmax(axis=1)
        lowest = open_[np.arange(end - start), words]
        bits = np.bitwise_count(~lowest & (lowest - np.uint64(1)))
        places[start:end] = np.where(lowest == 0, NONE, 64 * words + bits)
    return places


def _width(rules: int) -> int:
    return rules // 64 + 1


def _rows(failed: Sequence[int], rules: int) -> NDArray[np.uint64]:
    """A line of words for each row; the bits after the last rule's are set, so that nothing is found there."""
    size = 8 * _width(rules)
    outside = (1 << 8 * size) - (1 << rules)
    joined = b"".join([(each | outside).to_bytes(size, "little") for each in failed])
    return np.frombuffer(joined, dtype="<u8").reshape(len(failed), _width(rules))


def _coded(index: FieldIndex, column: Sequence[Value], rules: int) -> _Coded:
    if index.numbers_only and set(map(type, column)) <= {int, float, NoneType}:
        with suppress(OverflowError):  # a whole number that no float holds
            return _numbers(index, column, rules)
    rows = _RowNumbers(index)
    codes = np.fromiter(map(rows.__getitem__, column), np.intp, len(column))
    if (0 in rows or 1 in rows) and bool in (types := set(map(type, column))) and types & {int, float}:
        # For a dict True is 1, so that one of them has had the other's row.
        codes = np.fromiter(map(rows.__missing__, column), np.intp, len(column))
    return codes, _rows(rows.rows, rules)


class _RowNumbers(dict[Value, int]):
    """Value -> number of its row; whatever is new is looked up in the index."""

    def __init__(self, index: FieldIndex) -> None:
        super().__init__()
        self._index = index
        self._numbers: dict[int, int] = {}
        self.rows: list[int] = []

    def __missing__(self, value: Value) -> int:
        row = (self._index.known.get(value) or self._index.row(value))[0]
        number = self._numbers.setdefault(row, len(self.rows))
        if number == len(self.rows):
            self.rows.append(row)
        self[value] = number
        return number


def _numbers(index: FieldIndex, column: Sequence[Value], rules: int) -> _Coded:
    """The same for numbers of which nothing counts but their position between the limits."""
    numbers = np.array(column, dtype=np.float64)  # None becomes NaN: neither is a number
    limits = np.array([*index.limits, np.nan])
    below = np.searchsorted(limits[:-1], numbers)
    positions = np.where(np.isnan(numbers), -1, 2 * below + (limits[below] == numbers))
    there = np.flatnonzero(np.bincount(positions + 1))
    codes = np.zeros(2 * len(limits) + 1, np.intp)
    codes[there] = np.arange(len(there))
    rows = [index.row(None) if place == 0 else index.row_at(place - 1) for place in there.tolist()]
    return codes[positions + 1], _rows([row for row, _ in rows], rules)
