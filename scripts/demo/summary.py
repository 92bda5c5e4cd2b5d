"""What the demo's daemon did, counted from both sides: the ledger's, and that of the CRMs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from domain.decisions import Cause, Decision, Outcome
from domain.leads import LeadKey
from ledger import feed
from ledger.decisions import LeadEvent
from ledger.store import Ledger
from scripts.demo.owners import given, overwritten
from scripts.demo.world import Stage

ELSEWHERE = {Outcome.NURTURED, Outcome.DISQUALIFIED, Outcome.GONE}
WAITING = {Outcome.WAITING, Outcome.REVIEW, Outcome.OFFERED}


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of leads; `seconds` are real seconds from a lead's creation to its owner in the CRM, ascending.

    `without_outcome`: created in a CRM, and neither owned by a person there nor decided otherwise. `owned_twice`: more
    owners were written by us than cycles were applied. `people_overwritten`: a person chose the owner by hand, and we
    wrote another one that was not taken back.
    """

    leads: int
    owned: int
    waiting: int
    elsewhere: int
    without_outcome: int
    owned_twice: int
    people_overwritten: int
    by_webhook: int
    answered: int
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
        return [
            f"leads in: {self.leads} ({self.by_webhook} announced by webhook first, the rest found by poll)",
            f"owned: {self.owned}",
            f"waiting: {self.waiting}",
            f"kept warm or disqualified: {self.elsewhere}",
            f"without an outcome: {self.without_outcome}",
            f"owned twice: {self.owned_twice}",
            f"people overwritten: {self.people_overwritten}",
            f"answered in time: {self.answered}",
            f"breached: {self.breached}",
            f"reassigned: {self.reassigned}",
            f"assigned late: {self.late_assignments}",
            f"real seconds from creation to owner written: p50 {half:.2f}, p95 {most:.2f}",
            f"CRM calls per lead: {self.calls / max(1, self.leads):.3f} "
            f"({self.calls} calls, polling and call logs included)",
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
    fates = Counter(_fate(latest.get(lead), rows[lead], people[lead[0]]) for lead in wanted)
    return Summary(
        leads=len(wanted),
        owned=fates["owned"],
        waiting=fates["waiting"],
        elsewhere=fates["elsewhere"],
        without_outcome=fates["none"],
        owned_twice=_owned_twice(wanted, rows, people, news),
        people_overwritten=sum(overwritten(rows[lead]["owner_changes"]) for lead in wanted),
        by_webhook=by_webhook,
        answered=_count(news.events, "met"),
        breached=sum(_is_breach(event, "first_response") for event in news.events),
        reassigned=sum(decision.cause == Cause.SLA for decision in news.decisions),
        late_assignments=sum(_is_breach(event, "assignment") for event in news.events),
        calls=calls,
        seconds=tuple(sorted(_seconds(rows[lead]) for lead in wanted if rows[lead].get("owner_written_real"))),
        story=_story(news.decisions),
    )


def _story(made: Sequence[Decision]) -> LeadKey | None:
    """A lead that was handed on, if possible by a rotation both times: those have most to explain."""
    handed_on = [one for one in made if one.cause == Cause.SLA]
    turns = {one.lead for one in made if one.turn and one.cycle == 0}
    best = [one for one in handed_on if one.turn and one.lead in turns] or handed_on
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
    """Leads for which we wrote more owners than cycles were applied, or decided a first time more than once."""
    applied = Counter(
        (event.key.crm, event.key.id) for event in news.events if event.kind == "applied" and event.detail.get("owner")
    )
    firsts = Counter((made.lead.crm, made.lead.id) for made in news.decisions if made.cause == Cause.NEW)
    written = {lead: given(rows[lead]["owner_changes"], people[lead[0]]) for lead in wanted}
    return sum(written[lead] > applied[lead] or firsts[lead] > 1 for lead in wanted)


def _count(events: Sequence[LeadEvent], kind: str) -> int:
    return sum(event.kind == kind for event in events)


def _is_breach(event: LeadEvent, clock: str) -> bool:
    return event.kind == "breached" and event.detail.get("clock") == clock


def _seconds(row: Mapping[str, Any]) -> float:
    return float(row["owner_written_real"]) - float(row["created_real"])


def _percentile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    if not ascending:
        return float("nan")
    return ascending[max(0, ceil(len(ascending) * share) - 1)]
