"""A breach has a cause, a habit has consequences until it ends, and what was no breach leaves nothing behind."""

from datetime import timedelta

from domain.clocks import State
from domain.decisions import Cause, Why
from domain.leads import LeadKey
from domain.people import Absence
from ledger import attainment, codec, decisions, people
from router.case import Case
from router.case import State as Deciding
from router.considered import candidates_of
from router.decide import decide
from runtime.attainment import rows
from runtime.watch import watch
from scripts.attainment import COLUMNS, as_data
from tests.promises.world import MANAGER, REPS, World

CHRONIC = (
    "choose: first\n"
    "consequences:\n"
    "  repeated: { breaches: 2, within: 30 calendar days, notify: manager }\n"
    "  chronic: { breach_rate: 50 %, of_at_least: 2, within: 30 calendar days, weight: 10 %, until: 2 met in a row }\n"
)
ANA = "ana@acme.example"


def sla(world: World, old: str, new: str) -> None:
    world.change_config("sla.yaml", old, new)


def for_ana_alone(world: World) -> None:
    """Everybody else is away."""
    with world.ledger.writing() as tx:
        for rep in REPS[1:]:
            people.add_absence(tx, Absence(rep, world.now - timedelta(days=1), world.now + timedelta(days=1)))


def assigned(world: World, **fields: str) -> tuple[LeadKey, str]:
    lead = world.new_lead(**{"email": "jane@firm.example", **fields})
    world.run()
    return lead, str(world.owner(lead))


def breach(world: World, lead: LeadKey) -> tuple[str, str | None]:
    """The cause that was found, and against whom it counts."""
    (found,) = (event for event in world.events(lead, "breached") if event.detail["clock"] == "first_response")
    return found.detail["cause"], found.detail["owner"]


# Causes.


def test_a_silent_owner_is_the_cause_and_the_record_says_so(world: World) -> None:
    lead, owner = assigned(world)
    world.ticks(1, minutes=61)

    assert breach(world, lead) == ("owner did not act", owner)
    assert world.first_response(lead).cause == "owner did not act"
    assert world.field(lead, "breach_cause") == "owner did not act"


def test_an_owner_who_is_away_for_most_of_the_time_is_not_to_blame(world: World) -> None:
    lead, owner = assigned(world)
    with world.ledger.writing() as tx:
        people.add_absence(tx, Absence(owner, world.now + timedelta(minutes=15), world.now + timedelta(days=1)))
    world.ticks(1, minutes=61)

    assert breach(world, lead) == ("owner absent", None)
    assert world.field(lead, "breach_cause") == "owner absent: away for 75% of the time"


def test_an_owner_with_more_leads_than_agreed_is_not_to_blame_and_the_number_is_told(world: World) -> None:
    lead, owner = assigned(world)
    world.change_config("teams.yaml", "defaults: { hours: office }", "defaults: { hours: office, capacity: 5 }")
    with world.ledger.writing() as tx:
        people.counted(tx, world.crm, {owner: 7}, world.now + timedelta(minutes=1))
    world.ticks(1, minutes=61)

    assert breach(world, lead) == ("owner over capacity", None)
    assert world.field(lead, "breach_cause") == "owner over capacity: 7 open leads of at most 5"


def test_a_lead_that_a_person_gives_to_another_team_was_routed_wrongly_and_the_breach_is_nobody_s(
    world: World,
) -> None:
    world.change_config("teams.yaml", "      - { rep: eli@acme.example, weight: 1 }\n", "")
    lead, owner = assigned(world)
    world.ticks(1, minutes=61)
    assert breach(world, lead) == ("owner did not act", owner)
    world.person_takes(lead, "eli@acme.example")
    world.ticks(1, minutes=10)

    assert world.first_response(lead).cause == "routed wrongly"
    assert [event.detail["detail"] for event in world.events(lead, "cause_changed")] == [
        "given to eli@acme.example instead"
    ]


def test_a_colleague_who_helps_out_proves_nothing_about_the_routing(world: World) -> None:
    lead, owner = assigned(world)
    world.ticks(1, minutes=61)
    world.person_takes(lead, next(rep for rep in REPS if rep != owner))
    world.ticks(1, minutes=10)

    assert world.first_response(lead).cause == "owner did not act"


# Late truth.


def logged_late(world: World, lead: LeadKey, owner: str, minutes: int = 30) -> None:
    world.person_calls(
        lead, owner, seconds=90, at=(world.first_response(lead).started_at + timedelta(minutes=minutes)).isoformat()
    )


def test_a_lead_taken_away_for_a_breach_that_was_none_stays_and_the_record_says_so(world: World) -> None:
    lead, owner = assigned(world)
    world.ticks(2, minutes=36)
    second = world.owner(lead)
    assert second != owner
    logged_late(world, lead, owner)
    world.ticks(2, minutes=1)

    assert world.owner(lead) == second
    assert (world.first_response(lead).state, world.first_response(lead).cause) == (State.MET, None)
    assert world.field(lead, "ladder_step") == "logged late, but in time: no breach; stays with its present owner"


def test_with_on_retraction_return_it_goes_back_and_nobody_asks_for_another_answer(world: World) -> None:
    sla(world, "choose: first", "choose: first\non_retraction: return")
    lead, owner = assigned(world)
    world.ticks(2, minutes=36)
    assert world.owner(lead) != owner
    logged_late(world, lead, owner)
    world.ticks(2, minutes=1)

    assert world.owner(lead) == owner
    assert [decision.cause for decision in world.decisions(lead)] == [Cause.NEW, Cause.SLA, Cause.LIMIT]
    assert "logged late" in world.decisions(lead)[-1].reason
    assert world.field(lead, "sla_state") == "Met late-logged"
    world.ticks(10, minutes=30)
    assert world.owner(lead) == owner
    assert len(world.events(lead, "returned")) == 1


def test_it_stays_with_whoever_has_begun_to_work_with_it(world: World) -> None:
    sla(world, "choose: first", "choose: first\non_retraction: return")
    lead, owner = assigned(world)
    world.ticks(2, minutes=36)
    second = str(world.owner(lead))
    world.person_calls(lead, second)
    world.ticks(1, minutes=2)
    logged_late(world, lead, owner)
    world.ticks(2, minutes=1)

    assert world.owner(lead) == second


def test_whoever_has_tried_to_reach_the_lead_has_begun_where_contact_alone_meets_the_clock(world: World) -> None:
    sla(world, "choose: first", "choose: first\non_retraction: return")
    sla(world, "met_by: attempt", "met_by: contact")
    lead, owner = assigned(world)
    world.ticks(2, minutes=36)
    second = str(world.owner(lead))
    world.person_calls(lead, second, seconds=0)
    world.ticks(1, minutes=2)
    logged_late(world, lead, owner)
    world.ticks(2, minutes=1)

    assert world.owner(lead) == second


def test_a_person_who_takes_the_lead_meanwhile_wins(world: World) -> None:
    sla(world, "choose: first", "choose: first\non_retraction: return")
    lead, owner = assigned(world)
    world.ticks(2, minutes=36)
    third = next(rep for rep in REPS if rep not in (owner, world.owner(lead)))
    logged_late(world, lead, owner)
    world.person_takes(lead, third)
    world.ticks(3, minutes=1)

    assert world.owner(lead) == third


def test_what_a_breach_led_to_that_was_none_is_undone(world: World) -> None:
    sla(world, "choose: first\n", CHRONIC)
    for_ana_alone(world)
    leads = [assigned(world, email=f"p{number}@firm{number}.example")[0] for number in range(2)]
    world.ticks(1, minutes=61)
    with world.ledger.reading() as tx:
        assert [one.rep for one in attainment.standing(tx, "chronic")] == [ANA]
    for lead in leads:
        logged_late(world, lead, ANA)
    world.ticks(1, minutes=1)

    with world.ledger.reading() as tx:
        assert attainment.standing(tx, "chronic") == []
        assert attainment.of(tx, ANA, "repeated") is None
    kinds = [event.kind for lead in leads for event in world.events(lead)]
    assert {"leads_as_usual", "repetition_withdrawn"} <= set(kinds)


# Consequences.


def test_whoever_breaks_promises_again_and_again_gets_fewer_leads_visibly_until_recovered(world: World) -> None:
    sla(world, "choose: first\n", CHRONIC)
    for_ana_alone(world)
    for number in range(2):
        assigned(world, email=f"p{number}@firm{number}.example")
    world.ticks(1, minutes=61)
    world.ticks(1, minutes=1)

    told = [notice for notice in world.told if "promises" in notice.text and "Ana" in notice.text]
    assert any(notice.to == (MANAGER,) and "has broken 2 promises" in notice.text for notice in told)
    assert any(ANA in notice.to and "fewer leads" in notice.text for notice in told)
    lead, _ = assigned(world, email="fewer@firm9.example")
    made = world.decisions(lead)[0]
    (chosen,) = (one for tried in made.explanation.pools for one in candidates_of(tried) if one.rep == ANA)
    assert chosen.why == Why.CHOSEN
    assert "10% of the weight: 2 of 2 promises broken (100%) within 30 calendar days" in chosen.detail

    for number in range(2):
        answered, _ = assigned(world, email=f"ok{number}@other{number}.example")
        world.advance(minutes=1)
        world.person_calls(answered, ANA)
        world.tick()
    with world.ledger.reading() as tx:
        assert attainment.standing(tx, "chronic") == []
        stored = decisions.inputs(tx, made.id) or {}
    case, state = codec.load(Case, stored["case"]), codec.load(Deciding, stored["state"])
    assert decide(case, world.services.playbook().rules, state, made.decided_at) == made


def test_promises_of_every_kind_that_are_met_end_a_consequence(world: World) -> None:
    sla(world, "choose: first\n", CHRONIC)
    sla(world, "    ladder:\n", "    outcome: { within: 10 business days }\n    ladder:\n")
    world.change_config(
        f"crm/{world.crm}.yaml", "poll_every: 1 s\n", "poll_every: 1 s\nstatuses: { disqualified: [Unqualified] }\n"
    )
    for_ana_alone(world)
    for number in range(2):
        assigned(world, email=f"p{number}@firm{number}.example")
    world.ticks(1, minutes=61)
    for number in range(2):
        lead, _ = assigned(world, email=f"ok{number}@other{number}.example")
        world.advance(minutes=1)
        world.person_sets(lead, status="Unqualified")
        world.ticks(1, minutes=1)
        watch(world.services, world.crm)
        world.ticks(1, minutes=1)

    with world.ledger.reading() as tx:
        assert attainment.standing(tx, "chronic") == []


def test_a_breach_counts_also_where_the_calendar_does_not_reach_back_as_far_as_breaches_are_counted(
    world: World,
) -> None:
    sla(world, "choose: first\n", CHRONIC.replace("30 calendar days", "30 business days"))
    world.change_config("calendars.yaml", "{ mon-fri: 09:00-18:00 }", "{ mon: [] }, open: { 2026-11-23: 09:00-18:00 }")
    for_ana_alone(world)
    lead, _ = assigned(world)
    world.ticks(1, minutes=61)

    assert breach(world, lead) == ("owner did not act", ANA)


def test_leads_that_are_kept_from_them_go_to_others(world: World) -> None:
    sla(world, "choose: first\n", CHRONIC.replace("weight: 10 %", "not_for: { company: { contains: Big } }"))
    for_ana_alone(world)
    for number in range(2):
        assigned(world, email=f"p{number}@firm{number}.example")
    world.ticks(1, minutes=61)
    big, owner = assigned(world, email="big@big.example", company="Big AG")
    _, of_small = assigned(world, email="small@small.example", company="Small GmbH")

    assert (owner, of_small) == (MANAGER, ANA)
    whys = {one.rep: one.why for tried in world.decisions(big)[0].explanation.pools for one in candidates_of(tried)}
    assert whys[ANA] == Why.BREAKS_PROMISES


def test_during_the_introduction_breaches_are_seen_and_have_no_consequences(world: World) -> None:
    sla(world, "choose: first\n", CHRONIC + "introduction: { until: 2026-11-23, consequences: false }\n")
    for_ana_alone(world)
    lead = [assigned(world, email=f"p{number}@firm{number}.example")[0] for number in range(3)][-1]
    world.ticks(1, minutes=61)

    assert breach(world, lead) == ("owner did not act", ANA)
    with world.ledger.reading() as tx:
        assert attainment.standing(tx, "chronic") == []
    assert not any("promises" in notice.text for notice in world.told)


# For bonuses.


def test_a_lead_that_was_gone_before_anybody_looked_at_its_breach_is_no_promise_that_was_met(world: World) -> None:
    lead, _ = assigned(world)
    world.advance(minutes=90)
    world.delete(lead)
    world.tick()

    with world.ledger.reading() as tx:
        assert list(rows(tx, world.now.date(), world.now.date(), "month")) == []


def test_what_each_person_has_kept_is_told_by_cause_with_what_was_taken_back(world: World) -> None:
    for_ana_alone(world)
    silent, answered, late = (assigned(world, email=f"p{number}@firm{number}.example")[0] for number in range(3))
    world.advance(minutes=20)
    world.person_calls(answered, ANA)
    world.ticks(1, minutes=41)
    logged_late(world, late, ANA)
    world.ticks(1, minutes=1)

    with world.ledger.reading() as tx:
        (row,) = rows(tx, world.now.date(), world.now.date(), "month")
    told = as_data(row)
    assert breach(world, silent) == ("owner did not act", ANA)
    assert {name: told[name] for name in ("rep", "owed", "met", "breached", "against_rep", "retracted")} == {
        "rep": ANA, "owed": 3, "met": 2, "breached": 1, "against_rep": 1, "retracted": 1,
    }  # fmt: skip
    assert (told["breached_owner_did_not_act"], told["median_minutes"]) == (1, 25.0)
    assert set(told) == set(COLUMNS)
