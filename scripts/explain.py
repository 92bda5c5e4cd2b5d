"""`fairlead explain LEAD`: why this owner, why nobody else, what happens next."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from pydantic import ValidationError
from sqlalchemy import Connection

from domain.actions import LookBack
from domain.activities import Activity
from domain.clocks import Clock, ClockKind, State, Step
from domain.decisions import Decision
from domain.leads import LeadKey
from ledger import clocks, codec, decisions, evidence, leads, outbox, playbooks
from ledger.decisions import LeadEvent
from ledger.leads import LeadRow
from ledger.outbox import OutboxRow, SendState
from ledger.store import Ledger
from playbook.book import Playbook
from router.availability import moment
from router.case import Case
from router.explain import explain as page
from router.explain import known, what_happens_next, with_words
from router.rules import RuleSet
from router.waits import ATTEMPTED
from runtime.books import books
from runtime.deciding import RULES
from runtime.settings import Settings
from scripts.opening import open_existing_ledger, place
from scripts.words import listed
from sla_monitor.evidence import weigh
from sla_monitor.policy import CountsAs

UNSENT = frozenset({SendState.WAITING, SendState.SENDING, SendState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the ledger knows about one lead, oldest first; `row` is its current cycle, `cases` what each decision
    was made from, by the decision's id, and `rules` those of each configuration, by its version."""

    key: LeadKey
    row: LeadRow | None
    decisions: list[Decision]
    cases: Mapping[str, Case]
    rules: Mapping[str, RuleSet]
    events: list[LeadEvent]
    clocks: list[Clock]
    sends: list[OutboxRow]
    done: list[Activity]
    refused: Mapping[str, str] | None
    """activity -> why it does not count for the latest first response; None where there is no such clock"""


@click.command()
@click.argument("lead")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def explain(lead: str, format_: str) -> None:
    """Tell why a lead has this owner, why nobody else has it, and what happens next.

    LEAD is the CRM and the record's id, such as salesforce:00Q5g00000ABCDE or hubspot:101. The id alone is enough where
    only one CRM has it. Nothing is asked of the CRM and nothing is changed.

    Exit status: 0 told, 1 no such lead, 2 wrong usage.
    """
    settings = Settings.from_environment()
    with open_existing_ledger(settings) as ledger:
        story = _story(ledger, key_of(ledger, lead, place(settings)), settings.clock.now())
    click.echo(json.dumps(_as_data(story), indent=2) if format_ == "json" else _as_text(story))


def key_of(ledger: Ledger, text: str, where: str) -> LeadKey:
    """The lead that a person means; click.ClickException with what to do where there is none, or more than one."""
    crm, _, record = text.rpartition(":")
    with ledger.reading() as tx:
        found = leads.by_id(tx, record, crm or None)
        known = [] if found else _crms(tx)
    if not found and crm and crm not in known:
        raise click.ClickException(f"{crm!r} is not set up here; this ledger has {', '.join(known) or 'no CRM yet'}")
    if not found:
        raise click.ClickException(
            f"no lead {text!r} in the ledger {where}. `fairlead status` shows what is in it; "
            "FAIRLEAD_VAR or DATABASE_URL names another."
        )
    if len(found) > 1:
        raise click.ClickException(
            f"{text!r} is a lead in more than one CRM: name one of {listed(str(key) for key in found)}"
        )
    return found[0]


def _crms(tx: Connection) -> list[str]:
    """The CRMs of the configuration in force."""
    loaded = books(tx)(playbooks.active(tx))
    return sorted(loaded.crms) if loaded else []


def _story(ledger: Ledger, key: LeadKey, now: datetime) -> Story:
    with ledger.reading() as tx:
        book = books(tx)
        made = decisions.of_lead(tx, key)
        its_clocks = _clocks(tx, key)
        done = evidence.of(tx, [key]).get(key, [])
        return Story(
            key,
            leads.current(tx, [key]).get(key),
            made,
            {one.id: case for one in made if (case := _case(tx, one))},
            {version: its.rules for version in {one.playbook for one in made} if (its := book(version))},
            decisions.events(tx, key),
            its_clocks,
            outbox.of_lead(tx, key),
            done,
            _refused(done, its_clocks, now, lambda: book(playbooks.active(tx))),
        )


def _refused(
    done: list[Activity], its_clocks: list[Clock], now: datetime, in_force: Callable[[], Playbook | None]
) -> Mapping[str, str] | None:
    answers = [clock for clock in its_clocks if clock.kind == ClockKind.FIRST_RESPONSE]
    if not done or not answers:
        return None
    playbook = in_force()
    counts = playbook.policy.counts_as if playbook else CountsAs()
    return dict(weigh(done, counts, answers[-1].started_at, answers[-1].owner, now).refused)


def _case(tx: Connection, decision: Decision) -> Case | None:
    """What the decision was made from; None for what another version has stored in a shape of its own."""
    try:
        return codec.load(Case, (decisions.inputs(tx, decision.id) or {}).get("case"))
    except ValidationError:
        return None


def _clocks(tx: Connection, key: LeadKey) -> list[Clock]:
    return sorted(clocks.of_lead(tx, key), key=lambda clock: (clock.cycle, clock.started_at))


def _as_data(story: Story) -> dict[str, object]:
    return {
        "lead": str(story.key),
        "decisions": [codec.dump(with_words(one, story.rules.get(one.playbook))) for one in story.decisions],
        "known": {
            one.id: [codec.dump(each) for each in known(one, case)]
            for one in story.decisions
            if (case := story.cases.get(one.id))
        },
        "events": [codec.dump(one) for one in story.events],
        "clocks": [codec.dump(one) for one in story.clocks],
        "activities": [
            {"activity": codec.dump(one), "does_not_count": (story.refused or {}).get(one.id)} for one in story.done
        ],
        "next": _next(story),
    }


def _as_text(story: Story) -> str:
    parts = [
        page(decision, story.rules.get(decision.playbook), story.cases.get(decision.id)) for decision in story.decisions
    ]
    parts.append(_section("What happened", _happened(story) or ["nothing yet"]))
    if story.done:
        parts.append(_section("What people did", _done(story)))
    parts.append(_section("What happens next", _next(story)))
    return "\n\n".join(parts)


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join((title, *(f"  {line}" for line in lines)))


def _happened(story: Story) -> list[str]:
    several = len(story.decisions) > 1
    return [
        f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {f'decision {event.cycle + 1}: ' if several else ''}{_said(event)}"
        for event in story.events
    ]


def _done(story: Story) -> list[str]:
    refused = story.refused
    return [
        f"{one.happened_at:%Y-%m-%d %H:%M:%S} UTC  {_of('{} ', one.direction)}{one.kind}"
        + _of(" by {}", one.by)
        + _of(" ({} s)", one.talk_seconds)
        + (f": {refused.get(one.id, 'counts')}" if refused is not None else "")
        for one in story.done
    ]


_CLOCKS: Mapping[str, str] = {
    **{kind: kind.replace("_", " ") for kind in ClockKind},
    ClockKind.ASSIGNMENT: "time to assign",
    ClockKind.LIMIT: "wait",
    ClockKind.HAND_OVER: "hand-over",
}

_EVENTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "applied": lambda told: f"written to the CRM{_of(', owner {}', told.get('owner'))}",
    "reminded": lambda told: f"reminded {listed(told['to']) or 'nobody'}{_of(' ({})', told.get('step'))}",
    "breached": lambda told: (
        f"{_CLOCKS.get(told['clock'], told['clock'])} breached: {told['cause']}{_of(' ({})', told.get('owner'))}"
        f"{_of(': {}', told.get('detail'))}"
    ),
    "cause_changed": lambda told: (
        f"{_CLOCKS.get(told['clock'], told['clock'])} breached, as it turns out: {told['cause']}"
        f"{_of(' ({})', told.get('detail'))}"
    ),
    "returned": lambda told: f"goes back to {told['to']}, who had answered in time",
    **dict.fromkeys(
        ("repeated_breaches", "repetition_withdrawn", "fewer_leads", "leads_as_usual"),
        lambda told: f"{told['rep']} {told['why']}",
    ),
    "met": lambda told: f"{_answered(told)} in time: {told['kind']} {told['activity']}",
    "retracted": lambda told: f"breach taken back: {told['kind']} {told['activity']} was in time, and logged late",
    "breach_withdrawn": lambda told: f"breach of {_CLOCKS[told['clock']]} taken back: {told['why']}",
    "claim_refuted": lambda told: (
        f"{_CLOCKS[told['clock']]} {'was not met after all' if told.get('over') else 'runs again'}: {told['why']}"
    ),
    "late_contact": lambda told: f"{_answered(told)} late: {told['kind']} {told['activity']}",
    "ladder_ended": lambda told: f"{_CLOCKS[told['clock']]}: {told['why']}{_of(', it stays with {}', told['owner'])}",
    "settled": lambda told: f"{told['as']} (status {told['status']})",
    "paused": lambda told: f"{_CLOCKS[told['clock']]} paused{_of(' until {} at the latest', told['until'])}",
    "resumed": lambda told: f"{_CLOCKS[told['clock']]} goes on, due {told['due']}",
    "stays": lambda told: f"stays with {told['owner']}: {told['why']}",
    "write_refused": lambda told: f"the CRM refused the write: {told['why']}",
    "lost_race": lambda told: f"somebody else changed the record first: {told['why']}",
    "owner_changed": lambda told: (
        f"a person made {told['owner_id'] or 'nobody'} the owner{_of(' (before: {})', told.get('was'))}"
    ),
    "in_step": lambda told: f"a sync made {told['owner']} the owner, who has the same person as {told['with']}",
    "gone": lambda told: f"the record was {told['why']} in the CRM",
}
"""What each kind of event says, from its detail. Others are told word by word, as they were noted."""


def _answered(told: Mapping[str, Any]) -> str:
    kind = told.get("clock", ClockKind.FIRST_RESPONSE)
    return "answered" if kind == ClockKind.FIRST_RESPONSE else f"{_CLOCKS[kind]} met"


def _of(form: str, value: object) -> str:
    return form.format(value) if value else ""


def _said(event: LeadEvent) -> str:
    if event.kind in _EVENTS:
        return _EVENTS[event.kind](event.detail)
    shown = ", ".join(
        f"{key.replace('_', ' ')} {listed(value) if isinstance(value, list) else value}"
        for key, value in event.detail.items()
        if value
    )
    return f"{event.kind.replace('_', ' ')}{_of(' ({})', shown)}"


def _next(story: Story) -> list[str]:
    """What follows from the current decision, which clocks run, and what waits to be sent, in this order."""
    row = story.row
    lines: list[str] = []
    if row and not row.ended:
        current = next(decision for decision in story.decisions if decision.cycle == row.cycle)
        lines += what_happens_next(current, written=row.applied_at is not None)
    lines += [_awaited(clock) for clock in story.clocks if clock.next_at]
    lines += [_unsent(one) for one in story.sends if one.state in UNSENT]
    return lines or ["nothing: no clock runs and nothing waits to be sent"]


def _awaited(clock: Clock) -> str:
    at = moment(clock.next_at) if clock.next_at else ""
    tier = f", tier {clock.tier}" if clock.tier else ""
    if clock.state == State.PAUSED:
        return f"at {at} at the latest it goes on: it is paused ({_CLOCKS[clock.kind]}{tier})"
    return f"at {at} {_step(clock, clock.steps[clock.done])} ({_CLOCKS[clock.kind]}{tier})"


def _step(clock: Clock, step: Step) -> str:
    """What is done when its moment comes, if nothing comes in between."""
    to = [_whom(word, clock) for word in step.to]
    match step.do:
        case "notify":
            return f"{listed(to)} {'is' if len(to) == 1 else 'are'} reminded: {step.label}"
        case "breach":
            return "it is breached"
        case "reassign":
            return f"it is handed on to {listed(to) or _whom('next', clock)}"
        case "flag":
            return f"it is flagged: {listed(step.to) or step.label}"
        case "set":
            return f"fields are set: {listed(f'{name} {value}' for name, value in step.sets.items())}"
        case "move_on":
            return f"it moves on to {listed(to)}"


def _whom(word: str, clock: Clock) -> str:
    """A word of the ladder, as a person would say it."""
    words = {
        "rep": clock.owner or "the owner",
        "manager": "the manager",
        "next": "whoever is next in turn",
        "queue": "the queue of its pool",
        ATTEMPTED: "a review, for there was no contact",
    }
    return words.get(word, "whomever the rules name then" if word == RULES else word)


_ACTIONS: Mapping[str, str] = {
    "assign_owner": "the owner and the decision's fields",
    "write_fields": "fields",
    "create_task": "a task",
    "notify": "a notification",
    "report": "a notification",
}


def _unsent(row: OutboxRow) -> str:
    if isinstance(row.action, LookBack):
        return "the owner's history is asked whether a write whose answer was lost has taken the lead from somebody"
    tries = f", attempt {row.attempts}" if row.attempts else ""
    return f"to be sent: {_ACTIONS[row.action.kind]} ({row.state.value}{tries}{_of(', {}', row.detail)})"
