"""Three stories of the demo, as the ledger tells them: a lead that nobody answers goes up its ladder, a breach is taken
back, a call is refused. Each is told of one lead, and counted for all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.activities import Activity
from domain.clocks import ClockKind
from domain.decisions import Cause, Decision
from domain.leads import LeadKey
from ledger import clocks, evidence, feed
from ledger.decisions import LeadEvent
from ledger.store import Ledger
from playbook.book import Playbook
from scripts.words import listed
from sla_monitor.claims import Reported, judge_all

ANSWERS = {"met", "late_contact"}
_RESPONSE = ClockKind.FIRST_RESPONSE.value


@dataclass(frozen=True, slots=True)
class Stories:
    """`longest` is the lead of the first one, if anything happened to any."""

    lines: tuple[str, ...]
    longest: LeadKey | None


@dataclass(frozen=True, slots=True)
class Life:
    """What the ledger knows of one lead; `refused` are calls that were logged and do not count, each with the reason.
    `within` is the time for the first response, as sla.yaml writes it."""

    key: LeadKey
    decisions: Sequence[Decision] = ()
    events: Sequence[LeadEvent] = ()
    done: Sequence[Activity] = ()
    refused: Sequence[tuple[Activity, str]] = ()
    within: str = "its time"

    def owner(self, cycle: int) -> str | None:
        """Who had it in that cycle."""
        return next((one.owner for one in self.decisions if one.cycle == cycle), None)

    def kinds(self) -> set[str]:
        """Of what kinds its events are."""
        return {event.kind for event in self.events}

    @property
    def handed_on(self) -> list[Decision]:
        """The decisions that silence has brought about."""
        return [one for one in self.decisions if one.cause == Cause.SLA]

    @property
    def breaches(self) -> list[LeadEvent]:
        """The first responses that were late by what was known then."""
        return [one for one in self.events if one.kind == "breached" and one.detail["clock"] == _RESPONSE]

    def reminders(self, breach: LeadEvent | None = None) -> list[LeadEvent]:
        """Who was told of this breach; without one, who was warned before any."""
        moments = {(one.cycle, one.at) for one in ([breach] if breach else self.breaches)}
        told = [one for one in self.events if one.kind == "reminded"]
        return [one for one in told if ((one.cycle, one.at) in moments) is (breach is not None)]


def tell(ledger: Ledger, playbook: Playbook, zone: ZoneInfo, now: datetime) -> Stories:
    """The stories of everything that the ledger has at `now`. Times are shown in `zone`."""
    with ledger.reading() as tx:
        news = feed.since(tx, feed.START)
        made: dict[LeadKey, list[Decision]] = defaultdict(list)
        happened: dict[LeadKey, list[LeadEvent]] = defaultdict(list)
        for decision in news.decisions:
            made[decision.lead].append(decision)
        for event in news.events:
            happened[event.key].append(event)
        done = evidence.of(tx, made)
        responses = clocks.of_cycles(tx, [(key, 0) for key in made], ClockKind.FIRST_RESPONSE)
    within = {clock.lead: str(clock.terms.within) for clock in responses if clock.terms and clock.terms.within}
    reported = playbook.policy.counts_as.reported
    lives = []
    for key, about in made.items():
        activities = done.get(key, [])
        refused = _refused(activities, reported, now) if reported else []
        lives.append(Life(key, about, happened[key], activities, refused, within.get(key, "its time")))
    return told(lives, managers(playbook), zone)


def _refused(activities: Sequence[Activity], reported: Reported, now: datetime) -> list[tuple[Activity, str]]:
    """The calls that were typed in and do not count, each with the reason that `fairlead explain` gives."""
    judged = judge_all(activities, reported, now).values()
    return [(one.claim, why) for one in judged if (why := one.why_ignored(reported))]


def managers(playbook: Playbook) -> frozenset[str]:
    """Whoever answers for people or pools, by e-mail address."""
    rules = playbook.rules
    named = {rep.manager for rep in rules.reps.values()} | {pool.manager for pool in rules.pools.values()}
    return frozenset(one for one in named if one)


def told(lives: Sequence[Life], bosses: Iterable[str], zone: ZoneInfo) -> Stories:
    """The stories among these lives, and how often each kind of thing happened."""
    teller = _Teller(frozenset(bosses), zone)
    climbed = [life for life in lives if life.breaches and not life.refused and "retracted" not in life.kinds()]
    longest = max(climbed, key=_steps, default=None)
    taken_back = [life for life in lives if "retracted" in life.kinds()]
    refused = [life for life in lives if life.refused]
    return Stories(
        (
            teller.ladder(lives),
            *(teller.story(longest, warnings=True) if longest else ()),
            f"breaches taken back: {len(taken_back)} "
            + ("(called in time, and logged late)" if taken_back else "(nobody had called in time and logged it late)"),
            *(teller.story(min(taken_back, key=_steps)) if taken_back else ()),
            teller.refusals(refused),
            *(teller.story(max(refused, key=_breached_and_answered)) if refused else ()),
        ),
        longest.key if longest else None,
    )


def _steps(life: Life) -> tuple[int, bool, bool]:
    """How far up the ladder it came, and whether somebody answered then."""
    return len(life.handed_on), "reminded" in life.kinds(), bool(life.kinds() & ANSWERS)


def _breached_and_answered(life: Life) -> tuple[bool, bool, int]:
    return bool(life.breaches), bool(life.kinds() & ANSWERS), -len(life.handed_on)


@dataclass(frozen=True, slots=True)
class _Teller:
    managers: frozenset[str]
    zone: ZoneInfo

    def ladder(self, lives: Sequence[Life]) -> str:
        """How many steps of each kind were taken."""
        handed_on = Counter(one.owner in self.managers for life in lives for one in life.handed_on)
        counts = {
            "warned": sum(len(life.reminders()) for life in lives),
            "breached (owner and manager told)": sum(len(life.breaches) for life in lives),
            "handed on to the next": handed_on[False],
            "handed on to the manager": handed_on[True],
        }
        steps = ", ".join(f"{count} {step}" for step, count in counts.items() if count)
        return f"steps of the ladder: {steps or 'none (nobody was late)'}"

    def refusals(self, lives: Sequence[Life]) -> str:
        reasons = Counter(why for life in lives for _, why in life.refused)
        if not reasons:
            return "claims refused: 0 (every call that was logged counts)"
        told = listed(reasons) if len(reasons) == 1 else listed(f"{why}: {times}" for why, times in reasons.items())
        return f"claims refused: {reasons.total()} (a call was logged, and counts as nothing: {told})"

    def story(self, life: Life, *, warnings: bool = False) -> list[str]:
        """A heading, and a line for each moment, in order of time."""
        moments = sorted(self._moments(life, warnings=warnings), key=lambda moment: moment[0])
        given = next((event.at for event in life.events if event.kind == "applied"), life.decisions[0].decided_at)
        first = f"with {self._who(life.owner(0))} from {self._time(given)}, to be answered within {life.within}"
        return [f"  {life.key}, {first}", *(f"    {self._time(at)} {text}" for at, text in moments)]

    def _moments(self, life: Life, *, warnings: bool) -> list[tuple[datetime, str]]:
        moments = [
            (call.logged_at, f"{self._who(call.by)} logs a call: {why}; the clock runs on")
            for call, why in life.refused
        ]
        moments += [
            (one.decided_at, f"handed on: {self._who(life.owner(one.cycle - 1))} -> {self._who(one.owner)}")
            for one in life.handed_on
        ]
        moments += [(breach.at, self._breach(life, breach)) for breach in life.breaches]
        if warnings:
            moments += [(event.at, self._warned(life, event)) for event in life.reminders()]
        for event in life.events:
            if event.kind in ANSWERS:
                moments.append((event.at, self._answered(life, event)))
            elif event.kind == "retracted":
                moments.append((event.learnt_at, self._taken_back(life, event)))
            elif event.kind == "owner_changed":
                moments.append((event.at, "a person takes it"))
        return moments

    def _breach(self, life: Life, breach: LeadEvent) -> str:
        to = [one for event in life.reminders(breach) for one in event.detail["to"]]
        return f"breached: {breach.detail['cause']}{f'; {self._all(to)} told' if to else ''}"

    def _warned(self, life: Life, event: LeadEvent) -> str:
        share = str(event.detail["step"]).removesuffix("the time")
        return f"{self._all(event.detail['to'])} warned at {share}{life.within}"

    def _answered(self, life: Life, event: LeadEvent) -> str:
        return f"answered by {self._by(life, event)}{', too late' if event.kind == 'late_contact' else ''}"

    def _taken_back(self, life: Life, event: LeadEvent) -> str:
        logs = f"the dialer logs the call that {self._by(life, event)} made at {self._time(event.at)}"
        stays = f"; the lead stays with {self._who(life.decisions[-1].owner)}" if life.handed_on else ""
        return f"{logs}: it was in time, so the breach is taken back{stays}"

    def _by(self, life: Life, event: LeadEvent) -> str:
        """Who did what the event speaks of."""
        who = next((one.by for one in life.done if one.id == event.detail.get("activity")), None)
        return self._who(who or life.owner(event.cycle))

    def _all(self, addresses: Iterable[str]) -> str:
        return listed(map(self._who, addresses)) or "nobody"

    def _who(self, address: str | None) -> str:
        name = str(address or "nobody").split("@")[0]
        return f"{name} (manager)" if address in self.managers else name

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"
