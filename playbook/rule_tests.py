"""`tests/*.yaml`: what RevOps expect of their rules, lead by lead. `fairlead check` runs them.

They are not part of the configuration: a decision does not depend on them, and its version does not change with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from domain.clocks import Step
from domain.decisions import Outcome
from playbook.book import Playbook, take_text
from playbook.conditions import LEAD_FIELDS
from playbook.kinds import Given, JsonSchema, Kind, list_of, mapping_of, number, record, text, word
from playbook.problems import Id, Problem
from playbook.reading import Node, Reading
from playbook.routing import SETS
from playbook.sla import FLAG
from playbook.suggest import did_you_mean
from router.tried import FALLBACK
from router.waits import POOL

T = TypeVar("T")

FOLDER = "tests"
FACTS = ("intent", "fit", "play", "territory", "segment")
"""Words of `routing.yaml` and `territories.yaml` that a test may expect of the lead, beside the decision's own."""


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One lead, as it arrives at `arrives` (UTC), and what is expected of it. `lead` holds what was written, not yet
    understood as a CRM's values are. An expectation of None is that there is none. `away` and `open_leads` are the
    people as they stand then; everybody else is there, with nothing to do. `steps` are all that should follow while
    nobody answers (None: nothing is said of it), each with its place. `places` is where each expectation stands, and
    under `""` the test itself."""

    name: str
    lead: Mapping[str, Any]
    arrives: datetime
    expect: Mapping[str, str | datetime | None]
    steps: tuple[tuple[Step, Node], ...] | None = None
    away: tuple[str, ...] = ()
    open_leads: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, Node] = field(default_factory=dict)


def read(folder: Path, book: Playbook) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    """The tests of a configuration's folder, and what is wrong with how they are written."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).rglob("*.y*ml")):
        take_text(path.relative_to(folder).as_posix(), path, texts, problems)
    found, more = read_texts(texts, book)
    return found, tuple(sorted({*problems, *more}))


def read_texts(texts: Mapping[str, str], book: Playbook) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    """The same from texts (relative path -> content)."""
    reading = Reading(texts)
    tests = _tests(_names_of(book))
    found: list[RuleTest] = []
    for file in sorted(texts):
        if (root := reading.open(file)) is not None:
            found += tests.read(root) or []
    return tuple(found), tuple(sorted(set(reading.problems)))


@dataclass(frozen=True, slots=True)
class _Names:
    """What a test may name."""

    reps: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


def _names_of(book: Playbook) -> _Names:
    return _Names(
        reps=(*book.rules.reps,),
        rules=(*(rule.name for rule in book.rules.rules), FALLBACK),
        pools=(*book.rules.pools,),
        queues=(*book.rules.pools, *book.rules.queues),
        tiers=(*book.policy.tiers,),
    )


def _tests(names: _Names) -> Kind[list[RuleTest]]:
    whoever = _one_of(names.reps, "a person in `reps`", Id.NO_SUCH_PERSON)
    expected: dict[str, Kind[Any]] = {
        "outcome": word(*(outcome.value for outcome in Outcome)),
        "rule": _one_of(names.rules, "a rule", Id.NO_SUCH_RULE),
        "pool": _one_of(names.pools, "a pool", Id.NO_SUCH_POOL),
        "queue": _one_of(names.queues, "a queue", Id.NO_SUCH_QUEUE),
        "owner": whoever,
        "sla": _one_of(names.tiers, "a tier", Id.NO_SUCH_TIER),
        "due": _moment,
        "steps": _steps(names),
        **dict.fromkeys(FACTS, text),
    }
    test = record(
        {
            "name": text,
            "lead": Kind(_lead, {"type": "object"}),
            "expect": record({key: _or_none(kind) for key, kind in expected.items()}),
            "away": list_of(whoever),
            "open_leads": Kind(lambda node: _open_leads(node, names.reps), _OPEN_LEADS.schema),
        },
        required=("name", "lead", "expect"),
    ).then(_rule_test)
    return list_of(test)


def schema() -> JsonSchema:
    """What an editor may be told about such a file."""
    return _tests(_Names()).schema


NOTHING = object()
"""What was expected is that there is none."""


def _or_none(kind: Kind[Any]) -> Kind[Any]:
    return Kind(lambda node: NOTHING if node.value is None else kind.read(node), kind.schema)


def _one_of(names: Sequence[str], what: str, missing: Id) -> Kind[str]:
    def read(node: Node) -> str | None:
        value = text.read(node)
        if value is not None and value not in names:
            node.problem(missing, f"{node.subject_prefix}{value!r} is not {what}", did_you_mean(value, names))
            return None
        return value

    return Kind(read, text.schema)


_DOES: tuple[Literal["notify", "reassign", "flag", "set", "hand_over"], ...] = (
    "notify",
    "reassign",
    "flag",
    "set",
    "hand_over",
)


def _steps(names: _Names) -> Kind[list[tuple[Step, Node]]]:
    """Steps of a ladder, each at a moment, and the hand-over of a night team."""
    people = "a person in `reps`"
    whom = _one_of(("rep", "manager", *names.reps), f"`rep`, `manager` or {people}", Id.NO_SUCH_PERSON)
    words = ("next", "backup", "queue", "manager")
    heir = _one_of((*words, *names.reps), f"{', '.join(f'`{each}`' for each in words)} or {people}", Id.NO_SUCH_PERSON)
    step = record(
        {
            "at": _moment,
            "notify": _all_of(whom, some=True),
            "reassign": heir,
            "flag": FLAG,
            "set": SETS,
            "hand_over": _one_of(names.pools, "a pool", Id.NO_SUCH_POOL),
        },
        required=("at",),
    )
    return _all_of(step.then(_step))


def _all_of(kind: Kind[T], *, some: bool = False) -> Kind[list[T]]:
    """A list; one with an element that cannot be understood is none, so that nothing is held against its rest."""
    part = list_of(kind, some=some)

    def read(node: Node) -> list[T] | None:
        found = part.read(node)
        return found if found is not None and len(found) == len([*node.elements()]) else None

    return Kind(read, part.schema)


def _step(given: Given) -> tuple[Step, Node] | None:
    if not given.exactly_one(*_DOES) or "at" not in given.values:
        return None
    do = next(key for key in _DOES if key in given.nodes)
    said = given.get(do)
    if said is None:
        return None
    match do:
        case "notify":
            step = Step(given.get("at"), do, tuple(said))
        case "set":
            step = Step(given.get("at"), do, sets=said)
        case "hand_over":
            step = Step(given.get("at"), "move_on", (f"{POOL}{said}",))
        case _:
            step = Step(given.get("at"), do, (said,) if said else ())
    return step, given.node


_OPEN_LEADS = mapping_of(number(least=0, whole=True))


def _open_leads(node: Node, reps: Sequence[str]) -> dict[str, float] | None:
    found = _OPEN_LEADS.read(node)
    for name, each in node.entries() if isinstance(node.value, dict) else ():
        if name not in reps:
            message = f"{node.subject_prefix}{name!r} is not a person in `reps`"
            each.key_problem(Id.NO_SUCH_PERSON, message, did_you_mean(name, reps))
    return found


def _read_moment(node: Node) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(node.value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"{node.subject_prefix}{node.label} should be a time with an offset, and is {node.value!r}"
        node.problem(Id.NOT_A_DATE, message, "write 2026-11-23T10:00+01:00, or 2026-11-23T09:00Z")
        return None
    return moment


_moment = Kind(_read_moment, {"type": "string"})


def _lead(node: Node) -> dict[str, Any] | None:
    """The canonical fields as they were written."""
    if not isinstance(node.value, dict):
        node.expected("what is known of the lead, such as `{ country: DE, created_at: 2026-11-23T10:00+01:00 }`")
        return None
    values = {}
    for name, each in node.entries():
        if LEAD_FIELDS.has(name):
            values[name] = tuple(each.value) if isinstance(each.value, list) else each.value
            continue
        message = f"{node.subject_prefix}`{name}` is nothing that is known of a lead"
        each.key_problem(Id.UNKNOWN_FIELD, message, did_you_mean(name, LEAD_FIELDS.names()))
    return values


def _rule_test(given: Given) -> RuleTest | None:
    lead, expect = given.get("lead"), given.get("expect")
    if lead is None or expect is None or "name" not in given.values:
        return None
    written = dict(given.at("lead").entries()).get("created_at")
    if written is None:
        message = f"{given.node.subject_prefix}`created_at` is missing: hours, absences and due times depend on it"
        given.at("lead").problem(Id.MISSING_KEY, message, "add the moment at which the lead arrives")
        return None
    arrives = _moment.read(written)
    if arrives is None:
        return None
    if not expect.nodes:
        given.at("expect").expected("what is expected, such as `{ pool: NAME }`")
    return RuleTest(
        name=given.get("name"),
        lead={name: value for name, value in lead.items() if name != "created_at"},
        arrives=arrives,
        expect={key: None if value is NOTHING else value for key, value in expect.values.items() if key != "steps"},
        steps=None if (steps := expect.get("steps")) is None else () if steps is NOTHING else tuple(steps),
        away=tuple(given.get("away", ())),
        open_leads=given.get("open_leads", {}),
        places={"": given.node, **expect.nodes},
    )
