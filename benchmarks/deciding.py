"""`router.decide` beside a loop that only finds a name.

No library among our dependencies routes leads. The peer is the least that could be called a router: the same ten rules
as Python functions and "largest deficit first" over the same weights, with no hours, absences or capacity, no account
match, no explanation and no stored state. The ratio is the price of all that.
"""

from collections.abc import Callable, Sequence
from random import Random

from benchmarks.measuring import Table, per_second, seconds
from benchmarks.office import MONDAY_TEN, Inquiry, inquiries, playbook
from domain.decisions import Outcome
from domain.leads import Lead, LeadKey
from router.decide import Case, Standing, State, decide, fold
from router.rotation import Rotation, next_in_turn, take
from router.rules import RuleSet

LEADS = 2000
TURNS = 2000
POOLS = 200


def run() -> Table:
    """Decide the same leads both ways; then compare how evenly both rotations share."""
    market = list(inquiries(LEADS))
    rules = playbook().rules
    cases = [_case(number, one) for number, one in enumerate(market)]
    took = seconds({"ours": lambda: _decide(cases, rules), "floor": lambda: _floor(market, rules)})
    ours, floor = _farthest()
    return Table(
        f"Deciding: {len(rules.rules)} rules, a pool of {len(rules.pools['sales'].members)}, one process",
        ("way", "leads/s", "time beside ours", "furthest from the share"),
        [
            ("`router.decide`, with its explanation", per_second(LEADS, took["ours"]), "1.0", f"{ours:.3f} leads"),
            (
                "rules as functions, largest deficit first",
                per_second(LEADS, took["floor"]),
                f"{took['floor'] / took['ours']:.3f}",
                f"{floor:.3f} leads",
            ),
        ],
        [
            f"The last column: the worst of {POOLS} random pools of 2 to 9 people with weights 1 to 40, and of "
            f"the weights 12, 12, 3, 1, 1, over {TURNS:,} leads each. What Fairlead promises is to stay below 1."
        ],
    )


def _case(number: int, one: Inquiry) -> Case:
    values = {name: getattr(one, name) for name in Inquiry.__slots__}
    return Case(
        f"{number}/0", Lead(LeadKey("salesforce", "00D1", "Lead", f"{number:06}"), MONDAY_TEN, MONDAY_TEN, values)
    )


def _decide(cases: Sequence[Case], rules: RuleSet) -> int:
    state = State(standing={email: Standing() for email in rules.reps})
    owned = 0
    for case in cases:
        decision = decide(case, rules, state, MONDAY_TEN)
        state = fold(state, decision)
        owned += decision.outcome is Outcome.ASSIGNED
    return owned


Test = Callable[[Inquiry], bool]

SEEN: frozenset[str] = frozenset()
ACCOUNTS: frozenset[str] = frozenset()
"""Nobody asks twice and there are no companies, for either way."""

FLOOR: Sequence[tuple[Test, str]] = (
    (lambda one: one.email in SEEN, "sales"),
    (lambda one: one.company in ACCOUNTS, "sales"),
    (lambda one: one.company.lower().startswith("rival"), ""),
    (lambda one: "student" in one.title.lower() or "intern" in one.title.lower(), ""),
    (lambda one: one.source == "Event" and one.employees < 5, ""),
    (lambda one: one.industry == "banking" and one.employees >= 1000, "sales"),
    (lambda one: one.industry == "insurance" and one.country in ("CH", "Switzerland"), "sales"),
    (lambda one: one.source in ("Demo Request", "Pricing"), "sales"),
    (lambda one: one.country in ("SE", "NO", "DK", "FI") and one.industry != "government", "sales"),
    (lambda one: "@" in one.email, "sales"),
)


def _floor(market: Sequence[Inquiry], rules: RuleSet) -> int:
    weights = {member.rep: member.weight for member in rules.pools["sales"].members}
    taken = dict.fromkeys(weights, 0)
    owned = 0
    for one in market:
        if next(place for test, place in FLOOR if test(one)):
            taken[_most_behind(weights, taken)] += 1
            owned += 1
    return owned


def _most_behind(weights: dict[str, float], taken: dict[str, int]) -> str:
    whole, leads = sum(weights.values()), sum(taken.values()) + 1
    return max(weights, key=lambda rep: leads * weights[rep] / whole - taken[rep])


def _farthest() -> tuple[float, float]:
    """How far anybody ever is from the weighted share: by Tijdeman's rule, and by largest deficit first."""
    dice = Random(7)  # noqa: S311 - pools, not secrets
    pools = [[12, 12, 3, 1, 1]] + [[dice.randint(1, 40) for _ in range(dice.randint(2, 9))] for _ in range(POOLS)]
    ours = floor = 0.0
    for pool in pools:
        weights = {str(place): float(weight) for place, weight in enumerate(pool)}
        whole = sum(weights.values())
        rotation, taken = Rotation("pool"), dict.fromkeys(weights, 0)
        for leads in range(1, TURNS + 1):
            rotation = take(rotation, next_in_turn(rotation, list(weights.items())))
            taken[_most_behind(weights, taken)] += 1
            for rep, weight in weights.items():
                share = leads * weight / whole
                ours = max(ours, abs(rotation.account(rep).taken - share))
                floor = max(floor, abs(taken[rep] - share))
    return ours, floor
