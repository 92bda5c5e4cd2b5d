"""Conditions as `config/` writes them, made into `router.conditions`."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from domain.accounts import role_key
from domain.leads import Value
from domain.mapping import CANONICAL, CRMS
from playbook.kinds import JsonSchema, Kind, list_of, name_of, record, span, text, yes_no
from playbook.problems import Id
from playbook.reading import Node
from playbook.source import Data
from playbook.suggest import did_you_mean, nearest
from playbook.tables import column
from router import places
from router.conditions import (
    ALWAYS,
    All,
    Any,
    BadPattern,
    Compare,
    Condition,
    InFile,
    Not,
    Operator,
    pattern,
    plain_text,
)
from router.numbers import whole
from router.rules import Arrival, Recent
from router.values import NUMERIC, SIGNALS

NAMED = {"intent": "intent", "fit": "fit", "play": "play", "territory": "territory", "segment": "segment"}
"""Fields whose values are names of config/: a name that does not exist would never hold."""

# What a comparison with anything else would never hold for.
YES_OR_NO = frozenset(
    {"account.exists", "account.is_customer", "account.parent.is_customer", "duplicate.exists", "named_account.exists"}
)
COUNTRIES = frozenset({"country", "account.country"})
_TEAM = "account.team."
NAMED_ACCOUNTS = "named_accounts.csv"

_CRM_FILE = re.compile(r"crm/(\w+)\.yaml")
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*([A-Z]{3})")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:[.,' ]\d{3})+(?![\d.,])")
_RANGE = re.compile(r"([A-Za-z]*)(\d+)-(?:\1)?(\d+)")


@dataclass(frozen=True, slots=True)
class Fields:
    """What conditions may be about. A name that ends in a dot stands for every name that starts so."""

    what: str
    schema_name: str
    built: frozenset[str]
    not_built: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        return _in(name, self.built)

    def has_later(self, name: str) -> bool:
        return _in(name, self.not_built)

    def names(self) -> list[str]:
        return sorted(name for name in self.built | self.not_built if not name.endswith("."))


def _in(name: str, names: Iterable[str]) -> bool:
    return any(name == each or (each.endswith(".") and name.startswith(each) and name != each) for each in names)


LEAD_FIELDS = Fields(
    "a lead",
    "lead_condition",
    built=CANONICAL
    | {
        f"account.{name}"
        for name in [
            "exists", "name", "owner", "is_customer", "tier", "industry", "employees", "country", "parent.owner",
            "parent.is_customer", "open_opportunity.owner",
        ]
    }
    | {f"named_account.{name}" for name in ("exists", "owner", "tier")}
    | {"duplicate.exists", "duplicate.owner", "account.team.", SIGNALS, "custom."},
)  # fmt: skip
REP_FIELDS = Fields(
    "a rep",
    "rep_condition",
    frozenset(["email", "name", "manager", "level", "region", "team", "languages", "started"]) | {"skills."},
)

_GROUPS = ("all", "any", "not", "missing")
_ARRIVED = "arrived"
_NOT_BUILT_KEYS = frozenset({"changed"})


WATCHED = Fields(
    "what can change on a lead",
    "changed_field",
    built=CANONICAL - {"id", "crm", "created_at", "domain", "territory.pool"} | {"custom."},
)
"""What a trigger may wait for: fields of the record itself."""


def condition(fields: Fields) -> Kind[Condition]:
    """A mapping in which every key must hold."""
    return Kind(lambda node: _condition(node, fields), {"$ref": f"#/$defs/{fields.schema_name}"})


def or_otherwise(kind: Kind[Condition]) -> Kind[Condition]:
    """The same, or the word `otherwise`, which always holds."""

    def read(node: Node) -> Condition | None:
        return ALWAYS if node.value == "otherwise" else kind.read(node)

    return Kind(read, {"anyOf": [{"const": "otherwise"}, kind.schema]})


def _condition(node: Node, fields: Fields) -> Condition | None:
    if not isinstance(node.value, dict) or not node.value:
        hint = "for every lead, leave it out or write `otherwise`" if node.value == {} else ""
        node.expected("conditions such as `{ country: DE }`", hint)
        return None
    node = node.mended(lambda key: key in _GROUPS or key == _ARRIVED or fields.has(key) or fields.has_later(key))
    parts = [_part(key, each, fields) for key, each in node.entries()]
    # A condition with a part left out would hold for more leads than was meant: proofs about it would be wrong.
    return None if None in parts else _all(part for part in parts if part is not None)


def _all(parts: Iterable[Condition]) -> Condition:
    found = tuple(parts)
    return found[0] if len(found) == 1 else All(found)


def _part(key: str, node: Node, fields: Fields) -> Condition | None:
    if key in _NOT_BUILT_KEYS or fields.has_later(key):
        node.not_built(f"`{key}`", at_key=True)
        return None
    if key == _ARRIVED and fields is LEAD_FIELDS:
        return _arrived(node)
    if key not in _GROUPS and not fields.has(key):
        known = [*_GROUPS, *fields.names(), *([_ARRIVED] if fields is LEAD_FIELDS else [])]
        message = f"{node.subject_prefix}`{key}` is nothing that is known of {fields.what}"
        node.key_problem(Id.UNKNOWN_FIELD, message, did_you_mean(key, known))
        key = nearest(key, [*_GROUPS, *(name for name in known if fields.has(name))]) or ""
    match key:
        case "":
            return None
        case "all" | "any":
            parts = [_condition(each, fields) for each in node.elements()]
            if not parts:
                node.expected("a list of conditions")
                return None
            good = tuple(part for part in parts if part is not None)
            if len(good) < len(parts):
                return None
            return Any(good) if key == "any" else All(good)
        case "not":
            part = _condition(node, fields)
            return Not(part) if part is not None else None
        case "missing":
            return _missing(node, fields)
    node.reading.follow(key)
    if fields is LEAD_FIELDS:
        node.reading.used.append((key, node))
    if key.startswith(_TEAM):
        key = _TEAM + role_key(key.removeprefix(_TEAM))
    if key.startswith("named_account."):
        need_named_accounts(node)
    return _about(key, node)


def need_named_accounts(node: Node) -> None:
    """Without the table nobody is a named account, and what is written here would never hold."""
    if NAMED_ACCOUNTS not in node.reading.texts:
        message = f"{node.subject_prefix}there is no {NAMED_ACCOUNTS}, so no account is a named one"
        node.problem(Id.NO_SUCH_FILE, message, "add it, with the columns name,domain,owner,tier")


_ARRIVED_AT = record({"inside": name_of("calendar"), "outside": name_of("calendar")})


def _arrived(node: Node) -> Condition | None:
    """Whether the lead was created in the hours of a calendar."""
    given = _ARRIVED_AT.read(node)
    if given is None or not given.exactly_one("inside", "outside"):
        return None
    side = "inside" if "inside" in given.nodes else "outside"
    calendar = given.get(side)
    if calendar is None:
        return None
    fact = f"{_ARRIVED}.{calendar}"
    node.reading.asked[fact] = Arrival(fact, calendar)
    return Compare(fact, "equals", side)


def _missing(node: Node, fields: Fields) -> Condition | None:
    names = list_of(text, some=True).read(node) or ()
    for name, each in zip(names, node.elements(), strict=False):
        if not fields.has(name):
            message = f"{node.subject_prefix}`{name}` is nothing that is known of {fields.what}"
            each.problem(Id.UNKNOWN_FIELD, message, did_you_mean(name, fields.names()))
        elif fields is LEAD_FIELDS:
            node.reading.used.append((name, each))
    return Compare("", "missing", tuple(names))


def _about(field: str, node: Node) -> Condition | None:
    """What must hold of one field: a value, a list of values, or comparisons."""
    if isinstance(node.value, list):
        return _one_of(field, node)
    if not isinstance(node.value, dict):
        value = _value(field, node)
        return None if value is None else _equals(field, value)
    if not node.value:
        node.expected("a value or a comparison such as `{ at_least: 10 }`")
        return None
    operators = frozenset(_OPERATORS) | {"within"}
    node = node.mended(operators.__contains__)
    entries = dict(node.known_entries(operators, frozenset()))
    complete = len(entries) == len(dict(node.entries()))
    if "within" in entries:
        recent = _recent(field, entries.pop("within"))
        if recent is None:
            return None
        if not entries and complete:
            return Compare(recent, "at_least", 1)
        field = recent
    parts = [_OPERATORS[key](field, each) for key, each in entries.items()]
    return None if None in parts or not complete else _all(part for part in parts if part is not None)


def _recent(field: str, node: Node) -> str | None:
    """The name of the fact that counts only the signals of that age."""
    if not field.startswith(SIGNALS):
        message = f"{node.subject_prefix}`within` asks for the age of signals, and {field} is none"
        node.key_problem(Id.UNKNOWN_KEY, message, "write it for `signals.KIND`")
        return None
    age = span.read(node)
    if age is None:
        return None
    fact = f"{field} within {' '.join(str(node.value).split())}"
    node.reading.asked[fact] = Recent(fact, field, age)
    return fact


def _is_number(field: str) -> bool:
    return field in NUMERIC or field.startswith(SIGNALS)


def _value(field: str, node: Node) -> Value:
    if node.value is None or node.value == "" or isinstance(node.value, list | dict):
        hint = "" if isinstance(node.value, list | dict) else "`is_empty: true` asks whether there is nothing"
        node.expected("a text, a number, true or false", hint)
        return None
    if _is_number(field):
        return _number(node)
    if field in YES_OR_NO:
        return yes_no.read(node)
    if field == "crm":
        _check_crm(node)
    if field in NAMED:
        node.reading.mention(NAMED[field], str(node.value), node)
    if field == "postcode":
        if not prefixes(str(node.value)):
            node.problem(Id.OUT_OF_RANGE, f"{node.subject_prefix}{node.value!r} is an empty range", "swap its ends")
            return None
        return str(node.value)
    return _as_leads_have_it(field, node) if isinstance(node.value, str) else node.value


def _check_crm(node: Node) -> None:
    """A CRM that is none never has a lead; one that other folders set up may be named."""
    named = (found[1] for file in node.reading.texts if (found := _CRM_FILE.fullmatch(file)))
    known = sorted({*CRMS, *named})
    if str(node.value).strip().casefold() not in known:
        message = f"{node.subject_prefix}{node.value!r} is not a CRM that is known"
        node.problem(Id.NO_SUCH_CRM, message, did_you_mean(str(node.value), known))


def _as_leads_have_it(field: str, node: Node) -> str:
    """Countries, states and languages by their codes, whatever is written: leads have them so."""
    written = str(node.value).strip()
    if field in COUNTRIES:
        code = places.country(written)
        if code is None:
            node.reading.mention("country", written, node)
        return code or written
    if field == "state":
        return places.state(written, None) or written
    if field == "language":
        return places.language(written) or written
    return written


def _equals(field: str, value: Value) -> Condition:
    if field != "postcode":
        return Compare(field, "equals", value)
    starts = tuple(prefixes(str(value)))
    return Compare(field, "starts_with", starts if len(starts) > 1 else starts[0])


def prefixes(text_: str) -> list[str]:
    """The fewest prefixes that cover a range of postcodes: `940-951` is 94, 950 and 951. None for a range
    that ends before it begins; other text is its own prefix."""
    found = _RANGE.fullmatch(text_)
    if not found or len(found[2]) != len(found[3]):
        return [text_]
    width, low, high = len(found[2]), int(found[2]), int(found[3])
    covered = []
    while low <= high:
        zeros = 0
        while zeros + 1 < width and low % 10 ** (zeros + 1) == 0 and low + 10 ** (zeros + 1) - 1 <= high:
            zeros += 1
        covered.append(found[1] + str(low).zfill(width)[: width - zeros])
        low += 10**zeros
    return covered


def _values(field: str, node: Node) -> tuple[Value, ...] | None:
    values = tuple(_value(field, each) for each in node.elements())
    if not values:
        node.expected("a list with something in it")
        return None
    return None if None in values else values


def _one_of(field: str, node: Node) -> Condition | None:
    values = _values(field, node)
    if values is None:
        return None
    if field == "postcode":
        return Any(tuple(_equals(field, value) for value in values))
    return Compare(field, "in", values)


# --- operators: how each reads what stands behind it --------------------------------------------------------------

Read = Callable[[str, Node], Condition | None]


def _not_one_of(field: str, node: Node) -> Condition | None:
    values = _values(field, node)
    if values is None:
        return None
    if field == "postcode":
        return Not(Any(tuple(_equals(field, value) for value in values)))
    return Compare(field, "not_in", values)


def _is_not(field: str, node: Node) -> Condition | None:
    if isinstance(node.value, list):
        node.expected("one value", "for several write `not_in`")
        return None
    value = _value(field, node)
    if value is None:
        return None
    return Not(_equals(field, value)) if field == "postcode" else Compare(field, "is_not", value)


def _with_list(operator: Operator) -> Read:
    def read(field: str, node: Node) -> Condition | None:
        values = _values(field, node)
        return None if values is None else Compare(field, operator, values)

    return read


def _with_number(operator: Operator) -> Read:
    def read(field: str, node: Node) -> Condition | None:
        value = _number(node)
        return None if value is None else Compare(field, operator, value)

    return read


def _with_text(operator: Operator) -> Read:
    """One text, or several of which any may hold."""

    def read(field: str, node: Node) -> Condition | None:
        texts = list_of(text, some=True).read(node)
        if not texts or len(texts) < len(list(node.elements())):
            return None
        return Compare(field, operator, tuple(texts) if len(texts) > 1 else texts[0])

    return read


def _matches(field: str, node: Node) -> Condition | None:
    """One regular expression, or several of which any may be found in the text."""
    found = _with_text("matches")(field, node)
    for each in node.elements():
        try:
            pattern(str(each.value))
        except BadPattern as problem:
            message = f"{node.subject_prefix}`matches` should be a regular expression of RE2: {problem}"
            each.problem(Id.BAD_PATTERN, message, _RE2_HINT)
            return None
    return found


_RE2_HINT = "it has no look-ahead and no back-references, so that no text can keep it busy; quote it in single quotes"


def _in_file(field: str, node: Node) -> Condition | None:
    file = text.read(node)
    if file is None:
        return None
    cells = column(node, field)
    if cells is None:
        return None
    if field == "postcode":
        starts = tuple(dict.fromkeys(start for cell in cells for start in prefixes(cell)))
        return Compare(field, "starts_with", starts)
    if _is_number(field):
        return InFile(field, file, frozenset(plain_text(_plain_number(cell)) for cell in cells))
    read = (_as_leads_have_it(field, replace(node, value=cell)) for cell in cells)
    return InFile(field, file, frozenset(plain_text(value) for value in read))


def _plain_number(cell: str) -> Value:
    try:
        return float(cell)
    except ValueError:
        return cell


def _between(field: str, node: Node) -> Condition | None:
    ends = [_number(each) for each in node.elements()] if isinstance(node.value, list) and len(node.value) == 2 else []
    if len(ends) != 2:
        node.expected("two numbers: [100, 499]", "numbers are written without separators: 1000, not 1,000")
        return None
    low, high = ends
    if low is None or high is None:
        return None
    if low > high:
        node.problem(Id.OUT_OF_RANGE, f"{node.subject_prefix}no number is between {low:g} and {high:g}", "swap them")
        return None
    return Compare(field, "between", (low, high))


def _is_empty(field: str, node: Node) -> Condition | None:
    value = yes_no.read(node)
    return None if value is None else Compare(field, "is_empty", value)


def _number(node: Node) -> int | float | None:
    """A number, or an amount, which becomes one in the default currency."""
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    found = _AMOUNT.fullmatch(node.value.strip()) if isinstance(node.value, str) else None
    if not found or _THOUSANDS.match(found[1]):
        node.expected("a number, or an amount such as 50000 EUR", _without_separators(node.value))
        return None
    money = node.reading.money
    amount = float(found[1]) if "." in found[1] else int(found[1])
    if found[2] == money.home:
        return amount
    if found[2] not in money.rates:
        message = f"{node.subject_prefix}nobody knows what {found[2]} are worth in {money.home}"
        node.problem(
            Id.NO_RATE, message, f"add {found[2]} to rates.csv (currency,rate: what one is worth in {money.home})"
        )
        return None
    return whole(round(amount * money.rates[found[2]], 2))


def _without_separators(value: Data) -> str:
    """The way out where thousands are set apart: `50.000 EUR` could be fifty."""
    found = _THOUSANDS.match(value.strip()) if isinstance(value, str) else None
    if not found:
        return ""
    number = re.sub(r"[^\d-]", "", found[0])
    return f"numbers are written without separators: {number}{str(value).strip()[found.end() :]}"


def amount(*, above: float) -> Kind[float]:
    """A number, or an amount in the default currency, that is larger."""

    def read(node: Node) -> float | None:
        value = _number(node)
        if value is not None and not above < value < math.inf:
            node.problem(Id.OUT_OF_RANGE, f"{node.subject_prefix}{node.label} should be above {above:g}")
            return None
        return value

    return Kind(read, {"type": ["string", "number"]})


_OPERATORS: dict[str, Read] = {
    "in": _one_of,
    "not_in": _not_one_of,
    "is_not": _is_not,
    "any_of": _with_list("any_of"),
    "all_of": _with_list("all_of"),
    "none_of": _with_list("none_of"),
    "at_least": _with_number("at_least"),
    "at_most": _with_number("at_most"),
    "above": _with_number("above"),
    "below": _with_number("below"),
    "between": _between,
    "contains": _with_text("contains"),
    "starts_with": _with_text("starts_with"),
    "ends_with": _with_text("ends_with"),
    "matches": _matches,
    "in_file": _in_file,
    "is_empty": _is_empty,
}


_SCALAR = {"type": ["string", "number", "boolean"]}
_VALUE = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}


def schemas() -> dict[str, JsonSchema]:
    """What the JSON Schemas of conditions refer to, under `$defs`."""
    comparisons = {
        "type": "object",
        "properties": {**dict.fromkeys(_OPERATORS, _VALUE), "within": span.schema},
        "additionalProperties": False,
    }
    return {
        "comparison": {"anyOf": [*_VALUE["anyOf"], comparisons]},
        **{fields.schema_name: _schema(fields) for fields in (LEAD_FIELDS, REP_FIELDS)},
        "trigger_condition": _trigger_schema(),
        "rep_fit": _fit_schema(),
    }


fit_schema: JsonSchema = {"$ref": "#/$defs/rep_fit"}


def _fit_schema() -> JsonSchema:
    schema = _schema(REP_FIELDS)
    languages = {"anyOf": [{"const": "match"}, {"$ref": "#/$defs/comparison"}]}
    return {**schema, "properties": {**schema["properties"], "skills": {"const": "match"}, "languages": languages}}


def _trigger_schema() -> JsonSchema:
    schema = _schema(LEAD_FIELDS)
    changed = {"anyOf": [{"enum": WATCHED.names()}, {"type": "string", "pattern": r"^custom\."}]}
    return {**schema, "properties": {"changed": changed, **schema["properties"]}, "required": ["changed"]}


def _schema(fields: Fields) -> JsonSchema:
    own, comparison = {"$ref": f"#/$defs/{fields.schema_name}"}, {"$ref": "#/$defs/comparison"}
    several = {"anyOf": [{"type": "array", "items": own}, own]}
    groups: dict[str, JsonSchema] = {"all": several, "any": several, "not": own, "missing": _VALUE}
    names = [name for name in fields.names() if fields.has(name)]
    if fields is LEAD_FIELDS:
        groups[_ARRIVED] = _ARRIVED_AT.schema
    prefixes_ = sorted(re.escape(name) for name in fields.built if name.endswith("."))
    return {
        "type": "object",
        "properties": {**groups, **dict.fromkeys(names, comparison)},
        "patternProperties": {f"^{prefix}.": comparison for prefix in prefixes_},
        "additionalProperties": False,
    }
