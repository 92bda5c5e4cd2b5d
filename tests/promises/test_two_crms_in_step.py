"""One person in two CRMs that a sync keeps in step: one owner, and no sync is taken for a person."""

from collections.abc import Iterator, Sequence

import pytest

from connectors.base import Write, Written
from domain.clocks import State
from domain.leads import Seen
from runtime import ingest
from tests.promises.world import REPS, World
from tests.sandbox_process import SandboxProcess


class Company:
    """Works in both CRMs, and Eva is a lead in each."""

    def __init__(self, salesforce: World, hubspot: World) -> None:
        self.salesforce, self.hubspot = salesforce, hubspot
        self.here = salesforce.new_lead(email="eva@firm.example")
        self.there = hubspot.new_lead(email="Eva@firm.example")

    def run(self) -> None:
        self.salesforce.run()
        self.hubspot.run()

    def ticks(self, times: int, minutes: float) -> None:
        for _ in range(times):
            for world in (self.salesforce, self.hubspot):
                world.advance(minutes=minutes)
            for world in (self.salesforce, self.hubspot):
                world.tick()

    def sync(self) -> None:
        """The owner in Salesforce becomes the owner in HubSpot: the sync's user writes him there."""
        self.hubspot.person_takes(self.there, str(self.salesforce.owner(self.here)))

    def owners(self) -> tuple[str | None, str | None]:
        return self.salesforce.owner(self.here), self.hubspot.owner(self.there)


@pytest.fixture
def company(sandbox: SandboxProcess, database_url: str) -> Iterator[Company]:
    salesforce = World(sandbox, "salesforce", database_url)
    hubspot = World(sandbox, "hubspot", database_url, beside=True)
    yield Company(salesforce, hubspot)
    salesforce.ledger.close()
    hubspot.ledger.close()


def test_a_person_in_both_crms_goes_to_one_owner(company: Company) -> None:
    company.run()

    assert company.owners() == (REPS[0], REPS[0])


def test_a_sync_that_is_faster_than_our_own_write_is_not_taken_for_a_person(company: Company) -> None:
    company.salesforce.run()

    def write(rows: Sequence[Write]) -> list[Written]:
        company.sync()
        return type(company.hubspot.connector).write(company.hubspot.connector, rows)

    company.hubspot.connector.write = write  # type: ignore[method-assign]
    company.hubspot.run()

    assert company.owners() == (REPS[0], REPS[0])
    assert "in_step" in company.hubspot.kinds(company.there)
    assert "owner_changed" not in company.hubspot.kinds(company.there)


def test_a_sync_that_brings_the_next_owner_is_not_taken_for_a_person(company: Company) -> None:
    company.run()
    company.ticks(1, minutes=1)
    company.salesforce.person_sets(company.here, answer="Decline")
    declined = Seen(company.here, company.salesforce.now, "webhook", hot=True)
    ingest.store(company.salesforce.services, "salesforce", [declined])
    company.run()
    next_owner = company.salesforce.owner(company.here)
    company.sync()

    company.ticks(5, minutes=10)

    assert next_owner not in (None, REPS[0])
    assert company.hubspot.owner(company.there) == next_owner
    assert "owner_changed" not in company.hubspot.kinds(company.there)
    assert "owner_changed" not in company.salesforce.kinds(company.here)


def test_a_person_who_takes_the_lead_in_one_crm_is_still_a_person(company: Company) -> None:
    company.run()
    company.hubspot.person_takes(company.there, REPS[4])

    company.ticks(5, minutes=10)

    assert company.hubspot.owner(company.there) == REPS[4]
    assert "owner_changed" in company.hubspot.kinds(company.there)


def test_a_person_whom_nobody_answers_is_handed_on_to_one_and_the_same_colleague(company: Company) -> None:
    company.run()

    company.ticks(8, minutes=10)

    here, there = company.owners()
    assert here == there
    assert here not in (None, REPS[0])


def test_a_call_that_is_logged_in_one_crm_answers_the_lead_in_the_other(company: Company) -> None:
    company.run()
    company.ticks(1, minutes=5)
    company.salesforce.person_calls(company.here, REPS[0])

    company.ticks(9, minutes=10)

    assert company.owners() == (REPS[0], REPS[0])
    assert company.hubspot.first_response(company.there).state == State.MET


def test_a_sync_that_brings_the_next_owner_after_the_due_time_makes_no_second_breach_of_one(company: Company) -> None:
    company.run()
    company.ticks(1, minutes=1)
    for world in (company.salesforce, company.hubspot):
        world.advance(minutes=75)
    company.salesforce.tick()
    company.sync()
    company.hubspot.tick()

    assert company.salesforce.first_response(company.here).state == State.BREACHED
    assert company.hubspot.first_response(company.there).state == State.ENDED
    assert "in_step" in company.hubspot.kinds(company.there)
