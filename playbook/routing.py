"""`routing.yaml`: the rules, and the words they use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from domain.accounts import role_key
from domain.leads import Value
from domain.mapping import CANONICAL
from playbook.conditions import LEAD_FIELDS, WATCHED, condition, need_named_accounts, or_otherwise
from playbook.enrich import ENRICH, filled
from playbook.kinds import (
    Given,
    JsonSchema,
    Kind,
    day,
    defined_elsewhere,
    list_of,
    mapping_of,
    name_of,
    number,
    person,
    record,
    span,
    term,
    text,
    word,
    word_or,
    yes_no,
)
from playbook.problems import Id
from playbook.reading import Node
from playbook.suggest import did_you_mean, nearest
from playbook.tables import table
from router.accounts import FREE_MAIL
from router.conditions import ALWAYS, Condition
from router.rules import (
    Arm,
    Assign,
    Disqualify,
    Enrichment,
    Experiment,
    Goal,
    HandOver,
    Named,
    Nurture,
    Review,
    Rule,
    Then,
)
from router.triggers import Trigger

FILE = "routing.yaml"
REFERENCES = (
    "manager", "account.owner", "duplicate.owner", "account.parent.owner", "account.open_opportunity.owner",
    "named_account.owner",
)  # fmt: skip
TEAM = "account.team."
"""and the role that somebody has there"""
TERRITORY_POOL = "territory.pool"

WHEN = condition(LEAD_FIELDS)
WHEN_OR_OTHERWISE = or_otherwise(WHEN)


@dataclass(frozen=True, slots=True)
class Routing:
    """What the file says. `nodes` are its sections, where they were written."""

    rules: tuple[Rule, ...] = ()
    fallback: Assign | None = None
    segments: tuple[Named, ...] = ()
    intent: tuple[Named, ...] = ()
    fit: tuple[Named, ...] = ()
    plays: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    free_mail: frozenset[str] = FREE_MAIL
    strict_accounts: bool = False
    hierarchy: bool = False
    triggers: tuple[Trigger, ...] = ()
    enrich: tuple[Enrichment, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)


# --- outcomes -----------------------------------------------------------------------------------------------------


def _reference(node: Node) -> str | None:
    node.reading.follow(str(node.value))
    if isinstance(node.value, str) and node.value.startswith(TEAM) and node.value != TEAM:
        return TEAM + role_key(node.value.removeprefix(TEAM))
    if node.value == "named_account.owner":
        need_named_accounts(node)
    return _TO.read(node)


def _pool_reference(node: Node) -> str | None:
    if node.value == TERRITORY_POOL:
        node.reading.mention("territory_pool", TERRITORY_POOL, node)
    return _POOL.read(node)


def _assign(given: Given) -> Assign | None:
    if not given.exactly_one("to", "pool") or not (given.get("to") or given.get("pool")):
        return None
    if "cover_after" in given.nodes and "pool" in given.nodes:
        message = f"{given.node.subject_prefix}`cover_after` is for one person who is away; a pool passes people over"
        given.at("cover_after").key_problem(Id.UNKNOWN_KEY, message, "take it out")
    return Assign(given.get("to"), given.get("pool"), given.get("else"), given.get("cover_after"))


_TO = word_or(person, *REFERENCES)
_TO_SCHEMA = {"anyOf": [_TO.schema, {"type": "string", "pattern": r"^account\.team\.."}]}
_POOL = word_or(name_of("pool"), TERRITORY_POOL)
_ASSIGN_RECORD = record(
    {
        "to": Kind(_reference, _TO_SCHEMA),
        "pool": Kind(_pool_reference, _POOL.schema),
        "else": defined_elsewhere(lambda: ASSIGN, "assign"),
        "cover_after": term,
    },
    alone=lambda said: "to" if "@" in said or said in REFERENCES or said.startswith(TEAM) else "pool",
)
ASSIGN: Kind[Assign] = Kind(_ASSIGN_RECORD.then(_assign).read, {"$ref": "#/$defs/assign"})
_NURTURE = record({"queue": name_of("queue"), "watch": yes_no}, required=("queue",), alone=lambda _: "queue").then(
    lambda given: Nurture(given.get("queue", ""), given.get("watch", False))
)


def assign_schema() -> JsonSchema:
    """The JSON Schema of where a lead goes (under `$defs`)."""
    return _ASSIGN_RECORD.schema


# --- reviews and experiments --------------------------------------------------------------------------------------

CONTINUE = "continue"
_KEPT_IN = name_of("queue").then(Nurture)


def _kept(node: Node) -> Nurture | None:
    """The queue alone may stand for `{ queue: NAME }`."""
    return _KEPT_IN.read(node) if isinstance(node.value, str) else _NURTURE.read(node)


_KEPT = Kind(_kept, {"anyOf": [text.schema, _NURTURE.schema]})
_ENDINGS = record({"assign": ASSIGN, "nurture": _KEPT, "disqualify": text.then(Disqualify)})


def _ending(node: Node) -> "_Ending | None":
    """What follows from a review's answer: `continue`, `manager`, a person, or an outcome."""
    if node.value == CONTINUE:
        return _Ending(None)
    if isinstance(node.value, str):
        if "@" not in node.value and node.value != "manager":
            message = f"{node.subject_prefix}{node.label} should be manager, continue, a person or an outcome"
            node.problem(Id.NOT_ONE_OF, f"{message}, and is {node.value!r}", _outcome_of(node))
            return None
        to = word_or(person, "manager").read(node)
        return _Ending(Assign(to=to)) if to else None
    given = _ENDINGS.read(node)
    if given is None or not given.exactly_one("assign", "nurture", "disqualify"):
        return None
    return next((_Ending(value) for value in given.values.values()), None)


def _outcome_of(node: Node) -> str:
    """How the outcome is written that a name alone may stand for."""
    name = str(node.value)
    if name in node.reading.names("queue"):
        return f"write `{{ nurture: {name} }}`: leads are kept in that queue"
    if name in node.reading.names("pool"):
        return f"write `{{ assign: {{ pool: {name} }} }}`"
    near = nearest(name, ("manager", CONTINUE))
    outcomes = "an outcome is written `{ nurture: QUEUE }`, `{ disqualify: REASON }` or `{ assign: { pool: NAME } }`"
    return f"did you mean {near!r}?" if near else outcomes


@dataclass(frozen=True, slots=True)
class _Ending:
    """Boxed: None is a meaning of its own, all rules again."""

    then: Then | None


_ENDING = Kind(_ending, {"anyOf": [text.schema, _ENDINGS.schema]})
_REVIEW = record(
    {"queue": name_of("queue"), "for": term, "approved": _ENDING, "rejected": _ENDING, "no_answer": _ENDING},
    required=("queue", "for", "rejected"),
)


def _review(given: Given) -> Review | None:
    if not {"queue", "for", "rejected"} <= given.values.keys():
        return None
    approved: _Ending = given.get("approved", _Ending(None))
    no_answer: _Ending = given.get("no_answer", _Ending(Assign(to="manager")))
    return Review(given.get("queue"), given.get("for"), approved.then, given.get("rejected").then, no_answer.then)


FOLLOW_UP_REVIEW = record(
    {"review": name_of("queue"), "for": term, "approved": _ENDING, "rejected": _ENDING, "no_answer": _ENDING},
    required=("review", "for"),
)
"""The review of a lead with which all attempts came to nothing."""


def follow_up_review(given: Given) -> Review | None:
    """Approved: the rules decide again, for somebody who has not had the lead. Rejected: it is given up."""
    if not {"review", "for"} <= given.values.keys():
        return None
    approved: _Ending = given.get("approved", _Ending(None))
    rejected: _Ending = given.get("rejected", _Ending(Disqualify("no contact")))
    no_answer: _Ending = given.get("no_answer", _Ending(Assign(to="manager")))
    return Review(given.get("review"), given.get("for"), approved.then, rejected.then, no_answer.then)


_ARM = record({"weight": number(above=0), "pool": Kind(_pool_reference, _POOL.schema), "assign": ASSIGN})


def _arm(given: Given) -> Arm | None:
    if not given.exactly_one("pool", "assign"):
        return None
    then = given.get("assign") or (Assign(pool=given.get("pool")) if "pool" in given.values else None)
    return Arm(str(given.node.path[-1]), given.get("weight", 1), then) if then else None


_EXPERIMENT = record(
    {
        "name": text,
        "per": word("person", "company", "lead"),
        "goal": word(*get_args(Goal)),
        "for": span,
        "arms": mapping_of(_ARM.then(_arm), "arm"),
    },
    required=("name", "arms"),
)


def _experiment(given: Given) -> Experiment | None:
    name, arms = given.get("name"), given.get("arms", {})
    if name is None or len(arms) < len(dict(given.at("arms").entries())):
        return None
    given.node.reading.define("experiment", name, given.at("name"))
    if len(arms) < 2:
        given.at("arms").expected("at least two arms to be compared")
        return None
    return Experiment(name, given.get("per", "person"), tuple(arms.values()), given.get("goal"), given.get("for"))


_HAND_OVER = record({"pool": Kind(_pool_reference, _POOL.schema), "at": word("next_opening")}, required=("pool",)).then(
    lambda given: HandOver(given.get("pool")) if "pool" in given.values else None
)

# --- rules --------------------------------------------------------------------------------------------------------

_FOUND_OUT = frozenset({"id", "crm", "created_at", "domain", "intent", "fit", "play", "segment"})


def _set_value(node: Node) -> Value:
    if node.value is None or isinstance(node.value, list | dict):
        node.expected("a text, a number, true or false")
        return None
    return node.value.strip() if isinstance(node.value, str) else node.value


_SET_VALUE: Kind[Value] = Kind(_set_value, {"type": ["string", "number", "boolean"]})
_SETS = mapping_of(_SET_VALUE)


def _sets(node: Node) -> dict[str, Value] | None:
    """Fields of the CRM that are written with the outcome; `crm/*.yaml` has to know them."""
    found = _SETS.read(node)
    for name, each in node.entries():
        if name in WATCHED.built - _FOUND_OUT or (name.startswith("custom.") and name != "custom."):
            each.reading.written.append((name, each))
            continue
        message = f"{node.subject_prefix}`{name}` is no field that can be written"
        each.key_problem(Id.UNKNOWN_FIELD, message, did_you_mean(name, sorted(WATCHED.built - _FOUND_OUT)))
    return found


SETS: Kind[dict[str, Value]] = Kind(_sets, _SETS.schema)
"""Fields of the CRM that are written, with their values."""

_RULE = record(
    {
        "name": text,
        "when": WHEN_OR_OTHERWISE,
        "assign": ASSIGN,
        "nurture": _NURTURE,
        "disqualify": text.then(Disqualify),
        "review": _REVIEW.then(_review),
        "experiment": _EXPERIMENT.then(_experiment),
        "hand_over": _HAND_OVER,
        "sla": name_of("tier"),
        "from": day,
        "until": day,
        "set": SETS,
    },
    required=("name",),
)
_OUTCOMES = ("assign", "nurture", "disqualify", "review", "experiment")


def _named_rule(node: Node) -> Given | None:
    name = node.value.get("name") if isinstance(node.value, dict) else None
    return _RULE.read(node.about(f"rule {name!r}" if name else f"rule {_ordinal(node)}"))


def _ordinal(node: Node) -> str:
    return f"number {int(node.path[-1]) + 1}" if isinstance(node.path[-1], int) else ""


def _rule(given: Given) -> Rule | None:
    """None where the rule could not be understood well enough to say what it does."""
    name = given.get("name")
    if name is not None:
        given.node.reading.define("rule", name, given.at("name"))
    if not given.exactly_one(*_OUTCOMES):
        return None
    then = next((given.values[key] for key in _OUTCOMES if key in given.values), None)
    when = given.get("when", ALWAYS if "when" not in given.nodes else None)
    if then is None or when is None:
        return None
    if "hand_over" in given.nodes and not isinstance(then, Assign | Experiment):
        message = f"{given.node.subject_prefix}only a lead that is assigned can be handed over"
        given.at("hand_over").problem(Id.HAND_OVER_UNUSED, message, "take it out, or `assign` the lead first")
    return Rule(
        name=name or "",
        then=then,
        when=when,
        sla=given.get("sla"),
        starts=given.get("from"),
        ends=given.get("until"),
        at=given.node.at(),
        sets=given.get("set", {}),
        hand_over=given.get("hand_over"),
    )


_RULES = list_of(Kind(_named_rule, _RULE.schema).then(_rule))


# --- words --------------------------------------------------------------------------------------------------------


def first_of(kind: Kind[Condition], noun: str, defines: str) -> Kind[tuple[Named, ...]]:
    """Names with conditions, of which the first that holds counts: nothing may follow one that always holds."""
    entries = mapping_of(kind, noun, defines=defines)

    def read(node: Node) -> tuple[Named, ...] | None:
        found = entries.read(node)
        if found is None:
            return None
        check_reached(node, noun, found)
        return tuple(Named(name, when) for name, when in found.items())

    return Kind(read, entries.schema)


def check_reached(node: Node, noun: str, found: Mapping[str, Condition], reached_by_name: Collection[str] = ()) -> None:
    """Nothing stands after one that always holds, but for what somebody names."""
    always = next((name for name, when in found.items() if when == ALWAYS), None)
    names = list(found)
    if always is None or names[-1] == always:
        return
    nodes = dict(node.entries())
    for name in names[names.index(always) + 1 :]:
        if name in reached_by_name:
            continue
        message = f"{noun} {name!r} is never reached: {always!r} before it always holds"
        nodes[name].key_problem(Id.NEVER_REACHED, message, f"move {always!r} to the end")


_SEGMENTS = mapping_of(record({"when": WHEN, "owner": person}, required=("when",)), "segment", defines="segment")


def _play(node: Node) -> str | None:
    name = text.read(node)
    if name is not None and name not in node.reading.names("play"):
        node.reading.define("play", name, node)
    return name


def _plays(node: Node) -> dict[str, dict[str, str]] | None:
    found = _PLAYS.read(node)
    for intent, row in node.entries():
        row.reading.mention("intent", intent, row)
        for fit, cell in row.entries():
            cell.reading.mention("fit", fit, cell)
    return found


_PLAYS = mapping_of(mapping_of(Kind(_play, text.schema)))


def _aliases(node: Node) -> dict[str, str] | None:
    """What the world writes (lower case) -> what the rules say."""
    if isinstance(node.value, str):
        return {
            row.values["alias"].lower(): row.values["canonical"]
            for row in table(node, ("alias", "canonical"), ("alias", "canonical"))
        }
    found = _INLINE.read(node) or {}
    return {alias.lower(): canonical for canonical, aliases in found.items() for alias in aliases}


_INLINE = mapping_of(list_of(text))
_ALIASES = Kind(_aliases, {"anyOf": [{"type": "string", "pattern": r"\.csv$"}, _INLINE.schema]})


def _normalise(node: Node) -> dict[str, dict[str, str]] | None:
    if not isinstance(node.value, dict):
        node.expected("a mapping of fields to what the world writes")
        return None
    found = {}
    for name, each in node.entries():
        if name not in CANONICAL and not name.startswith("custom."):
            message = f"`{name}` is nothing that is known of a lead"
            each.key_problem(Id.UNKNOWN_FIELD, message, did_you_mean(name, sorted(CANONICAL)))
        found[name] = _ALIASES.read(each) or {}
        if name == "country":
            # Names of RevOps' own, such as regions, may stand where countries do.
            for own in dict.fromkeys(found[name].values()):
                each.reading.name("country", own, each)
    return found


def _free_mail(node: Node) -> frozenset[str] | None:
    """Domains of free mail: a file with one column, `domain`, or a list."""
    if isinstance(node.value, str) and node.value.endswith(".csv"):
        return frozenset(row.values["domain"].lower() for row in table(node, ("domain",), ("domain",)))
    found = list_of(text).read(node)
    return frozenset(each.lower() for each in found) if found is not None else None


_MATCHING = record(
    {
        "accounts": word("strict", "loose"),
        "hierarchy": yes_no,
        "free_mail": Kind(_free_mail, list_of(text).schema),
    }
)

# --- triggers -----------------------------------------------------------------------------------------------------


def _what_happened(node: Node) -> tuple[str, Condition] | None:
    """The field that has to change, and what has to hold of the lead then."""
    if not isinstance(node.value, dict):
        node.expected("what has changed, such as `{ changed: status, status: recycled }`")
        return None
    changed = next((each for key, each in node.entries() if key == "changed"), None)
    rest = replace(node, value={key: value for key, value in node.value.items() if key != "changed"})
    holds = WHEN.read(rest) if rest.value else ALWAYS
    if changed is None:
        message = f"{node.subject_prefix}`changed` is missing: without it every lead would start something at any time"
        node.problem(Id.MISSING_KEY, message, "add `changed: FIELD`")
        return None
    name = text.read(changed)
    if name is not None and not WATCHED.has(name):
        message = f"{node.subject_prefix}`{name}` is nothing that can change on a lead"
        changed.problem(Id.UNKNOWN_FIELD, message, did_you_mean(name, WATCHED.names()))
        return None
    if name is not None:
        node.reading.used.append((name, changed))
    return (name, holds) if name is not None and holds is not None else None


def _trigger(given: Given) -> Trigger | None:
    when, then = given.get("when"), given.get("then")
    return Trigger(when[0], then, when[1], given.node.at()) if when and then else None


_TRIGGER = record(
    {
        "when": Kind(_what_happened, {"$ref": "#/$defs/trigger_condition"}),
        "then": word("new_clock", "route_again"),
    },
    required=("when", "then"),
)
_TRIGGERS = list_of(
    Kind(lambda node: _TRIGGER.read(node.about(f"trigger {_ordinal(node)}")), _TRIGGER.schema).then(_trigger)
)

# --- the file -----------------------------------------------------------------------------------------------------

_FALLBACK = record({"assign": ASSIGN}, required=("assign",))

ROUTING = record(
    {
        "normalise": Kind(_normalise, {"type": "object", "additionalProperties": _ALIASES.schema}),
        "matching": _MATCHING,
        "segments": _SEGMENTS,
        "intent": first_of(WHEN_OR_OTHERWISE, "intent", "intent"),
        "fit": first_of(WHEN_OR_OTHERWISE, "fit", "fit"),
        "plays": Kind(_plays, _PLAYS.schema),
        "triggers": _TRIGGERS,
        "rules": _RULES,
        "fallback": _FALLBACK,
        "enrich": ENRICH,
    },
)


def read(root: Node | None) -> Routing:
    """The rules and words of the file."""
    given = ROUTING.read(root) if root else None
    if given is None:
        return Routing()
    matching = given.get("matching")
    fallback = given.get("fallback")
    return Routing(
        rules=tuple(given.get("rules", ())),
        fallback=fallback.get("assign") if fallback else None,
        segments=tuple(
            Named(name, each.get("when"), each.get("owner"))
            for name, each in given.get("segments", {}).items()
            if each.get("when") is not None
        ),
        intent=given.get("intent", ()),
        fit=given.get("fit", ()),
        plays=given.get("plays", {}),
        aliases=given.get("normalise", {}),
        free_mail=matching.get("free_mail", FREE_MAIL) if matching else FREE_MAIL,
        strict_accounts=matching is not None and matching.get("accounts") == "strict",
        hierarchy=matching is not None and bool(matching.get("hierarchy", False)),
        triggers=tuple(given.get("triggers", ())),
        enrich=filled(given.get("enrich", []), given.get("normalise", {}), root.reading) if root else (),
        nodes=given.nodes,
    )
