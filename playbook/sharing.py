"""How a pool of `teams.yaml` shares its leads: method, weights from results, ramp, limits, fit and absences."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.people import CatchUp, Limit, Member, PassOver, Period, Pool, Rep, Results
from playbook.conditions import LEAD_FIELDS, REP_FIELDS, amount, condition, fit_schema
from playbook.kinds import Given, Kind, list_of, number, record, share, span, text, word
from playbook.problems import Id
from playbook.reading import Node
from playbook.suggest import did_you_mean
from playbook.tables import Row, table
from router.conditions import ALWAYS
from router.fitting import Fit, Fits, Match, kinds_of
from router.values import NUMERIC

FLOOR, CEILING = 0.5, 2.0
"""What weights from results are kept between where the pool does not say."""

CONVERSION = "conversion"
_HOUR, _DAY = 3600, 86_400
_PERIODS: Mapping[str, Period] = {"per_day": "day", "per_week": "week", "per_month": "month"}
_ROLLING = {
    "per_rolling_hour": _HOUR,
    "per_rolling_day": _DAY,
    "per_rolling_week": 7 * _DAY,
    "per_rolling_month": 30 * _DAY,
}

# --- weights from results -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _From:
    """Where results come from: a file's rows by person, or None for what the leads became."""

    node: Node
    found: Mapping[str, tuple[float, Row]] | None


def _from(node: Node) -> _From | None:
    if node.value == CONVERSION:
        return _From(node, None)
    if not isinstance(node.value, str) or not node.value.endswith(".csv"):
        node.expected("`conversion` or a table such as `quota_attainment.csv`")
        return None
    found: dict[str, tuple[float, Row]] = {}
    for row in table(node, ("email", "attainment"), ("email", "attainment")):
        rep, attained = row.values["email"].lower(), _attained(row.values["attainment"])
        if attained is None:
            message = f"{row.values['attainment']!r} is not what somebody attained of a quota"
            hint = "write 85 % or 0.85; a share below nothing or above 1000 % is a slip"
            node.reading.problems.append(row.problem("attainment", Id.NOT_A_SHARE, message, hint))
        elif rep in found:
            message = f"{rep} is in this file already, in line {found[rep][1].line}"
            node.reading.problems.append(row.problem("email", Id.NAME_TWICE, message, "take one line out"))
        else:
            found[rep] = (attained, row)
    return _From(node, found)


def _attained(written: str) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", written)
    value = float(match[1]) / (100 if match[2] else 1) if match else math.nan
    return value if 0 <= value <= 10 else None


def _similar(node: Node) -> str | None:
    """A field of a lead by which leads are alike: one with few values."""
    value = text.read(node)
    if value is None or (LEAD_FIELDS.has(value) and value not in _NO_KIND and value not in NUMERIC):
        node.reading.used += [(value, node)] if value else []
        return value
    if LEAD_FIELDS.has(value):
        message = f"{node.subject_prefix}hardly two leads have the same `{value}`"
        node.problem(Id.NOT_ONE_OF, message, "name a field with few values, such as industry; or a segment of numbers")
        return None
    message = f"{node.subject_prefix}`{value}` is nothing that is known of a lead"
    node.problem(Id.UNKNOWN_FIELD, message, did_you_mean(value, LEAD_FIELDS.names()))
    return None


_NO_KIND = frozenset({"id", "created_at", "email", "phone", "person", "company", "website", "domain"})

_RESULTS = record(
    {
        "from": Kind(_from, {"anyOf": [{"const": CONVERSION}, {"type": "string", "pattern": r"\.csv$"}]}),
        "floor": number(above=0),
        "ceiling": number(above=0),
        "every": word("day", "week", "month"),
        "similar": list_of(Kind(_similar, text.schema), some=True),
    },
    required=("from",),
)


def _results(given: Given, members: Collection[Member], reps: Mapping[str, Rep]) -> Results | None:
    floor = given.get("floor", FLOOR)
    ceiling = given.get("ceiling", max(CEILING, floor))
    if floor > ceiling:
        message = f"{given.node.subject_prefix}no weight is at least {floor:g} and at most {ceiling:g}"
        given.at("floor").problem(Id.OUT_OF_RANGE, message, "swap `floor` and `ceiling`")
    source: _From | None = given.get("from")
    if source is None:
        return None
    similar = tuple(dict.fromkeys(given.get("similar", ())))
    if source.found is None:
        by = f"conversion by {', '.join(similar)}" if similar else CONVERSION
        return Results(floor, ceiling, None, given.get("every", "week"), by, similar)
    if "similar" in given.nodes:
        message = f"{given.node.subject_prefix}a table does not tell with which leads, so `similar` changes nothing"
        given.at("similar").key_problem(Id.WEIGHTS_UNUSED, message, "write `from: conversion`, or take it out")
    for rep, (_, row) in source.found.items():
        if rep not in reps:
            source.node.reading.problems.append(row.nobody("email", rep, reps))
    lacking = [member.rep for member in members if member.rep not in source.found]
    if lacking and source.node.value in source.node.reading.texts:
        message = f"{source.node.subject_prefix}{source.node.value} says nothing about {', '.join(lacking)}"
        source.node.problem(Id.NO_RESULT, message, "add a line for each member of the pool; 100 % is the usual weight")
    of = {rep: value for rep, (value, _) in source.found.items()}
    return Results(floor, ceiling, of, given.get("every"), str(source.node.value))


# --- who fits -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    fit: Fit
    node: Node


def _fit(node: Node) -> _Wanted | None:
    if not isinstance(node.value, dict) or not node.value:
        node.expected("conditions on the rep such as `{ level: senior, skills: match }`")
        return None
    entries = dict(node.entries())
    kinds: tuple[Match, ...] = ("skills", "languages")
    match = tuple(kind for kind in kinds if node.value.get(kind) == "match")
    rest = node.without(match)
    if "skills" in entries and "skills" not in match:
        entries["skills"].expected("`match`", "a condition on one kind of skill is written `skills.industry: fintech`")
        return None
    when = condition(REP_FIELDS).read(rest) if rest.value else ALWAYS
    return None if when is None else _Wanted(Fit(when, match), node)


_FIT = Kind(_fit, fit_schema)


def _fits(given: Given, members: Collection[Member], reps: Mapping[str, Rep]) -> Fits:
    require: _Wanted | None = given.get("require")
    prefer: list[_Wanted] = given.get("prefer", [])
    people = [reps[member.rep] for member in members if member.rep in reps]
    for wanted in (*([require] if require else ()), *prefer):
        for kind in wanted.fit.match:
            if people and not (kinds_of(people) if kind == "skills" else any(rep.languages for rep in people)):
                message = f"{given.node.subject_prefix}nobody in the pool has {kind} that could match a lead's"
                wanted.node.problem(Id.NOTHING_TO_MATCH, message, f"give the members `{kind}`, or take this out")
    return Fits(require.fit if require else None, tuple(wanted.fit for wanted in prefer))


# --- limits, absences, balance ------------------------------------------------------------------------------------


def _limits(given: Given) -> tuple[Limit, ...]:
    return tuple(Limit(int(leads), _PERIODS.get(key), _ROLLING.get(key, 0), key) for key, leads in given.values.items())


_LIMITS = record({key: number(least=1, whole=True) for key in (*_PERIODS, *_ROLLING)}).then(_limits)

_PASS_OVER = record({"meetings_longer_than": span, "away_within": span}).then(lambda given: PassOver(**given.values))

_CREDIT = record({"credit": amount(above=0), "expires": span}, required=("credit",)).then(
    lambda given: CatchUp(given.get("credit"), given.get("expires"))
)
_WORDS_AFTER_ABSENCE = word("fair_share", "catch_up")


def _after_absence(node: Node) -> tuple[CatchUp | None] | None:
    """In a tuple, because nothing owed is a value too."""
    if isinstance(node.value, dict):
        return (_CREDIT.read(node),)
    said = _WORDS_AFTER_ABSENCE.read(node)
    return (CatchUp() if said == "catch_up" else None,) if said else None


_AFTER_ABSENCE = Kind(_after_absence, {"anyOf": [_WORDS_AFTER_ABSENCE.schema, _CREDIT.schema]})


def _balance_by(node: Node) -> str | None:
    value = text.read(node)
    if value is None or value == "leads" or value in NUMERIC or value.startswith("custom."):
        return value
    known = ["leads", *sorted(NUMERIC)]
    message = f"{node.subject_prefix}{node.label} should be leads or a number of the lead, and is {value!r}"
    node.problem(Id.NOT_ONE_OF, message, did_you_mean(value, known) or f"one of {', '.join(known)}, custom.NAME")
    return None


SHARING: Mapping[str, Kind[Any]] = {
    "method": word("round_robin", "weighted", "least_loaded"),
    "weights": _RESULTS,
    "ramp": list_of(share, some=True),
    "balance_by": Kind(_balance_by, text.schema),
    "require": _FIT,
    "prefer": list_of(_FIT),
    "limits_per_rep": _LIMITS,
    "pass_over": _PASS_OVER,
    "after_absence": _AFTER_ABSENCE,
}
"""The keys of a pool that are about sharing."""


def shared(pool: Pool, given: Given, reps: Mapping[str, Rep]) -> tuple[Pool, Fits]:
    """The pool with all that it says about sharing, and what it asks of a rep."""
    _check_method(given)
    results: Given | None = given.get("weights")
    if given.get("ramp") and not any(rep.started for m in pool.members if (rep := reps.get(m.rep))):
        message = (
            f"{given.node.subject_prefix}nobody in the pool has a day on which he `started`: the ramp does nothing"
        )
        given.at("ramp").problem(Id.NOBODY_STARTED, message, "write `started: 2026-11-02` at the rep, or take it out")
    return replace(
        pool,
        method=given.get("method", "weighted"),
        results=_results(results, pool.members, reps) if results else None,
        ramp=tuple(given.get("ramp", ())),
        balance_by=given.get("balance_by", "leads"),
        limits=given.get("limits_per_rep", ()),
        pass_over=given.get("pass_over", PassOver()),
        after_absence=given.get("after_absence", (None,))[0],
    ), _fits(given, pool.members, reps)


def _check_method(given: Given) -> None:
    """What a method pays no regard to would be written in vain."""
    method, results = given.get("method"), "weights" in given.nodes
    if method in ("round_robin", "least_loaded") or results:
        why = "weights come from results" if results else _REGARDLESS[method]
        hint = "take it out" if results else "write `method: weighted`, or take it out"
        for place in given.get("members", ()):
            if "weight" in place.given.nodes and place.weight != 1:
                place.given.at("weight").problem(Id.WEIGHTS_UNUSED, f"{given.node.subject_prefix}{why}", hint)
    unused = {
        "round_robin": ("weights",),
        "least_loaded": ("weights", "ramp", "balance_by", "after_absence"),
    }
    for key in unused.get(method or "", ()):
        if key in given.nodes and given.at(key).value not in ("leads", "fair_share"):
            message = f"{given.node.subject_prefix}{_REGARDLESS[method]}, so `{key}` changes nothing"
            given.at(key).key_problem(Id.WEIGHTS_UNUSED, message, "write `method: weighted`, or take it out")


_REGARDLESS = {
    "round_robin": "round_robin takes turns without regard to weights",
    "least_loaded": "least_loaded goes by open leads alone",
}


def check_rotations(pools: Mapping[str, Pool], nodes: Mapping[str, Given]) -> None:
    """Pools that name the same rotation count the same thing."""
    first: dict[str, Pool] = {}
    for name, pool in pools.items():
        other = first.setdefault(pool.account, pool)
        if other.balance_by != pool.balance_by:
            message = (
                f"{nodes[name].node.subject_prefix}it balances {pool.balance_by}, and pool {other.name!r}, "
                f"with the same rotation {pool.account!r}, balances {other.balance_by}: they would share nothing"
            )
            place = "balance_by" if "balance_by" in nodes[name].nodes else "rotation"
            nodes[name].at(place).problem(Id.ROTATION_DIFFERS, message, "let both balance the same")
