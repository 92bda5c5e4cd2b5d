"""`sla.yaml`: how soon a lead is answered, what counts as an answer, and what happens when nobody answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, get_args

from domain.clocks import ATTEMPTS, ClockKind
from domain.hours import Span
from domain.targets import Promise
from playbook.kinds import (
    Given,
    Kind,
    day,
    list_of,
    mapping_of,
    name_of,
    number,
    person,
    record,
    share,
    span,
    term,
    text,
    word,
    word_or,
    yes_no,
)
from playbook.problems import Id
from playbook.reading import Node
from playbook.routing import FOLLOW_UP_REVIEW, SETS, WHEN, WHEN_OR_OTHERWISE, check_reached, follow_up_review
from router.conditions import ALWAYS, Condition
from router.rules import FewerLeads, Named, Review, TierLimit, Wait
from sla_monitor.attainment import Chronic, Repeated
from sla_monitor.claims import Reported
from sla_monitor.policy import CountsAs, Rung, Target, Tier

FILE = "sla.yaml"


@dataclass(frozen=True, slots=True)
class Sla:
    """What the file says: which tier a lead gets (`conditions`), and what each tier promises.

    `pauses` are the conditions under which clocks rest, by tier and clock; `follow_ups` the reviews that follow when
    all attempts came to nothing; `gives_back`: a ladder puts leads back to the queue of their pool.
    """

    conditions: tuple[Named, ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    counts_as: CountsAs = field(default_factory=CountsAs)
    limits: Mapping[str, Mapping[Wait, TierLimit]] = field(default_factory=dict)
    promises: Mapping[str, Promise] = field(default_factory=dict)
    pauses: Mapping[tuple[str, ClockKind], Condition] = field(default_factory=dict)
    follow_ups: Mapping[str, Review] = field(default_factory=dict)
    strictest: bool = False
    running_clocks: Literal["keep", "recompute"] = "keep"
    on_retraction: Literal["return", "leave"] = "leave"
    repeated: Repeated | None = None
    chronic: Chronic | None = None
    fewer_leads: FewerLeads | None = None
    introduction: date | None = None

    @property
    def gives_back(self) -> bool:
        """Whether a ladder puts leads back to the queue of their pool."""
        rungs = (rung for tier in self.tiers.values() for target in tier.targets.values() for rung in target.ladder)
        return any(rung.do == "reassign" and "queue" in rung.to for rung in rungs)


# --- targets ------------------------------------------------------------------------------------------------------


_CALENDAR = word_or(name_of("calendar"), "rep", "pool", "lead")

# --- ladders ------------------------------------------------------------------------------------------------------


def _flag(node: Node) -> str | None:
    """A text of one's own; `true` names the step."""
    return "" if node.value is True else text.read(node)


FLAG = Kind(_flag, {"anyOf": [{"const": True}, text.schema]})

_RUNG = record(
    {
        "at": share,
        "after_due": term,
        "after_start": term,
        "notify": list_of(word_or(person, "rep", "manager"), some=True),
        "reassign": word_or(person, "next", "backup", "queue", "manager"),
        "flag": FLAG,
        "set": SETS,
    }
)
_DOES: tuple[Literal["notify", "reassign", "flag", "set"], ...] = ("notify", "reassign", "flag", "set")


def _rung(given: Given) -> Rung | None:
    timed = given.exactly_one("at", "after_due", "after_start")
    if not (given.exactly_one(*_DOES) and timed):
        return None
    do = next(key for key in _DOES if key in given.nodes)
    said = given.get(do)
    if said is None:
        return None
    to = tuple(said) if do == "notify" else () if do == "set" or not said else (said,)
    moment = {key: given.get(key) for key in ("at", "after_due", "after_start")}
    return Rung(do, to, **moment, sets=said if do == "set" else {})


_RUNGS = list_of(_RUNG.then(_rung)).then(tuple)


def _ladder(node: Node) -> str | tuple[Rung, ...] | None:
    """Its steps, or the name under which `ladders` has them."""
    return name_of("ladder").read(node) if isinstance(node.value, str) else _RUNGS.read(node)


_LADDER = Kind(_ladder, {"anyOf": [text.schema, _RUNGS.schema]})

# --- tiers --------------------------------------------------------------------------------------------------------

_PAUSE = record({"when": WHEN, "at_most": term}, required=("when", "at_most"))
_OF_ITS_OWN: Mapping[str, Kind[Any]] = {"calendar": _CALENDAR, "ladder": _LADDER, "pause": _PAUSE}
"""What each clock may have of its own beside its target."""

_STARTS = word("assigned", "created")
_FIRST_RESPONSE = record(
    {"within": term, "met_by": word("attempt", "contact"), "starts": _STARTS, **_OF_ITS_OWN}, required=("within",)
)
_LATER = record({"within": term, "starts": _STARTS, **_OF_ITS_OWN}, required=("within",))
_WAIT = record({"within": term, **_OF_ITS_OWN}, required=("within",))


def _given_or_span(node: Node) -> Given | None:
    """A target alone, or a mapping with more."""
    if isinstance(node.value, dict):
        return _WAIT.read(node)
    found = term.read(node)
    return Given(node, {"within": found}, {}) if found else None


_SPAN_OR_MORE = Kind(_given_or_span, {"anyOf": [span.schema, _WAIT.schema]})
_FOLLOW_UP = list_of(record({"after": term, "at": word("other_time_of_day"), **_OF_ITS_OWN, "then": FOLLOW_UP_REVIEW}))

_WAITS: Mapping[Wait, ClockKind] = {
    "review": ClockKind.REVIEW,
    "claim": ClockKind.CLAIM,
    "accept": ClockKind.ACCEPTANCE,
}
_CLOCKS: Mapping[str, ClockKind] = {
    "time_to_assign": ClockKind.ASSIGNMENT,
    **{f"time_to_{wait}": kind for wait, kind in _WAITS.items()},
    "first_response": ClockKind.FIRST_RESPONSE,
    "conversation": ClockKind.CONVERSATION,
    "outcome": ClockKind.OUTCOME,
}
_MOVE_ON_ALONE = frozenset({ClockKind.ASSIGNMENT, *_WAITS.values()})
"""Clocks whose ladder cannot hand the lead on: nobody has it, or the wait itself says where it goes."""

_TIER = record(
    {
        "when": WHEN_OR_OTHERWISE,
        "calendar": _CALENDAR,
        "first_response": _FIRST_RESPONSE,
        "follow_up": _FOLLOW_UP,
        "conversation": _LATER,
        "outcome": _LATER,
        "ladder": _LADDER,
        "on_reassign": word("restart", "continue"),
        "pause": _PAUSE,
        "max_reassignments": number(least=0, whole=True),
        "time_to_assign": _SPAN_OR_MORE,
        **{f"time_to_{wait}": _SPAN_OR_MORE for wait in get_args(Wait)},
    },
)


@dataclass(frozen=True, slots=True)
class _Tiers:
    """Reads the tiers of one file; `ladders` are those that have a name."""

    ladders: Mapping[str, tuple[Rung, ...]]
    written: Mapping[str, Node]

    def tier(self, name: str, given: Given) -> Tier:
        if "ladder" in given.nodes and "first_response" not in given.nodes:
            message = (
                f"{given.node.subject_prefix}the ladder does nothing: there is no `first_response` that it belongs to"
            )
            given.at("ladder").problem(Id.LADDER_UNUSED, message)
        response: Given | None = given.get("first_response")
        if "ladder" in given.nodes and response and "ladder" in response.nodes:
            message = f"{given.node.subject_prefix}`first_response` has a ladder of its own: this one does nothing"
            given.at("ladder").problem(Id.LADDER_UNUSED, message, "take one of the two out")
        written: dict[str, Any] = {key: given.values[key] for key in _SAME_NAME if key in given.values}
        if response and "met_by" in response.values:
            written["met_by"] = response.get("met_by")
        return Tier(name=name, targets=self._targets(given), **written)

    def _targets(self, tier: Given) -> dict[ClockKind, Target]:
        found: dict[ClockKind, Target] = {}
        for key, kind in _CLOCKS.items():
            given: Given | None = tier.get(key)
            if given and "within" in given.values:
                found[kind] = self._target(tier, kind, given, given.get("within"))
        for kind, attempt in zip(ATTEMPTS, attempts(tier), strict=False):
            if "after" in attempt.values:
                found[kind] = self._target(tier, kind, attempt, attempt.get("after"))
        return found

    def _target(self, tier: Given, kind: ClockKind, given: Given, within: Span) -> Target:
        pause = given.get("pause") or (tier.get("pause") if kind not in _MOVE_ON_ALONE else None)
        ladder = given.get("ladder", tier.get("ladder", ()) if kind == ClockKind.FIRST_RESPONSE else ())
        rungs = self.ladders.get(ladder, ()) if isinstance(ladder, str) else ladder
        if kind in _MOVE_ON_ALONE and any(rung.do == "reassign" for rung in rungs):
            message = f"{tier.node.subject_prefix}a ladder of {given.node.label} cannot hand the lead on"
            hint = "nobody has it yet" if kind == ClockKind.ASSIGNMENT else "where it goes is what the wait itself says"
            given.at("ladder").problem(Id.LADDER_UNUSED, message, f"{hint}: use `notify`, `flag` or `set`")
        if tier.get("on_reassign") != "continue":
            self._note_unreached(given if "ladder" in given.nodes else tier, ladder, rungs)
        return Target(
            within=within,
            ladder=tuple(rungs),
            calendar=given.get("calendar"),
            starts=given.get("starts", "assigned"),
            pause=pause.get("at_most") if pause else None,
            other_time="at" in given.values,
        )

    def _note_unreached(self, given: Given, ladder: str | Sequence[Rung], rungs: Sequence[Rung]) -> None:
        """Whoever gets the lead has the ladder from its beginning: what would hand it on after that never does."""
        node = self.written.get(ladder) if isinstance(ladder, str) else given.nodes.get("ladder")
        nodes = list(node.elements()) if node else []
        if len(nodes) != len(rungs):
            return
        handing = [(each, rung) for each, rung in zip(nodes, rungs, strict=True) if rung.do == "reassign"]
        for at, (each, rung) in enumerate(handing):
            first = next((one for _, one in handing[:at] if _is_before(one, rung)), None)
            if first:
                message = (
                    f"{given.node.subject_prefix}`reassign: {rung.to[0]}` is never reached: `reassign: {first.to[0]}` "
                    "has handed the lead on before, and its next owner has the ladder from its beginning"
                )
                each.note(
                    Id.STEP_UNREACHED,
                    message,
                    "with `on_reassign: continue` the ladder goes on with the next owner; else take the step out: "
                    "after `max_reassignments` the manager has the lead anyway",
                )

    def pauses(self, name: str, tier: Given) -> dict[tuple[str, ClockKind], Condition]:
        """Under which condition each clock of the tier rests."""
        found: dict[tuple[str, ClockKind], Condition] = {}
        own = {kind: tier.get(key) for key, kind in _CLOCKS.items() if tier.get(key)}
        own |= dict(zip(ATTEMPTS, attempts(tier), strict=False))
        for kind, given in own.items():
            pause = given.get("pause") or (tier.get("pause") if kind not in _MOVE_ON_ALONE else None)
            if pause and {"when", "at_most"} <= pause.values.keys():
                found[name, kind] = pause.get("when")
        return found


def _is_before(one: Rung, other: Rung) -> bool:
    """Whether a step that stands before another one in the file surely comes before it."""
    if one.at is not None:
        return other.after_due is not None or (other.at is not None and one.at <= other.at)
    spans = ((one.after_due, other.after_due), (one.after_start, other.after_start))
    return any(a and b and a.kind == b.kind and a.amount <= b.amount for a, b in spans)


_SAME_NAME = ("calendar", "on_reassign", "max_reassignments")


def attempts(tier: Given) -> list[Given]:
    """The entries of `follow_up` that are attempts."""
    return [each for each in tier.get("follow_up", ()) if "then" not in each.nodes]


def _follow_up(tier: Given) -> Review | None:
    """Check the list, and find the review at its end."""
    entries: list[Given] = tier.get("follow_up", [])
    if "follow_up" not in tier.nodes:
        return None
    node, subject = tier.at("follow_up"), tier.node.subject_prefix
    if "first_response" not in tier.nodes:
        message = f"{subject}`follow_up` does nothing: there is no `first_response`, and so no first attempt"
        node.problem(Id.FOLLOW_UP, message, "add `first_response: { within: 15 min }`, or take it out")
    if not attempts(tier) and len(entries) == len(node.value if isinstance(node.value, list) else [node.value]):
        node.problem(Id.FOLLOW_UP, f"{subject}`follow_up` has no attempt", "add one, such as `{ after: 2 h }`")
    for at, each in enumerate(entries):
        _check_attempt(each, subject, last=at == len(entries) - 1)
    for each in attempts(tier)[len(ATTEMPTS) :]:
        message = f"{subject}`follow_up` is the second and the third attempt; this would be one more"
        each.node.problem(Id.FOLLOW_UP, message, "end with `{ then: { review: QUEUE, for: 4 h } }`")
    return next(
        (review for each in entries if (given := each.get("then")) and (review := follow_up_review(given))), None
    )


def _check_attempt(entry: Given, subject: str, *, last: bool) -> None:
    if "then" in entry.nodes:
        if "after" in entry.nodes or "at" in entry.nodes:
            message = f"{subject}`then` stands alone: it begins when the attempt before was made, or its time is over"
            entry.node.problem(Id.FOLLOW_UP, message)
        if not last:
            entry.node.problem(Id.FOLLOW_UP, f"{subject}nothing comes after `then`", "move it to the end")
    elif "after" not in entry.nodes:
        entry.node.problem(Id.MISSING_KEY, f"{subject}`after` is missing")


# --- what counts --------------------------------------------------------------------------------------------------


def _only(value: Any, what: str) -> Kind[Any]:
    """A key of which only one value is built."""

    def read(node: Node) -> Any:
        if node.value == value and isinstance(node.value, type(value)):
            return value
        node.not_built(f"{what}: {node.value!r}")
        return None

    return Kind(read, {"const": value})


def _seconds(node: Node) -> int | None:
    found = span.read(node)
    if found is not None and found.kind not in ("working", "elapsed"):
        node.problem(Id.NOT_A_SPAN, f"{node.label} is a time on the telephone, such as `30 s`")
        return None
    return found.amount if found else None


def _real_time(node: Node) -> timedelta | None:
    found = term.read(node)
    if found is not None and found.kind != "elapsed":
        node.problem(Id.NOT_A_SPAN, f"{node.label} is real time, such as `24 h elapsed`")
        return None
    return timedelta(seconds=found.amount) if found else None


def _reported(given: Given) -> Reported:
    return Reported(given.get("note_required", False), given.get("confirm_within"), given.get("otherwise", "ignore"))


_REPORTED = record(
    {
        "note_required": yes_no,
        "confirm_within": Kind(_real_time, span.schema),
        "otherwise": word("ignore", "count"),
    }
)

# A key that is left out keeps its default: calls, e-mails and messages count as attempts; answered calls, replies
# and meetings as contact.
_COUNTS_AS = record(
    {
        "attempt": record(
            {
                "call": _only("dialled", "call"),
                "voicemail": _only(True, "voicemail"),
                "email": record({"outbound": yes_no, "automated": _only(False, "automated")}),
                "message": record({"outbound": yes_no}),
            }
        ),
        "contact": record(
            {
                "call": record({"answered_at_least": Kind(_seconds, span.schema)}),
                "email": record({"reply_received": yes_no}),
                "meeting": record({"held": yes_no}),
            }
        ),
        "reported": _REPORTED.then(_reported),
    },
)


def _counts_as(given: Given) -> CountsAs:
    found = {
        "email_outbound": _written(given, "attempt", "email", "outbound"),
        "message_outbound": _written(given, "attempt", "message", "outbound"),
        "answered_at_least": _written(given, "contact", "call", "answered_at_least"),
        "reply_received": _written(given, "contact", "email", "reply_received"),
        "meeting_held": _written(given, "contact", "meeting", "held"),
        "reported": given.get("reported"),
    }
    return CountsAs(**{key: value for key, value in found.items() if value is not None})


def _written(given: Given | None, *keys: str) -> Any:
    value: Any = given
    for key in keys:
        value = value.get(key) if value is not None else None
    return value


# --- consequences -------------------------------------------------------------------------------------------------

_LONGEST_RUN = 1000


def _met_in_a_row(node: Node) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,4})\s+met\s+in\s+a\s+row\s*", node.value) if isinstance(node.value, str) else None
    if found and 1 <= int(found[1]) <= _LONGEST_RUN:
        return int(found[1])
    message = f"{node.subject_prefix}{node.label} should be such as `10 met in a row`, and is {node.value!r}"
    node.problem(Id.NOT_ONE_OF, message, f"write how many have to be met one after the other, 1 to {_LONGEST_RUN}")
    return None


_RUN = Kind(_met_in_a_row, {"type": "string", "pattern": r"^\s*\d{1,4}\s+met\s+in\s+a\s+row\s*$"})
_REPEATED = record(
    {
        "breaches": number(least=1, whole=True),
        "within": term,
        "notify": list_of(word_or(person, "rep", "manager"), some=True),
    },
    required=("breaches", "within", "notify"),
)
_CHRONIC = record(
    {
        "breach_rate": share,
        "of_at_least": number(least=1, whole=True),
        "within": term,
        "weight": share,
        "not_for": WHEN,
        "until": _RUN,
    },
    required=("breach_rate", "of_at_least", "within", "until"),
)
_CONSEQUENCES = record({"repeated": _REPEATED, "chronic": _CHRONIC})
_INTRODUCTION = record({"until": day, "consequences": yes_no}, required=("until",))


def _repeated(given: Given | None) -> Repeated | None:
    if given is None or not {"breaches", "within", "notify"} <= given.values.keys():
        return None
    return Repeated(int(given.values["breaches"]), given.values["within"], tuple(given.values["notify"]))


def _chronic(given: Given | None) -> Chronic | None:
    if given is None:
        return None
    if not {"weight", "not_for"} & given.nodes.keys():
        message = f"{given.node.subject_prefix}`chronic` changes nothing: it has neither `weight` nor `not_for`"
        given.node.problem(Id.MISSING_KEY, message, "add `weight: 50 %`, or `not_for` with the leads that go to others")
    needed = ("breach_rate", "of_at_least", "within", "until")
    if not set(needed) <= given.values.keys():
        return None
    rate, least, within, until = (given.values[key] for key in needed)
    return Chronic(rate, int(least), within, until)


def _introduction(given: Given | None) -> date | None:
    """The last day without consequences."""
    return given.get("until") if given and not given.get("consequences", False) else None


# --- the file -----------------------------------------------------------------------------------------------------

SLA = record(
    {
        "counts_as": _COUNTS_AS.then(_counts_as),
        "choose": word("first", "strictest"),
        "tiers": mapping_of(_TIER, "tier", defines="tier"),
        "ladders": mapping_of(_RUNGS, "ladder", defines="ladder"),
        "running_clocks": word("keep", "recompute"),
        "on_retraction": word("return", "leave"),
        "consequences": _CONSEQUENCES,
        "introduction": _INTRODUCTION,
    },
)


def read(root: Node | None) -> Sla:
    """The tiers of the file."""
    given = SLA.read(root) if root else None
    if given is None:
        return Sla()
    tiers: dict[str, Given] = given.get("tiers", {})
    # A tier whose condition could not be understood is left out: as one that always holds it would hide the rest.
    conditions = {
        name: each.get("when", ALWAYS)
        for name, each in tiers.items()
        if "when" in each.values or "when" not in each.nodes
    }
    strictest = given.get("choose") == "strictest"
    if tiers and not strictest:
        named_by_rules = given.node.reading.mentioned("tier")
        check_reached(given.at("tiers"), "tier", conditions, named_by_rules)
    written = dict(given.at("ladders").entries()) if "ladders" in given.nodes else {}
    reader = _Tiers(given.get("ladders", {}), written)
    built = {name: reader.tier(name, each) for name, each in tiers.items()}
    consequences: Given | None = given.get("consequences")
    chronic: Given | None = consequences.get("chronic") if consequences else None
    return Sla(
        conditions=tuple(Named(name, when) for name, when in conditions.items()),
        tiers=built,
        counts_as=given.get("counts_as", CountsAs()),
        limits={
            name: {
                wait: TierLimit(target.within, target.calendar)
                for wait, kind in _WAITS.items()
                if (target := tier.targets.get(kind))
            }
            for name, tier in built.items()
        },
        promises={
            name: Promise(target.within, target.calendar or tier.calendar, target.starts)
            for name, tier in built.items()
            if (target := tier.targets.get(ClockKind.FIRST_RESPONSE))
        },
        pauses={key: when for name, each in tiers.items() for key, when in reader.pauses(name, each).items()},
        follow_ups={name: review for name, each in tiers.items() if (review := _follow_up(each))},
        strictest=strictest,
        running_clocks=given.get("running_clocks", "keep"),
        on_retraction=given.get("on_retraction", "leave"),
        repeated=_repeated(consequences.get("repeated") if consequences else None),
        chronic=_chronic(chronic),
        fewer_leads=FewerLeads(chronic.get("weight", 1.0), chronic.get("not_for")) if chronic else None,
        introduction=_introduction(given.get("introduction")),
    )
