"""`sla.yaml`: how soon a lead is answered, what counts as an answer, and what happens when nobody answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from domain.hours import Span
from playbook.kinds import (
    Given,
    Kind,
    list_of,
    mapping_of,
    name_of,
    number,
    person,
    record,
    share,
    span,
    text,
    word,
    word_or,
    yes_no,
)
from playbook.problems import Id
from playbook.reading import Node
from playbook.routing import WHEN_OR_OTHERWISE, check_reached
from router.conditions import ALWAYS
from router.rules import Named, Wait
from sla_monitor.policy import CountsAs, Rung, Tier

FILE = "sla.yaml"


@dataclass(frozen=True, slots=True)
class Sla:
    """What the file says: which tier a lead gets (`conditions`), and what each tier promises."""

    conditions: tuple[Named, ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    counts_as: CountsAs = field(default_factory=CountsAs)
    limits: Mapping[str, Mapping[Wait, Span]] = field(default_factory=dict)


# --- ladders ------------------------------------------------------------------------------------------------------

_RUNG = record(
    {
        "at": share,
        "after_due": span,
        "after_start": span,
        "notify": list_of(word_or(person, "rep", "manager"), some=True),
        "reassign": word_or(person, "next", "backup", "manager", not_built=("queue",)),
    }
)


def _rung(given: Given) -> Rung | None:
    timed = given.exactly_one("at", "after_due", "after_start")
    does = given.exactly_one("notify", "reassign")
    if not (timed and does):
        return None
    to = given.get("notify") or [given.get("reassign")]
    if None in to:
        return None
    moment = {key: given.get(key) for key in ("at", "after_due", "after_start")}
    return Rung("notify" if "notify" in given.nodes else "reassign", tuple(to), **moment)


_RUNGS = list_of(_RUNG.then(_rung)).then(tuple)


def _ladder(node: Node) -> str | tuple[Rung, ...] | None:
    """Its steps, or the name under which `ladders` has them."""
    return name_of("ladder").read(node) if isinstance(node.value, str) else _RUNGS.read(node)


_LADDER = Kind(_ladder, {"anyOf": [text.schema, _RUNGS.schema]})

# --- tiers --------------------------------------------------------------------------------------------------------

_FIRST_RESPONSE = record(
    {"within": span, "met_by": word("attempt", "contact"), "starts": word("assigned", "created")},
    required=("within",),
    not_built=("ladder",),
)
_TIER = record(
    {
        "when": WHEN_OR_OTHERWISE,
        "calendar": word_or(name_of("calendar"), "rep", "pool", not_built=("lead",)),
        "time_to_assign": span,
        "first_response": _FIRST_RESPONSE,
        "ladder": _LADDER,
        "on_reassign": word("restart", "continue"),
        "max_reassignments": number(least=0, whole=True),
        **{f"time_to_{wait}": span for wait in get_args(Wait)},
    },
    not_built=("follow_up", "conversation", "outcome", "pause"),
)


def _tier(name: str, given: Given, ladders: Mapping[str, tuple[Rung, ...]]) -> Tier:
    ladder = given.get("ladder", ())
    response: Mapping[str, Any] = given.get("first_response").values if given.get("first_response") else {}
    if "ladder" in given.nodes and "first_response" not in given.nodes:
        message = f"{given.node.subject_prefix}the ladder does nothing: there is no `first_response` that it belongs to"
        given.at("ladder").problem(Id.LADDER_UNUSED, message)
    tier = Tier(
        name=name,
        time_to_assign=given.get("time_to_assign"),
        first_response=response.get("within"),
        ladder=ladders.get(ladder, ()) if isinstance(ladder, str) else ladder,
    )
    written = {key: given.values[key] for key in _SAME_NAME if key in given.values}
    return replace(tier, **written, **{key: response[key] for key in ("met_by", "starts") if key in response})


_SAME_NAME = ("calendar", "on_reassign", "max_reassignments")

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
    },
    not_built=("reported",),
)


def _counts_as(given: Given) -> CountsAs:
    found = {
        "email_outbound": _written(given, "attempt", "email", "outbound"),
        "message_outbound": _written(given, "attempt", "message", "outbound"),
        "answered_at_least": _written(given, "contact", "call", "answered_at_least"),
        "reply_received": _written(given, "contact", "email", "reply_received"),
        "meeting_held": _written(given, "contact", "meeting", "held"),
    }
    return CountsAs(**{key: value for key, value in found.items() if value is not None})


def _written(given: Given | None, *keys: str) -> Any:
    value: Any = given
    for key in keys:
        value = value.get(key) if value is not None else None
    return value


# --- the file -----------------------------------------------------------------------------------------------------

SLA = record(
    {
        "counts_as": _COUNTS_AS.then(_counts_as),
        "choose": word("first", not_built=("strictest",)),
        "tiers": mapping_of(_TIER, "tier", defines="tier"),
        "ladders": mapping_of(_RUNGS, "ladder", defines="ladder"),
    },
    not_built=("consequences", "running_clocks", "introduction"),
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
    if tiers:
        check_reached(given.at("tiers"), "tier", conditions)
    ladders = given.get("ladders", {})
    return Sla(
        conditions=tuple(Named(name, when) for name, when in conditions.items()),
        tiers={name: _tier(name, each, ladders) for name, each in tiers.items()},
        counts_as=given.get("counts_as", CountsAs()),
        limits={
            name: {wait: each.get(f"time_to_{wait}") for wait in get_args(Wait) if f"time_to_{wait}" in each.values}
            for name, each in tiers.items()
        },
    )
