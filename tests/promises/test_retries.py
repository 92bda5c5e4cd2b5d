"""Promise 1 against a CRM in trouble: one bad row holds nobody up, nothing is hammered, nobody pays for a refusal."""

from collections.abc import Callable
from contextlib import suppress

from connectors.base import TryLater
from domain.decisions import Cause, Outcome
from ledger import rotations
from runtime import ingest
from runtime.deliver import deliver
from runtime.route import route
from tests.promises.refusing import accept_again, refuse, refuse_everything
from tests.promises.world import MANAGER, REPS, World


def many(world: World, number: int) -> None:
    world.new_leads([{"email": f"m{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(number)])


def calls(world: World, work: Callable[[], object]) -> int:
    """How many requests this takes."""
    before = world.connector.calls
    work()
    return world.connector.calls - before


def test_a_row_that_makes_the_crm_stumble_does_not_hold_up_its_neighbours(
    world: World,
) -> None:
    keys = world.new_leads([{"email": f"n{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(10)])
    world.fault({"status": 500}, body=keys[3].id, **world.writes())

    for _ in range(8):
        world.advance(minutes=3)
        world.run()

    assert [at for at, key in enumerate(keys) if world.owner(key) is None] == [3]


def test_where_even_the_review_is_refused_the_manager_is_told_and_it_is_decided_again_a_day_later(world: World) -> None:
    refuse_everything(world)
    lead = world.new_lead(email="refused@firm.example")
    for _ in range(8):
        world.run()
    outcome, told = world.cycle(lead).outcome, [notice.to for notice in world.told]

    accept_again(world)
    world.ticks(5, hours=6)

    assert (outcome, told) == (Outcome.REVIEW, [(MANAGER,)])
    assert world.owner(lead) is not None


def test_an_outcome_without_an_owner_that_the_crm_refused_is_written_when_it_takes_it(world: World) -> None:
    refuse_everything(world)
    lead = world.new_lead(company="Rival Ltd", email="rival@rival.example")
    world.run()

    accept_again(world)
    for _ in range(2):
        world.ticks(1, hours=1)
        ingest.reconcile(world.services, world.crm)
        world.run()

    [decision] = world.decisions(lead)
    assert world.field(lead, "decision") == decision.id


def test_writes_whose_answers_are_lost_are_not_sent_again_every_few_seconds(world: World) -> None:
    many(world, 5)
    world.fault({"drop_before": True}, **world.writes())
    world.run()

    def five_minutes() -> None:
        for _ in range(60):
            world.advance(seconds=5)
            deliver(world.services, world.crm)

    assert calls(world, five_minutes) < 60


def test_a_crm_that_asks_for_a_wait_of_zero_seconds_is_not_hammered(world: World) -> None:
    many(world, 200)
    ingest.poll(world.services, world.crm)
    world.fault({"status": 429, "retry_after": 0}, times=40, **world.writes())

    assert calls(world, lambda: route(world.services, world.crm, "bulk")) < 20


def test_a_crm_that_refuses_everybody_costs_no_more_than_a_call_for_each_lead(world: World) -> None:
    real = world.connector
    refuse(world, *REPS, MANAGER)
    many(world, 30)
    before = real.calls

    for _ in range(6):
        world.run()

    assert real.calls - before <= 30


def test_owners_whom_the_crm_refused_are_no_reassignments(world: World) -> None:
    refuse(world, REPS[0], REPS[1])
    lead = world.new_lead(email="ladder@firm.example")
    for _ in range(3):
        world.run()
    first = world.owner(lead)

    world.ticks(10, minutes=9)

    by_silence = [decision.owner for decision in world.decisions(lead) if decision.cause == Cause.SLA]
    assert by_silence == [world.owner(lead)]
    assert {first, world.owner(lead)} <= set(REPS[2:])
    assert world.owner(lead) != first


def test_the_turn_of_a_lead_that_was_deleted_before_it_was_written_comes_back(world: World) -> None:
    lead = world.new_lead(email="gone@firm.example")
    world.fault({"status": 503}, times=1, **world.writes())
    world.run()
    world.delete(lead)

    world.ticks(4, minutes=5)

    assert taken(world) == 0


def taken(world: World) -> int:
    with world.ledger.reading() as tx:
        return sum(account.taken for account in rotations.load(tx)["sales"].accounts.values())


def test_nobody_gets_more_than_he_can_take_while_writes_are_held_up(world: World) -> None:
    world.change_config("teams.yaml", "name: Ana, manager", "name: Ana, capacity: 2, manager")
    world.fault({"status": 429, "retry_after": 30}, **world.writes())
    for wave in range(6):
        rows = [{"email": f"w{wave}{at}@f{wave}{at}.example", "company": f"F{wave}{at}"} for at in range(3)]
        world.new_leads(rows)
        world.run()
        world.advance(minutes=1)
        ingest.mirror(world.services, world.crm)

    world.no_faults()
    world.advance(minutes=6)
    world.run()

    owners = [decision.owner for decision in world.in_order()]
    assert len(owners) == 18
    assert owners.count(REPS[0]) == 2


def test_a_write_of_unknown_fate_is_settled_soon_after_a_read_that_failed(world: World) -> None:
    lead = world.new_lead(email="soon@firm.example")
    world.die_after_write()
    world.let_leases_end()
    world.fault({"status": 429, "retry_after": 1}, times=1)
    deliver(world.services, world.crm)

    world.advance(seconds=5)
    deliver(world.services, world.crm)

    assert "applied" in world.kinds(lead)


def test_an_answer_with_an_error_inside_a_200_holds_nobody_up(world: World) -> None:
    lead = world.new_lead(email="inside@firm.example")
    for _ in range(4):
        world.fault({"error_inside": True}, times=2)
        with suppress(TryLater):  # as the task does that runs a poll
            world.run()
        world.no_faults()
        world.advance(seconds=10)

    world.run()

    assert world.owner(lead) is not None


def test_a_write_answered_with_an_error_inside_a_200_is_settled_by_a_read(world: World) -> None:
    lead = world.new_lead(email="write@firm.example")
    world.fault({"error_inside": True}, times=1, **world.writes())

    for _ in range(3):
        world.run()
        world.advance(seconds=10)

    assert world.owner(lead) is not None


def test_a_date_that_nobody_can_read_holds_nobody_up(world: World) -> None:
    world.fault({"date": "yesterday"})
    lead = world.new_lead(email="date@firm.example")

    world.run()

    assert world.owner(lead) is not None


def test_a_write_that_is_applied_late_changes_nothing(world: World) -> None:
    lead = world.new_lead(email="late@firm.example")
    world.fault({"apply_late": {"seconds": 60, "time": "business"}, "status": 504}, times=1, **world.writes())
    for _ in range(4):
        world.run()
        world.advance(seconds=10)
    owner = world.owner(lead)

    world.advance(minutes=2)
    world.ticks(2, seconds=10)

    assert (owner is not None, world.owner(lead), len(world.decisions(lead))) == (True, owner, 1)
