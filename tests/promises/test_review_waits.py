"""Waits at bad moments: hints that come twice, writes that are late, people who act at the last minute."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.base import AsRead, Write, Written
from domain.clocks import ClockKind, State
from domain.decisions import Cause, Outcome
from domain.leads import LeadKey
from ledger import rotations
from runtime.deliver import deliver
from runtime.sweep import sweep
from runtime.watch import watch
from tests.promises.waiting import POOL_ENDS, PULL, arrives, notice, outcomes, with_rule
from tests.promises.world import MANAGER, MONDAY_TEN, REPS, Died, World

THEN_EVERYONE = POOL_ENDS + (
    "    offer: [ { to: next, for: 15 min }, { to: everyone, for: 30 min }, { to: manager } ]\n"
)
THE_SAME_AGAIN = POOL_ENDS + (
    "    offer: [ { to: next, for: 15 min }, { to: ana@acme.example, for: 15 min }, { to: manager } ]\n"
)
ANA, CHO, ELI = REPS[0], REPS[2], REPS[4]


def running(world: World, lead: LeadKey, kind: ClockKind) -> list[str | None]:
    """Whose clocks of this kind run."""
    return [one.owner for one in world.clocks(lead) if one.kind == kind and one.state == State.RUNNING]


def turns_taken(world: World) -> int:
    with world.ledger.reading() as tx:
        return sum(account.taken for one in rotations.load(tx).values() for account in one.accounts.values())


def busy(world: World) -> None:
    """The CRM takes no rows just now, and can be read."""
    world.fault({"status": 503}, **world.writes())


# --- people win ---------------------------------------------------------------------------------------------------


def test_whoever_takes_a_lead_under_review_and_approves_it_keeps_it(reviewing: World) -> None:
    lead = arrives(reviewing)
    reviewing.advance(minutes=5)
    reviewing.person_takes(lead, CHO)
    reviewing.person_sets(lead, answer="Approve")

    notice(reviewing)
    reviewing.ticks(2, minutes=5)

    assert reviewing.owner(lead) == CHO
    assert outcomes(reviewing, lead) == [Outcome.REVIEW]


# --- claims -------------------------------------------------------------------------------------------------------


def test_whoever_has_declined_a_lead_has_not_claimed_it_because_he_is_still_its_owner(world: World) -> None:
    world.change_config("teams.yaml", POOL_ENDS, THEN_EVERYONE)
    lead = arrives(world)
    world.advance(minutes=1)
    world.person_sets(lead, answer="Decline")
    busy(world)

    notice(world)
    world.advance(seconds=1)
    world.person_sets(lead, company="Firm and Sons")
    notice(world)

    assert "claimed" not in world.kinds(lead)
    assert outcomes(world, lead) == [Outcome.OFFERED, Outcome.WAITING]
    assert world.cycle(lead).owner is None


def test_a_claim_counts_when_the_answer_to_our_write_of_the_queue_is_lost(pull: World) -> None:
    lead = pull.new_lead(email="doe@firm.example")
    pull.die_after_write()
    pull.person_takes(lead, CHO)
    pull.advance(minutes=1)

    notice(pull)
    pull.let_leases_end()
    pull.tick()
    pull.tick()

    assert (pull.owner(lead), pull.cycle(lead).owner, pull.cycle(lead).ended) == (CHO, CHO, False)
    assert running(pull, lead, ClockKind.FIRST_RESPONSE) == [CHO]


def test_a_claim_that_is_seen_after_our_write_is_settled_counts(pull: World) -> None:
    lead = pull.new_lead(email="doe@firm.example")
    pull.die_after_write()
    pull.person_takes(lead, CHO)
    pull.let_leases_end()

    pull.tick()
    notice(pull)

    assert (pull.owner(lead), pull.cycle(lead).ended) == (CHO, False)
    assert running(pull, lead, ClockKind.FIRST_RESPONSE) == [CHO]


# --- chains -------------------------------------------------------------------------------------------------------


def test_a_chain_goes_on_where_its_next_step_names_whoever_let_the_lead_lie(world: World) -> None:
    world.change_config("teams.yaml", POOL_ENDS, THE_SAME_AGAIN)
    lead = arrives(world)
    assert world.owner(lead) == ANA

    world.ticks(4, minutes=10)

    assert world.owner(lead) == MANAGER


def test_whoever_answers_late_but_before_the_offer_ends_has_the_lead(offering: World) -> None:
    offering.change_config("sla.yaml", "within: 1 h", "within: 5 min")
    lead = arrives(offering)
    first = offering.owner(lead)
    assert first
    offering.ticks(1, minutes=6)
    offering.advance(minutes=2)
    offering.person_calls(lead, first)

    offering.ticks(2, minutes=6)

    assert (outcomes(offering, lead), offering.owner(lead)) == ([Outcome.OFFERED], first)


def test_a_turn_comes_back_where_an_offer_ends_before_it_was_written(offering: World) -> None:
    busy(offering)
    lead = offering.new_lead(email="doe@firm.example")
    offering.run()
    assert turns_taken(offering) == 1

    offering.ticks(1, minutes=16)

    assert offering.cycle(lead).owner == ELI
    assert turns_taken(offering) == 0


def test_a_refusal_that_nobody_has_noticed_yet_returns_the_turn_when_the_limit_is_over(offering: World) -> None:
    lead = arrives(offering)
    offering.advance(minutes=14)
    offering.person_sets(lead, answer="Decline")

    offering.ticks(2, minutes=5)

    assert [one.cause for one in offering.decisions(lead)] == [Cause.NEW, Cause.REJECTED]
    assert turns_taken(offering) == 0


def test_an_approval_that_nobody_has_noticed_yet_counts_when_the_limit_is_over(reviewing: World) -> None:
    lead = arrives(reviewing)
    reviewing.advance(hours=3, minutes=59)
    reviewing.person_sets(lead, answer="Approve")

    reviewing.ticks(1, minutes=5)

    assert [one.cause for one in reviewing.decisions(lead)] == [Cause.NEW, Cause.REVIEW]
    assert reviewing.owner(lead) in REPS


def test_an_offer_still_ends_when_a_trigger_starts_a_fresh_clock(offering: World) -> None:
    offering.change_config(
        "routing.yaml", "rules:\n", "triggers: [ { when: { changed: company }, then: new_clock } ]\nrules:\n"
    )
    lead = arrives(offering)
    offering.advance(minutes=5)
    offering.person_sets(lead, company="Firm and Sons")
    notice(offering)
    assert "triggered" in offering.kinds(lead)

    offering.ticks(2, minutes=6)

    assert offering.owner(lead) == ELI


def test_an_offer_lasts_its_whole_time_from_when_it_was_written(offering: World) -> None:
    busy(offering)
    lead = arrives(offering)
    offering.advance(minutes=10)
    offering.no_faults()
    offering.tick()
    first, written = offering.owner(lead), offering.now

    offering.ticks(2, minutes=7)
    at_the_end = offering.owner(lead)
    offering.ticks(2, minutes=2)

    assert (first in REPS, at_the_end, offering.owner(lead)) == (True, first, ELI)
    [limit, _] = [one for one in offering.clocks(lead) if one.kind == ClockKind.ACCEPTANCE]
    assert limit.due_at == written + timedelta(minutes=15)


def test_the_record_says_until_when_an_offer_that_was_written_late_lasts(offering: World) -> None:
    busy(offering)
    lead = arrives(offering)
    offering.advance(minutes=10)
    offering.no_faults()

    offering.tick()

    until = datetime.fromisoformat(str(offering.field(lead, "waiting_until")))
    assert until == offering.now + timedelta(minutes=15)


def test_whoever_calls_has_accepted_where_the_tier_asks_for_no_first_response(offering: World) -> None:
    text = offering.services.playbook().texts["sla.yaml"]
    offering.change_config("sla.yaml", text[text.index("    first_response:") : text.index("    max_re")], "")
    lead = arrives(offering)
    first = offering.owner(lead)
    assert first
    offering.advance(minutes=5)
    offering.person_calls(lead, first)

    offering.ticks(3, minutes=6)

    assert (outcomes(offering, lead), offering.owner(lead)) == ([Outcome.OFFERED], first)


# --- leads that are put back ------------------------------------------------------------------------------------------


def test_a_lead_that_is_put_back_does_not_return_to_whoever_has_let_it_lie(world: World) -> None:
    lead = arrives(world)
    first = world.owner(lead)
    assert first
    world.ticks(8, minutes=10)
    assert world.owner(lead) not in (first, None)
    world.put_back(lead)

    world.ticks(1, minutes=1)

    decided = world.decisions(lead)[-1]
    assert decided.cause == Cause.TRIGGER
    assert first in str(world.field(lead, "previous_owners"))
    assert decided.owner not in (first, None)


def test_a_lead_that_was_approved_and_is_put_back_is_not_reviewed_again(reviewing: World) -> None:
    lead = arrives(reviewing)
    reviewing.advance(minutes=5)
    reviewing.person_sets(lead, answer="Approve")
    notice(reviewing)
    reviewing.advance(minutes=5)
    reviewing.put_back(lead)

    reviewing.ticks(1, minutes=1)

    assert outcomes(reviewing, lead) == [Outcome.REVIEW, Outcome.ASSIGNED, Outcome.ASSIGNED]


# --- two workers ------------------------------------------------------------------------------------------------------


def while_it_is_read(world: World, change: Callable[[], None]) -> None:
    """A sweep that reads the CRM, and what happens before it acts on that."""
    as_ever = world.connector.read

    def read(ids: Sequence[str]) -> Sequence[AsRead]:
        del world.connector.read
        records = as_ever(ids)
        change()
        return records

    world.connector.read = read  # type: ignore[method-assign]
    sweep(world.services, world.crm)


def test_a_sweep_does_not_undo_a_claim_that_another_worker_has_seen_meanwhile(pull: World) -> None:
    lead = arrives(pull)
    pull.advance(minutes=31)

    def claims() -> None:
        pull.person_takes(lead, CHO)
        watch(pull.services, pull.crm)
        pull.run()

    while_it_is_read(pull, claims)
    pull.ticks(2, minutes=1)

    assert (pull.owner(lead), outcomes(pull, lead)) == (CHO, [Outcome.WAITING])


def test_a_sweep_that_read_the_lead_before_its_offer_was_written_looks_again(offering: World) -> None:
    busy(offering)
    lead = arrives(offering)
    offering.advance(minutes=16)

    def is_written() -> None:
        offering.no_faults()
        deliver(offering.services, offering.crm)

    while_it_is_read(offering, is_written)
    offering.tick()

    assert outcomes(offering, lead) == [Outcome.OFFERED]
    assert offering.owner(lead) == offering.decisions(lead)[0].owner


# --- queues -----------------------------------------------------------------------------------------------------------


def test_a_queue_that_the_crm_writes_with_other_capitals_is_the_pool_s_queue(salesforce: World) -> None:
    salesforce.change_config("teams.yaml", POOL_ENDS, PULL)
    salesforce.users_change(lambda one: replace(one, name="SALES") if one.name == "sales" else one)
    [queue] = [user for user in salesforce.connector.users() if user.name == "SALES"]

    lead = arrives(salesforce)

    assert salesforce.rows()[lead.id]["owner"] == queue.id


# --- writes that are held up ----------------------------------------------------------------------------------------


def opened_late(world: World, seconds: int = 45) -> LeadKey:
    """A lead that Ana has declined and that is open to everyone since: the first write of that is held up and will
    come later, the second one was applied."""
    world.change_config("teams.yaml", POOL_ENDS, THEN_EVERYONE)
    lead = arrives(world)
    assert world.owner(lead) == ANA
    late = {"apply_late": {"seconds": seconds, "time": "business"}, "status": 504}
    world.advance(minutes=1)
    world.person_sets(lead, answer="Decline")
    world.fault(late, times=1, **world.writes())
    notice(world)
    world.ticks(3, seconds=5)
    assert world.owner(lead) is None
    return lead


@pytest.mark.parametrize("noticed", [True, False], ids=["a claim that was noticed", "a claim that nobody noticed yet"])
def test_whoever_takes_an_open_lead_keeps_it_when_an_earlier_write_of_ours_arrives_late(
    hubspot: World, noticed: bool
) -> None:
    lead = opened_late(hubspot)
    hubspot.person_takes(lead, CHO)
    if noticed:
        notice(hubspot)
    hubspot.advance(minutes=1)
    assert hubspot.owner(lead) is None

    notice(hubspot)
    hubspot.ticks(11, minutes=1)

    assert hubspot.owner(lead) == CHO
    assert (hubspot.cycle(lead).owner, hubspot.cycle(lead).ended) == (CHO, False)
    assert outcomes(hubspot, lead) == [Outcome.OFFERED, Outcome.WAITING]
    assert running(hubspot, lead, ClockKind.FIRST_RESPONSE) == [CHO]
    assert hubspot.field(lead, "decision") == hubspot.cycle(lead).decision
    assert (hubspot.field(lead, "outcome"), hubspot.field(lead, "waiting_until") or None) == ("assigned", None)


def test_whoever_declines_a_lead_and_takes_it_back_keeps_it_when_our_write_arrives_late(hubspot: World) -> None:
    lead = opened_late(hubspot)
    hubspot.person_takes(lead, ANA)
    notice(hubspot)
    hubspot.advance(minutes=1)
    assert hubspot.owner(lead) is None

    hubspot.ticks(12, minutes=1)

    assert (hubspot.owner(lead), outcomes(hubspot, lead)) == (ANA, [Outcome.OFFERED, Outcome.WAITING])
    assert running(hubspot, lead, ClockKind.FIRST_RESPONSE) == [ANA]


def test_a_claimed_lead_that_is_put_back_is_decided_again_although_a_write_of_ours_may_arrive_late(
    hubspot: World,
) -> None:
    lead = opened_late(hubspot, seconds=100_000)
    hubspot.person_takes(lead, CHO)
    notice(hubspot)
    hubspot.advance(seconds=10)
    hubspot.put_back(lead)

    hubspot.ticks(2, seconds=10)

    assert hubspot.decisions(lead)[-1].cause == Cause.TRIGGER
    assert hubspot.owner(lead)


def test_whoever_has_a_lead_after_it_was_open_keeps_it_when_the_write_that_opened_it_arrives_late(
    hubspot: World,
) -> None:
    lead = opened_late(hubspot, seconds=100)
    hubspot.person_takes(lead, CHO)
    notice(hubspot)
    hubspot.person_sets(lead, answer="Decline")
    hubspot.advance(seconds=10)
    notice(hubspot)
    decided, owner = hubspot.decisions(lead)[-1], hubspot.owner(lead)
    assert (decided.cause, owner) == (Cause.REJECTED, decided.owner)
    hubspot.advance(seconds=100)
    assert hubspot.owner(lead) is None

    hubspot.ticks(12, minutes=1)

    assert (hubspot.owner(lead), hubspot.field(lead, "decision")) == (owner, decided.id)
    assert hubspot.decisions(lead)[-1] == decided


def test_a_worker_that_dies_when_it_has_put_a_claim_back_leaves_the_lead_and_its_fields_as_they_were(
    hubspot: World,
) -> None:
    lead = opened_late(hubspot)
    hubspot.person_takes(lead, CHO)
    notice(hubspot)
    hubspot.advance(minutes=1)
    as_ever = hubspot.connector.confirm

    def confirm(rows: Sequence[Write]) -> list[Written]:
        del hubspot.connector.confirm
        as_ever(rows)
        raise Died

    hubspot.connector.confirm = confirm  # type: ignore[method-assign]
    with pytest.raises(Died):
        hubspot.run()
    hubspot.let_leases_end()
    hubspot.ticks(12, minutes=1)

    assert (hubspot.owner(lead), len(hubspot.decisions(lead)), hubspot.cycle(lead).ended) == (CHO, 2, False)
    assert (hubspot.field(lead, "outcome"), hubspot.field(lead, "waiting_until") or None) == ("assigned", None)


def test_who_took_an_open_lead_is_not_told_by_a_crm_without_time_and_nothing_is_decided_before(hubspot: World) -> None:
    lead = opened_late(hubspot)
    hubspot.person_takes(lead, CHO)
    notice(hubspot)
    hubspot.advance(minutes=1)
    hubspot.fault({"status": 429, "retry_after": 20}, path="/batch/read", body="propertiesWithHistory", times=2)

    hubspot.ticks(6, seconds=20)

    assert (hubspot.owner(lead), len(hubspot.decisions(lead))) == (CHO, 2)


# --- nights ---------------------------------------------------------------------------------------------------------
BY_NIGHT = (
    "when: { company: { starts_with: Comp } }, assign: { pool: night }, hand_over: { pool: sales, at: next_opening }"
)
NIGHT = "pools:\n  night: { members: [ { rep: eli@acme.example }, { rep: dee@acme.example } ], hours: ignore }\n"


def test_the_field_takes_over_in_the_morning_from_whoever_got_it_at_night_by_the_ladder(salesforce: World) -> None:
    salesforce.change_config(
        "calendars.yaml",
        "calendars:\n",
        "calendars:\n  day_and_night: { timezone: UTC, hours: { mon-sun: 00:00-24:00 } }\n",
    )
    salesforce.change_config("sla.yaml", "calendar: pool", "calendar: day_and_night")
    salesforce.change_config("teams.yaml", "pools:\n", NIGHT)
    with_rule(salesforce, BY_NIGHT)
    salesforce.at(MONDAY_TEN + timedelta(hours=12))
    lead = arrives(salesforce)

    salesforce.ticks(13, hours=1)

    assert Cause.SLA in [one.cause for one in salesforce.decisions(lead)]
    assert salesforce.decisions(lead)[-1].pool == "sales"


def test_a_lead_that_the_field_declines_does_not_go_back_to_the_night(salesforce: World) -> None:
    salesforce.change_config("teams.yaml", "pools:\n", NIGHT)
    with_rule(salesforce, BY_NIGHT)
    salesforce.at(MONDAY_TEN + timedelta(hours=22, minutes=50))
    lead = arrives(salesforce)
    salesforce.ticks(2, minutes=6)
    assert salesforce.cycle(lead).pool == "sales"
    salesforce.person_sets(lead, answer="Decline")
    salesforce.advance(minutes=1)

    notice(salesforce)

    assert salesforce.cycle(lead).pool == "sales"


def at_night(world: World, chain: str) -> LeadKey:
    """A lead that arrives shortly before the field opens, offered to the night team by this chain."""
    offers = f"hours: ignore, manager: tom@acme.example, offer: [ {chain}, {{ to: manager }} ] }}"
    world.change_config("teams.yaml", "pools:\n", NIGHT.replace("hours: ignore }", offers))
    with_rule(world, BY_NIGHT)
    world.at(MONDAY_TEN + timedelta(hours=22, minutes=50))
    return arrives(world)


def test_a_night_team_that_is_offered_its_leads_hands_them_over_too(salesforce: World) -> None:
    lead = at_night(salesforce, "{ to: next, for: 10 h elapsed }")
    salesforce.person_sets(lead, answer="Accept")
    notice(salesforce)

    salesforce.ticks(2, minutes=6)

    assert salesforce.cycle(lead).pool == "sales"


def test_an_offer_at_night_that_nobody_has_answered_ends_when_the_field_takes_over(salesforce: World) -> None:
    lead = at_night(salesforce, "{ to: next, for: 10 h elapsed }")

    salesforce.ticks(2, minutes=6)

    assert [one.cause for one in salesforce.decisions(lead)] == [Cause.NEW, Cause.HAND_OVER]
    assert salesforce.cycle(lead).pool == "sales"
    assert not salesforce.field(lead, "waiting_until")


def test_the_field_takes_over_from_whoever_an_offer_at_night_has_gone_on_to(salesforce: World) -> None:
    lead = at_night(salesforce, "{ to: next, for: 3 min elapsed }, { to: next, for: 3 h elapsed }")

    salesforce.ticks(3, minutes=4)

    assert [one.cause for one in salesforce.decisions(lead)] == [Cause.NEW, Cause.LIMIT, Cause.HAND_OVER]
    assert salesforce.cycle(lead).pool == "sales"


def test_the_field_takes_over_from_whoever_has_claimed_a_lead_at_night(world: World) -> None:
    lead = at_night(world, "{ to: everyone, for: 3 h elapsed }")
    world.person_takes(lead, ELI)
    notice(world)
    assert world.cycle(lead).owner == ELI

    world.ticks(2, minutes=6)

    assert (world.decisions(lead)[-1].cause, world.cycle(lead).pool) == (Cause.HAND_OVER, "sales")
    assert world.owner(lead) in {*REPS} - {ELI}
