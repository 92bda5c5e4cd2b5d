"""Kinds of values in `config/`: each knows how it is read and what an editor may be told about it (JSON Schema).

The files' modules put them together: a pool is a `record` of keys, `pools` a `mapping_of` pools. One description serves
both the check and the schema, so that an editor and `fairlead check` never disagree.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from domain.hours import Span
from playbook import spans
from playbook.problems import Id
from playbook.reading import Node
from playbook.suggest import did_you_mean, nearest

T = TypeVar("T")
U = TypeVar("U")

JsonSchema = Mapping[str, Any]

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """`read` gives the value, or None where it cannot be understood, which has been reported then."""

    read: Callable[[Node], T | None]
    schema: JsonSchema

    def then(self, build: Callable[[T], U | None]) -> "Kind[U]":
        """The same, made into something else; `build` reports what it finds wrong."""

        def read(node: Node) -> U | None:
            value = self.read(node)
            return None if value is None else build(value)

        return Kind(read, self.schema)


@dataclass(frozen=True, slots=True)
class Given:
    """What was written under the keys of a record. Values are of the kinds that the record names; a key that is absent
    or could not be understood has none."""

    node: Node
    values: Mapping[str, Any]
    nodes: Mapping[str, Node]

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def at(self, key: str) -> Node:
        """Where the key's value stands, or the record where it does not."""
        return self.nodes.get(key, self.node)

    def exactly_one(self, *keys: str) -> bool:
        """Whether exactly one of the keys was written; a problem where not."""
        written = [key for key in keys if key in self.nodes]
        if len(written) == 1:
            return True
        choice = " or ".join(f"`{key}`" for key in keys)
        found = "it has none" if not written else f"it has {' and '.join(f'`{key}`' for key in written)}"
        self.node.problem(Id.ONE_OF_THESE, f"{self.node.subject_prefix}exactly one of {choice} is needed; {found}")
        return False


# --- scalars ------------------------------------------------------------------------------------------------------


def _text(node: Node) -> str | None:
    if isinstance(node.value, str) and node.value.strip():
        return node.value.strip()
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return str(node.value)
    node.expected("a text", "put it in quotes" if isinstance(node.value, bool) else "")
    return None


def _yes_no(node: Node) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    node.expected("true or false")
    return None


def _currency(node: Node) -> str | None:
    if isinstance(node.value, str) and re.fullmatch("[A-Z]{3}", node.value):
        return node.value
    node.expected("a currency such as EUR")
    return None


text = Kind(_text, {"type": ["string", "number"]})
currency = Kind(_currency, {"type": "string", "pattern": "^[A-Z]{3}$"})
yes_no = Kind(_yes_no, {"type": "boolean"})


def number(*, above: float | None = None, least: float | None = None, whole: bool = False) -> Kind[float]:
    """A number, `above` one or `least` another."""
    what = "a whole number" if whole else "a number"

    def read(node: Node) -> float | None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not math.isfinite(value):
            node.expected(what)
        elif above is not None and value <= above:
            _out_of_range(node, f"above {above:g}")
        elif least is not None and value < least:
            _out_of_range(node, f"at least {least:g}")
        else:
            return value
        return None

    schema: dict[str, Any] = {"type": "integer" if whole else "number"}
    if above is not None:
        schema["exclusiveMinimum"] = above
    if least is not None:
        schema["minimum"] = least
    return Kind(read, schema)


def _out_of_range(node: Node, limit: str) -> None:
    node.problem(Id.OUT_OF_RANGE, f"{node.subject_prefix}{node.label} should be {limit}, and is {node.value}")


def word(*words: str, not_built: tuple[str, ...] = ()) -> Kind[str]:
    """One of a few words. One that is nearly right is reported and taken as meant."""

    def read(node: Node) -> str | None:
        value = _text(node)
        if value is None or value in words:
            return value
        if value in not_built:
            node.not_built(f"`{value}`")
            return None
        message = f"{node.subject_prefix}{node.label} should be {' or '.join(words)}, and is {value!r}"
        node.problem(Id.NOT_ONE_OF, message, did_you_mean(value, [*words, *not_built]))
        return nearest(value, words)

    return Kind(read, {"enum": list(words)})


def _span(node: Node, least: int) -> Span | None:
    if node.value is None or isinstance(node.value, list | dict | bool):
        node.expected("a time such as `15 min` or `1 business day`")
        return None
    try:
        span = spans.parse(str(node.value))
    except spans.NotASpan as error:
        node.problem(Id.NOT_A_SPAN, f"{node.subject_prefix}{node.label}: {error}", error.hint)
        return None
    if span.amount < least:
        _out_of_range(node, "positive")
        return None
    return span


span = Kind(lambda node: _span(node, least=1), {"type": "string", "pattern": spans.PATTERN})


LONGEST = 366
"""Days. Nobody waits for longer, and a time without end is a slip."""


def _term(node: Node) -> Span | None:
    found = span.read(node)
    if found is None:
        return None
    longest = LONGEST if found.kind in ("business_days", "calendar_days") else LONGEST * 24 * 3600
    if found.amount > longest:
        message = f"{node.subject_prefix}{node.label} is {node.value}: nobody would live to see it"
        node.problem(Id.OUT_OF_RANGE, message, "it is a year at most: `366 calendar days`, `8784 h elapsed`")
        return None
    return found


term = Kind(_term, span.schema)
"""What somebody waits for."""


def _share(node: Node) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", node.value.strip()) if isinstance(node.value, str) else None
    if found and 0 < float(found[1]) <= 100:
        return float(found[1]) / 100
    message = f"{node.subject_prefix}{node.label} should be a share such as `75 %`, above 0 % and up to 100 %"
    of_a_ladder = "what comes after the due time is written `after_due: 15 min`"
    node.problem(Id.NOT_A_SHARE, message, of_a_ladder if node.path[-1] == "at" else "")
    return None


share = Kind(_share, {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"})


def _day(node: Node) -> date | None:
    value = node.value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    node.problem(Id.NOT_A_DATE, f"{node.subject_prefix}{value!r} is not a date", "dates are written 2026-12-24")
    return None


day = Kind(_day, {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})


def _address(node: Node) -> str | None:
    value = _text(node)
    if value is None:
        return None
    if ADDRESS.fullmatch(value):
        return value.lower()
    message = f"{node.subject_prefix}{value!r} is not an e-mail address"
    node.problem(Id.NOT_AN_ADDRESS, message, "people are named by the address of their CRM user")
    return None


address = Kind(_address, {"type": "string", "format": "email"})


def _from_environment(node: Node) -> str | None:
    """The name of the variable. What was written instead is never repeated: it may be the secret itself."""
    found = re.fullmatch(r"env:([A-Za-z_][A-Za-z0-9_]*)", node.value) if isinstance(node.value, str) else None
    if found:
        return found[1]
    message = f"{node.subject_prefix}{node.label} holds a secret itself; these files are shared and kept for ever"
    node.problem(Id.SECRET, message, "put it in an environment variable and write `env:NAME`; then change the secret")
    return None


from_environment = Kind(_from_environment, {"type": "string", "pattern": r"^env:[A-Za-z_][A-Za-z0-9_]*$"})


def name_of(kind: str) -> Kind[str]:
    """The name of a pool, a calendar, ...: checked when all files have been read."""

    def read(node: Node) -> str | None:
        value = _text(node)
        if value is not None:
            node.reading.mention(kind, value, node)
        return value

    return Kind(read, text.schema)


def _person(node: Node) -> str | None:
    value = _address(node)
    if value is not None:
        node.reading.mention("person", value, node)
    return value


person = Kind(_person, address.schema)


def word_or(kind: Kind[str], *words: str, not_built: tuple[str, ...] = ()) -> Kind[str]:
    """One of a few words with a meaning of their own, or else a `kind`."""

    def read(node: Node) -> str | None:
        if node.value in words:
            return str(node.value)
        if node.value in not_built:
            node.not_built(f"`{node.value}`")
            return None
        if kind is person and isinstance(node.value, str) and "@" not in node.value:
            return word(*words, not_built=not_built).read(node)
        return kind.read(node)

    return Kind(read, {"anyOf": [{"enum": list(words)}, kind.schema]})


# --- lists, mappings and records ----------------------------------------------------------------------------------


def list_of(kind: Kind[T], *, some: bool = False) -> Kind[list[T]]:
    """A list, of at least `some`; a single value stands for a list of one. Elements that cannot be understood are left
    out."""

    def read(node: Node) -> list[T] | None:
        if node.value is None or (some and node.value == []):
            node.expected("a list with something in it" if some else "a list")
            return None
        return [value for each in node.elements() if (value := kind.read(each)) is not None]

    return Kind(read, {"anyOf": [{"type": "array", "items": kind.schema}, kind.schema]})


def _word_alone(node: Node) -> str | None:
    value = text.read(node)
    if value is not None and "," in value:
        parts = ", ".join(part.strip() for part in value.split(","))
        node.expected("a list", f"several are written in brackets: `{node.label.strip('`')}: [{parts}]`")
        return None
    return value


words = list_of(Kind(_word_alone, text.schema))
"""Texts without commas: where one holds a comma, the brackets of a list are missing."""


def mapping_of(kind: Kind[T], noun: str = "", defines: str = "") -> Kind[dict[str, T]]:
    """Names to values, in the order of the file. `noun` names one in messages; `defines` makes the names known."""

    def read(node: Node) -> dict[str, T] | None:
        if not isinstance(node.value, dict):
            node.expected(f"a mapping of names to {noun}s" if noun else "a mapping")
            return None
        found: dict[str, T] = {}
        for name, each in node.entries():
            if defines:
                node.reading.define(defines, name, each)
            value = kind.read(each.about(f"{noun} {name!r}") if noun else each)
            if value is not None:
                found[name] = value
        return found

    return Kind(read, {"type": "object", "additionalProperties": kind.schema})


def record(
    keys: Mapping[str, Kind[Any]],
    *,
    required: tuple[str, ...] = (),
    not_built: tuple[str, ...] = (),
    alone: Callable[[str], str] | None = None,
) -> Kind[Given]:
    """A mapping with keys of its own. `not_built` are the keys of the language that do nothing yet; `alone` says which
    key is probably meant where a text stands in place of the mapping."""
    known, later = frozenset(keys), frozenset(not_built)

    def read(node: Node) -> Given | None:
        if not isinstance(node.value, dict):
            meant = alone(node.value) if alone and isinstance(node.value, str) else ""
            hint = f"write `{{ {meant}: {node.value} }}`" if meant else ""
            node.expected(f"a mapping with {_listed(keys)}", hint)
            return None
        values: dict[str, Any] = {}
        nodes: dict[str, Node] = {}
        for key, each in node.known_entries(known, later):
            nodes[key] = each
            value = keys[key].read(each)
            if value is not None:
                values[key] = value
        for key in required:
            if key not in nodes:
                node.problem(Id.MISSING_KEY, f"{node.subject_prefix}`{key}` is missing")
        return Given(node, values, nodes)

    schema: dict[str, Any] = {
        "type": "object",
        "properties": {key: kind.schema for key, kind in keys.items()},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return Kind(read, schema)


def _listed(keys: Mapping[str, Any]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def defined_elsewhere(kind: Callable[[], Kind[T]], name: str) -> Kind[T]:
    """A kind that contains itself: looked up when it is needed; its schema stands under `$defs`."""
    return Kind(lambda node: kind().read(node), {"$ref": f"#/$defs/{name}"})
