"""`enrich`: where the empty fields of a lead are filled from, in this order."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.hours import Span
from domain.leads import Value
from domain.mapping import CANONICAL, FOUND_OUT
from playbook.kinds import Given, Kind, from_environment, list_of, number, record, span, text, word
from playbook.problems import Id
from playbook.reading import Node, Reading
from playbook.suggest import did_you_mean
from playbook.tables import header, named_by, rows
from router import values
from router.numbers import NotUnderstood
from router.rules import Enrichment, FromAccount, FromService, FromTable

FILLED = CANONICAL - FOUND_OUT
"""Fields that a table may fill."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was written; it is read when the aliases are known."""

    node: Node
    file: str
    content: str
    key: str


def _table(given: Given) -> Table | None:
    file = given.node.reading.texts.get(str(given.get("csv", "")))
    found = named_by(given.at("csv")) if "csv" in given.values else None
    key = given.get("key")
    if found is None or file is None or key is None:
        return None
    return Table(given.at("csv"), *found, key) if _is_field(given, key) else None


def _is_field(given: Given, key: str) -> bool:
    """Whether something can be asked by this field of a lead; a problem where not."""
    if key in FILLED or key.startswith("custom."):
        return True
    message = f"`{key}` is nothing that is known of a lead"
    given.at("key").problem(Id.UNKNOWN_FIELD, message, did_you_mean(key, sorted(FILLED)))
    return False


LONGEST_TIMEOUT = 10
"""Real seconds: leads wait for it."""


def _timeout(node: Node) -> float | None:
    found = span.read(node)
    if found is None:
        return None
    if found.kind not in ("working", "elapsed") or not 0 < found.amount <= LONGEST_TIMEOUT:
        message = f"{node.subject_prefix}`timeout` is real time of at most {LONGEST_TIMEOUT} s: leads wait for it"
        node.problem(Id.OUT_OF_RANGE, message, "write `2 s`")
        return None
    return float(found.amount)


def _service(given: Given) -> FromService | None:
    name, key = given.get("http"), given.get("key", "domain")
    if not _is_field(given, key):
        return None
    budget = given.get("budget")
    keep = given.get("cache", Span(7, "calendar_days"))
    return FromService(name, key, given.get("timeout", 2.0), keep, int(budget) if budget else None) if name else None


_WORD = word("account")
_TABLE = record({"csv": text, "key": text}, required=("csv", "key")).then(_table)
_SERVICE = record(
    {
        "http": from_environment,
        "key": text,
        "timeout": Kind(_timeout, span.schema),
        "cache": span,
        "budget": number(least=1, whole=True),
    },
    required=("http",),
).then(_service)


def _step(node: Node) -> Table | Enrichment | None:
    if isinstance(node.value, str):
        return FromAccount() if _WORD.read(node) else None
    return _SERVICE.read(node) if isinstance(node.value, dict) and "http" in node.value else _TABLE.read(node)


ENRICH = list_of(Kind(_step, {"anyOf": [_WORD.schema, _TABLE.schema, _SERVICE.schema]}))


def filled(steps: list[Table | Enrichment], aliases: values.Aliases, reading: Reading) -> tuple[Enrichment, ...]:
    """The steps with their tables read; what cannot be read is a problem in its line."""
    return tuple(_read(step, aliases, reading) if isinstance(step, Table) else step for step in steps)


def _read(table: Table, aliases: values.Aliases, reading: Reading) -> FromTable:
    own = [name for name in header(table.content) if name.startswith("custom.")]
    found: dict[str, Mapping[str, Value]] = {}
    for row in rows(table.file, table.content, (table.key,), sorted(FILLED | set(own)), reading.problems):
        line: dict[str, Value] = {}
        for name, cell in row.values.items():
            try:
                line[name] = values.read(name, _listed(name, cell), aliases, reading.money)
            except NotUnderstood:
                hint = "empty it, or write what the rules ask for"
                reading.problems.append(row.problem(name, Id.NOT_UNDERSTOOD, f"{name} cannot be read: {cell!r}", hint))
        key = values.key_of(table.key, line.pop(table.key, None))
        if key is None:
            continue
        if key in found:
            message = f"{row.values[table.key]!r} has a line already"
            reading.problems.append(row.problem(table.key, Id.NAME_TWICE, message, "keep one of them"))
        found[key] = line
    return FromTable(table.file, table.key, found)


def _listed(name: str, cell: str) -> Value:
    if name not in values.LISTS:
        return cell
    return tuple(part.strip() for part in cell.split(";") if part.strip())
