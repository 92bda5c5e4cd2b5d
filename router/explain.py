"""A decision as text that can be checked by hand: why this owner, why nobody else; and what happens next."""

from collections.abc import Iterable, Iterator, Mapping

from domain.decisions import Cause, Decision, Explanation, Outcome, PoolTried
from router.availability import moment
from router.conditions import said as value_said
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


def explain(decision: Decision) -> str:
    """The page that `fairlead explain` prints about each decision. Plain text, lines without trailing blanks."""
    sections = (
        ("", _headline(decision)),
        ("Rules, in order", _rules(decision.explanation)),
        *((f"{tried.pool}: {tried.result}", _people(tried)) for tried in decision.explanation.pools),
        ("Account", _account(decision.explanation)),
        ("What is known of the lead", _values(decision.explanation)),
        ("Notes", decision.explanation.notes),
    )
    return "\n\n".join(_section(title, lines) for title, found in sections if (lines := tuple(found)))


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


def _rules(explanation: Explanation) -> Iterator[str]:
    for tried in explanation.rules:
        yield f"{'matches' if tried.matched else 'no':<8} {tried.rule}: {tried.because}"


def _people(tried: PoolTried) -> Iterator[str]:
    widest = max((len(candidate.rep) for candidate in tried.candidates), default=0)
    for candidate in tried.candidates:
        detail = f": {candidate.detail}" if candidate.detail else ""
        yield f"{candidate.rep:<{widest}}  {candidate.why}{detail}"


def _account(explanation: Explanation) -> Iterator[str]:
    account, duplicate = explanation.account, explanation.duplicate
    if account:
        yield f"{account.account.name} ({account.account.id}): {account.reason}" if account.account else account.reason
        if account.by == "ambiguous":
            yield from (f"- {candidate}" for candidate in account.candidates)
    if duplicate:
        same = "person" if duplicate.by == "email" else "company"
        yield f"earlier lead {duplicate.lead} of the same {same} belongs to {duplicate.owner}"


def _values(explanation: Explanation) -> Iterator[str]:
    widest = max((len(name) for name in explanation.values), default=0)
    for name, value in sorted(explanation.values.items()):
        source = explanation.sources.get(name)
        yield f"{name:<{widest}}  {value_said(value)}" + (f"  ({source})" if source else "")


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
            yield f"whoever of {decision.pool} becomes its owner has it; till then {decision.responsible} answers"
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
