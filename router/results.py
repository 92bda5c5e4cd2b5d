"""Weights from conversion: what share of his leads somebody converted, beside the others of his pool; and where the
pool wants it, of leads like the one that is shared out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from router.conditions import Facts, is_missing, items_of, plain_text

LOOKS_BACK = timedelta(days=90)
"""Leads that were decided longer ago say nothing about how well somebody works now."""

AS_MANY_AS_USUAL = 20
"""Everybody starts with so many leads that were converted as often as the pool's: a few leads prove little."""

ENOUGH_OF_A_KIND = 20
"""A kind of which a pool had fewer leads is no kind of its own: what is known of its leads counts for all the rest
together."""

REST = ""
"""The kind of all leads that are of no kind of their own."""

Counts = Mapping[str, tuple[int, int]]
"""(leads, converted of these) by person"""


def from_conversions(of: Counts) -> Mapping[str, float]:
    """Each person's result from (leads, converted of these): 1.0 is as often as the pool as a whole."""
    overall, _ = from_similar({REST: of})
    return overall


def kind_of(similar: Sequence[str], facts: Facts) -> str:
    """The kind of a lead by what it has in these fields, in words: `industry banking, segment enterprise`."""
    return ", ".join(f"{field} {_worded(facts, field)}" for field in similar)


def _worded(facts: Facts, field: str) -> str:
    value = facts.get(field)
    if is_missing(value):
        return "unknown"
    words = sorted(plain_text(item) for item in items_of(value))
    return "+".join(words).encode(errors="replace").decode().replace("\0", "?")


def from_similar(of: Mapping[str, Counts]) -> tuple[Mapping[str, float], Mapping[str, Mapping[str, float]]]:
    """Each person's result over all, and by kind for kinds with enough leads; `of` has the counts by kind.

    With L leads of which C were converted, and u = C/L the pool's usual rate (u_k the usual rate of kind k alone), a
    person with n leads of which c were converted has the results

        overall   r   = (c + 20 u) / (sum of n_k u_k + 20 u)
        of kind k r_k = (c_k + 20 m) / (n_k + 20) / u_k,  m = min(1, u_k r)

    The first is what he converted beside what the pool would usually have of the very leads that he had (indirect
    standardisation), so that nobody looks good because of easy leads. The second is drawn towards the first, which it
    is where he had no such lead: the mean of a Beta distribution whose prior has the weight of 20 leads, Laplace's rule
    of succession with a prior from the data (G. Casella, An Introduction to Empirical Bayes Data Analysis, The American
    Statistician 39, 1985). Where nobody converted any lead (of the kind), all are as usual (as they are overall).
    """
    kinds = _kinds(of)
    people = {rep: None for counts in of.values() for rep in counts}
    leads, converted = _sum(kinds.values())
    if not converted:
        return dict.fromkeys(people, 1.0), {}
    usual = converted / leads
    rates = {kind: own / number for kind, counts in kinds.items() for number, own in [_sum([counts])] if number}
    overall = {rep: _overall(rep, kinds, rates, usual) for rep in people}
    by_kind = {
        kind: {rep: _alike(counts.get(rep, (0, 0)), rates[kind], overall[rep]) for rep in people}
        for kind, counts in kinds.items()
        if kind != REST
    }
    return overall, by_kind


def _kinds(of: Mapping[str, Counts]) -> Mapping[str, Counts]:
    """Those with enough leads, and the rest together."""
    large = {kind: counts for kind, counts in of.items() if kind != REST and _sum([counts])[0] >= ENOUGH_OF_A_KIND}
    rest: dict[str, tuple[int, int]] = {}
    for kind, counts in of.items():
        if kind not in large:
            for rep, (number, own) in counts.items():
                before = rest.get(rep, (0, 0))
                rest[rep] = (before[0] + number, before[1] + own)
    return {**large, REST: rest}


def _sum(of: Iterable[Counts]) -> tuple[int, int]:
    counts = [pair for counts in of for pair in counts.values()]
    return sum(number for number, _ in counts), sum(own for _, own in counts)


def _overall(rep: str, kinds: Mapping[str, Counts], rates: Mapping[str, float], usual: float) -> float:
    own = sum(counts[rep][1] for counts in kinds.values() if rep in counts)
    expected = sum(counts[rep][0] * rates[kind] for kind, counts in kinds.items() if kind in rates and rep in counts)
    return (own + AS_MANY_AS_USUAL * usual) / (expected + AS_MANY_AS_USUAL * usual)


def _alike(counts: tuple[int, int], rate: float, overall: float) -> float:
    if not rate:
        return overall
    number, own = counts
    return (own + AS_MANY_AS_USUAL * min(1.0, rate * overall)) / (number + AS_MANY_AS_USUAL) / rate
