"""The task *Answer this lead*: on the rep's list once, and cheap."""

from tests.promises.world import World

LAST_OF_A_WRITE = {"hubspot": "/contacts/batch/read"}
"""HubSpot tells the owners' history after the guarded rows; elsewhere the rows are the last."""


def creations(world: World) -> int:
    """How often creating tasks was asked for since the log was emptied."""
    log = world.sandbox.control("GET", "/calls")["log"]
    return sum(call["method"] == "POST" and call["path"].endswith(world.about.creates_tasks["path"]) for call in log)


def test_a_task_whose_answer_got_lost_is_not_created_a_second_time(world: World) -> None:
    world.new_lead(email="once@firm.example")
    world.sandbox.control("DELETE", "/calls")
    world.fault({"drop_after_write": True}, times=1, **world.about.creates_tasks)

    for _ in range(3):
        world.run()
        world.let_leases_end()

    assert creations(world) == 1


def test_a_task_that_was_never_sent_before_costs_nothing_but_its_creation(world: World) -> None:
    world.new_lead(email="cheap@firm.example")

    world.run()

    *_, written, created = world.sandbox.control("GET", "/calls")["log"]
    assert written["path"].endswith(LAST_OF_A_WRITE.get(world.crm, world.about.writes["path"]))
    assert created["path"].endswith(world.about.creates_tasks["path"])
