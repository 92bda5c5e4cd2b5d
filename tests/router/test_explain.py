"""The page of a decision can be checked by hand."""

from dataclasses import replace

from domain.accounts import AccountMatch, Duplicate
from domain.people import WhenNobody
from router.conditions import ALWAYS, Compare
from router.decide import Standing
from router.explain import explain, what_happens_next
from router.rotation import Account as Fairness
from router.rotation import Rotation
from router.rules import Assign, Disqualify, Named, Nurture, Rule
from tests.router.office import (
    ANA,
    BEN,
    CHO,
    INBOUND,
    MONDAY_NIGHT,
    RULES,
    TOM,
    WAIT_A_DAY,
    away,
    case,
    decided,
    of_the_bank,
    rules,
    state,
)

LARGE = Rule("Large companies", Assign(to=TOM), Compare("employees", "at_least", 200))


def test_the_page_of_an_assignment_says_who_why_and_why_not_the_others() -> None:
    book = replace(rules(LARGE), tiers=(Named("hot", ALWAYS),))

    page = explain(decided(of_the_bank(employees=120), book, state(away(BEN), without=[CHO])), book)

    assert page == (
        "Lead salesforce:00Q1: assigned to ana@acme.example, pool inbound, SLA tier hot\n"
        "Ana Keller is next in turn in pool inbound (rule: fallback).\n"
        "first decision (a new lead), 2026-11-23 10:00 UTC, configuration abc123\n"
        "\n"
        "Rules, in order\n"
        "  no       Large companies: employees is 120, not at least 200\n"
        "  matches  fallback: no rule decides\n"
        "\n"
        "inbound: Ana Keller is next in turn\n"
        "  ana@acme.example  chosen: 100% of the leads\n"
        "  ben@acme.example  away: away until 2026-11-25 10:00 UTC (holiday)\n"
        "  cho@acme.example  not a user of this CRM: no user of this CRM has this address\n"
        "\n"
        "Account\n"
        "  Bank AG (A1): e-mail at bank.example is Bank AG's\n"
        "\n"
        "What is known of the lead\n"
        "  account.country       DE\n"
        "  account.exists        yes\n"
        "  account.is_customer   yes\n"
        "  account.name          Bank AG\n"
        "  account.owner         eve@acme.example\n"
        "  company               Firm Ltd\n"
        "  country               DE  (account)\n"
        "  created_at            2026-11-23T10:00:00+00:00\n"
        "  crm                   salesforce\n"
        "  domain                firm.example\n"
        "  duplicate.exists      no\n"
        "  email                 kim@firm.example\n"
        "  employees             120\n"
        "  id                    00Q1\n"
        "  named_account.exists  no\n"
        "  timezone              Europe/Berlin  (country)"
    )


def test_the_page_says_where_each_value_comes_from_and_how_it_is_written_there() -> None:
    book = replace(
        rules(),
        aliases={"industry": {"banks": "finance"}},
        segments=(Named("small", Compare("employees", "at_least", 1)),),
    )
    of = replace(
        of_the_bank(employees=5, industry="Banks", domain="https://www.firm.example/jobs"),
        duplicate=Duplicate("salesforce:00Q0", BEN, "phone"),
    )

    page = explain(decided(of, book), book, of)

    lines = page.partition("What is known of the lead\n")[2].splitlines()
    told = {name: rest.strip() for name, _, rest in (line.strip().partition(" ") for line in lines)}
    assert told["account.owner"] == "eve@acme.example  (account)"
    assert told["country"] == "DE  (account)"
    assert told["domain"] == "firm.example  (lead, written https://www.firm.example/jobs)"
    assert told["duplicate.owner"] == "ben@acme.example  (earlier lead)"
    assert told["employees"] == "5  (lead)"
    assert told["industry"] == "finance  (lead, written Banks)"
    assert told["segment"] == "small  (config)"


def test_an_owner_that_is_not_written_yet_is_written_next() -> None:
    assigned = decided(by=replace(rules(), tiers=(Named("hot", ALWAYS),)))

    assert what_happens_next(assigned, written=False) == (
        "ana@acme.example is written to the CRM as the owner; the clock of tier hot starts when that has been done",
    )


def test_nothing_follows_from_an_assignment_that_is_written() -> None:
    assert what_happens_next(decided(), written=True) == ()


def test_a_wait_says_until_when_and_who_is_next() -> None:
    waiting = decided(by=rules(pools=(replace(INBOUND, when_nobody=WAIT_A_DAY),)), at=MONDAY_NIGHT)
    page = explain(waiting, RULES)

    assert "Lead salesforce:00Q1: waiting in inbound, pool inbound" in page
    assert "ana@acme.example  outside hours: not on duty now (calendar office)" in page
    assert what_happens_next(waiting, written=True)[-1] == "at 2026-11-25 09:00 UTC it goes to tom@acme.example"


def test_a_review_names_who_looks() -> None:
    who, when = what_happens_next(decided(given=state(without=[ANA, BEN, CHO, TOM])), written=True)

    assert who.startswith("tom@acme.example looks at it")
    assert when.endswith("it is decided again by the rules")


def test_the_page_names_the_accounts_among_which_nobody_could_choose() -> None:
    unclear = replace(
        case(), account=AccountMatch(None, "ambiguous", "2 accounts fit equally well", ("Bank (A1)", "Bank (A2)"))
    )

    assert "Account\n  2 accounts fit equally well\n  - Bank (A1)\n  - Bank (A2)\n" in explain(decided(unclear), RULES)


def test_the_page_names_the_earlier_lead() -> None:
    again = replace(case(), duplicate=Duplicate("salesforce:00Q0", BEN, "company"))

    assert "earlier lead salesforce:00Q0 of the same company belongs to ben@acme.example" in explain(
        decided(again), RULES
    )


def test_the_page_says_what_could_not_be_read() -> None:
    unreadable = replace(case(), lead=replace(case().lead, unreadable={"employees": "quite some"}))

    assert "Notes\n  employees could not be read: 'quite some'" in explain(decided(unreadable), RULES)


def test_a_lead_that_is_not_for_sales_says_so() -> None:
    nurtured = decided(by=rules(Rule("Later", Nurture("marketing"))))
    dropped = decided(by=rules(Rule("No fit", Disqualify("no_fit"))))

    assert what_happens_next(nurtured, written=True) == ("it stays in marketing without a response clock",)
    assert what_happens_next(dropped, written=True) == ("nothing; the lead is not for sales any more",)


def test_the_page_of_a_share_says_how_far_everybody_is_from_it() -> None:
    full = {CHO: Standing(active=False)}

    page = explain(
        decided(
            by=rules(pools=(replace(INBOUND, when_nobody=WhenNobody()),)), given=state(standing=full, ahead={ANA: 1})
        ),
        RULES,
    )

    assert "ana@acme.example  not next in turn: 50% of the leads; 1.00 ahead of that share" in page
    assert "ben@acme.example  chosen: 50% of the leads\n" in page


def test_a_share_that_is_kept_to_within_a_hundredth_is_not_mentioned() -> None:
    nearly = replace(state(), rotations={"inbound": Rotation("inbound", {ANA: Fairness(0.001, 0)})})

    page = explain(decided(given=nearly), RULES)

    assert "that share" not in page
