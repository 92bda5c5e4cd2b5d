"""What the demo's daemon did, counted from both sides: the ledger's, and that of the CRMs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import Any

from domain.decisions import Cause, Decision, Outcome
from domain.leads import LeadKey
from ledger import feed
from ledger.decisions import LeadEvent
from ledger.store import Ledger
from scripts.demo.owners import Change, given, overwritten
from scripts.demo.world import Stage
from scripts.words import counted


class Answered(Enum):
    """What became of an owned lead, each counted once."""

    IN_TIME = "answered in time"
    AFTER_A_BREACH = "answered after a breach"
    TAKEN = "taken by a person first"
    NOT = "not answered"


_MEANT: Mapping[Answered, str] = {
    Answered.IN_TIME: "",
    Answered.AFTER_A_BREACH: " (too late, or in time by whoever had it next)",
    Answered.TAKEN: " (chosen by hand before anybody had answered: no clock runs)",
    Answered.NOT: " (this and the three lines above add up to the owned)",
}


ELSEWHERE = {Outcome.NURTURED, Outcome.DISQUALIFIED, Outcome.GONE}
WAITING = {Outcome.WAITING, Outcome.REVIEW, Outcome.OFFERED}


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of leads; `seconds` are real seconds from a lead's creation to its owner in the CRM, ascending.

    `owned`, `waiting`, `elsewhere` and `without_outcome` add up to `leads`, and `answers` to `owned`.
    `without_outcome`: created in a CRM, and neither owned by a person there nor decided otherwise. `owned_twice`: more
    owners were written by us than cycles were applied, or lost to a person a moment later. `people_overwritten`: a
    person chose the owner by hand, and we wrote another one that was not taken back.
    """

    leads: int
    owned: int
    waiting: int
    elsewhere: int
    without_outcome: int
    owned_twice: int
    people_overwritten: int
    by_webhook: int
    answers: Mapping[Answered, int]
    breached: int
    reassigned: int
    late_assignments: int
    calls: int
    seconds: tuple[float, ...]
    story: LeadKey | None

    @property
    def all_kept(self) -> bool:
        """Whether every promise that is counted here was kept."""
        return self.without_outcome == self.owned_twice == self.people_overwritten == 0

    def lines(self) -> list[str]:
        """The summary as it is printed."""
        half, most = _percentile(self.seconds, 0.5), _percentile(self.seconds, 0.95)
        calls = f"CRM calls per lead: {self.calls / max(1, self.leads):.3f}"
        return [
            f"leads in: {self.leads} ({self.by_webhook} announced by webhook first, the rest found by poll)",
            f"owned: {self.owned}",
            f"waiting: {self.waiting}",
            f"kept warm or disqualified: {self.elsewhere}",
            f"without an outcome: {self.without_outcome} (this and the three lines above add up to the leads in)",
            f"owned twice: {self.owned_twice}",
            f"people overwritten: {self.people_overwritten}",
            *(f"{answered.value}: {self.answers.get(answered, 0)}{_MEANT[answered]}" for answered in Answered),
            f"breached: {self.breached} (first response)",
            f"reassigned: {self.reassigned}",
            f"assigned late: {self.late_assignments}",
            f"real seconds from creation to owner written: p50 {half:.2f}, p95 {most:.2f}",
            f"{calls} ({counted(self.calls, 'call')}, polling and call logs included)",
        ]


def summarise(
    ledger: Ledger, stage: Stage, created: Mapping[str, Sequence[str]], by_webhook: int, calls: int
) -> Summary:
    """Count what became of the leads in `created` (CRM -> ids)."""
    with ledger.reading() as tx:
        news = feed.since(tx, feed.START)
    rows = {(crm, str(row["id"])): row for crm, seen in stage.all_leads().items() for row in seen}
    wanted = [(crm, id_) for crm, ids in created.items() for id_ in ids]
    people = {crm: set(users.values()) for crm, users in stage.users.items()}
    latest = {(d.lead.crm, d.lead.id): d for d in news.decisions}
    fates = [_fate(latest.get(lead), rows[lead], people[lead[0]]) for lead in wanted]
    count = Counter(fates)
    owned = [lead for lead, fate in zip(wanted, fates, strict=True) if fate == "owned"]
    happened: dict[tuple[str, str], list[LeadEvent]] = defaultdict(list)
    for event in news.events:
        happened[event.key.crm, event.key.id].append(event)
    return Summary(
        leads=len(wanted),
        owned=count["owned"],
        waiting=count["waiting"],
        elsewhere=count["elsewhere"],
        without_outcome=count["none"],
        owned_twice=_owned_twice(wanted, rows, people, news),
        people_overwritten=sum(overwritten(rows[lead]["owner_changes"]) for lead in wanted),
        by_webhook=by_webhook,
        answers=Counter(answered(happened[lead], rows[lead]["owner_changes"]) for lead in owned),
        breached=sum(_is_breach(event, "first_response") for event in news.events),
        reassigned=sum(decision.cause == Cause.SLA for decision in news.decisions),
        late_assignments=sum(_is_breach(event, "assignment") for event in news.events),
        calls=calls,
        seconds=tuple(sorted(_seconds(rows[lead]) for lead in wanted if rows[lead].get("owner_written_real"))),
        story=_story(news.decisions),
    )


def _story(made: Sequence[Decision]) -> LeadKey | None:
    """A lead that was handed on, if possible by a rotation both times: those have most to explain. Else any."""
    handed_on = [one for one in made if one.cause == Cause.SLA]
    turns = {one.lead for one in made if one.turn and one.cycle == 0}
    best = [one for one in handed_on if one.turn and one.lead in turns] or handed_on or made
    return best[0].lead if best else None


def _fate(decision: Decision | None, row: Mapping[str, Any], people: set[str]) -> str:
    if str(row["owner"]) in people:
        return "owned"
    if decision and decision.outcome in WAITING:
        return "waiting"
    return "elsewhere" if decision and decision.outcome in ELSEWHERE else "none"


def _owned_twice(
    wanted: Sequence[tuple[str, str]],
    rows: Mapping[tuple[str, str], Mapping[str, Any]],
    people: Mapping[str, set[str]],
    news: feed.News,
) -> int:
    """Leads for which we wrote more owners than cycles could have brought, or decided a first time more than once."""
    allowed = Counter((event.key.crm, event.key.id) for event in news.events if may_have_given(event))
    firsts = Counter((made.lead.crm, made.lead.id) for made in news.decisions if made.cause == Cause.NEW)
    written = {lead: given(rows[lead]["owner_changes"], people[lead[0]]) for lead in wanted}
    return sum(written[lead] > allowed[lead] or firsts[lead] > 1 for lead in wanted)


def may_have_given(event: LeadEvent) -> bool:
    """Whether a cycle wrote an owner, or was lost to a person: HubSpot guards no row, so that our owner may have stood
    there for a moment, until the person came."""
    return event.kind == "lost_race" or (event.kind == "applied" and bool(event.detail.get("owner")))


def answered(happened: Sequence[LeadEvent], changes: Sequence[Change]) -> Answered:
    """What became of an owned lead, by what the ledger noted about it and the owners that the CRM remembers."""
    kinds = {event.kind for event in happened}
    if kinds & {"met", "late_contact", "retracted"}:
        missed = any(_is_breach(event, "first_response") for event in happened) and "retracted" not in kinds
        return Answered.AFTER_A_BREACH if missed else Answered.IN_TIME
    return Answered.TAKEN if any(change["by"] == "person" for change in changes) else Answered.NOT


def _is_breach(event: LeadEvent, clock: str) -> bool:
    return event.kind == "breached" and event.detail.get("clock") == clock


def _seconds(row: Mapping[str, Any]) -> float:
    return float(row["owner_written_real"]) - float(row["created_real"])


def _percentile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    if not ascending:
        return float("nan")
    return ascending[max(0, ceil(len(ascending) * share) - 1)]
