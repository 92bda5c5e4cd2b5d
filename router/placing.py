"""Finding the place that a rule names: a pool's next member, a person or who stands in, or a queue to wait in.

Everybody who was asked is noted, with the reason why he was passed over, so that the decision can be checked by hand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from domain import hours
from domain.accounts import AccountMatch
from domain.decisions import Candidate, Outcome, PoolTried, TakesOver, Turn, Why
from domain.hours import Span
from domain.leads import Value
from domain.people import OfferStep, Overflow, Pool, ToPerson, Wait, WhenNobodyStep
from domain.records import record
from domain.targets import Around, choose, ends
from router.availability import Obstacle, Roster, moment
from router.case import Case
from router.conditions import Facts
from router.considered import candidates_of
from router.rules import Assign
from router.rules import Wait as WaitKind
from router.sharing import Sharing

TERRITORY_POOL = "territory.pool"
BACKUP_OF = "backup of "

OFFER = "offer:"
"""Before the number of a step, in what a limit leads to."""


@record(frozen=True, slots=True)
class Placed:
    """Where the lead goes; the fields are those of a Decision. `reason` is a clause without a full stop."""

    outcome: Outcome
    reason: str
    owner: str | None = None
    responsible: str | None = None
    pool: str | None = None
    queue: str | None = None
    until: datetime | None = None
    then: str | None = None
    takes_over: TakesOver | None = None
    turn: Turn | None = None
    waits_for: WaitKind | None = None
    """what ends the wait before its limit; a tier may set another limit for it"""
    calendar: hours.Calendar | None = None
    """the hours in which such a limit runs; None: always"""
    arm: str | None = None
    sets: Mapping[str, Value] | None = None


class Search:
    """One lead looking for its place. `tried` grows with every pool and person that is asked."""

    def __init__(self, case: Case, facts: Facts, roster: Roster) -> None:
        self.case, self.facts, self.roster = case, facts, roster
        self.rules, self.state, self.now = roster.rules, roster.state, roster.now
        self.tried: list[PoolTried] = []
        self.notes: list[str] = []

    def pool(self, name: str) -> Placed | None:
        """The pool and whatever it does when nobody is there."""
        return self._named_pool(name, name, [])

    def assign(self, wanted: Assign) -> Placed | None:
        """What the assignment names, or else its `else`; None where it ends in nobody."""
        asked: list[str] = []
        owner: str | None = None
        step: Assign | None = wanted
        while step:
            if step.pool:
                pool = self.facts.get(TERRITORY_POOL) if step.pool == TERRITORY_POOL else step.pool
                placed = self._named_pool(step.pool, str(pool) if pool else None, asked)
            elif step.to == "manager":
                placed = self.manager(owner or self.case.owner, asked[0] if asked else self.case.pool)
            else:
                owner = self._address(step.to or "")
                placed = self._referred(step.to or "", owner, step.cover_after)
            if placed:
                return placed
            step = step.otherwise
        return None

    # Pools ------------------------------------------------------------------------------------------------------

    def _named_pool(self, said: str, name: str | None, asked: list[str]) -> Placed | None:
        """The pool and whatever it does when nobody is there. A pool that was asked before has nobody still."""
        pool = self.rules.pools.get(name or "")
        if pool is None:
            self._note(said, (), f"{said} names no pool")
            return None
        if pool.name in asked:
            return None
        asked.append(pool.name)
        if placed := self._first(pool):
            return placed
        candidates = candidates_of(self.tried[-1])
        if _only_absent(candidates) and pool.backup and (placed := self.backup(pool)):
            return replace(placed, reason=f"everybody is away in pool {pool.name}; {placed.reason}")
        reason, step = self._when_nobody(pool, candidates)
        placed = (self._step(pool, step, asked) if step else None) or self.offered(pool, 1)
        return replace(placed, reason=f"{reason} in pool {pool.name}; {placed.reason}") if placed else None

    def _first(self, pool: Pool) -> Placed | None:
        """The pool's next in turn, or what its chain of offers begins with. Where nobody is there to be offered a lead
        in turn, `when_nobody` is asked before the rest of the chain."""
        if not pool.offer:
            return self.rotation(pool)
        return self._offer(pool, 0) if pool.offer[0].to == "next" else self.offered(pool)

    def rotation(self, pool: Pool) -> Placed | None:
        """The member whose turn it is among those who can take the lead; None where nobody can."""
        share = Sharing(self.roster, self.facts, pool)
        result, turn = share.result, share.turn
        self.tried.append(PoolTried(pool.name, share.candidates, result))
        if turn is None:
            return None
        reason = f"{result} in pool {pool.name}"
        return Placed(Outcome.ASSIGNED, reason, owner=turn.rep, responsible=turn.rep, pool=pool.name, turn=turn)

    def backup(self, pool: Pool) -> Placed | None:
        """The first of the pool's reserve who can take the lead."""
        obstacles = {rep: self.roster.passed_over(rep, pool) for rep in pool.backup}
        chosen = next((rep for rep, obstacle in obstacles.items() if not obstacle), None)
        candidates = tuple(_candidate(rep, obstacle, chosen) for rep, obstacle in obstacles.items())
        result = f"{self._name(chosen)} takes it" if chosen else "nobody in the reserve can take a lead now"
        self._note(f"{BACKUP_OF}{pool.name}", candidates, result)
        if chosen is None:
            return None
        reason = f"{self._name(chosen)} is the backup of pool {pool.name}"
        return Placed(Outcome.ASSIGNED, reason, owner=chosen, responsible=chosen, pool=pool.name)

    # Offers -----------------------------------------------------------------------------------------------------

    def offered(self, pool: Pool, first: int = 0) -> Placed | None:
        """The first step of the pool's chain, from `first` on, that has somebody; None where none has. Whoever has just
        let the lead lie is not offered it again."""
        steps = (self._offer(pool, at) for at in range(first, len(pool.offer)))
        return next((placed for placed in steps if placed and not self._offered_again(placed)), None)

    def _offered_again(self, placed: Placed) -> bool:
        return placed.outcome == Outcome.OFFERED and placed.owner == self.case.owner

    def _offer(self, pool: Pool, at: int) -> Placed | None:
        """That step of the chain, with its limit."""
        step = pool.offer[at]
        placed = self._asked(pool, step)
        if placed is None or step.limit is None:
            return placed
        calendar = self.rules.calendar_of(pool)
        until = ends(calendar, self.now, step.limit)
        limited = replace(placed, until=until, then=f"{OFFER}{at + 1}", calendar=calendar)
        if placed.outcome == Outcome.ASSIGNED:
            return replace(limited, outcome=Outcome.OFFERED, waits_for="accept")
        return replace(limited, waits_for="claim")

    def limited(self, placed: Placed, tier: str | None) -> Placed:
        """The same place with the tier's own limit for its kind of wait, where the tier has one."""
        limit = self.rules.limits.get(tier or "", {}).get(placed.waits_for) if placed.waits_for else None
        if limit is None:
            return placed
        calendar = placed.calendar or hours.always()
        if limit.calendar:
            calendar = choose(limit.calendar, self.rules.hours, self.around(placed)).calendar
        return replace(placed, until=ends(calendar, self.now, limit.within))

    def around(self, placed: Placed) -> Around:
        """Whose hours a target of the lead may run in, in that place."""
        return self.rules.around(placed.owner or placed.responsible, placed.pool, self.facts.get("timezone"))

    def _asked(self, pool: Pool, step: OfferStep) -> Placed | None:
        match step.to:
            case "next":
                return self.rotation(pool)
            case "backup":
                return self.backup(pool)
            case "manager":
                return self.manager(self.case.owner, pool.name)
            # The chain goes on from this pool, whoever else is asked in between.
            case "person":
                placed = self.address(step.name)
                return replace(placed, pool=pool.name) if placed else None
            case "pool":
                other = self.rules.pools.get(step.name)
                placed = self.rotation(other) if other else None
                return replace(placed, pool=pool.name) if placed else None
            case "everyone":
                return self._open_to(pool, pool.name, f"whoever of pool {pool.name} takes it first has it")
            case "queue":
                return self._open_to(pool, step.name, f"it waits in {step.name}")

    def _open_to(self, pool: Pool, queue: str, reason: str) -> Placed:
        responsible = self.rules.manager_of(queue) or pool.manager or self.rules.last_resort
        self._note(pool.name, (), reason)
        return Placed(Outcome.WAITING, reason, responsible=responsible, pool=pool.name, queue=queue)

    # Nobody -----------------------------------------------------------------------------------------------------

    def _when_nobody(self, pool: Pool, candidates: tuple[Candidate, ...]) -> tuple[str, WhenNobodyStep | None]:
        """Whether it is the hour, the load or something else; people whom no hour and no load would bring back (away,
        deactivated, had the lead, do not fit it) say nothing about that."""
        whys = {candidate.why for candidate in candidates} - _NOT_COMING_BACK
        if whys == {Why.OFF_HOURS}:
            return "nobody is on duty", pool.when_nobody.off_hours
        if whys == {Why.FULL}:
            return "everybody is at capacity", pool.when_nobody.full
        if whys and whys <= {Why.FULL, Why.OVER_LIMIT}:
            return "everybody is at capacity or over a limit", pool.when_nobody.full
        return "nobody can take a lead", pool.when_nobody.ineligible

    def _step(self, pool: Pool, step: WhenNobodyStep, asked: list[str]) -> Placed | None:
        match step:
            case Wait():
                return self._wait(pool, step)
            case Overflow():
                return self._named_pool(step.pool, step.pool, asked)
            case ToPerson(who="manager"):
                return self.manager(None, pool.name)
            case ToPerson():
                return self._person(step.who, step.who, f"{self._name(step.who)} takes its leads", pool.name)

    def _wait(self, pool: Pool, step: Wait) -> Placed | None:
        manager = pool.manager or self.rules.last_resort
        then = manager if step.then == "manager" else step.then
        if then is None:  # a wait that ends in nobody is no wait
            return None
        until = ends(self.rules.calendar_of(pool), self.now, step.limit)
        return Placed(
            Outcome.WAITING,
            f"the lead waits until {moment(until)}, then it goes to {self._name(then)}",
            responsible=manager or then,
            pool=pool.name,
            queue=pool.name,
            until=until,
            then=then,
        )

    # People -----------------------------------------------------------------------------------------------------

    def _referred(self, said: str, owner: str | None, cover_after: Span | None) -> Placed | None:
        if owner is None:
            self._note(said, (), f"{said} is nobody")
            return None
        because = _ownership(said, self._name(owner), self.case.account)
        return self._person(said, owner, because, self.case.pool, cover_after=cover_after)

    def address(self, person: str) -> Placed | None:
        """A person whom a ladder or a limit names: he gets the lead even where he had it before."""
        because = f"it goes to {self._name(person)}"
        return self._person(person, person, because, self.case.pool, again=True)

    def manager(self, owner: str | None, pool: str | None) -> Placed | None:
        """The owner's own manager, else the pool's, else the last resort: the first who, or whose cover, is there."""
        for manager in self._managers(owner, pool):
            of = f"pool {pool}" if pool else "the team"
            because = f"{self._name(manager)} manages {self._name(owner) if owner else of}"
            if placed := self._person("manager", manager, because, pool, again=True):
                return placed
        return None

    def _managers(self, owner: str | None, pool: str | None) -> Iterator[str]:
        rep = self.rules.reps.get(owner or "")
        of_pool = self.rules.pools.get(pool or "")
        named = (rep.manager if rep else None, of_pool.manager if of_pool else None, self.rules.last_resort)
        yield from dict.fromkeys(manager for manager in named if manager)

    def _person(
        self,
        said: str,
        person: str,
        because: str,
        pool: str | None,
        again: bool = False,
        cover_after: Span | None = None,
    ) -> Placed | None:
        """The person, else the cover, else the cover's cover. Being full or off duty does not matter for a person who
        is named, nor does being away where that ends within `cover_after`; `again` forgives having had the lead."""
        candidates: list[Candidate] = []
        asked: str | None = person
        while asked and asked not in {candidate.rep for candidate in candidates}:
            obstacle = self.roster.gone(asked, cover_after) or (None if again else self.roster.had_it(asked))
            candidates.append(_candidate(asked, obstacle, asked))
            if obstacle is None:
                self._note(said, tuple(candidates), f"{self._name(asked)} takes it")
                if asked != person:
                    because = f"{self._name(asked)} covers for {self._name(person)}"
                return Placed(Outcome.ASSIGNED, because, owner=asked, responsible=asked, pool=pool)
            asked = self.roster.cover(asked)
        self._note(said, tuple(candidates), f"{self._name(person)} cannot take it, and nobody stands in")
        return None

    def _address(self, to: str) -> str | None:
        """The e-mail address that `to` stands for; None where the lead has no such person."""
        value = to if "@" in to else self.facts.get(to)
        return str(value).lower() if value else None

    def _name(self, rep: str) -> str:
        return self.roster.name(rep)

    def _note(self, pool: str, candidates: tuple[Candidate, ...], result: str) -> None:
        self.tried.append(PoolTried(pool, candidates, result))


_NOT_COMING_BACK = frozenset({
    Why.AWAY, Why.INACTIVE, Why.UNKNOWN, Why.HAD_IT, Why.UNFIT, Why.NOT_STARTED, Why.LEAVING, Why.IDLE,
    Why.BREAKS_PROMISES,
})  # fmt: skip


def _only_absent(candidates: tuple[Candidate, ...]) -> bool:
    """Whether absences alone leave nobody: the reserve is for that."""
    whys = {candidate.why for candidate in candidates}
    return bool(whys & _ABSENT) and whys <= _NOT_COMING_BACK


_ABSENT = frozenset({Why.AWAY, Why.LEAVING})


def _candidate(rep: str, obstacle: Obstacle | None, chosen: str | None) -> Candidate:
    if obstacle:
        return Candidate(rep, *obstacle)
    return Candidate(rep, Why.CHOSEN, "") if rep == chosen else Candidate(rep, Why.NOT_NEXT, "somebody is before him")


def _ownership(said: str, name: str, account: AccountMatch | None) -> str:
    company = account.account.name if account and account.account else "the account"
    match said.split("."):
        case ["account", "owner"]:
            return f"{name} owns the account {company}"
        case ["duplicate", "owner"]:
            return f"{name} has an earlier lead of the same person or company"
        case ["account", "parent", "owner"]:
            return f"{name} owns the parent of {company}"
        case ["account", "open_opportunity", "owner"]:
            return f"{name} has an open opportunity with {company}"
        case ["named_account", "owner"]:
            return f"{name} was given this company by name"
        case ["account", "team", role]:
            return f"{name} is the {role} of {company}"
    return f"{name} is named for this lead"
