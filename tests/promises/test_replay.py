"""Promise 5: every decision can be made again from what was stored with it, bit for bit, and nobody can edit one."""

import json

from sqlalchemy import select

from domain.decisions import Cause, Decision, Outcome
from ledger import codec, decisions, playbooks, tables
from playbook.book import Playbook, load_texts
from router.decide import Case, State, decide
from runtime import ingest
from tests.promises.refusing import accept_again, refuse
from tests.promises.world import MANAGER, REPS, World


def test_every_decision_of_a_mixed_world_is_made_again_bit_for_bit_from_its_stored_inputs(world: World) -> None:
    live_through_everything(world)

    replayed = []
    with world.ledger.reading() as tx:
        broken = decisions.verify(tx)
        for row in tx.execute(select(tables.decisions).order_by(tables.decisions.c.seq)).mappings():
            made, inputs = codec.load(Decision, json.loads(row["decision"])), json.loads(row["inputs"])
            book = load_texts(playbooks.texts(tx, made.playbook) or {})
            assert isinstance(book, Playbook)
            case, state = codec.load(Case, inputs["case"]), codec.load(State, inputs["state"])
            again = decide(case, book.rules, state, made.decided_at)
            assert codec.canonical(codec.dump(again)) == row["decision"], made.reason
            assert again == made
            replayed.append(made)

    assert broken == []
    assert {made.outcome for made in replayed} == set(Outcome) - {Outcome.OFFERED, Outcome.GONE}
    assert {made.cause for made in replayed} >= {Cause.NEW, Cause.SLA, Cause.WRITE_REFUSED, Cause.LIMIT, Cause.TRIGGER}
    assert len({made.playbook for made in replayed}) == 2


def live_through_everything(world: World) -> None:
    """Companies, duplicates, silence, a lead put back, refusals up to a review, a wait, another configuration."""
    acme = {"Acme": "Acmé", "acme.example": "acme-corp.example", "https://www.acme.example/de": "acme-corp.example"}
    native = {name: acme.get(value, value) for name, value in world.about.company.items()}
    native[world.about.owner] = world.users[REPS[2]]
    world.sandbox.control("POST", f"/{world.crm}/accounts", json=[native])
    world.advance(minutes=1)
    ingest.mirror(world.services, world.crm)
    many = [{"email": f"x{at}@firm{at}.example", "company": f"Firm é{at}"} for at in range(8)]
    same = [{"email": "x1@firm1.example"}] if world.crm != "hubspot" else []  # HubSpot has one contact per address
    student = "EDUCATION" if world.crm == "hubspot" else "education"
    others = [{"email": "j@acme-corp.example"}, {"company": "Rival"}, {"company": "-"}, {"industry": student}]
    leads = world.new_leads([*many, *same, *others])
    world.tick()
    world.put_back(leads[0])
    world.ticks(6, minutes=25)

    refuse(world, *REPS, MANAGER)
    world.new_lead(email="never@never.example")
    for _ in range(6):
        world.run()
    accept_again(world)

    world.change_config("teams.yaml", "name: Ana, manager", "name: Ana, capacity: 40, manager")
    world.advance(hours=12)
    world.new_lead(email="owl@owl.example")
    world.tick()
    world.ticks(1, hours=40)
