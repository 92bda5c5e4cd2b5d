"""What beat wakes."""

from domain.mapping import CrmMapping
from runtime.celery_app import CONFIGURATION, VISIBILITY_SECONDS
from runtime.pacing import LEASE_SECONDS
from runtime.schedule import NEVER, schedule

MAPPING = {"hubspot": CrmMapping("hubspot", "contact", ("nobody",), {}, poll_every=10.0)}


def test_a_wake_up_expires_when_the_next_one_is_due_so_that_none_pile_up() -> None:
    entries = schedule(MAPPING, None)
    assert {name: one["options"]["expires"] for name, one in entries.items()} == {
        name: one["schedule"] for name, one in entries.items()
    }


def test_leads_are_asked_for_as_often_as_the_mapping_says() -> None:
    assert schedule(MAPPING, None)["poll hubspot hot"]["schedule"] == 10.0


def test_a_demo_may_tick_faster_and_never_slower() -> None:
    faster, slower = schedule(MAPPING, 1.0), schedule(MAPPING, 100.0)
    assert (faster["poll hubspot hot"]["schedule"], slower["poll hubspot hot"]["schedule"]) == (1.0, 10.0)


def test_the_slow_ticks_stay_slow_in_a_demo() -> None:
    assert schedule(MAPPING, 1.0)["reconcile hubspot bulk"]["schedule"] == 600.0


def test_everything_is_woken_once_when_beat_starts() -> None:
    assert {one["last_run_at"] for one in schedule(MAPPING, None).values()} == {NEVER}


def test_a_task_ends_before_its_lease_and_its_lease_before_the_queue_hands_it_out_again() -> None:
    assert CONFIGURATION["task_time_limit"] < LEASE_SECONDS < VISIBILITY_SECONDS


def test_fresh_leads_and_imports_are_routed_by_wake_ups_of_their_own() -> None:
    routes = [one for name, one in schedule(MAPPING, None).items() if name.startswith("route")]
    assert [(one["options"]["queue"], one["args"]) for one in routes] == [
        ("hot", ("hubspot", "hot")),
        ("bulk", ("hubspot", "bulk")),
    ]
