"""A small sales office: Ana, Ben and Cho share the inbound pool, Tom manages them, Mia manages marketing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.accounts import Account, AccountMatch
from domain.decisions import Candidate, Decision, Why
from domain.hours import Calendar, Span
from domain.leads import Lead, LeadKey, Value
from domain.people import Absence, Member, Pool, Queue, Rep, Wait, WhenNobody
from router.considered import candidates_of
from router.decide import Case, Standing, State, decide
from router.rotation import Account as Fairness
from router.rotation import Rotation
from router.rules import Assign, Rule, RuleSet

ANA, BEN, CHO = "ana@acme.example", "ben@acme.example", "cho@acme.example"
TOM, MIA, EVE = "tom@acme.example", "mia@acme.example", "eve@acme.example"
EVERYBODY = (ANA, BEN, CHO, TOM, MIA, EVE)

MONDAY_TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
MONDAY_NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)

OFFICE = Calendar("office", "UTC", tuple(((9 * 3600, 18 * 3600),) if day < 5 else () for day in range(7)))

REPS = {
    ANA: Rep(ANA, "Ana Keller", manager=TOM, hours="office"),
    BEN: Rep(BEN, "Ben Vogt", manager=TOM, hours="office"),
    CHO: Rep(CHO, "Cho Park", manager=TOM, hours="office"),
    TOM: Rep(TOM, "Tom Brandt"),
    MIA: Rep(MIA, "Mia Lang"),
    EVE: Rep(EVE, "Eve Stone"),
}

INBOUND = Pool("inbound", (Member(ANA), Member(BEN), Member(CHO)), manager=TOM)
WAIT_A_DAY = WhenNobody(off_hours=Wait(Span(1, "business_days")))

RULES = RuleSet(
    rules=(),
    fallback=Assign(pool="inbound"),
    reps=REPS,
    pools={"inbound": INBOUND},
    queues={"marketing": Queue("marketing", MIA)},
    calendars={"office": OFFICE},
    version="abc123",
)

STATE = State(standing={email: Standing() for email in EVERYBODY})

BANK = Account("salesforce", "A1", "Bank AG", domain="bank.example", owner=EVE, is_customer=True, country="DE")


def lead(**values: Value) -> Lead:
    """A lead of this morning."""
    fields: dict[str, Value] = {"email": "kim@firm.example", "company": "Firm Ltd", **values}
    return Lead(LeadKey("salesforce", "00D1", "Lead", "00Q1"), MONDAY_TEN, MONDAY_TEN, fields)


def case(**values: Value) -> Case:
    """That lead, to be decided for the first time."""
    return Case("9f0c2b1e5d7a4c33/0", lead(**values))


def of_the_bank(**values: Value) -> Case:
    """A lead of an account that Eve owns."""
    return replace(case(**values), account=AccountMatch(BANK, "email", "e-mail at bank.example is Bank AG's"))


def rules(*ordered: Rule, pools: Sequence[Pool] = (INBOUND,), fallback: Assign = RULES.fallback) -> RuleSet:
    """The office's rule set with these rules and pools."""
    return replace(RULES, rules=ordered, pools={pool.name: pool for pool in pools}, fallback=fallback)


def state(
    *absences: Absence,
    standing: Mapping[str, Standing] | None = None,
    without: Sequence[str] = (),
    ahead: Mapping[str, int] | None = None,
) -> State:
    """The office's state, with these people away; `ahead` gives leads that somebody took beyond his share."""
    people = {email: each for email, each in {**STATE.standing, **(standing or {})}.items() if email not in without}
    rotation = Rotation("inbound", {rep: Fairness(0.0, taken) for rep, taken in (ahead or {}).items()})
    return State({"inbound": rotation} if ahead else {}, people, absences)


def away(rep: str, cover: str | None = None) -> Absence:
    """Away from yesterday until the day after tomorrow."""
    return Absence(rep, MONDAY_TEN - timedelta(days=1), MONDAY_TEN + timedelta(days=2), cover, "holiday")


def decided(of: Case | None = None, by: RuleSet = RULES, given: State = STATE, at: datetime = MONDAY_TEN) -> Decision:
    """`decide` with the office's defaults."""
    return decide(of or case(), by, given, at)


def candidate(decision: Decision, rep: str) -> Candidate:
    """What the decision says of one person, where he was first asked."""
    return next(one for tried in decision.explanation.pools for one in candidates_of(tried) if one.rep == rep)


def why(decision: Decision, rep: str) -> Why:
    return candidate(decision, rep).why
