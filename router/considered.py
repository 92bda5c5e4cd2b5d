"""The people who were considered for a lead, in words.

Words take longer than all else about a rotation, and more room. Where a person's standing is all there is to say, a
decision has numbers, and the words are made for whoever reads the page.
"""

from dataclasses import replace

from domain.decisions import Candidate, Decision, PoolTried, TakingTurns, Why


def candidates_of(tried: PoolTried) -> tuple[Candidate, ...]:
    """Everybody who was asked, in the pool's order, with the reason why he was chosen, or was not."""
    found = tried.candidates
    if not isinstance(found, TakingTurns):
        return found
    return tuple(_candidate(rep, ahead, found) for rep, ahead in zip(found.reps, found.ahead, strict=True))


def with_people_in_words(decision: Decision) -> Decision:
    """The decision, with those candidates in place of columns."""
    pools = tuple(replace(one, candidates=candidates_of(one)) for one in decision.explanation.pools)
    return replace(decision, explanation=replace(decision.explanation, pools=pools))


def people_of(tried: PoolTried) -> frozenset[str]:
    """Everybody who was asked."""
    found = tried.candidates
    return frozenset(found.reps if isinstance(found, TakingTurns) else (one.rep for one in found))


def _candidate(rep: str, ahead: float | None, found: TakingTurns) -> Candidate:
    if ahead is None:
        return Candidate(rep, *found.obstacles[rep])
    return in_turn(rep, found.shares.get(rep, 0.0), ahead, "leads", found.kind, chosen=rep == found.rep)


def in_turn(
    rep: str,
    share: float,
    ahead: float,
    what: str,
    kind: str | None,
    ramp: tuple[int, float] | None = None,
    breaking: tuple[float, str] | None = None,
    *,
    chosen: bool,
) -> Candidate:
    """Somebody who can have the lead. `what` is shared out, `leads` or `value` (then `ahead` is in hundredths); `ramp`
    is the week since the start with the part of the weight that counts in it, `breaking` that part for somebody who
    breaks promises, with what there is to say."""
    far = f"{abs(ahead):.2f}" if what == "leads" else f"{abs(ahead) / 100:.2f}"
    parts = [f"{share:.0%} of the {what} of {kind}" if kind else f"{share:.0%} of the {what}"]
    if float(far):
        parts.append(f"{far} {'ahead of' if ahead > 0 else 'behind'} that share")
    if ramp:
        parts.append(f"week {ramp[0]} after the start: {ramp[1]:.0%} of the weight")
    if breaking and breaking[0] < 1:
        parts.append(f"{breaking[0]:.0%} of the weight: {breaking[1]}")
    return Candidate(rep, Why.CHOSEN if chosen else Why.NOT_NEXT, "; ".join(parts), share, ahead)
