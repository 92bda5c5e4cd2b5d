"""A decision as text that can be checked by hand: why this owner, why nobody else; and what happens next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.accounts import SameBy
from domain.decisions import Cause, Decision, Explanation, Outcome, PoolTried
from domain.leads import Value
from router.availability import moment
from router.case import Case
from router.conditions import is_missing
from router.conditions import said as value_said
from router.considered import candidates_of, with_people_in_words
from router.meaning import WRITTEN
from router.rules import RuleSet
from router.tried import in_words, with_rules_in_words
from router.values import SIGNALS
from router.waits import said

_INDENT = "  "

_CAUSES: Mapping[Cause, str] = {
    Cause.NEW: "a new lead",
    Cause.SLA: "nobody answered in time",
    Cause.REJECTED: "it was declined",
    Cause.REVIEW: "it was reviewed",
    Cause.HAND_OVER: "it was handed over",
    Cause.LOST_RACE: "somebody else changed the record first",
    Cause.WRITE_REFUSED: "the CRM refused the write",
    Cause.LIMIT: "its wait was over",
    Cause.ADMIN: "an administrator asked for it",
    Cause.TRIGGER: "it became a new lead again",
}


_SAME: Mapping[SameBy, str] = {
    "email": "of the same person (e-mail address)",
    "phone": "with the same phone, and last name or company,",
    "name": "of the same person (name and company)",
    "company": "of the same company",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A value that rules could ask for, as they saw it. `origin`: the `lead` itself, its `account`, the `earlier lead`
    of the same person or company, or `config` for a name that is defined there (a territory, a segment …); else what it
    was filled from (a table, a service, the field that it follows from). `written`: how it stands on the record, where
    that differs."""

    name: str
    value: Value
    origin: str
    written: Value = None


def known(decision: Decision, case: Case) -> tuple[Known, ...]:
    """What was known of the lead when it was decided, by name. `case` is what the decision was made from."""
    explanation = decision.explanation
    return tuple(
        _known(name, value, case, explanation.sources.get(name, ""))
        for name, value in sorted(explanation.values.items())
    )


_DEFINED = frozenset({"territory", "territory.pool", "segment", "intent", "fit", "play"})
_OF_THE_RECORD = frozenset({"id", "crm", "created_at"})


def _known(name: str, value: Value, case: Case, source: str) -> Known:
    written = case.lead.values.get(name)
    if name.startswith("duplicate."):
        return Known(name, value, "earlier lead")
    if name.startswith("account."):
        return Known(name, value, "account")
    if value == written or name in _OF_THE_RECORD:
        return Known(name, value, "lead")
    if name in _DEFINED:
        return Known(name, value, "config")
    if source and not source.startswith(WRITTEN):
        return Known(name, value, source)
    if not is_missing(written):
        return Known(name, value, "lead", written)
    return Known(name, value, "lead" if name == "domain" or name.startswith(SIGNALS) else "config")


def explain(decision: Decision, rules: RuleSet | None, case: Case | None = None) -> str:
    """The page that `fairlead explain` prints about each decision. Plain text, lines without trailing blanks. `rules`
    are those of the configuration that it names (None: rules have numbers instead of names). With the `case` that it
    was made from it says where each value comes from."""
    sections = (
        ("", _headline(decision)),
        ("Rules, in order", _rules(decision, rules)),
        *((f"{tried.pool}: {tried.result}", _people(tried)) for tried in decision.explanation.pools),
        ("Account", _account(decision.explanation)),
        ("What is known of the lead", _values(decision, case)),
        ("Notes", decision.explanation.notes),
    )
    return "\n\n".join(_section(title, lines) for title, found in sections if (lines := tuple(found)))


def with_words(decision: Decision, rules: RuleSet | None) -> Decision:
    """The decision, with every rule and every person in words; `rules` as `in_words` has them."""
    return with_people_in_words(with_rules_in_words(decision, rules))


def what_happens_next(decision: Decision, *, written: bool) -> tuple[str, ...]:
    """What follows from the lead's current decision, a sentence a line; `written`: it is in the CRM already.

    Empty where everything that follows from the decision itself has happened.
    """
    return tuple(_next(decision, written=written))


def _section(title: str, lines: Iterable[str]) -> str:
    if not title:
        return "\n".join(lines)
    return "\n".join((title, *(f"{_INDENT}{line}".rstrip() for line in lines)))


def _headline(decision: Decision) -> Iterator[str]:
    yield f"Lead {decision.lead}: {_outcome(decision)}"
    yield decision.reason
    cycle = "first decision" if decision.cycle == 0 else f"decision {decision.cycle + 1} about this lead"
    made = f"{moment(decision.decided_at)}, configuration {decision.playbook or '-'}"
    yield f"{cycle} ({_CAUSES[decision.cause]}), {made}"


def _outcome(decision: Decision) -> str:
    where = [f"pool {decision.pool}"] if decision.pool else []
    where += [f"SLA tier {decision.tier}"] if decision.tier else []
    who = f" to {decision.owner}" if decision.owner else f" in {decision.queue}" if decision.queue else ""
    return ", ".join((f"{decision.outcome}{who}", *where))


def _rules(decision: Decision, rules: RuleSet | None) -> Iterator[str]:
    for tried in in_words(decision, rules):
        yield f"{'matches' if tried.matched else 'no':<8} {tried.rule}: {tried.because}"


def _people(tried: PoolTried) -> Iterator[str]:
    candidates = candidates_of(tried)
    widest = max((len(candidate.rep) for candidate in candidates), default=0)
    for candidate in candidates:
        detail = f": {candidate.detail}" if candidate.detail else ""
        yield f"{candidate.rep:<{widest}}  {candidate.why}{detail}"


def _account(explanation: Explanation) -> Iterator[str]:
    account, duplicate = explanation.account, explanation.duplicate
    if account:
        yield f"{account.account.name} ({account.account.id}): {account.reason}" if account.account else account.reason
        if account.by == "ambiguous":
            yield from (f"- {candidate}" for candidate in account.candidates)
    if duplicate:
        yield f"earlier lead {duplicate.lead} {_SAME[duplicate.by]} belongs to {duplicate.owner}"


def _values(decision: Decision, case: Case | None) -> Iterator[str]:
    values, sources = decision.explanation.values, decision.explanation.sources
    origins = {name: f"  ({source})" for name, source in sources.items()}
    if case:
        origins = {one.name: _origin(one) for one in known(decision, case)}
    widest = max((len(name) for name in values), default=0)
    for name, value in sorted(values.items()):
        yield f"{name:<{widest}}  {value_said(value)}{origins.get(name, '')}"


def _origin(one: Known) -> str:
    return f"  ({one.origin}, written {value_said(one.written)})" if one.written is not None else f"  ({one.origin})"


def _next(decision: Decision, *, written: bool) -> Iterator[str]:
    clock = f"the clock of tier {decision.tier} starts" if decision.tier else "no SLA clock starts"
    match decision.outcome:
        case Outcome.ASSIGNED | Outcome.OFFERED:
            if not written:
                yield f"{decision.owner} is written to the CRM as the owner; {clock} when that has been done"
            if decision.until and decision.outcome == Outcome.OFFERED:
                yield f"{decision.owner} may accept it until {moment(decision.until)}; else {said(decision.then, None)}"
            elif decision.until:
                yield f"at {moment(decision.until)} {said(decision.then, None)}"
        case Outcome.WAITING:
            where = f"of {decision.pool}" if decision.pool else f"takes it from {decision.queue} and"
            yield f"whoever {where} becomes its owner has it; till then {decision.responsible} answers"
            if decision.until:
                yield f"at {moment(decision.until)} {said(decision.then, None)}"
        case Outcome.REVIEW:
            yield f"{decision.responsible or 'an administrator'} looks at it; the owner stays as it is until then"
            if decision.until:
                yield f"at {moment(decision.until)} {said(decision.then, None)}"
        case Outcome.NURTURED:
            yield f"it stays in {decision.queue} without a response clock"
        case _:
            yield "nothing; the lead is not for sales any more"
    if decision.takes_over:
        yield f"at {moment(decision.takes_over.at)} pool {decision.takes_over.pool} takes over"
