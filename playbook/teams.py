"""`teams.yaml`: the people, the pools that share leads among them, and the queues where leads wait."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.hours import Span
from domain.people import Member, OfferStep, Overflow, Pool, Queue, Rep, ToPerson, Wait, WhenNobody, WhenNobodyStep
from playbook.conditions import REP_FIELDS, condition
from playbook.kinds import (
    Given,
    Kind,
    address,
    currency,
    day,
    from_environment,
    list_of,
    mapping_of,
    name_of,
    number,
    person,
    record,
    span,
    term,
    text,
    word_or,
    words,
)
from playbook.problems import Id
from playbook.reading import Node
from playbook.sharing import SHARING, check_rotations, shared
from router.conditions import check
from router.fitting import Fits, facts_of

FILE = "teams.yaml"


@dataclass(frozen=True, slots=True)
class Teams:
    """What the file says."""

    reps: Mapping[str, Rep] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    not_people: frozenset[str] = frozenset()
    default_hours: str | None = None
    currency: str = "EUR"
    fits: Mapping[str, Fits] = field(default_factory=dict)
    idle_after: Span | None = None


# --- people -------------------------------------------------------------------------------------------------------

_DEFAULTS = record(
    {
        "capacity": number(least=0, whole=True),
        "hours": name_of("calendar"),
        "idle_after": span,
        "currency": currency,
    }
)

_SKILLS = mapping_of(list_of(text))
_REP = record(
    {
        "email": address,
        "name": text,
        "manager": person,
        "level": text,
        "region": text,
        "team": text,
        "languages": words,
        "skills": Kind(lambda node: _SKILLS.read(node.mended(frozenset[str]().__contains__)), _SKILLS.schema),
        "started": day,
        "hours": name_of("calendar"),
        "capacity": number(least=0, whole=True),
        "slack": text,
        "phone": text,
        "calendar_feed": from_environment,
    },
    required=("email", "name"),
)


def _rep(given: Given) -> tuple[Rep, Node] | None:
    email = given.get("email")
    if email is None or not given.node.reading.define("person", email, given.at("email")):
        return None
    values = {key: value for key, value in given.values.items() if key not in ("languages", "skills")}
    values.setdefault("name", email)
    skills = {kind: tuple(found) for kind, found in given.get("skills", {}).items()}
    return Rep(**values, languages=tuple(given.get("languages", ())), skills=skills), given.at("manager")


def _check_managers(reps: Mapping[str, Rep], nodes: Mapping[str, Node]) -> None:
    """Nobody is, through whatever line of managers, his own manager."""
    reported: set[str] = set()
    for email in reps:
        line = [email]
        while (boss := reps[line[-1]].manager) is not None and boss in reps and boss not in line:
            line.append(boss)
        if boss == email and email not in reported:
            reported.update(line)
            loop = " -> ".join([*line, email])
            nodes[email].problem(Id.MANAGER_LOOP, f"{email} is in the end his own manager: {loop}")


# --- pools --------------------------------------------------------------------------------------------------------


def _wait(given: Given) -> WhenNobodyStep | None:
    if not given.exactly_one("wait", "overflow"):
        return None
    if "overflow" in given.values:
        return Overflow(given.get("overflow"))
    return Wait(given.get("wait"), given.get("then", "manager")) if "wait" in given.values else None


_MANAGER_OR_PERSON = word_or(person, "manager")
_WAIT_OR_OVERFLOW: Kind[WhenNobodyStep] = record(
    {"wait": term, "then": _MANAGER_OR_PERSON, "overflow": name_of("pool")}
).then(_wait)


def _step(node: Node) -> WhenNobodyStep | None:
    if isinstance(node.value, str):
        who = _MANAGER_OR_PERSON.read(node)
        return ToPerson(who) if who else None
    return _WAIT_OR_OVERFLOW.read(node)


_STEP = Kind(_step, {"anyOf": [_MANAGER_OR_PERSON.schema, _WAIT_OR_OVERFLOW.schema]})


_WORDS = ("next", "backup", "everyone", "manager")


def _offer_to(node: Node) -> str | None:
    """One of the words, a person, or the name of a pool or a queue."""
    if node.value in _WORDS:
        return str(node.value)
    if isinstance(node.value, str) and "@" in node.value:
        return person.read(node)
    value = text.read(node)
    if value is not None:
        node.reading.mention("pool_or_queue", value, node)
    return value


_OFFER_STEP = record({"to": Kind(_offer_to, text.schema), "for": term}, required=("to",))


def _offer(node: Node) -> tuple[OfferStep, ...] | None:
    """A chain: each step but the last has a limit, and the last one ends in a person."""
    steps = list_of(_OFFER_STEP, some=True).read(node)
    if not steps or any("to" not in step.values for step in steps):
        return None
    for step in steps[:-1]:
        if "for" not in step.nodes:
            message = f"{node.subject_prefix}this step has no end: nothing after it would ever happen"
            step.node.problem(Id.CHAIN, message, "say for how long, such as `for: 15 min`")
    last = steps[-1]
    if "for" in last.nodes:
        message = f"{node.subject_prefix}the last step has a limit, and nothing comes after it"
        last.at("for").problem(Id.CHAIN, message, "take it out, or add a step `{ to: manager }`")
    if last.get("to") != "manager" and "@" not in last.get("to"):
        message = f"{node.subject_prefix}the chain ends in {last.get('to')!r}, where a lead could wait for ever"
        last.at("to").problem(Id.CHAIN, message, "let it end in a person or in `manager`")
    return tuple(OfferStep(step.get("to"), limit=step.get("for")) for step in steps)


_OFFER = Kind(_offer, list_of(_OFFER_STEP).schema)


def _named_steps(steps: Iterable[OfferStep], queues: Collection[str]) -> tuple[OfferStep, ...]:
    """The steps with what their words name. A queue's name wins over a pool's."""
    return tuple(
        step
        if step.to in _WORDS
        else replace(step, to="person" if "@" in step.to else "queue" if step.to in queues else "pool", name=step.to)
        for step in steps
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Who a line under `members` brings into the pool: a rep, or all whom its condition describes."""

    node: Node
    weight: float
    given: Given

    def people(self, reps: Mapping[str, Rep]) -> list[str]:
        if rep := self.given.get("rep"):
            return [rep]
        if team := self.given.get("team"):
            return [each.email for each in reps.values() if (each.team or "").casefold() == team.casefold()]
        return [each.email for each in reps.values() if check(self.given.get("when"), facts_of(each)).held]


_MEMBER = record(
    {"rep": person, "team": text, "when": condition(REP_FIELDS), "weight": number(above=0)},
    alone=lambda said: "rep" if "@" in said else "team",
).then(
    lambda given: (
        _Place(given.node, given.get("weight", 1), given)
        if given.exactly_one("rep", "team", "when") and any(key in given.values for key in ("rep", "team", "when"))
        else None
    )
)

_POOL = record(
    {
        "manager": person,
        "members": list_of(_MEMBER),
        **SHARING,
        "rotation": text,
        "backup": list_of(person),
        "when_nobody": record({"off_hours": _STEP, "full": _STEP, "ineligible": _STEP}),
        "hours": word_or(name_of("calendar"), "ignore"),
        "offer": _OFFER,
    },
    required=("members",),
)


def _pool(name: str, given: Given, reps: Mapping[str, Rep], queues: Collection[str]) -> tuple[Pool, Fits]:
    steps = given.get("when_nobody")
    pool = Pool(
        name=name,
        members=_members(given, reps),
        manager=given.get("manager"),
        rotation=given.get("rotation", ""),
        backup=tuple(given.get("backup", ())),
        hours=given.get("hours"),
        when_nobody=WhenNobody(**steps.values) if steps else WhenNobody(),
        offer=_named_steps(given.get("offer", ()), queues),
    )
    if pool.offer and pool.offer[-1].to == "manager" and pool.manager is None and "manager" not in given.nodes:
        message = f"{given.node.subject_prefix}its offers end with its manager, and it has none"
        given.at("offer").problem(
            Id.NO_MANAGER, message, "give the pool a `manager`, or name a person in the last step"
        )
    if any(step.to == "backup" for step in pool.offer) and not pool.backup:
        message = f"{given.node.subject_prefix}it is offered to its backup, and it has none"
        given.at("offer").problem(Id.CHAIN, message, "give the pool a `backup`, or take the step out")
    if pool.manager is None and "manager" not in given.nodes and steps:
        for reason, step in steps.values.items():
            if step == ToPerson("manager") or (isinstance(step, Wait) and step.then == "manager"):
                message = f"{given.node.subject_prefix}leads would go to its manager, and it has none"
                steps.at(reason).problem(Id.NO_MANAGER, message, "give the pool a `manager`, or name a person here")
    return shared(pool, given, reps)


def _members(given: Given, reps: Mapping[str, Rep]) -> tuple[Member, ...]:
    """Who is in the pool, in the order of the file. A line for one rep wins over a line for many that includes him."""
    places: Sequence[_Place] = given.get("members", ())
    members: dict[str, Member] = {}
    named: set[str] = set()
    for place in places:
        people = place.people(reps)
        if not people:
            place.node.problem(Id.NOBODY_IN_POOL, f"{given.node.subject_prefix}this line brings nobody into the pool")
        alone = "rep" in place.given.values
        for rep in people:
            if alone and rep in named:
                message = f"{given.node.subject_prefix}{rep} is in the pool twice"
                place.node.problem(Id.TWICE_IN_POOL, message, "give one line the weight of both")
            if alone or rep not in members:
                members[rep] = Member(rep, place.weight)
        if alone:
            named.update(people)
    if not places and isinstance(given.at("members").value, list) and not given.at("members").value:
        given.at("members").problem(Id.NOBODY_IN_POOL, f"{given.node.subject_prefix}nobody is in the pool")
    return tuple(members.values())


# --- the file -----------------------------------------------------------------------------------------------------

_QUEUE = record({"manager": person}, required=("manager",)).then(
    lambda given: Queue(str(given.node.path[-1]), given.get("manager", ""))
)

TEAMS = record(
    {
        "defaults": _DEFAULTS,
        "not_people": list_of(address),
        "reps": list_of(_REP.then(_rep)),
        "pools": mapping_of(_POOL, "pool", defines="pool"),
        "queues": mapping_of(_QUEUE, "queue", defines="queue"),
    }
)


def read(root: Node | None) -> Teams:
    """The people, pools and queues of the file."""
    given = TEAMS.read(root) if root else None
    if given is None:
        return Teams()
    defaults: Mapping[str, Any] = given.get("defaults").values if "defaults" in given.values else {}
    pairs: list[tuple[Rep, Node]] = given.get("reps", [])
    reps = {rep.email: _with_defaults(rep, defaults) for rep, _ in pairs}
    _check_managers(reps, {rep.email: node for rep, node in pairs})
    not_people = frozenset(given.get("not_people", ()))
    for each in given.at("not_people").elements():
        if isinstance(each.value, str) and each.value.strip().lower() in reps:
            each.problem(
                Id.NOT_A_PERSON, f"{each.value} is in `reps` and in `not_people`", "he can be only one of them"
            )
    queues: Mapping[str, Queue] = given.get("queues", {})
    written: Mapping[str, Given] = given.get("pools", {})
    pools = {name: _pool(name, each, reps, queues) for name, each in written.items()}
    check_rotations({name: pool for name, (pool, _) in pools.items()}, written)
    return Teams(
        reps=reps,
        pools={name: pool for name, (pool, _) in pools.items()},
        fits={name: fits for name, (_, fits) in pools.items() if fits != Fits()},
        idle_after=defaults.get("idle_after"),
        queues=queues,
        not_people=not_people,
        default_hours=defaults.get("hours"),
        currency=defaults.get("currency", "EUR"),
    )


def _with_defaults(rep: Rep, defaults: Mapping[str, Any]) -> Rep:
    return replace(
        rep,
        hours=rep.hours or defaults.get("hours"),
        capacity=rep.capacity if rep.capacity is not None else defaults.get("capacity"),
    )
