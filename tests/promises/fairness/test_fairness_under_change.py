"""Promise 6 while everything changes: workers side by side that crash, leads that are declined, people who join, leave,
are away and come back, and weights that change. After every step three things hold:

* each lead was shared out by the weights among those who could have had it, and the accounts in the ledger are exactly
  the sum of that (the entitlement rule);
* as long as the same people share by the same weights, nobody gets further from the share than 1 - 1/(2k-2), where all
  began level, and hardly further than where they began, where they did not;
* a turn that comes back is credited once.
"""

import multiprocessing
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import event, select

from domain.decisions import Cause, Decision, Turn
from domain.leads import Lead, LeadKey
from domain.people import Absence, CrmUser
from ledger import decisions, leads, people, playbooks, rotations, tables
from ledger.store import Ledger, open_ledger
from playbook.book import Playbook, load_texts
from router.considered import candidates_of
from runtime.deciding import StalePlaybook, Wanted, again, record

WORKERS = 3
NAMES = ("ana", "ben", "cho", "dee", "eli", "fay")
TOM = "tom@acme.example"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNIT_OF_VALUE = 2**-14
UNIT, UNIT_OF_VALUE = 2**-36, 2**-14
"""The smallest part of a lead, and of a hundredth of its value, that is shared out."""
SURPLUS = 0.5
"""How much further than where they began people may get who did not begin level: what the search for the worst case
found, rounded up. Nobody has proved it."""


def address(name: str) -> str:
    return f"{name}@acme.example"


@dataclass
class Staff:
    """Who is in which pool with which weight; east and west share one rotation, big balances a value."""

    east: dict[str, int] = field(default_factory=lambda: {"ana": 12, "ben": 12, "cho": 3, "dee": 1, "eli": 1})
    west: dict[str, int] = field(default_factory=lambda: {"cho": 2, "dee": 1, "eli": 1})
    big: dict[str, int] = field(default_factory=lambda: {"ana": 2, "eli": 1, "fay": 1})

    def playbook(self) -> Playbook:
        """The configuration that says so."""
        reps = "\n".join(f"  - {{ email: {address(name)}, name: {name} }}" for name in (*NAMES, "tom"))
        pools = "\n".join(
            f"  {pool}: {{ manager: {TOM}, {more}members: [ "
            + ", ".join(f"{{ rep: {address(name)}, weight: {weight} }}" for name, weight in members.items())
            + " ], when_nobody: { ineligible: manager } }"
            for pool, members, more in (
                ("east", self.east, "rotation: emea, "),
                ("west", self.west, "rotation: emea, "),
                ("big", self.big, "balance_by: deal_size, "),
            )
        )
        rules = "\n".join(
            f"  - {{ name: {pool}, when: {{ source: {pool} }}, assign: {{ pool: {pool} }} }}" for pool in POOLS
        )
        found = load_texts({
            "teams.yaml": f"reps:\n{reps}\npools:\n{pools}\n",
            "routing.yaml": f"rules:\n{rules}\nfallback: {{ assign: {{ pool: east }} }}\n",
        })  # fmt: skip
        assert isinstance(found, Playbook), "\n".join(map(str, found))
        return found


POOLS = ("east", "west", "big")


def new_lead(number: int, chance: Random, pools: Sequence[str] = POOLS) -> Lead:
    key = LeadKey("salesforce", "00D", "Lead", f"00Q{number}")
    at = MONDAY + timedelta(seconds=number)
    size = round(chance.choice([chance.uniform(1, 100), chance.uniform(1, 100), chance.uniform(1_000, 5_000)]), 2)
    values = {"email": f"x{number}@firm{number}.example", "source": chance.choice(pools), "deal_size": size}
    return Lead(key, at, at, values)


class Crashed(Exception):
    """A worker died before it could commit."""


def decide(ledger: Ledger, book: Playbook, wanted: Sequence[Wanted], now: datetime, crashes: bool = False) -> None:
    """One batch of a worker. One that loaded its configuration before the last change decides nothing."""
    with suppress(StalePlaybook, Crashed), ledger.deciding() as tx:
        record(tx, ledger, book, wanted, now)
        if crashes:
            raise Crashed


class Office:
    """A seeded world: `step` does something, and may be asked for as long as one likes."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.ledger, self.chance, self.staff = ledger, Random(seed), Staff()
        self.now, self.leads = MONDAY, 0
        self.books: dict[str, Playbook] = {}
        self.stale: Playbook | None = None
        with ledger.writing() as tx:
            users = [CrmUser("salesforce", f"005{name}", name, address(name)) for name in (*NAMES, "tom")]
            people.replace(tx, "salesforce", users)
        self.activate()

    def activate(self) -> None:
        self.book = self.staff.playbook()
        self.books[self.book.version] = self.book
        with self.ledger.writing() as tx:
            playbooks.activate(tx, self.book.version, self.book.texts, self.now)

    def step(self) -> None:
        self.now += timedelta(minutes=self.chance.randint(1, 90))
        (does,) = self.chance.choices(
            (self.leads_come, self.decline, self.change_staff, self.leave), weights=(12, 5, 2, 2)
        )
        does()

    def leads_come(self, most: int = 12, pools: Sequence[str] = POOLS) -> None:
        """Workers decide side by side; some hold the same leads, some crash, some know only what was said before."""
        fresh = [new_lead(self.leads + at, self.chance, pools) for at in range(self.chance.randint(1, most))]
        self.leads += len(fresh)
        shares = [self.chance.sample(fresh, self.chance.randint(1, len(fresh))) for _ in range(WORKERS - 1)]
        dies = [self.chance.random() < 0.3 for _ in shares]
        knows = [self.stale if self.stale and self.chance.random() < 0.3 else self.book for _ in shares]
        side_by_side([
            threading.Thread(target=decide, args=(self.ledger, book, [Wanted(one) for one in share], self.now, crashes))
            for share, crashes, book in zip(shares, dies, knows, strict=True)
        ])  # fmt: skip
        decide(self.ledger, self.book, [Wanted(one) for one in fresh], self.now)

    def decline(self) -> None:
        """Several workers hear at once that a lead was declined."""
        known = list(in_order(self.ledger))
        if not known:
            return
        chosen = self.chance.choice(known[-20:])
        with self.ledger.reading() as tx:
            row = leads.current(tx, [chosen.lead])[chosen.lead]
            lead = replace(new_lead(0, self.chance), key=chosen.lead, values=dict(chosen.explanation.values))
            wanted = [again(tx, lead, row, Cause.REJECTED)]
        side_by_side([
            threading.Thread(target=decide, args=(self.ledger, self.book, wanted, self.now)) for _ in range(2)
        ])  # fmt: skip

    def change_staff(self) -> None:
        """Somebody joins a pool, leaves it, or gets another weight."""
        self.stale = self.book
        pool = self.chance.choice((self.staff.east, self.staff.west, self.staff.big))
        name = self.chance.choice(NAMES)
        if name in pool and len(pool) > 2 and self.chance.random() < 0.5:
            del pool[name]
        else:
            pool[name] = self.chance.choice((1, 1, 2, 3, 12))
        self.activate()

    def leave(self) -> None:
        """Somebody is away for a while, and then back."""
        away = Absence(address(self.chance.choice(NAMES)), self.now, self.now + timedelta(hours=6))
        with self.ledger.writing() as tx:
            people.add_absence(tx, away)


def side_by_side(workers: Sequence[threading.Thread]) -> None:
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def in_order(ledger: Ledger) -> Iterator[Decision]:
    with ledger.reading() as tx:
        ids = list(tx.scalars(select(tables.decisions.c.id).order_by(tables.decisions.c.seq)))
        known = decisions.get_all(tx, ids)
    return iter([known[id_] for id_ in ids])


class Audit:
    """Goes through all decisions again, by nothing but what they say and what the configuration said then."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.entitled: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        self.taken: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.stretch: dict[str, tuple[frozenset[tuple[str, float]], float]] = {}
        self.largest: dict[str, int] = defaultdict(int)
        self.turns: dict[str, Turn] = {}

    def holds(self) -> None:
        for decision in in_order(self.office.ledger):
            before = f"{decision.id.partition('/')[0]}/{decision.cycle - 1}"
            if decision.cause == Cause.REJECTED and before in self.turns:
                turn = self.turns.pop(before)
                self.move(turn, -1)
                self.stretch.pop(turn.rotation, None)
            if decision.turn:
                self.check(decision, decision.turn)
                self.turns[decision.id] = decision.turn
        self.same_as_the_ledger()

    def check(self, decision: Decision, turn: Turn) -> None:
        weights = self.weights(decision, turn)
        whole, people_, name = sum(weights.values()), len(weights), turn.rotation
        for rep, weight in weights.items():
            exact = Fraction(weight) * turn.amount / Fraction(whole)
            assert abs(Fraction(turn.shares.get(rep, 0.0)) - exact) <= (UNIT if turn.amount == 1 else UNIT_OF_VALUE), (
                "entitled"
            )
        assert sum(map(Fraction, turn.shares.values())) == turn.amount
        self.largest[name] = max(self.largest[name], turn.amount)
        group = frozenset(weights.items())
        bound = 1 - 1 / (2 * people_ - 2) if people_ > 1 else 1.0
        if self.stretch.get(name, (None, 0.0))[0] != group:
            self.stretch[name] = (group, self.furthest(name, weights))
        began = self.stretch[name][1]
        self.move(turn, 1)
        level = began < 1e-6
        limit = bound if level else max(bound, began) + SURPLUS
        assert self.furthest(name, weights) <= limit + 1e-6, (decision.reason, began)

    def weights(self, decision: Decision, turn: Turn) -> dict[str, float]:
        """Who could have had the lead, and with which weight, as the configuration said then."""
        tried = next(one for one in decision.explanation.pools for c in candidates_of(one) if c.share is not None)
        able = {candidate.rep for candidate in candidates_of(tried) if candidate.share is not None}
        pool = self.office.books[decision.playbook].rules.pools[tried.pool]
        assert turn.rotation in pool.accounts()
        return {member.rep: member.weight for member in pool.members if member.rep in able}

    def furthest(self, name: str, weights: dict[str, float]) -> float:
        """The largest distance from the share, beside the others', in leads or in the largest value so far."""
        ahead = [self.taken[name][rep] - self.entitled[name][rep] for rep in weights]
        middle = sum(ahead) / len(ahead)
        return float(max(abs(one - middle) for one in ahead) / (self.largest[name] or 1))

    def move(self, turn: Turn, times: int) -> None:
        for rep, share in turn.shares.items():
            self.entitled[turn.rotation][rep] += times * Fraction(share)
        self.taken[turn.rotation][turn.rep] += times * turn.amount

    def same_as_the_ledger(self) -> None:
        with self.office.ledger.reading() as tx:
            known = rotations.load(tx)
        assert set(known) == set(self.taken)
        for name, rotation in known.items():
            for rep, account in rotation.accounts.items():
                assert Fraction(account.entitled) == self.entitled[name][rep], "the ledger drifts"
                assert account.taken == self.taken[name][rep], "a turn was lost, or credited twice"


@pytest.mark.parametrize(
    ("seed", "steps"),
    [
        pytest.param(1, 30, id="a day"),
        *(pytest.param(seed, 80, id=f"a week {seed}", marks=pytest.mark.slow) for seed in range(2, 7)),
    ],
)
def test_whatever_changes_each_lead_is_shared_out_fairly(ledger: Ledger, seed: int, steps: int) -> None:
    office = Office(ledger, seed)

    for _ in range(5):
        office.leads_come(30, ["east"])
    for _ in range(steps):
        office.step()
        Audit(office).holds()

    with ledger.reading() as tx:
        assert decisions.verify(tx) == []


# Workers that are killed --------------------------------------------------------------------------------------------


def decide_until_killed(url: str, texts: dict[str, str], numbers: range, die_at: int, now: datetime) -> None:
    """A process that decides batch after batch, and is gone at its n-th commit: half of them before, half after it."""
    book = load_texts(texts)
    assert isinstance(book, Playbook)
    with open_ledger(url) as ledger:
        left = [die_at]

        def count(_connection: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(ledger.engine, "commit" if die_at % 2 else "begin", count)
        for number in numbers:
            decide(ledger, book, [Wanted(new_lead(number, Random(number)))], now)


@pytest.mark.slow
def test_workers_that_are_killed_leave_the_shares_as_they_were(ledger: Ledger) -> None:
    office = Office(ledger, 1)
    context = multiprocessing.get_context("spawn")
    for round_ in range(5):
        numbers = range(round_ * 40, round_ * 40 + 40)
        workers = [
            context.Process(
                target=decide_until_killed,
                args=(ledger.url, dict(office.book.texts), numbers, 3 + 5 * worker + round_, office.now),
            )
            for worker in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        decide(ledger, office.book, [Wanted(new_lead(number, Random(number))) for number in numbers], office.now)

        Audit(office).holds()

    assert len(list(in_order(ledger))) == 200
