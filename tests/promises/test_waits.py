"""Offers, shared queues, reviews and hand-overs: who has the lead now, for how long, and what happens then."""

from datetime import timedelta

from domain.clocks import ClockKind, State
from domain.decisions import Cause, Outcome
from domain.leads import LeadKey
from tests.promises.waiting import POOL_ENDS, PULL, arrives, notice, outcomes, with_rule
from tests.promises.world import MANAGER, MONDAY_TEN, REPS, World

ANA, BEN, CHO, DEE, ELI = REPS

# --- offers -------------------------------------------------------------------------------------------------------


def test_an_offer_goes_down_the_chain_until_somebody_has_the_lead(offering: World) -> None:
    lead = arrives(offering)
    first = offering.owner(lead)
    assert offering.field(lead, "offered_to") == first

    owners = [first]
    for minutes in (16, 16, 31):
        offering.ticks(1, minutes=minutes)
        offering.tick()
        owners.append(offering.owner(lead))

    assert outcomes(offering, lead) == [Outcome.OFFERED, Outcome.OFFERED, Outcome.WAITING, Outcome.ASSIGNED]
    assert owners == [first, ELI, None, MANAGER]
    assert [one.cause for one in offering.decisions(lead)] == [Cause.NEW, Cause.LIMIT, Cause.LIMIT, Cause.LIMIT]
    assert not offering.field(lead, "offered_to")


def test_a_chain_that_begins_with_a_person_by_name_goes_on_with_its_next_step(world: World) -> None:
    chain = f"[ {{ to: {CHO}, for: 15 min }}, {{ to: {DEE}, for: 15 min }}, {{ to: manager }} ]"
    world.change_config("teams.yaml", POOL_ENDS, f"{POOL_ENDS}    offer: {chain}\n")
    lead = arrives(world)
    owners = [world.owner(lead)]

    for _ in range(2):
        world.ticks(1, minutes=16)
        world.tick()
        owners.append(world.owner(lead))

    assert owners == [CHO, DEE, MANAGER]


def test_a_lead_that_is_accepted_stays(offering: World) -> None:
    lead = arrives(offering)
    first = offering.owner(lead)
    offering.advance(minutes=5)
    offering.person_sets(lead, answer="Accept")
    notice(offering)

    offering.ticks(3, minutes=10)

    assert (outcomes(offering, lead), offering.owner(lead)) == ([Outcome.OFFERED], first)
    assert "accepted" in offering.kinds(lead)
    assert not offering.field(lead, "waiting_until")


def test_an_acceptance_that_nobody_has_noticed_yet_counts_when_the_limit_is_over(offering: World) -> None:
    lead = arrives(offering)
    offering.advance(minutes=14)
    offering.person_sets(lead, answer="Accept")

    offering.ticks(2, minutes=5)

    assert outcomes(offering, lead) == [Outcome.OFFERED]


def test_whoever_calls_the_lead_has_accepted_it(offering: World) -> None:
    lead = arrives(offering)
    first = offering.owner(lead)
    assert first
    offering.advance(minutes=5)
    offering.person_calls(lead, first)

    offering.ticks(4, minutes=10)

    assert (outcomes(offering, lead), offering.owner(lead)) == ([Outcome.OFFERED], first)


def test_whoever_has_called_in_time_has_accepted_in_time_whenever_that_is_noticed(offering: World) -> None:
    lead = arrives(offering)
    offering.advance(minutes=5)
    offering.person_calls(lead, str(offering.owner(lead)))
    offering.advance(minutes=15)
    offering.person_sets(lead, company="Firm AG")
    offering.ticks(2, minutes=5)

    (acceptance,) = (one for one in offering.clocks(lead) if one.kind == ClockKind.ACCEPTANCE)
    assert (acceptance.state, acceptance.cause) == (State.MET, None)
    assert outcomes(offering, lead) == [Outcome.OFFERED]


def test_a_declined_offer_goes_to_the_next_step_at_once(offering: World) -> None:
    lead = arrives(offering)
    offering.advance(minutes=1)
    offering.person_sets(lead, answer="Decline")

    notice(offering)

    assert outcomes(offering, lead) == [Outcome.OFFERED, Outcome.OFFERED]
    assert offering.owner(lead) == ELI


def test_the_clock_begins_anew_with_each_offer(offering: World) -> None:
    lead = arrives(offering)
    offering.ticks(1, minutes=16)
    offering.tick()

    running = [
        one for one in offering.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE and one.state == State.RUNNING
    ]

    assert [(one.owner, one.cycle) for one in running] == [(ELI, 1)]


# --- pull ---------------------------------------------------------------------------------------------------------


def test_whoever_makes_himself_the_owner_has_the_lead_and_the_clock_starts_for_him(pull: World) -> None:
    lead = arrives(pull)
    assert (outcomes(pull, lead), pull.owner(lead)) == ([Outcome.WAITING], None)
    assert not [one for one in pull.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE]

    pull.advance(minutes=10)
    pull.person_takes(lead, CHO)
    notice(pull)
    pull.tick()

    assert pull.owner(lead) == CHO
    assert "claimed" in pull.kinds(lead)
    clock = pull.first_response(lead)
    assert (clock.owner, clock.due_at) == (CHO, pull.now + timedelta(hours=1))
    pull.ticks(2, minutes=15)
    assert (outcomes(pull, lead), pull.owner(lead)) == ([Outcome.WAITING], CHO)


def test_a_claim_that_is_noticed_only_at_the_limit_counts(pull: World) -> None:
    lead = arrives(pull)
    pull.advance(minutes=29)
    pull.person_takes(lead, CHO)

    pull.ticks(2, minutes=2)

    assert (outcomes(pull, lead), pull.owner(lead)) == ([Outcome.WAITING], CHO)


def test_a_lead_that_nobody_takes_goes_to_the_manager(pull: World) -> None:
    lead = arrives(pull)

    pull.ticks(2, minutes=31)

    assert pull.owner(lead) == MANAGER


def test_in_salesforce_a_lead_that_waits_lies_in_the_pool_s_queue(salesforce: World) -> None:
    salesforce.change_config("teams.yaml", POOL_ENDS, PULL)
    lead = arrives(salesforce)

    [queue] = [user for user in salesforce.connector.users() if user.kind == "queue" and user.name == "sales"]
    assert salesforce.rows()[lead.id]["owner"] == queue.id


def test_a_claimed_lead_that_is_not_answered_is_handed_on_like_any_other(pull: World) -> None:
    lead = arrives(pull)
    pull.person_takes(lead, CHO)
    notice(pull)

    pull.ticks(8, minutes=15)

    assert pull.decisions(lead)[1].cause == Cause.SLA
    assert pull.owner(lead) != CHO


# --- reviews ------------------------------------------------------------------------------------------------------


def answered(world: World, answer: str) -> LeadKey:
    lead = arrives(world)
    assert outcomes(world, lead) == [Outcome.REVIEW]
    world.advance(minutes=5)
    world.person_sets(lead, answer=answer)
    notice(world)
    return lead


def test_a_lead_that_is_approved_is_decided_by_the_other_rules(reviewing: World) -> None:
    lead = answered(reviewing, "Approve")

    assert outcomes(reviewing, lead) == [Outcome.REVIEW, Outcome.ASSIGNED]
    assert reviewing.decisions(lead)[1].cause == Cause.REVIEW
    assert reviewing.owner(lead) in REPS


def test_an_approved_lead_is_not_reviewed_again_when_its_owner_declines(reviewing: World) -> None:
    lead = answered(reviewing, "Approve")
    reviewing.advance(minutes=5)
    reviewing.person_sets(lead, answer="Decline")

    notice(reviewing)

    assert outcomes(reviewing, lead) == [Outcome.REVIEW, Outcome.ASSIGNED, Outcome.ASSIGNED]


def test_a_lead_that_is_rejected_goes_where_the_rule_says(reviewing: World) -> None:
    lead = answered(reviewing, "Reject")

    assert outcomes(reviewing, lead) == [Outcome.REVIEW, Outcome.NURTURED]
    assert reviewing.field(lead, "queue") == "marketing"


def test_a_review_without_an_answer_ends_with_the_manager(reviewing: World) -> None:
    lead = arrives(reviewing)

    reviewing.ticks(2, hours=5)

    assert outcomes(reviewing, lead) == [Outcome.REVIEW, Outcome.ASSIGNED]
    assert reviewing.owner(lead) == MANAGER


# --- hand-overs and leads that are kept warm -----------------------------------------------------------------------


def test_the_night_team_answers_and_the_field_takes_over_in_the_morning(world: World) -> None:
    world.change_config(
        "teams.yaml", "pools:\n", "pools:\n  night: { members: [ { rep: eli@acme.example } ], hours: ignore }\n"
    )
    with_rule(
        world,
        "when: { company: { starts_with: Comp } }, assign: { pool: night }, "
        "hand_over: { pool: sales, at: next_opening }",
    )
    world.at(MONDAY_TEN + timedelta(hours=12))
    lead = arrives(world)
    assert world.owner(lead) == ELI

    world.ticks(12, hours=1)

    taken = world.decisions(lead)[-1]
    assert (taken.cause, taken.pool) == (Cause.HAND_OVER, "sales")
    assert world.owner(lead) in {*REPS} - {ELI}


def test_a_lead_that_is_kept_warm_and_watched_is_routed_when_its_intent_rises(world: World) -> None:
    world.change_config(
        "routing.yaml",
        "rules:\n",
        "intent: { high: { industry: [retail, RETAIL] }, low: otherwise }\n"
        "rules:\n  - { name: Warm, when: { intent: low }, nurture: { queue: marketing, watch: true } }\n",
    )
    lead = arrives(world)
    assert outcomes(world, lead) == [Outcome.NURTURED]
    world.advance(minutes=5)
    world.person_sets(lead, industry="RETAIL" if world.crm == "hubspot" else "retail")

    notice(world)

    assert outcomes(world, lead) == [Outcome.NURTURED, Outcome.ASSIGNED]
    assert "warmed" in world.kinds(lead)
