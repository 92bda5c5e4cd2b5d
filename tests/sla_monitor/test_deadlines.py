"""From a policy to moments: when a clock is due, and when each rung of its ladder comes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.clocks import Clock, ClockKind, State, Step
from domain.hours import Calendar, Span, next_opening
from domain.leads import LeadKey
from domain.targets import Around, choose
from sla_monitor.clock import limit, start
from sla_monitor.deadlines import For
from sla_monitor.policy import Policy, Rung, Target, Tier

MINUTE, HOUR = 60, 3600
LEAD = LeadKey("hubspot", "123", "contact", "51")


def office(name: str, opens: int) -> Calendar:
    """Monday to Friday, from `opens` for eight hours, UTC."""
    day = ((opens * HOUR, (opens + 8) * HOUR),)
    return Calendar(name, "UTC", (day,) * 5 + ((), ()))


EARLY, LATE, DEFAULT = office("early", 6), office("late", 12), office("default", 9)
ANA = For(LEAD, 2, "ana@acme.example", Around(rep="early"))
CALENDARS = {calendar.name: calendar for calendar in (EARLY, LATE, DEFAULT)}

LADDER = (
    Rung("reassign", ("manager",), after_due=Span(2 * HOUR)),
    Rung("notify", ("rep",), at=0.75),
    Rung("notify", ("rep", "manager"), at=1.0),
    Rung("reassign", ("backup",), at=1.0),
    Rung("notify", ("manager",), after_start=Span(1, "calendar_days")),
)
RESPONSE = Target(Span(20 * MINUTE), LADDER)
HOT = Tier(
    "hot",
    {ClockKind.ASSIGNMENT: Target(Span(60, "elapsed")), ClockKind.FIRST_RESPONSE: RESPONSE},
    calendar="rep",
)
POLICY = Policy({"hot": HOT}, CALENDARS, default_calendar="default")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def started(tier: Tier = HOT, kind: ClockKind = ClockKind.FIRST_RESPONSE, when: str = "2026-11-23T13:50") -> Clock:
    clock = start(kind, ANA, tier, POLICY, at(when))
    assert clock is not None
    return clock


def answered_within(within: Span, ladder: tuple[Rung, ...] = ()) -> Tier:
    return replace(HOT, targets={ClockKind.FIRST_RESPONSE: Target(within, ladder)})


def test_a_first_response_runs_in_working_time() -> None:
    clock = started(when="2026-11-23T13:50")
    assert clock.due_at == at("2026-11-24T06:10")
    assert (clock.state, clock.owner, clock.cycle) == (State.RUNNING, "ana@acme.example", 2)


def test_every_rung_is_a_moment_in_order_of_time_with_the_breach_first_at_the_due_time() -> None:
    assert started(when="2026-11-23T13:50").steps == (
        Step(at("2026-11-24T06:05"), "notify", ("rep",), "75 % of the time"),
        Step(at("2026-11-24T06:10"), "breach", (), "due"),
        Step(at("2026-11-24T06:10"), "notify", ("rep", "manager"), "100 % of the time"),
        Step(at("2026-11-24T06:10"), "reassign", ("backup",), "100 % of the time"),
        Step(at("2026-11-24T08:10"), "reassign", ("manager",), "2 h after due"),
        Step(at("2026-11-24T13:50"), "notify", ("manager",), "1 calendar day after the start"),
    )


def test_somebody_looks_first_at_the_first_step() -> None:
    clock = started()
    assert clock.next_at == clock.steps[0].at


def test_three_quarters_of_an_elapsed_target_lie_in_real_time() -> None:
    around_the_clock = answered_within(Span(20 * HOUR, "elapsed"), LADDER)
    assert started(around_the_clock, when="2026-11-23T13:50").steps[0].at == at("2026-11-24T04:50")


def test_without_a_ladder_a_first_response_still_breaches() -> None:
    assert [step.do for step in started(answered_within(Span(HOUR))).steps] == ["breach"]


def test_an_assignment_has_no_ladder() -> None:
    clock = started(kind=ClockKind.ASSIGNMENT, when="2026-11-23T03:00")
    assert clock.steps == (Step(at("2026-11-23T03:01"), "breach", (), "due"),)


@pytest.mark.parametrize("kind", ClockKind)
def test_a_tier_without_a_target_has_no_clock(kind: ClockKind) -> None:
    assert start(kind, ANA, Tier("nurtured"), POLICY, at("2026-11-23T10:00")) is None


def test_a_target_in_a_calendar_that_never_opens_runs_in_real_time() -> None:
    never = Policy({"hot": HOT}, {"early": Calendar("early", "UTC", ((),) * 7)})
    clock = start(ClockKind.FIRST_RESPONSE, ANA, answered_within(Span(HOUR)), never, at("2026-11-23T10:00"))
    assert clock is not None
    assert clock.due_at == at("2026-11-23T11:00")


def test_after_a_calendar_s_last_open_day_the_ladder_lies_in_real_time_as_the_target_does() -> None:
    fair = Calendar("early", "UTC", ((),) * 7, open={date(2026, 11, 24): ((9 * HOUR, 18 * HOUR),)})
    over = Policy({"hot": HOT}, {"early": fair})
    clock = start(ClockKind.FIRST_RESPONSE, ANA, answered_within(Span(HOUR), LADDER), over, at("2026-12-01T10:00"))
    assert clock is not None
    assert clock.steps[0] == Step(at("2026-12-01T10:45"), "notify", ("rep",), "75 % of the time")


@pytest.mark.parametrize(
    ("wanted", "rep", "pool", "expected"),
    [
        pytest.param("rep", "early", "late", "early", id="the rep's"),
        pytest.param("pool", "early", "late", "late", id="the pool's"),
        pytest.param("pool", "early", None, "early", id="without a pool, the rep's"),
        pytest.param("pool", "early", "ignore", "early", id="a pool that ignores hours has none of its own"),
        pytest.param("pool", None, None, "default", id="with neither, the default"),
        pytest.param("rep", None, "late", "default", id="a rep without hours, the default"),
        pytest.param("late", "early", "early", "late", id="a name"),
        pytest.param("lead", "early", "late", "late", id="the lead's own is not known: the pool's"),
    ],
)
def test_the_calendar_of_a_tier(wanted: str, rep: str | None, pool: str | None, expected: str) -> None:
    assert choose(wanted, POLICY.hours, Around(rep, pool)).calendar.name == expected


@pytest.mark.parametrize("written", ["America/New_York", "america/new_york", "america_slash_new_york"])
def test_the_calendar_of_a_lead_is_the_default_hours_in_its_own_time_zone(written: str) -> None:
    chosen = choose("lead", POLICY.hours, Around("early", "late", written))
    assert next_opening(chosen.calendar, at("2026-11-23T10:00")) == at("2026-11-23T14:00")
    assert (chosen.name, chosen.timezone, chosen.note) == ("default", "America/New_York", "")


def test_a_time_zone_that_is_none_is_named_in_the_terms_of_the_clock() -> None:
    theirs = replace(answered_within(Span(HOUR)), calendar="lead")
    whom = replace(ANA, around=Around("early", "late", "Mars/Olympus"))
    clock = start(ClockKind.FIRST_RESPONSE, whom, theirs, POLICY, at("2026-11-23T06:00"))
    assert clock is not None
    assert clock.terms is not None
    assert (clock.due_at, clock.terms.note) == (
        at("2026-11-23T13:00"),
        "'Mars/Olympus' is no time zone: the pool's hours apply",
    )


TUESDAY_OFF = (at("2026-11-24T00:00"), at("2026-11-25T00:00"))


@pytest.mark.parametrize(
    ("wanted", "rep", "pool", "expected"),
    [
        pytest.param("rep", "early", "late", "2026-11-25T13:50", id="in the rep's hours it does not count"),
        pytest.param("pool", "early", None, "2026-11-25T13:50", id="nor in those of a rep without a pool"),
        pytest.param("rep", None, None, "2026-11-25T13:50", id="the default's hours are the rep's then"),
        pytest.param("pool", "early", "late", "2026-11-24T13:50", id="in the pool's it does"),
        pytest.param("late", "early", "early", "2026-11-24T13:50", id="and in those of a name"),
    ],
)
def test_an_absence_of_the_owner_counts_where_the_time_is_his(
    wanted: str, rep: str | None, pool: str | None, expected: str
) -> None:
    tier = replace(answered_within(Span(8 * HOUR)), calendar=wanted)
    ana = For(LEAD, 0, "ana@acme.example", Around(rep, pool, away=(TUESDAY_OFF,)))
    clock = start(ClockKind.FIRST_RESPONSE, ana, tier, POLICY, at("2026-11-23T13:50"))
    assert clock is not None
    assert clock.due_at == at(expected)


def test_an_absence_without_an_end_is_overlooked() -> None:
    gone = (at("2026-11-20T00:00"), at("2999-01-01T00:00"))
    ana = replace(ANA, around=Around("early", away=(gone,)))
    clock = start(ClockKind.FIRST_RESPONSE, ana, HOT, POLICY, at("2026-11-23T13:50"))
    assert clock is not None
    assert clock.steps == started(when="2026-11-23T13:50").steps


def test_without_any_calendar_the_clock_never_rests() -> None:
    clock = start(ClockKind.FIRST_RESPONSE, ANA, HOT, Policy({"hot": HOT}), at("2026-11-28T23:50"))
    assert clock is not None
    assert clock.due_at == at("2026-11-29T00:10")


def test_a_wait_moves_the_lead_on_at_its_limit() -> None:
    clock = limit(LEAD, 1, "hot", at("2026-11-23T10:00"), at("2026-11-24T10:00"), "tom@acme.example")
    assert (clock.kind, clock.due_at, clock.next_at) == (ClockKind.LIMIT, at("2026-11-24T10:00"), clock.due_at)
    assert clock.steps == (Step(clock.due_at, "move_on", ("tom@acme.example",), "limit of the wait"),)
