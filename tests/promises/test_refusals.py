"""Promise 1 where the CRM says no: another owner, and in the end a person who looks; never nothing."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.base import Crm, Write, Written
from domain.decisions import Cause, Outcome
from ledger import rotations
from tests.promises.world import MANAGER, REPS, World


class Refusing:
    """A CRM that refuses every row that makes one of these users the owner, as a trigger of the customer's might."""

    def __init__(self, crm: Crm, owners: Sequence[str]) -> None:
        self._crm, self._owners = crm, frozenset(owners)

    def __getattr__(self, name: str) -> object:
        return getattr(self._crm, name)

    def write(self, rows: Sequence[Write]) -> list[Written]:
        sent = iter(self._crm.write([row for row in rows if row.owner_id not in self._owners]))
        return [
            Written(row.key, "refused", "no trigger likes this owner") if row.owner_id in self._owners else next(sent)
            for row in rows
        ]


def refuse(world: World, *emails: str) -> None:
    crm = Refusing(world.connector, [world.users[email] for email in emails])
    world.services = replace(world.services, crms={world.crm: crm})  # type: ignore[dict-item]


def test_an_owner_whom_the_crm_refuses_is_replaced_by_the_next(world: World) -> None:
    refuse(world, REPS[0], REPS[1])
    leads = world.new_leads([{"email": f"no{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(4)])

    for _ in range(3):
        world.run()

    assert {world.owner(lead) for lead in leads} <= set(REPS[2:])
    assert all(world.cycle(lead).applied_at for lead in leads)


def test_after_three_attempts_that_came_to_nothing_a_person_looks_and_a_day_later_it_is_decided_again(
    world: World,
) -> None:
    allowed = world.services
    refuse(world, *REPS, MANAGER)
    lead = world.new_lead(email="never@firm.example")
    for _ in range(6):
        world.run()
    in_review, tries = world.cycle(lead), world.decisions(lead)
    told = [notice for notice in world.told if notice.event == "review"]

    world.services = replace(allowed, now=world.services.now, machine=world.services.machine)
    world.advance(hours=25)
    for _ in range(2):
        world.tick()

    assert in_review.outcome == Outcome.REVIEW
    assert [one.cause for one in tries] == [Cause.NEW] + [Cause.WRITE_REFUSED] * 4
    assert [notice.to for notice in told] == [(MANAGER,)]
    assert world.owner(lead) is not None


def test_a_refused_turn_comes_back_once(world: World) -> None:
    refuse(world, REPS[0])
    world.new_lead(email="first@firm.example")
    world.run()
    world.services = replace(world.services, crms={world.crm: world.connector})

    with world.ledger.reading() as tx:
        taken = {rep: account.taken for rep, account in rotations.load(tx)["sales"].accounts.items()}
    assert sum(taken.values()) == 1
    assert taken.get(REPS[0], 0) == 0
