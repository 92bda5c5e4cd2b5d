"""Legs become calls: however many phones rang, and wherever the caller was put through to, it was one call."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.activities import AnsweredBy, Call, Direction, told

TOGETHER = timedelta(seconds=2)
"""Legs of one channel whose beginnings are no further apart rang at once, whatever seconds their ids tell of."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of a telephone system: one phone that rang, or a machine that answered.

    Legs with one `call` belong together; `channel` is the calling channel's id, of Asterisk EPOCH.NUMBER (both empty:
    the system gives none). `talk_seconds` is the connected time.
    """

    call: str
    channel: str
    started_at: datetime
    ended_at: datetime
    talk_seconds: int
    answered_by: AnsweredBy
    direction: Direction | None
    caller: str
    callee: str
    agent: str | None = None
    busy: bool = False
    record: str = ""


def calls(legs: Sequence[Leg]) -> list[Call]:
    """One call for all legs that belong together, in the order in which each call's first leg is given."""
    return [_call(group) for group in _groups(legs)]


_CHANNEL = re.compile(r"(.*?)(\d{9,10})\.(\d+)")
"""Asterisk's id of a channel: its host's name perhaps, the second of its beginning, a number that counts up."""


def _groups(legs: Sequence[Leg]) -> list[list[Leg]]:
    by_call: dict[str, list[Leg]] = {}
    nameless: dict[tuple[str, str], list[list[Leg]]] = {}
    groups: list[list[Leg]] = []
    for leg in legs:
        if leg.call:
            if leg.call not in by_call:
                by_call[leg.call] = []
                groups.append(by_call[leg.call])
            by_call[leg.call].append(leg)
            continue
        beside = nameless.setdefault((leg.caller, leg.callee), [])
        group = next((one for one in beside if _at_once(one[0], leg)), None)
        if group is None:
            group = []
            beside.append(group)
            groups.append(group)
        group.append(leg)
    return _joined_by_channel(groups)


def _joined_by_channel(groups: Sequence[list[Leg]]) -> list[list[Leg]]:
    """Groups whose legs come from one channel and began together are one, although their ids differ in the second."""
    kept: list[list[Leg]] = []
    first: dict[tuple[str, str], list[list[Leg]]] = {}
    for group in groups:
        host, second, number = _channel(group[0])
        beside = first.setdefault((host, number), []) if number else []
        for other in beside:
            if abs(second - _channel(other[0])[1]) <= TOGETHER.seconds and _at_once(other[0], group[0]):
                other += group
                break
        else:
            beside.append(group)
            kept.append(group)
    return kept


def _channel(leg: Leg) -> tuple[str, int, str]:
    """Host, second and number of the calling channel; no number where the id is written otherwise."""
    found = _CHANNEL.fullmatch(leg.channel)
    return (found[1], int(found[2]), found[3]) if found else ("", 0, "")


def _at_once(one: Leg, other: Leg) -> bool:
    return abs(one.started_at - other.started_at) <= TOGETHER


def _call(legs: Sequence[Leg]) -> Call:
    """The leg that says most tells the rest: the one that a person answered, else a machine, else one that was busy."""
    best = max(legs, key=lambda leg: (*told(leg.answered_by, leg.talk_seconds), leg.busy))
    number, own = (best.caller, best.callee) if best.direction == "inbound" else (best.callee, best.caller)
    return Call(
        id=best.call or f"{best.started_at:%Y-%m-%dT%H:%M:%S} {best.caller} {best.callee}",
        # Of the same id only: where ids differ in the second, the answered leg's is the call's.
        started_at=min(leg.started_at for leg in legs if leg.call == best.call),
        direction=best.direction,
        number=number,
        agent=best.agent,
        talk_seconds=_talked([leg for leg in legs if leg.answered_by == best.answered_by]),
        answered_by=best.answered_by,
        own_number=own,
        record=next((leg.record for leg in legs if leg.record), ""),
    )


def _talked(legs: Sequence[Leg]) -> int:
    """The connected time of legs one after the other, as when somebody is put through. Of legs at the same time the
    longest counts: nobody talks twice at once."""
    total, until = 0, None
    for leg in sorted(legs, key=lambda leg: (leg.ended_at - timedelta(seconds=leg.talk_seconds), -leg.talk_seconds)):
        begins = leg.ended_at - timedelta(seconds=leg.talk_seconds)
        # A second's grace: durations are rounded, each for itself.
        if until is None or begins >= until - timedelta(seconds=1):
            total += leg.talk_seconds
            until = leg.ended_at
        elif leg.ended_at > until:
            total += round((leg.ended_at - until).total_seconds())
            until = leg.ended_at
    return total
