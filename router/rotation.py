"""Weighted rotation by Tijdeman's rule (R. Tijdeman, The chairman assignment problem, Discrete Math. 32, 1980).

Among k >= 2 people whose eligibility does not change, nobody is ever further than 1 - 1/(2k-2) leads from his
weighted share. Where eligibility changes from lead to lead, each lead is shared out among those who could have had it.
"Largest deficit first" looks alike and does not keep the bound.

A rotation may share out a value instead of leads, counted in hundredths: the same rule, with the lead's value in place
of one, keeps everybody within 1 - 1/(2k-2) of the largest value so far (tried on thousands of sequences, some of them
searched for the worst; nobody has proved it).

What those who are eligible are owed together, because others had their leads, no choice among them can make good. It is
taken out evenly before they are compared, so that somebody always may take the lead; whoever is beyond the bound by
then comes first. What they took for those who are
away and catch up later is taken out by their shares, because by their shares they will give it back.

Shares are whole multiples of a unit and add up to exactly the lead, so that sums of them are exact as floats (up to
2**17 leads or 2**39 hundredths a person; beyond that, to within a unit a lead): nothing drifts, equal standings are
equal, and a turn that comes back leaves the state as it was, to the last bit, on every machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import repeat
from math import inf
from types import MappingProxyType

from domain.decisions import Turn
from domain.records import record

_UNITS_OF_A_LEAD = 2**36
_UNITS_OF_A_HUNDREDTH = 2**14

_Group = tuple[tuple[str, float], ...]


@record(frozen=True, slots=True)
class Account:
    """One person's fairness account in one rotation: leads he was entitled to so far, and leads that he took (or
    hundredths of a value). `credit` is the part of what he is owed that was credited while he was away."""

    entitled: float = 0.0
    taken: int = 0
    credit: float = 0.0

    @property
    def ahead(self) -> float:
        """Leads above (+) or below (-) the share."""
        return self.taken - self.entitled


_NEW = Account()


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation's state. Never mutated: `take` and `give_back` return the next one."""

    name: str
    accounts: Mapping[str, Account] = field(default_factory=dict)

    def account(self, rep: str) -> Account:
        """The person's account; a new one for somebody who was not eligible before."""
        return self.accounts.get(rep, _NEW)

    def ahead(self, reps: Iterable[str]) -> list[float]:
        """How far ahead of his share each of them is."""
        # Asking each account (`Account.ahead`) takes three times as long.
        return [one.taken - one.entitled for one in map(self.accounts.get, reps, repeat(_NEW))]


@dataclass(frozen=True, slots=True)
class Missing:
    """A member who cannot have the lead. Where he catches up on it later, `weight` is his share beside the others',
    and `room` how much he may still be credited (None: no limit)."""

    rep: str
    weight: float = 0.0
    room: float | None = None


def next_in_turn(
    rotation: Rotation,
    eligible: Sequence[tuple[str, float]],
    value: int | None = None,
    missing: Sequence[Missing] = (),
    expired: Sequence[str] = (),
) -> Turn:
    """Whose turn it is among (rep, weight > 0) in the pool's order; ValueError when empty.

    `value` is the lead's in hundredths (> 0) where the rotation shares out a value. What those who are `expired` were
    credited and have not made good goes to those who are eligible.
    """
    if not eligible:
        raise ValueError(f"nobody is eligible in rotation {rotation.name!r}")
    group = tuple(eligible)
    if value is None and not missing and not expired:
        return turn_by_standing(rotation.name, group, rotation.ahead(rep for rep, _ in group))
    of_one = _UNITS_OF_A_LEAD if value is None else _UNITS_OF_A_HUNDREDTH
    amount = (value or 1) * of_one
    whole = _split(group, amount)
    owed = {rep: _owed(rotation.account(rep), of_one) for rep in whole}
    credited = _credits(missing, group, amount, of_one)
    shares = _split(group, amount - sum(credited.values())) if credited else whole
    moved = _expired(rotation, expired, group, of_one)
    owed = {rep: units + moved.get(rep, 0) for rep, units in owed.items()}
    lent = sum(round(rotation.account(one.rep).credit * of_one) + moved.get(one.rep, 0) for one in missing)
    return Turn(
        rotation.name,
        _next(whole, owed, lent, amount),
        _as_floats({**shares, **credited}, of_one),
        value or 1,
        _as_floats(credited, of_one),
        _as_floats(moved, of_one),
    )


def turn_by_standing(rotation: str, eligible: _Group, ahead: Sequence[float]) -> Turn:
    """`next_in_turn` by number of leads, where nobody is missing: then nothing counts but how far ahead of his share
    each of those who are eligible is."""
    group = _of_a_lead(eligible)
    rep = group.clearly_next(ahead)
    if rep is None:
        owed = {rep: -round(far * _UNITS_OF_A_LEAD) for (rep, _), far in zip(eligible, ahead, strict=True)}
        rep = _next(group.units, owed, 0, _UNITS_OF_A_LEAD)
    return Turn(rotation, rep, group.shares, 1, {}, {})


def take(rotation: Rotation, turn: Turn) -> Rotation:
    """The state after the turn was taken."""
    accounts = dict(rotation.accounts)
    for rep, moved in turn.expired.items():
        before = rotation.account(rep)
        accounts[rep] = replace(
            before, entitled=before.entitled + moved, credit=max(0.0, before.credit + min(0, moved))
        )
    return _moved(Rotation(rotation.name, accounts), turn, 1)


def give_back(rotation: Rotation, turn: Turn) -> Rotation:
    """The state as if the turn had not been taken: the person is due again, and nobody else is owed more or less. What
    had expired by then stays so."""
    return _moved(rotation, turn, -1)


def _moved(rotation: Rotation, turn: Turn, times: int) -> Rotation:
    accounts = dict(rotation.accounts)
    for rep in {**turn.shares, turn.rep: None}:
        before = rotation.account(rep)
        entitled = before.entitled + times * turn.shares.get(rep, 0.0)
        taken = before.taken + (times * turn.amount if rep == turn.rep else 0)
        credit = before.credit + times * turn.credited.get(rep, 0.0)
        # Leads that he gets meanwhile make good what was credited: what is not owed any more is no credit.
        accounts[rep] = Account(entitled, taken, min(max(0.0, credit), max(0.0, entitled - taken)))
    return Rotation(rotation.name, accounts)


def _as_floats(units: Mapping[str, int], of_one: int) -> dict[str, float]:
    return {rep: number / of_one for rep, number in units.items() if number}


def _credits(missing: Sequence[Missing], group: _Group, amount: int, of_one: int) -> Mapping[str, int]:
    """What each of those who catch up later is credited of the lead, in units."""
    later = [one for one in missing if one.weight]
    if not later:
        return {}
    shares = _split((*group, *((one.rep, one.weight) for one in later)), amount)
    return {
        one.rep: shares[one.rep] if one.room is None else min(shares[one.rep], max(0, int(one.room * of_one)))
        for one in later
    }


def _expired(rotation: Rotation, expired: Sequence[str], group: _Group, of_one: int) -> Mapping[str, int]:
    """Who loses how many units of credit, and who gets them: together nothing."""
    if not expired:
        return {}
    moved = dict.fromkeys((*expired, *(rep for rep, _ in group)), 0)
    for rep in expired:
        lost = round(rotation.account(rep).credit * of_one)
        moved[rep] -= lost
        for other, part in _split(tuple(one for one in group if one[0] != rep) or group, lost).items():
            moved[other] += part
    return moved


def _next(shares: Mapping[str, int], owed: Mapping[str, int], lent: int, amount: int) -> str:
    """By Tijdeman's rule: of those who stay within the bound when they take the lead, whoever would otherwise be the
    first to fall behind further than the bound. Where others had their leads some are further behind already: then the
    furthest comes first. A share of nothing comes last.

    Standings are compared beside the others': `lent` is taken out by the shares, what is left of their sum evenly.
    All numbers are times people and, where something is lent, times amount, to stay whole.
    """
    people, rest = len(shares), sum(owed.values()) + lent
    if people == 1:
        return next(iter(shares))
    times = amount if lent else 1
    scale, lent_each = times * (2 * people - 2), people * lent * (2 * people - 2)
    lead = people * amount * times
    bound = furthest = lead * (2 * people - 3)
    late: str | None = None
    may_take = []
    for rep, share in shares.items():
        behind = (people * (owed[rep] + share) - rest) * scale + lent_each * share
        if behind > furthest:
            furthest, late = behind, rep
        if behind >= lead:
            may_take.append((rep, share, bound - behind))
    return late or _soonest(may_take)


def _soonest(may_take: Sequence[tuple[str, int, int]]) -> str:
    """Of (rep, share, room) whose room is the least beside the share; somebody without a share only after all others,
    by room alone."""
    first, its_share, its_room = may_take[0]
    for rep, share, room in may_take:
        if share and its_share:
            sooner = room * its_share < its_room * share
        else:
            sooner = (not share, room) < (not its_share, its_room)
        if sooner:
            first, its_share, its_room = rep, share, room
    return first


def _owed(account: Account, of_one: int) -> int:
    return round(account.entitled * of_one) - account.taken * of_one


@lru_cache(maxsize=4096)
def _exact(eligible: _Group) -> Mapping[str, Fraction]:
    exact = {rep: Fraction(weight) for rep, weight in eligible}
    whole = sum(exact.values())
    return {rep: weight / whole for rep, weight in exact.items()}


@dataclass(frozen=True, slots=True)
class _OfALead:
    """What each of a group is entitled to of one lead, and what can be reckoned of a turn before anybody's standing is
    known: `people` are (rep, room, share), where the room is how far he would stay within the bound if nobody were
    ahead or behind. Rooms are `times` what they are in leads, as in `_next`; 0 where it takes more to tell who is next.
    """

    units: Mapping[str, int]
    shares: Mapping[str, float]
    """in leads, without those who have none"""
    people: tuple[tuple[str, float, float], ...]
    times: float

    def clearly_next(self, ahead: Sequence[float]) -> str | None:
        """What `_next` answers where nothing is lent, reckoned in leads as floats; None where those cannot tell, or
        somebody is beyond the bound. They are exact while all that is added up stays below 2**17 leads; only quotients
        are not."""
        people, times = len(ahead), self.times
        # What they are ahead together is taken out evenly: by moving the bound.
        bound = 2 * (people - 1) * sum(ahead)
        most, soonest, its_room = bound + 2 * people * (people - 2), inf, inf
        if not times or not -_EXACT < bound < _EXACT:
            return None
        first: str | None = None
        for (rep, room, share), far in zip(self.people, ahead, strict=True):
            room += times * far
            if room < bound or room > _EXACT:
                return None
            if room <= most:
                wait = (room - bound) / share
                if wait * _A_HAIR_MORE < soonest:
                    first, soonest, its_room = rep, wait, room
                elif wait <= soonest * _A_HAIR_MORE and room != its_room:
                    first = None
        return first


_EXACT = 2.0**16
_A_HAIR_MORE = 1 + 2**-40


# A pool asks for the same over and over.
@lru_cache(maxsize=1024)
def _of_a_lead(group: _Group) -> _OfALead:
    units, people = _split(group, _UNITS_OF_A_LEAD), len(group)
    parts = {rep: number / _UNITS_OF_A_LEAD for rep, number in units.items()}
    rooms = tuple((rep, people * (2 * people - 3 - 2 * (people - 1) * part), part) for rep, part in parts.items())
    # Not where one is named twice, a share is too small for a unit, or there are so many that no float is exact.
    plain = len(parts) == people and all(parts.values()) and 2 * people * people < _EXACT
    times = 2.0 * people * (people - 1) if plain else 0.0
    return _OfALead(units, _as_floats(units, _UNITS_OF_A_LEAD), rooms, times)


@lru_cache(maxsize=4096)
def _split(eligible: _Group, amount: int) -> Mapping[str, int]:
    """What each is entitled to of so many units; what rounding leaves goes to those who lost most by it."""
    units = {rep: share * amount for rep, share in _exact(eligible).items()}
    shares = {rep: int(unit) for rep, unit in units.items()}
    left = amount - sum(shares.values())
    for rep in sorted(shares, key=lambda rep: shares[rep] - units[rep])[:left]:
        shares[rep] += 1
    return MappingProxyType(shares)
