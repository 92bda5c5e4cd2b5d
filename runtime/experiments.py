"""What came of experiments: from the decisions that put leads into arms, and from what became of those leads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from domain.decisions import Decision
from domain.leads import Gone, Lead, LeadKey
from ledger import decisions, playbooks
from ledger.decisions import GONE, LeadEvent
from router.experiments import Compared, Entered, compare, unit_of
from router.rules import Experiment, Goal, Rule, RuleSet
from runtime.books import books

_SHOWN_BY: Mapping[Goal, tuple[str, ...]] = {"converted": (GONE,), "answered": ("met", "late_contact", "retracted")}
"""The events that say that a goal was reached."""


@dataclass(frozen=True, slots=True)
class Found:
    """An experiment as its rule says it, the rule, and what came of it; `since` is when the first lead was put into an
    arm (None: none was so far)."""

    experiment: Experiment
    rule: Rule
    compared: Compared
    since: datetime | None


def in_force(tx: Connection) -> list[str]:
    """The experiments of the configuration in force, in the order of the file."""
    found = books(tx)(playbooks.active(tx))
    return [experiment.name for experiment, _ in _experiments(found.rules)] if found else []


def find(tx: Connection, name: str, now: datetime) -> Found | None:
    """The experiment of that name, as the configuration in force has it, or else the one by which the last lead was put
    into an arm; None where nobody knows of it."""
    made, book_of = list(decisions.in_experiment(tx, name)), books(tx)
    for version in (playbooks.active(tx), made[-1][0].playbook if made else None):
        book = book_of(version)
        for experiment, rule in _experiments(book.rules) if book else ():
            if book and experiment.name == name:
                entered = list(_entered(tx, experiment, made, book.rules.free_mail))
                since = made[0][0].decided_at if made else None
                return Found(experiment, rule, compare(experiment, entered, now), since)
    return None


def _experiments(rules: RuleSet) -> Iterator[tuple[Experiment, Rule]]:
    return ((rule.then, rule) for rule in rules.rules if isinstance(rule.then, Experiment))


def _entered(
    tx: Connection, experiment: Experiment, made: list[tuple[Decision, Lead]], free_mail: frozenset[str]
) -> Iterator[Entered]:
    goal = experiment.goal or "converted"
    reached: dict[LeadKey, datetime] = {}
    for event in decisions.happened(tx, {lead.key for _, lead in made}, _SHOWN_BY[goal]):
        if _shows(event):
            reached[event.key] = min(event.at, reached.get(event.key, event.at))
    for decision, lead in made:
        arm = (decision.arm or "").removeprefix(f"{experiment.name}: ")
        yield Entered(unit_of(experiment, lead, free_mail), arm, decision.decided_at, reached.get(lead.key))


def _shows(event: LeadEvent) -> bool:
    """Not every lead that is gone was converted."""
    return event.kind != GONE or event.detail.get("why") == Gone.CONVERTED.value
