"""The conditions of a rule set, compiled: the first rule that matches is found without trying one after the other.

What a rule asks of a single field is looked up by the field's value: texts in a table, numbers between sorted limits,
and everything else asked of `conditions.check` once for each value and then remembered. A lead costs one look-up for
each field that rules name, however many rules there are. What a rule asks of several fields at once (`any` over two of
them, say) is left to `check`, for that rule only.

The index never decides otherwise than `check`, and gives the same words. It remembers what a value means for the rules,
which no lead and no time can change, and forgets it all when it has become too much.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from domain.leads import Value
from router.conditions import (
    All,
    Compare,
    Condition,
    Facts,
    Held,
    InFile,
    as_number,
    check,
    fields_of,
    is_missing,
    items_of,
    operands_of,
    plain_text,
)

Row = tuple[int, int]
"""What one value means for all rules: a bit for each rule, set where a part fails; and a byte for each rule with a bit
for each of its first parts, set where that part fails. The last of the eight bits stands for all further parts."""

_LAST_BIT = 7
HOLDS, LATER = ord("="), ord("+")
"""How a rule is marked that holds, and one of which only parts after the seventh fail. Others are marked with the
number of the first part that fails, a digit from 1."""

_FIRST = ord("1")

_FLAG = bytes(ord("1") if bits else ord("0") for bits in range(256))

_MOST_BYTES = 32 * 2**20  # of rows, for each field; a thousand rules take one or two of them
_MOST_VALUES = 4096  # for each field
_MOST_WORDS = 20_000
_LONGEST = 256  # characters or items; a field may hold megabytes, and those are not kept


@dataclass(frozen=True, slots=True)
class _Part:
    """What a rule asks besides its other parts. `field` is the only one that it depends on, None where there are
    several or none; `kind` is the same for parts that are written alike."""

    condition: Condition
    field: str | None
    kind: int


def _mark(failed: int) -> int:
    lowest = (failed & -failed).bit_length() - 1
    return HOLDS if not failed else LATER if lowest == _LAST_BIT else _FIRST + lowest


_MARKS = bytes(_mark(failed) for failed in range(256))


class RuleIndex:
    """`conditions` are those of the rules in their order; the places that it gives count from 0 in this order."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(conditions)
        kinds: dict[object, int] = {}
        self._parts = tuple(tuple(_compiled(condition, kinds)) for condition in conditions)
        self.left_over = frozenset(
            place for place, parts in enumerate(self._parts) if any(part.field is None for part in parts)
        )
        """The rules with a part that the index cannot answer: where nothing else fails, `check` has to be asked."""
        self.names = frozenset().union(*(fields_of(condition) for condition in conditions))
        """Every field that rules name."""
        asked: dict[str, list[tuple[_Part, int]]] = {}
        for place, parts in enumerate(self._parts):
            for number, part in enumerate(parts):
                if part.field is not None:
                    asked.setdefault(part.field, []).append((part, 8 * place + min(number, _LAST_BIT)))
        self.fields = {name: FieldIndex(name, each, len(conditions)) for name, each in asked.items()}
        self._rows = tuple((name, index.known.get, index.row) for name, index in self.fields.items())
        self._all = (1 << len(conditions)) - 1
        self._words: list[dict[Value, str]] = [{} for _ in kinds]
        self._count_of_words = 0

    def first(self, facts: Facts) -> int | None:
        """The place of the first rule whose condition holds."""
        failed = 0
        for name, known, row in self._rows:
            value = facts.get(name)
            failed |= (known(value) or row(value))[0]
        open_ = self._all & ~failed
        while open_:
            lowest = open_ & -open_
            place = lowest.bit_length() - 1
            if self.holds(place, facts):
                return place
            open_ ^= lowest
        return None

    def all(self, facts: Facts) -> list[int]:
        """The places of all rules whose condition holds."""
        return [place for place, mark in enumerate(self.marks(facts)) if mark == HOLDS and self.holds(place, facts)]

    def marks(self, facts: Facts) -> bytearray:
        """A mark for every rule: HOLDS, or which part fails. One that is `left_over` may be marked HOLDS and fail."""
        failed = 0
        for name, known, row in self._rows:
            value = facts.get(name)
            failed |= (known(value) or row(value))[1]
        return bytearray(failed.to_bytes(len(self.conditions), "little")).translate(_MARKS)

    def holds(self, place: int, facts: Facts) -> bool:
        """Whether the condition holds of which no part fails that the index knows."""
        return place not in self.left_over or check(self.conditions[place], facts).held

    def check(self, place: int, mark: int, facts: Facts) -> Held:
        """What `conditions.check` answers for the condition in that place, which was marked so for these facts."""
        number = mark - _FIRST
        if 0 <= number < _LAST_BIT and place not in self.left_over:
            return Held(False, self._because(self._parts[place][number], facts))
        return check(self.conditions[place], facts)

    def _because(self, part: _Part, facts: Facts) -> str:
        """Why it does not hold."""
        value = facts.get(part.field or "")
        words = self._words[part.kind].get(value)
        if words is None:
            words = check(part.condition, facts).because
            if _is_kept(value):
                if self._count_of_words >= _MOST_WORDS:
                    self._words, self._count_of_words = [{} for _ in self._words], 0
                self._words[part.kind][value] = words
                self._count_of_words += 1
        return words


class FieldIndex:
    """Everything that rules ask of one field."""

    def __init__(self, name: str, asked: Sequence[tuple[_Part, int]], rules: int) -> None:
        self._name, self._rules = name, rules
        self.known: dict[Value, Row] = {}
        """What values mean, as far as they were asked for; `row` tells the rest."""
        self._ones: dict[tuple[type, Value], Row] = {}
        """the same for 0, 1, True and False: for a dict 1 and True are one"""
        self._by_answers: dict[object, Row] = {}
        self._wanted: dict[str, list[int]] = {}
        self._unwanted: dict[str, list[int]] = {}
        self._starts: dict[str, list[int]] = {}
        self._others: dict[int, tuple[Condition, list[int]]] = {}
        numbers: list[tuple[Compare, int]] = []
        for part, bit in asked:
            match part.condition:
                case Compare(operator="equals" | "in" | "any_of") as compare if _texts(compare):
                    for text in _texts(compare):
                        self._wanted.setdefault(text, []).append(bit)
                case Compare(operator="is_not" | "not_in" | "none_of") as compare if _texts(compare):
                    for text in _texts(compare):
                        self._unwanted.setdefault(text, []).append(bit)
                case Compare(operator="starts_with") as compare:
                    for operand in operands_of(compare.operand):
                        self._starts.setdefault(plain_text(operand), []).append(bit)
                case Compare() as compare if limits_of(compare):
                    numbers.append((compare, bit))
                case condition:
                    self._others.setdefault(part.kind, (condition, []))[1].append(bit)
        self.limits = sorted({limit for compare, _ in numbers for limit in limits_of(compare)})
        self.numbers_only = not (self._wanted or self._unwanted or self._starts or self._others)
        """Whether the rows of numbers depend on nothing but their position between the limits."""
        self._spans = [(*self._span(compare), bit) for compare, bit in numbers]
        self._lengths = sorted({len(start) for start in self._starts})
        asking = (*self._wanted.values(), *self._starts.values())
        self._all_asking = self._bytes(bit for bits in asking for bit in bits)
        self._all_numbers = self._bytes(bit for _, bit in numbers)

    def row(self, value: Value) -> Row:
        """What the value means for every rule."""
        if self.numbers_only and type(value) in (int, float) and (number := as_number(value)) is not None:
            row = self.row_at(self.position(number))
            # Numbers are told quickly without having been seen, so that the first ones may stay.
            if len(self.known) < _MOST_VALUES and _is_kept(value):
                self.known[value] = row
            return row
        if value in (0, 1) and (seen := self._ones.get((type(value), value))):
            return seen
        missing = is_missing(value)
        texts = [] if missing else [plain_text(item) for item in items_of(value)]
        found = tuple(sorted({text for text in texts if text in self._wanted or text in self._unwanted}))
        beginnings = {text[:length] for text in texts for length in self._lengths}
        starts = tuple(sorted(start for start in beginnings if start in self._starts))
        number = None if missing else as_number(value)
        position = None if number is None else self.position(number)
        facts = {self._name: value}
        others = tuple(check(condition, facts).held for condition, _ in self._others.values())
        row = self._shared(missing, found, starts, position, others)
        if value in (0, 1):
            self._ones[type(value), value] = row
        elif _is_kept(value):
            if len(self.known) >= _MOST_VALUES:
                self.known.clear()
            self.known[value] = row
        return row

    def row_at(self, position: int) -> Row:
        """The row of the numbers in that position, where nothing but numbers is asked for."""
        return self._by_answers.get(position) or self._shared(False, (), (), position, ())

    def _shared(
        self,
        missing: bool,
        found: tuple[str, ...],
        starts: tuple[str, ...],
        position: int | None,
        others: tuple[bool, ...],
    ) -> Row:
        """Few answers are different, however many values there are."""
        answers = position if self.numbers_only and position is not None else (missing, found, starts, position, others)
        row = self._by_answers.get(answers)
        if row is None:
            if len(self._by_answers) * self._rules >= _MOST_BYTES:
                self._by_answers.clear()
                self.known.clear()
            failed = self._failed(missing, found, starts, position, others)
            row = self._by_answers[answers] = (_bits(failed, self._rules), failed)
        return row

    def _failed(
        self, missing: bool, found: Sequence[str], starts: Sequence[str], position: int | None, others: Sequence[bool]
    ) -> int:
        holding = (*(self._wanted.get(text, ()) for text in found), *(self._starts[start] for start in starts))
        failed = self._all_asking & ~self._bytes(bit for bits in holding for bit in bits)
        failed |= self._bytes(bit for text in found for bit in self._unwanted.get(text, ()))
        if missing or position is None:
            failed |= self._all_numbers
        else:
            failed |= self._bytes(bit for low, high, bit in self._spans if not low <= position <= high)
        answered = zip(self._others.values(), others, strict=True)
        return failed | self._bytes(bit for (_, bits), held in answered if not held for bit in bits)

    def _bytes(self, bits: Iterable[int]) -> int:
        row = bytearray(self._rules)
        for bit in bits:
            row[bit >> 3] |= 1 << (bit & 7)
        return int.from_bytes(row, "little")

    def position(self, number: float) -> int:
        """Where it is among the limits: 2 i + 1 on the limit i, 2 i between the limits i - 1 and i."""
        at = bisect_left(self.limits, number)
        return 2 * at + (at < len(self.limits) and self.limits[at] == number)

    def _span(self, compare: Compare) -> tuple[int, int]:
        """The first and the last position for which the comparison holds."""
        positions = [self.position(limit) for limit in limits_of(compare)]
        first, last = positions[0], positions[-1]
        match compare.operator:
            case "at_least":
                return first, 2 * len(self.limits)
            case "above":
                return first + 1, 2 * len(self.limits)
            case "at_most":
                return 0, last
            case "below":
                return 0, last - 1
        return first, last


_LIMITS = {"at_least": 1, "at_most": 1, "above": 1, "below": 1, "between": 2}


def limits_of(compare: Compare) -> tuple[float, ...]:
    """The numbers that a field is compared with; none where the operator or an operand is not about numbers."""
    operands = operands_of(compare.operand)
    limits = tuple(limit for operand in operands if (limit := as_number(operand)) is not None)
    return limits if len(limits) == len(operands) == _LIMITS.get(compare.operator) else ()


def _texts(compare: Compare) -> tuple[str, ...]:
    """The texts that a field is compared with; none where NaN is among them, which as a number equals nothing."""
    operands = operands_of(compare.operand)
    if any(isinstance(operand, float) and isnan(operand) for operand in operands):
        return ()
    return tuple(plain_text(operand) for operand in operands)


def _is_kept(value: Value) -> bool:
    """Whether what a value means is kept: not for long ones, nor for True and False, which a dict takes for 1 and 0, so
    that those are not kept either, nor for NaN, which equals nothing."""
    if isinstance(value, str | tuple):
        return len(value) <= _LONGEST
    return value is None or not (value in (0, 1) or (isinstance(value, float) and isnan(value)))


def _bits(failed: int, rules: int) -> int:
    """A bit for each byte that is not nothing."""
    flags = failed.to_bytes(rules, "big").translate(_FLAG)
    return int(flags, 2) if flags else 0


def _compiled(condition: Condition, kinds: dict[object, int]) -> Iterator[_Part]:
    """What must hold, part by part in the order of `check`."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _compiled(part, kinds)
        return
    fields = fields_of(condition)
    # Written alike, because Compare("a", "equals", 1) equals Compare("a", "equals", True).
    alike = condition if isinstance(condition, InFile) else repr(condition)
    kind = kinds.setdefault(alike, len(kinds))
    yield _Part(condition, next(iter(fields)) if len(fields) == 1 else None, kind)
