"""`fairlead replay`: every decision made again from what was stored with it, and compared to the last bit."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import click
from pydantic import ValidationError
from sqlalchemy import Connection

from domain.decisions import Decision, TakingTurns
from ledger import codec, decisions
from playbook.book import Playbook
from router.case import Case, State
from router.considered import with_people_in_words
from router.decide import decide
from router.tried import with_rules_in_words
from runtime.books import books
from runtime.settings import Settings
from scripts.explain import key_of
from scripts.opening import open_existing_ledger, place
from scripts.words import counted


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision: what came out otherwise than it did then, by field (then, now); or why it cannot be made again."""

    decision: Decision
    differs: Mapping[str, tuple[object, object]]
    why_not: str = ""

    @property
    def same(self) -> bool:
        return not self.differs and not self.why_not


@click.command()
@click.argument("lead", required=False)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def replay(lead: str | None, format_: str) -> None:
    """Make decisions again from the inputs and the configuration that are stored with them: the same must come out.

    LEAD is as for `fairlead explain`; without it every decision of the ledger is made again. Nothing is asked of a CRM
    and nothing is changed.

    Exit status: 0 all the same, 1 some differ or cannot be made again, 2 wrong usage.
    """
    settings = Settings.from_environment()
    number, other = 0, []
    with open_existing_ledger(settings) as ledger:
        key = key_of(ledger, lead, place(settings)) if lead else None
        with ledger.reading() as tx:
            for one in _replayed(tx, decisions.of_lead(tx, key) if key else decisions.all_of_them(tx)):
                number += 1
                if not one.same:
                    other.append(one)
                    if format_ == "text":
                        click.echo("\n".join(_told(one)))
    if format_ == "json":
        told = [{"decision": one.decision.id, "lead": str(one.decision.lead), **_as_data(one)} for one in other]
        click.echo(json.dumps({"decisions": number, "different": told}, indent=2))
    else:
        click.echo(f"{counted(number, 'decision')} made again: {number - len(other)} the same, {len(other)} not")
    if other:
        raise SystemExit(1)


def _replayed(tx: Connection, made: Iterator[Decision] | list[Decision]) -> Iterator[Replayed]:
    book = books(tx)
    for decision in made:
        yield _again(tx, decision, book(decision.playbook))


def _again(tx: Connection, decision: Decision, playbook: Playbook | None) -> Replayed:
    if playbook is None:
        return Replayed(decision, {}, f"its configuration {decision.playbook} cannot be loaded by this version")
    stored = decisions.inputs(tx, decision.id) or {}
    try:
        case, state = codec.load(Case, stored.get("case")), codec.load(State, stored.get("state"))
    except ValidationError:
        return Replayed(decision, {}, "its inputs were stored in another form than this version reads")
    made = decide(case, playbook.rules, state, decision.decided_at)
    # As an earlier version has stored them:
    if isinstance(decision.explanation.rules, tuple):
        made = with_rules_in_words(made, playbook.rules)
    if not any(isinstance(tried.candidates, TakingTurns) for tried in decision.explanation.pools):
        made = with_people_in_words(made)
    then, now = _by_field(decision), _by_field(made)
    return Replayed(decision, {name: (then[name], now[name]) for name in then if then[name] != now[name]})


def _by_field(decision: Decision) -> Mapping[str, object]:
    return {field.name: codec.dump(getattr(decision, field.name)) for field in fields(decision)}


def _told(one: Replayed) -> Iterator[str]:
    yield f"{one.decision.lead} cycle {one.decision.cycle}: {one.why_not or 'not the same'}"
    for name, (then, now) in one.differs.items():
        yield f"  {name}: then {_short(then)}, now {_short(now)}"


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _as_data(one: Replayed) -> dict[str, object]:
    return {"why_not": one.why_not} if one.why_not else {"differs": one.differs}
