"""The rule index beside three rule engines, on the same rules and leads, with the answers compared.

Only seconds of CPU are counted, because another process on the same core is nobody's merit. The peers live in an
environment of their own (`make bench-router` makes it), and are given fewer leads: they would take an hour for all.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import cycle
from random import Random
from statistics import median
from typing import Any

from benchmarks.measuring import Table, ask_peers, cpu_seconds, kept_or_not, per_second
from benchmarks.office import MONDAY_TEN
from domain.decisions import Decision
from domain.leads import Lead, LeadKey, Value
from domain.people import Member, Pool, Rep
from ledger import codec
from router.batch import first_for_each, first_in_columns
from router.case import Case, Standing, State
from router.conditions import All, Compare, Condition, Facts, Operator, check
from router.decide import decide, fold
from router.explain import with_words
from router.index import RuleIndex
from router.meaning import understand
from router.prove import prove
from router.rules import Assign, Disqualify, Rule, RuleSet, Territory
from router.tried import in_words

RULES = 1000
MANY_RULES = 5000
LEADS = 100_000
LEADS_DECIDED = 10_000
LEADS_IN_WORDS = 2000
TERRITORIES = 500
LEADS_FOR_PEERS = 200
ROUNDS = 3
ROUNDS_DECIDED = 10
STATES = 100

WANTED = {"rule-engine": 30, "cel-python": 30, "zen-engine": 5}

TEXTS: Mapping[str, Sequence[str]] = {
    "country": (
        "ad ae ar at au be bg br ca ch cl cn co cz de dk ee eg es fi fr gb gr hk hr hu ie il in is it jp ke kr lt lu "
        "lv ma mx my ng nl no nz pe ph pl pt ro rs se sg si sk th tn tr tw ua us"
    ).split(),
    "industry": [f"industry {number}" for number in range(30)],
    "source": [f"source {number}" for number in range(15)],
    "product": [f"product {number}" for number in range(20)],
    "language": "cs da de en es fr it ja nl pl pt sv".split(),
}
TITLES = ["head of sales", "vp marketing", "chief of staff", "student", "engineer", "owner", "buyer", "sales assistant"]
WORDS = ["sales", "chief", "vp", "head", "engineer", "student", "owner"]
NUMBERS = {"employees": 20_000, "deal_size": 200_000}
Asked = tuple[Compare, ...]
"""What a rule asks; all of it has to hold."""

FIELDS = (*TEXTS, "title", *NUMBERS)


def run() -> str:
    """What the index does in a second, and the whole path through it; what making it takes, and the peers."""
    dice = Random(5)  # noqa: S311 - rules, not secrets
    asked, many, leads = rule_set(RULES, dice), rule_set(MANY_RULES, dice), market(LEADS, dice)
    rules = [All(parts) for parts in asked]
    index = RuleIndex(rules)
    found = [index.first(lead) for lead in leads]
    one_by_one = _cpu(lambda: [index.first(lead) for lead in leads])
    batch = _cpu(lambda: first_for_each(index, leads))
    _must_agree(found, [None if place < 0 else place for place in first_for_each(index, leads).tolist()], "in batch")
    _must_agree(found, [_tried(rules, lead) for lead in leads[:LEADS_IN_WORDS]], "tried in order")
    tables = (
        _speeds(index, leads, found, one_by_one, batch),
        _whole_path(index, leads, found),
        _names(dice),
        _compiling({RULES: rules, MANY_RULES: [All(parts) for parts in many]}),
        _beside_peers(asked, leads[:LEADS_FOR_PEERS], index, LEADS / batch),
    )
    return "\n\n".join(str(table) for table in tables)


def rule_set(count: int, dice: Random) -> list[Asked]:
    """Rules of 2 to 4 conditions each, one of which narrows the market down: nobody writes a thousand rules the
    first ten of which take nearly all."""
    some = [_fields(dice, dice.randint(2, 4)) for _ in range(count)]
    return [tuple(_comparison(field, dice) for field in fields) for fields in some]


def _fields(dice: Random, count: int) -> Sequence[str]:
    narrow = dice.choice(["country", "industry"])
    fields = [narrow, *dice.sample([field for field in FIELDS if field != narrow], count - 1)]
    dice.shuffle(fields)
    return fields


def _comparison(field: str, dice: Random) -> Compare:
    if field in NUMBERS:
        limit = round(NUMBERS[field] ** dice.uniform(0.3, 0.95))
        about_numbers: Sequence[Operator] = ["at_least", "below", "between"]
        operator = dice.choice(about_numbers)
        return Compare(field, operator, (limit, 3 * limit) if operator == "between" else limit)
    if field == "title":
        about_text: Sequence[Operator] = ["contains", "starts_with"]
        return Compare(field, dice.choice(about_text), dice.choice(WORDS))
    about_values: Sequence[Operator] = ["equals", "in", "not_in"]
    operator = dice.choices(about_values, [60, 37, 3])[0]
    several = tuple(dice.sample(TEXTS[field], dice.randint(2, 4)))
    return Compare(field, operator, several[0] if operator == "equals" else several)


def market(count: int, dice: Random) -> list[Facts]:
    """Leads; one field in twenty is not filled in."""
    return [{field: _value(field, dice) for field in FIELDS if dice.random() < 0.95} for _ in range(count)]


def _value(field: str, dice: Random) -> Value:
    if field in NUMBERS:
        highest: int = NUMBERS[field]
        return int(highest ** dice.random())
    return dice.choice(TITLES if field == "title" else TEXTS[field])


def _tried(rules: Sequence[Condition], lead: Facts) -> int | None:
    """The first rule that matches, by trying one after the other."""
    return next((place for place, rule in enumerate(rules) if check(rule, lead).held), None)


def _must_agree(ours: Sequence[object], theirs: Sequence[object], how: str) -> None:
    if differing := [lead for lead, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other]:
        raise AssertionError(f"{len(differing)} leads get another rule {how}, lead {differing[0]} for one")


def _cpu(way: Callable[[], object], rounds: int = ROUNDS) -> float:
    return cpu_seconds(way, rounds)


def _speeds(
    index: RuleIndex,
    leads: Sequence[Facts],
    found: Sequence[int | None],
    one_by_one: float,
    batch: float,
) -> Table:
    rules = index.conditions
    columns = {field: [lead.get(field) for lead in leads] for field in FIELDS}
    few = leads[:LEADS_IN_WORDS]
    tried = [len(rules) if place is None else place + 1 for place in found]
    rows = [
        _row("in batch, from columns", LEADS, _cpu(lambda: first_in_columns(index, columns, LEADS)), 1_000_000),
        _row("in batch, from a mapping for each lead", LEADS, batch),
        _row("one at a time", LEADS, one_by_one, 50_000),
        _row(
            "one at a time, with the explanation: for each rule the condition that failed",
            LEADS,
            _cpu(lambda: [index.marks(lead) for lead in leads]),
            20_000,
        ),
        _row("trying one rule after the other", len(few), _cpu(lambda: [_tried(rules, lead) for lead in few])),
    ]
    unmatched = sum(place is None for place in found)
    return Table(
        f"Rules: {len(rules):,} of them, each 2 to 4 conditions over {len(FIELDS)} fields; {LEADS:,} leads",
        ("way", "leads/s", "promised", "kept"),
        rows,
        [
            f"Seconds of CPU on one core, the fastest of {ROUNDS} rounds; the last row with {len(few):,} leads. "
            f"{median(tried):.0f} rules are tried for half of the leads, and {unmatched / len(found):.0%} match none. "
            "All ways give the same answers: the run stops where one differs."
        ],
    )


def _whole_path(index: RuleIndex, leads: Sequence[Facts], found: Sequence[int | None]) -> Table:
    """`decide`, which `fairlead simulate` and the daemon call: what a lead says is understood, the rules are tried, and
    a place is found; every rule and every person is in the explanation."""
    few = leads[:LEADS_DECIDED]
    cases = [_case(number, lead) for number, lead in enumerate(few)]
    without, small, large = (_office(index.conditions, people) for people in (0, 3, 10))
    state = State(standing={email: Standing() for email in large.reps})
    decided = [decide(case, large, state, MONDAY_TEN) for case in cases]
    expected = ["fallback" if place is None else f"rule {place}" for place in found]
    _must_agree(expected, [decision.rule for decision in decided], "from `router.decide`")
    in_all = decided[:LEADS_IN_WORDS]
    in_some = in_all[: LEADS_IN_WORDS // 10]
    marked, told = _stored(in_some), _stored([with_words(decision, large) for decision in in_some])
    rows = [
        _decided("a rule that needs nobody", cases, without, state),
        _decided("a pool of 3", cases, small, state),
        _decided("a pool of 10", cases, large, state),
        _row("… and every rule put into words", len(in_all), _cpu(lambda: _decide_in_words(cases, large, state))),
        _row("the words alone", len(in_all), _cpu(lambda: [with_words(decision, large) for decision in in_all])),
        _row("what a lead says, understood", len(few), _cpu(lambda: _understand(cases, large))),
    ]
    return Table(
        f"`router.decide`, the whole path, with the same {len(index.conditions):,} rules",
        ("the lead ends with", "leads/s", "promised", "kept"),
        rows,
        [
            f"{len(few):,} leads, those in words {len(in_all):,}; the first three rows are the fastest of "
            f"{ROUNDS_DECIDED} rounds. Leads are decided with {STATES} states in turn, each what the lead before left "
            f"behind. A decision takes {marked:,.0f} bytes in the ledger; with words in place of a character for each "
            f"rule it would be {told:,.0f}."
        ],
    )


def _decided(way: str, cases: Sequence[Case], book: RuleSet, state: State) -> Sequence[str]:
    states = [state]
    for case in cases[: STATES - 1]:
        states.append(fold(states[-1], decide(case, book, states[-1], MONDAY_TEN)))
    both = list(zip(cases, cycle(states), strict=False))
    return _row(way, len(cases), _cpu(lambda: _decide(both, book), ROUNDS_DECIDED), 20_000)


def _stored(decisions: Sequence[Decision]) -> float:
    """Bytes for each, as the ledger keeps it."""
    return sum(len(codec.canonical(codec.dump(one))) for one in decisions) / len(decisions)


def _decide_in_words(cases: Sequence[Case], book: RuleSet, state: State) -> None:
    for case in cases[:LEADS_IN_WORDS]:
        in_words(decide(case, book, state, MONDAY_TEN), book)


def _understand(cases: Sequence[Case], book: RuleSet) -> None:
    for case in cases:
        understand(case, book, MONDAY_TEN)


def _names(dice: Random) -> Table:
    """Territories by postcode: the index beside trying one after the other."""
    lands = [_territory(number, dice) for number in range(TERRITORIES)]
    index = RuleIndex([one.when for one in lands])
    inquiries: Sequence[Facts] = [
        {"country": dice.choice("DE AT CH".split()), "postcode": f"{dice.randrange(100_000):05}"} for _ in range(LEADS)
    ]
    few = inquiries[:LEADS_IN_WORDS]
    _must_agree([index.first(lead) for lead in few], [_tried(index.conditions, lead) for lead in few], "by territory")
    rows = [
        _row("through the index", LEADS, _cpu(lambda: [index.first(lead) for lead in inquiries])),
        _row("trying one after the other", len(few), _cpu(lambda: [_tried(index.conditions, lead) for lead in few])),
    ]
    return Table(
        f"{TERRITORIES} territories, each a country and a range of postcodes; {LEADS:,} leads",
        ("way", "leads/s"),
        [row[:2] for row in rows],
        ["Nearly every lead has a postcode that was not seen lately. Segments, intent, fit and tiers go the same way."],
    )


def _territory(number: int, dice: Random) -> Territory:
    start = dice.randrange(990)
    starts = tuple(f"{each:03}" for each in range(start, start + dice.randint(1, 10)))
    country = Compare("country", "equals", dice.choice("DE AT CH".split()))
    return Territory(f"territory {number}", All((country, Compare("postcode", "starts_with", starts))))


def _row(way: str, count: int, took: float, promised: int | None = None) -> Sequence[str]:
    if promised is None:
        return way, per_second(count, took), "", ""
    return way, per_second(count, took), f"{promised:,}", kept_or_not(count / took >= promised)


def _office(rules: Sequence[Condition], people: int = 10) -> RuleSet:
    """All rules send their leads to one pool of so many, or of 0 to nobody."""
    emails = [f"rep{number}@acme.example" for number in range(10)]
    then = Assign(pool="sales") if people else Disqualify("measured")
    return RuleSet(
        rules=tuple(Rule(f"rule {place}", then, when) for place, when in enumerate(rules)),
        fallback=Assign(pool="sales"),
        reps={email: Rep(email, email) for email in emails},
        pools={"sales": Pool("sales", tuple(Member(email) for email in emails[: people or 10]), manager=emails[0])},
    )


def _case(number: int, lead: Facts) -> Case:
    key = LeadKey("salesforce", "00D1", "Lead", f"{number:06}")
    return Case(f"{number}/0", Lead(key, MONDAY_TEN, MONDAY_TEN, lead))


def _decide(cases: Sequence[tuple[Case, State]], book: RuleSet) -> None:
    for case, state in cases:
        decide(case, book, state, MONDAY_TEN)


def _compiling(sets: Mapping[int, Sequence[Condition]]) -> Table:
    promised = {RULES: 1, MANY_RULES: 5}
    rows = []
    for count, rules in sets.items():
        took, proof = _cpu(partial(RuleIndex, rules)), _cpu(partial(prove, _office(rules)), rounds=1)
        kept = kept_or_not(took < promised[count])
        rows.append((f"{count:,}", f"{took:.2f} s", f"{promised[count]} s", kept, f"{proof:.2f} s"))
    return Table("Compiling the rules", ("rules", "the index", "promised", "kept", "`router.prove`"), rows)


def _beside_peers(asked: Sequence[Asked], leads: Sequence[Facts], index: RuleIndex, ours_in_batch: float) -> Table:
    found = [index.first(lead) for lead in leads]
    again = [*leads] * (LEADS // len(leads))
    ours = len(again) / _cpu(lambda: [index.first(lead) for lead in again])
    written = [[(part.field, part.operator, part.operand) for part in parts] for parts in asked]
    measured = ask_peers("peers.py", WANTED, {"rules": written, "leads": leads}, "bench-router")
    rows = [_peer_row(peer, answer, found, ours, ours_in_batch) for peer, answer in measured.items()]
    columns = ("peer", "leads/s", "compiling", "same answers", "ours one at a time", "in batch", "promised", "kept")
    return Table(
        f"Rule engines on the same {len(asked):,} rules, one lead at a time",
        columns,
        rows,
        [
            f"The same {len(leads)} leads again and again, the fastest of {ROUNDS} rounds, seconds of CPU. *Ours* "
            "says how many times as many leads the index does in a second; in batch, those of the first table. Rules "
            "and leads are in lower case: the peers compare text as it stands."
        ],
    )


def _peer_row(
    peer: str, measured: Mapping[str, Any], found: Sequence[int | None], ours: float, ours_in_batch: float
) -> Sequence[str]:
    if "error" in measured:
        return peer, f"**not measured**: {measured['error']}", "", "", "", "", f"{WANTED[peer]} times", ""
    theirs = len(found) / measured["decide"]
    same = sum(one == other for one, other in zip(found, measured["answers"], strict=True))
    return (
        f"{peer} {measured['version']}",
        per_second(len(found), measured["decide"]),
        f"{measured['compile']:.1f} s",
        f"{same} of {len(found)}",
        f"{ours / theirs:,.0f} times",
        f"{ours_in_batch / theirs:,.0f} times",
        f"{WANTED[peer]} times",
        kept_or_not(ours / theirs >= WANTED[peer] and same == len(found)),
    )
