"""sla.yaml: the clocks beside the first response, attempts, pauses, and what a change does to running clocks."""

from domain.clocks import ClockKind
from domain.hours import Span
from domain.targets import Promise
from playbook.problems import Problem
from router.conditions import Compare
from router.rules import Assign, Disqualify, Review, TierLimit
from sla_monitor.policy import Rung, Target
from tests.playbook.writing import loaded, problems, with_files

ALL = """\
choose: strictest
tiers:
  hot:
    when: otherwise
    time_to_assign: { within: 1 min elapsed, ladder: [ { at: 100 %, notify: manager } ] }
    time_to_claim: 20 min
    time_to_accept: { within: 10 min, calendar: berlin }
    first_response: { within: 15 min, calendar: lead, ladder: [ { at: 50 %, flag: "call now" } ] }
    follow_up: [ { after: 2 h }, { after: 1 business day, at: other_time_of_day, ladder: warn } ]
    conversation: { within: 3 business days, starts: created, ladder: warn }
    outcome: { within: 10 business days, pause: { when: { status: waiting }, at_most: 5 business days } }
    pause: { when: { status: callback_agreed }, at_most: 2 business days }
ladders: { warn: [ { at: 100 %, flag: true }, { after_due: 1 h, reassign: queue } ] }
running_clocks: recompute
"""

WARN = (Rung("flag", (), at=1.0), Rung("reassign", ("queue",), after_due=Span(3600)))
TWO_DAYS = Span(2, "business_days")


def test_every_clock_of_a_tier_has_its_target_calendar_pause_and_ladder() -> None:
    hot = loaded(with_files(sla=ALL)).policy.tiers["hot"]
    assert hot.targets == {
        ClockKind.ASSIGNMENT: Target(Span(60, "elapsed"), (Rung("notify", ("manager",), at=1.0),)),
        ClockKind.CLAIM: Target(Span(1200)),
        ClockKind.ACCEPTANCE: Target(Span(600), calendar="berlin"),
        ClockKind.FIRST_RESPONSE: Target(
            Span(900), (Rung("flag", ("call now",), at=0.5),), calendar="lead", pause=TWO_DAYS
        ),
        ClockKind.SECOND_ATTEMPT: Target(Span(7200), pause=TWO_DAYS),
        ClockKind.THIRD_ATTEMPT: Target(Span(1, "business_days"), WARN, pause=TWO_DAYS, other_time=True),
        ClockKind.CONVERSATION: Target(Span(3, "business_days"), WARN, starts="created", pause=TWO_DAYS),
        ClockKind.OUTCOME: Target(Span(10, "business_days"), pause=Span(5, "business_days")),
    }


def test_the_router_is_told_what_it_needs_of_the_tiers() -> None:
    book = loaded(with_files(sla=ALL))
    assert book.rules.strictest
    assert book.rules.promises == {"hot": Promise(Span(900), "lead")}
    assert book.rules.limits["hot"] == {"claim": TierLimit(Span(1200)), "accept": TierLimit(Span(600), "berlin")}
    assert book.policy.running_clocks == "recompute"


def test_each_clock_rests_by_its_own_condition_or_the_tiers() -> None:
    book = loaded(with_files(sla=ALL))
    assert book.pauses["hot", ClockKind.OUTCOME] == Compare("status", "equals", "waiting")
    assert book.pauses["hot", ClockKind.FIRST_RESPONSE] == Compare("status", "equals", "callback_agreed")
    assert ("hot", ClockKind.CLAIM) not in book.pauses
    assert "status" in book.watched


def test_the_review_after_all_attempts_gives_the_lead_up_where_it_is_rejected() -> None:
    texts = with_files(
        sla="""\
        tiers:
          hot:
            when: otherwise
            first_response: { within: 15 min }
            follow_up: [ { after: 2 h }, { then: { review: marketing, for: 4 h } } ]
        """,
    )
    assert loaded(texts).rules.follow_ups == {
        "hot": Review("marketing", Span(14_400), None, Disqualify("no contact"), Assign(to="manager"))
    }


def test_a_problem_of_a_target_names_its_line_and_column() -> None:
    texts = with_files(sla="tiers:\n  hot:\n    when: otherwise\n    outcome: { within: 4000 calendar days }\n")
    (problem,) = problems(texts)
    assert problem == Problem(
        "sla.yaml",
        4,
        24,
        "V106",
        "tier 'hot': `within` is 4000 calendar days: nobody would live to see it",
        "it is a year at most: `366 calendar days`, `8784 h elapsed`",
    )


def test_a_calendar_without_hours_is_a_problem_where_it_stands() -> None:
    texts = with_files(calendars="calendars:\n  never: { timezone: Europe/Berlin, hours: { mon-fri: [] } }\n")
    assert ("calendars.yaml", 2, "C101") in [(each.file, each.line, each.id) for each in problems(texts)]
