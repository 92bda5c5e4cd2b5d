"""The formula language, as far as validation rules over one record need it.

Two surprises of the real language are kept: an id field reads as its 15 characters (hence CASESAFEID), and an empty
text is the same as no text. Text is compared with regard to case.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sandbox.salesforce.formula_functions import FUNCTIONS, LEVELS, Binary, same
from sandbox.salesforce.schema import Kind


class BadFormula(ValueError):
    """The formula cannot be saved; the text says why, as Salesforce would."""


LONGEST = 5000
NO_VALUE = (TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, re.error)
"""what a formula raises that has no value, as five divided by nothing has none"""


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule looks at: the record's fields as they shall be, and as they were (None: it is new)."""

    kind: Kind
    after: Mapping[str, Any]
    before: Mapping[str, Any] | None

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def value(self, name: str, of: Mapping[str, Any]) -> Any:
        """Dates and times as such, ids short."""
        field = self.kind.fields[name.lower()]
        value = of.get(field.name)
        if not value:
            return value
        match field.type:
            case "reference" | "id":
                return value[:15]
            case "date":
                return date.fromisoformat(value)
            case "datetime":
                return datetime.fromisoformat(value)
        return value


Formula = Callable[[Change], Any]

_TOKEN = re.compile(
    r"""\s*(?:/\*.*?\*/\s*)*  # comments
        (?: (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<number>\d+(?:\.\d+)?)
        | (?P<name>[A-Za-z_$][\w.]*) | (?P<sign><>|!=|<=|>=|==|&&|\|\||[-+*/^=<>!(),&]) )""",
    re.VERBOSE | re.DOTALL,
)


def compiled(text: str, kind: Kind) -> Formula:
    """The formula over this object, ready to be asked. BadFormula where it is none, or names an unknown field."""
    if len(text) > LONGEST:
        raise BadFormula(f"Formula is too long ({len(text):,} characters). Maximum length is {LONGEST:,} characters.")
    parser = _Parser(text, kind)
    try:
        formula = parser.one_of_many(0)
    except RecursionError as deep:
        raise BadFormula("Formula is nested too deeply") from deep
    if parser.sign or parser.kind_of:
        raise BadFormula(f"Syntax error. Extra '{parser.sign}'")
    return formula


class _Parser:
    """Recursive descent: one method per kind of thing, from the loosest binding to the tightest."""

    def __init__(self, text: str, kind: Kind) -> None:
        self._text, self._kind, self._at = text, kind, 0
        self.sign, self.kind_of = "", ""
        self._step()

    def one_of_many(self, level: int) -> Formula:
        """An expression whose operators bind at least as tightly as this level's."""
        if level == len(LEVELS):
            return self._unary()
        left = self.one_of_many(level + 1)
        while self.kind_of == "sign" and self.sign in LEVELS[level]:
            left = _both(LEVELS[level][self._step()], left, self.one_of_many(level + 1))
        return left

    def _unary(self) -> Formula:
        if self.sign == "!" and self.kind_of == "sign":
            self._step()
            inner = self._unary()
            return lambda change: not inner(change)
        if self.sign in ("-", "+") and self.kind_of == "sign":
            sign, number = self._step(), self._unary()
            return _both(_SIGNS[sign], lambda _: 0, number)
        return self._primary()

    def _primary(self) -> Formula:
        kind_of, word = self.kind_of, self._step()
        if kind_of == "text":
            literal = re.sub(r"\\(.)", r"\1", word[1:-1])
            return lambda _: literal
        if kind_of == "number":
            number = float(word)
            return lambda _: number
        if kind_of == "name":
            return self._call(word) if self.sign == "(" else self._word(word)
        if word == "(":
            inner = self.one_of_many(0)
            self._expect(")")
            return inner
        raise BadFormula(f"Syntax error. Found '{word}'" if word else "Syntax error. Found end of formula")

    def _word(self, name: str) -> Formula:
        constant: dict[str, Any] = {"true": True, "false": False, "null": None}
        if name.lower() in constant:
            value = constant[name.lower()]
            return lambda _: value
        self._field(name)
        return lambda change: change.value(name, change.after)

    def _call(self, name: str) -> Formula:
        self._expect("(")
        about_field = _ABOUT_FIELD.get(name.upper())
        if about_field:
            field = self._field(self._step())
            self._expect(")")
            return lambda change: about_field(change, field)
        known = _ABOUT_RECORD.get(name.upper())
        if known:
            self._expect(")")
            return known
        function = FUNCTIONS.get(name.upper())
        if not function:
            raise BadFormula(f"Unknown function {name}. Check spelling.")
        arguments = []
        while self.sign != ")":
            arguments.append(self.one_of_many(0))
            if self.sign != ")":
                self._expect(",")
        self._expect(")")
        fewest, most, compute = function
        if not fewest <= len(arguments) <= most:
            raise BadFormula(f"Incorrect number of parameters for function '{name}()'.")
        return lambda change: compute([argument(change) for argument in arguments])

    def _field(self, name: str) -> str:
        if not self._kind.field(name):
            raise BadFormula(f"Field {name} does not exist. Check spelling.")
        return name

    def _expect(self, sign: str) -> None:
        if self.kind_of != "sign" or self.sign != sign:
            raise BadFormula(f"Syntax error. Missing '{sign}'")
        self._step()

    def _step(self) -> str:
        """Take the token that is there and look at the next."""
        taken = self.sign
        found = _TOKEN.match(self._text, self._at)
        rest = self._text[self._at :].strip()
        if not found and rest:
            raise BadFormula(f"Syntax error. Found '{rest[0]}'")
        self.kind_of = (found.lastgroup or "") if found else ""
        self.sign = found[self.kind_of] if found else ""
        self._at = found.end() if found else len(self._text)
        return taken


_SIGNS = next(level for level in LEVELS if "-" in level)


def _both(combine: Binary, left: Formula, right: Formula) -> Formula:
    return lambda change: combine(left(change), right(change))


def _changed(change: Change, field: str) -> bool:
    return change.before is not None and not same(change.value(field, change.after), change.value(field, change.before))


def _prior(change: Change, field: str) -> Any:
    # On a new record the prior value is the one that it gets.
    return change.value(field, change.after if change.before is None else change.before)


_ABOUT_FIELD: dict[str, Callable[[Change, str], Any]] = {"ISCHANGED": _changed, "PRIORVALUE": _prior}

_ABOUT_RECORD: dict[str, Formula] = {
    "ISNEW": lambda change: change.before is None,
    "TODAY": lambda change: change.now.date(),
    "NOW": lambda change: change.now,
}
