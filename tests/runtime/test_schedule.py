"""What beat wakes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from domain.mapping import CrmMapping
from runtime.celery_app import CONFIGURATION, VISIBILITY_SECONDS
from runtime.pacing import LEASE_SECONDS
from runtime.schedule import schedule

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
MAPPING = {"hubspot": CrmMapping("hubspot", "contact", ("nobody",), {}, poll_every=10.0)}


def test_a_wake_up_expires_when_the_next_one_is_due_so_that_none_pile_up() -> None:
    entries = schedule(MAPPING, None, NINE)
    assert {name: one["options"]["expires"] for name, one in entries.items()} == {
        name: one["schedule"] for name, one in entries.items()
    }


def test_leads_are_asked_for_as_often_as_the_mapping_says() -> None:
    assert schedule(MAPPING, None, NINE)["poll hubspot hot"]["schedule"] == 10.0


def test_a_demo_may_tick_faster_and_never_slower() -> None:
    faster, slower = schedule(MAPPING, 1.0, NINE), schedule(MAPPING, 100.0, NINE)
    assert (faster["poll hubspot hot"]["schedule"], slower["poll hubspot hot"]["schedule"]) == (1.0, 10.0)


def test_the_slow_ticks_stay_slow_in_a_demo() -> None:
    assert schedule(MAPPING, 1.0, NINE)["reconcile hubspot bulk"]["schedule"] == 600.0


def first_due(quickest: float | None = None) -> dict[str, float]:
    """Seconds after the start at which each entry is due for the first time."""
    entries = schedule(MAPPING, quickest, NINE)
    due = {name: one["last_run_at"] + timedelta(seconds=one["schedule"]) for name, one in entries.items()}
    return {name: round((at - NINE).total_seconds(), 3) for name, at in due.items()}


def test_everything_is_woken_within_its_first_interval() -> None:
    entries = schedule(MAPPING, None, NINE)
    assert [name for name, seconds in first_due().items() if not 0 <= seconds < entries[name]["schedule"]] == []
    assert first_due()["poll hubspot hot"] == 0.0


def test_the_reconciliation_leaves_a_start_s_backlog_to_the_poll() -> None:
    assert first_due()["reconcile hubspot bulk"] == 150.0


@pytest.mark.parametrize("quickest", [None, 1.0], ids=["as the mapping says", "in a demo"])
def test_what_polls_as_often_as_the_poll_does_not_come_in_the_same_moment(quickest: float | None) -> None:
    polls = [first_due(quickest)[name] for name in ("poll hubspot hot", "observe hubspot bulk", "watch hubspot bulk")]
    every = schedule(MAPPING, quickest, NINE)["poll hubspot hot"]["schedule"]
    assert [later - sooner >= every * 0.3 for sooner, later in pairwise([*polls, every])] == [True, True, True]


def test_a_task_ends_before_its_lease_and_its_lease_before_the_queue_hands_it_out_again() -> None:
    assert CONFIGURATION["task_time_limit"] < LEASE_SECONDS < VISIBILITY_SECONDS


def test_fresh_leads_and_imports_are_routed_by_wake_ups_of_their_own() -> None:
    routes = [one for name, one in schedule(MAPPING, None, NINE).items() if name.startswith("route")]
    assert [(one["options"]["queue"], one["args"]) for one in routes] == [
        ("hot", ("hubspot", "hot")),
        ("bulk", ("hubspot", "bulk")),
    ]
