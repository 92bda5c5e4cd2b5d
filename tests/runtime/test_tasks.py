"""What a wake-up does in a worker's process."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from structlog.testing import capture_logs

from connectors.registry import CRMS, connect
from domain.decisions import Outcome
from ledger import decisions, leads
from ledger.store import open_ledger
from runtime.budget import account_key
from runtime.places import Places
from runtime.settings import Settings
from runtime.sharing import Sharing
from runtime.tasks import Worker
from runtime.wakes import Wakes
from runtime.wiring import read_playbook
from scripts.sandbox import CREDENTIALS, settle
from tests.runtime.installation import REPOSITORY
from tests.sandbox_process import SandboxProcess

MONDAY_TEN = "2026-11-23T09:00:00+00:00"
"""10:00 in Berlin: everybody is at work."""


@pytest.fixture
def settings(tmp_path: Path, sandbox: SandboxProcess, redis_url: str) -> Settings:
    """A new installation whose CRMs know the people of the example configuration; both clocks stand still."""
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": MONDAY_TEN, "speed": 0})
    found = Settings.from_environment(
        {
            **CREDENTIALS,
            "SALESFORCE_URL": sandbox.url,
            "HUBSPOT_URL": sandbox.url,
            "REDIS_URL": redis_url,
            "FAIRLEAD_VAR": str(tmp_path),
            "FAIRLEAD_CONFIG": str(REPOSITORY / "config"),
            "FAIRLEAD_CLOCK": f"{MONDAY_TEN},0,0",
            "FAIRLEAD_WORKERS": "2",
        }
    )
    playbook = read_playbook(found)
    for crm, mapping in playbook.crms.items():
        connector = connect(crm, found.credentials(crm), mapping, playbook.not_people)
        connector.sign_in()
        settle(sandbox.url, connector, playbook)
    return found


@pytest.fixture
def worker(settings: Settings) -> Iterator[Worker]:
    worker = Worker(settings)
    yield worker
    worker.close()


def test_the_first_lead_of_a_new_installation_is_not_decided_before_the_people_are_known(
    worker: Worker, settings: Settings, sandbox: SandboxProcess
) -> None:
    row = {"LastName": "Doe", "Company": "Doe AG", "Email": "doe@doe.example", "Country": "Germany"}
    [lead] = sandbox.control("POST", "/salesforce/leads", [row])
    worker.run("poll", "salesforce", "hot")
    worker.run("route", "salesforce", "bulk")
    before = decided(settings, lead)
    worker.run("mirror", "salesforce", "bulk")
    worker.run("route", "salesforce", "bulk")
    assert (before, decided(settings, lead)) == ([], [Outcome.ASSIGNED])


def test_no_lead_is_decided_before_all_companies_are_known(
    worker: Worker, settings: Settings, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"LastName": "Doe", "Company": "Doe AG", "Email": "doe@doe.example", "Country": "Germany"}
    [lead] = sandbox.control("POST", "/salesforce/leads", [row])
    with monkeypatch.context() as cut:
        cut.setattr("runtime.windows.MOST_PAGES", 0)  # the first mirror stops before it has read a company
        worker.run("poll", "salesforce", "hot")
        worker.run("mirror", "salesforce", "bulk")
    monkeypatch.setattr("runtime.windows.MOST_PAGES", 10)
    worker.run("poll", "salesforce", "hot")
    worker.run("route", "salesforce", "hot")
    before = decided(settings, lead)
    worker.run("mirror", "salesforce", "bulk")
    worker.run("route", "salesforce", "hot")
    assert (before, decided(settings, lead)) == ([], [Outcome.ASSIGNED])


def test_a_fresh_lead_does_not_wait_for_the_companies_for_long(
    worker: Worker, settings: Settings, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"LastName": "Doe", "Company": "Doe AG", "Email": "doe@doe.example", "Country": "Germany"}
    [lead] = sandbox.control("POST", "/salesforce/leads", [row])
    worker.run("poll", "salesforce", "hot")
    worker.run("mirror", "salesforce", "bulk")
    monkeypatch.setattr("runtime.ingest.mirrored", lambda services, crm: False)
    monkeypatch.setattr("runtime.tasks.MOST_WAIT", timedelta())
    worker.run("route", "salesforce", "hot")
    assert decided(settings, lead) == [Outcome.ASSIGNED]


def decided(settings: Settings, lead: str) -> list[Outcome]:
    """The outcome of each cycle of the lead."""
    with open_ledger(settings.database_url) as ledger, ledger.reading() as tx:
        return [decision.outcome for key in leads.by_id(tx, lead, None) for decision in decisions.of_lead(tx, key)]


def test_a_crm_that_stumbles_costs_a_line_in_the_log_and_the_next_wake_up_works(
    worker: Worker, sandbox: SandboxProcess
) -> None:
    sandbox.control("POST", "/faults", {"crm": "hubspot", "times": 50, "do": {"status": 503}})
    with capture_logs() as logged:
        worker.run("poll", "hubspot", "hot")
    sandbox.control("DELETE", "/faults")
    with capture_logs() as after:
        worker.run("poll", "hubspot", "hot")
    problems = [[line["log_level"] for line in lines if line["log_level"] != "info"] for lines in (logged, after)]
    assert problems == [["warning"], []]


def test_a_problem_is_kept_for_status_until_the_job_runs_through(
    worker: Worker, settings: Settings, sandbox: SandboxProcess
) -> None:
    assert settings.redis_url
    worker.run("mirror", "hubspot", "bulk")
    sandbox.control("POST", "/faults", {"crm": "hubspot", "times": 50, "do": {"status": 503}})
    worker.run("poll", "hubspot", "hot")
    kept = Wakes.at(settings.redis_url, None).last_problems()
    sandbox.control("DELETE", "/faults")
    # After a 503 nobody asks that CRM for a while.
    with Redis.from_url(settings.redis_url) as redis:
        redis.delete(*redis.scan_iter("fairlead:budget*"))
    worker.run("poll", "hubspot", "hot")
    assert [(crm, problem.job) for crm, problem in kept.items()] == [("hubspot", "poll")]
    assert Wakes.at(settings.redis_url, None).last_problems() == {}


def test_our_own_pacing_is_not_told_as_a_crm_that_is_away(worker: Worker, settings: Settings) -> None:
    assert settings.redis_url
    sharing = Sharing(settings.redis_url, settings.workers, settings.reserves, None)
    budget = sharing.budget(account_key("hubspot", settings.credentials("hubspot")), CRMS["hubspot"].limits)
    budget.refused("call", 90)
    sharing.close()

    with capture_logs() as logged:
        worker.run("poll", "hubspot", "hot")

    [line] = logged
    assert (line["log_level"], line["event"]) == ("info", "paced: no call is sent before that time")
    kept = Wakes.at(settings.redis_url, None).last_problems()["hubspot"].what
    assert kept.startswith(f"paced until {line['until']}: ")


@pytest.mark.parametrize(
    ("do", "kept"),
    [
        pytest.param(
            {"status": 429, "retry_after": 90},
            r"the CRM puts us off, tried again after \S+ \S+ UTC: HubSpot: You have reached your ten.secondly",
            id="a limit",
        ),
        pytest.param(
            {"status": 500},
            "the CRM cannot be reached just now, tried again with the next tick: HubSpot: ",
            id="an outage",
        ),
    ],
)
def test_a_limit_that_is_reached_is_not_told_as_a_crm_that_is_away(
    worker: Worker, settings: Settings, sandbox: SandboxProcess, do: dict[str, object], kept: str
) -> None:
    assert settings.redis_url
    worker.run("mirror", "hubspot", "bulk")
    sandbox.control("POST", "/faults", {"crm": "hubspot", "times": 50, "do": do})

    worker.run("poll", "hubspot", "hot")

    assert re.match(kept, Wakes.at(settings.redis_url, None).last_problems()["hubspot"].what)


def test_a_request_that_the_crm_will_never_accept_is_an_error_in_the_log(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.config, tmp_path / "config")
    mapping = tmp_path / "config" / "crm" / "salesforce.yaml"
    named = mapping.read_text("utf-8").replace("queue:Inbound", "queue:Nowhere")
    mapping.write_text(named, "utf-8")
    worker = Worker(Settings.from_environment({**settings.environment, "FAIRLEAD_CONFIG": str(tmp_path / "config")}))
    with capture_logs() as logged:
        worker.run("poll", "salesforce", "hot")
    worker.close()
    assert [(line["log_level"], line["event"]) for line in logged] == [("error", "the CRM refuses this")]
    assert "Nowhere" in logged[0]["problem"]


def test_a_ledger_that_is_locked_costs_a_line_in_the_log(
    worker: Worker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.database.BUSY_SECONDS", 0.0)
    worker.run("poll", "hubspot", "hot")
    with open_ledger(settings.database_url) as other, other.writing(), capture_logs() as logged:
        worker.run("poll", "hubspot", "hot")
    assert [(line["log_level"], line["event"]) for line in logged] == [
        ("warning", "the ledger did not answer in time; the next tick tries again")
    ]


def test_a_rejected_sign_in_is_an_error_in_the_log(settings: Settings) -> None:
    worker = Worker(Settings.from_environment({**settings.environment, "HUBSPOT_TOKEN": "pat-revoked"}))
    with capture_logs() as logged:
        worker.run("poll", "hubspot", "hot")
    worker.close()
    assert [(line["log_level"], line["event"]) for line in logged] == [("error", "not signed in")]


def test_two_processes_do_not_poll_a_crm_at_once(worker: Worker, settings: Settings, sandbox: SandboxProcess) -> None:
    wakes = Wakes.at(settings.redis_url or "", None)
    worker.run("mirror", "hubspot", "bulk")
    assert wakes.alone("poll", "hubspot", "hot")
    sandbox.control("DELETE", "/calls")

    worker.run("poll", "hubspot", "hot")
    meanwhile = sandbox.control("GET", "/calls?crm=hubspot")["log"]
    wakes.finished("poll", "hubspot", "hot")
    worker.run("poll", "hubspot", "hot")

    assert (meanwhile, len(sandbox.control("GET", "/calls?crm=hubspot")["log"])) == ([], 1)
    wakes.close()


def test_a_poll_with_more_to_come_goes_on_at_once(
    worker: Worker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.windows.MOST_PAGES", 0)
    wakes = Wakes.at(settings.redis_url or "", None)

    worker.run("poll", "hubspot", "hot")

    assert (wakes.waiting()["hot"], wakes.alone("poll", "hubspot", "hot")) == (1, True)
    wakes.close()


def test_a_poll_that_failed_leaves_its_turn_to_the_next(
    worker: Worker, settings: Settings, sandbox: SandboxProcess
) -> None:
    sandbox.control("POST", "/faults", {"crm": "hubspot", "times": 50, "do": {"status": 500}})
    wakes = Wakes.at(settings.redis_url or "", None)

    worker.run("poll", "hubspot", "hot")

    assert wakes.alone("poll", "hubspot", "hot")
    wakes.close()


def test_what_a_worker_sends_to_a_crm_is_counted(worker: Worker, settings: Settings) -> None:
    assert settings.redis_url
    worker.run("mirror", "hubspot", "bulk")
    assert Wakes.at(settings.redis_url, None).calls()["hubspot"] > 0


def test_a_tick_that_reaches_a_worker_is_noted(worker: Worker, settings: Settings) -> None:
    assert settings.redis_url
    worker.run("sweep", "hubspot", "hot")
    assert Wakes.at(settings.redis_url, None).last_beat() is not None


def test_a_crm_that_is_no_longer_configured_is_said_and_skipped(worker: Worker) -> None:
    with capture_logs() as logged:
        worker.run("poll", "pipedrive", "hot")
    assert [line["log_level"] for line in logged] == ["warning"]


def listings(sandbox: SandboxProcess) -> list[str]:
    """The calls that asked HubSpot for owners or companies."""
    made = [one["path"] for one in sandbox.control("GET", "/calls?crm=hubspot")["log"]]
    return [path for path in made if "owners" in path or "companies" in path]


@pytest.mark.parametrize("job", ["route", "sweep", "deliver"])
def test_no_job_for_fresh_leads_lists_people_or_companies_itself(
    worker: Worker, settings: Settings, sandbox: SandboxProcess, job: str
) -> None:
    assert settings.redis_url
    sandbox.control("DELETE", "/calls")

    worker.run(job, "hubspot", "hot")

    assert listings(sandbox) == []
    assert Wakes.at(settings.redis_url, None).waiting()["bulk"] == 1


@pytest.fixture
def taken(worker: Worker, settings: Settings) -> Iterator[Places]:
    """A long job of another process of this worker, which has two."""
    assert (settings.redis_url, settings.workers) != (None, 1)
    wakes = Wakes.at(settings.redis_url or "", None)
    places = wakes.places(worker.name, settings.workers)
    assert places.take("mirror", "salesforce")
    yield places
    wakes.close()


def test_a_second_long_job_leaves_the_other_process_to_fresh_leads(
    worker: Worker, taken: Places, sandbox: SandboxProcess
) -> None:
    sandbox.control("DELETE", "/calls")

    for job in ("mirror", "reconcile", "watch", "observe", "deliver", "route"):
        worker.run(job, "hubspot", "bulk")

    assert sandbox.control("GET", "/calls?crm=hubspot")["log"] == []


def test_a_fresh_lead_is_decided_while_a_long_job_runs(
    worker: Worker, settings: Settings, sandbox: SandboxProcess
) -> None:
    worker.run("mirror", "salesforce", "bulk")
    wakes = Wakes.at(settings.redis_url or "", None)
    assert wakes.places(worker.name, settings.workers).take("mirror", "hubspot")
    row = {"LastName": "Doe", "Company": "Doe AG", "Email": "doe@doe.example", "Country": "Germany"}
    [lead] = sandbox.control("POST", "/salesforce/leads", [row])

    worker.run("poll", "salesforce", "hot")
    worker.run("route", "salesforce", "hot")

    assert decided(settings, lead) == [Outcome.ASSIGNED]
    wakes.close()


def test_a_job_without_a_place_keeps_what_was_wrong_with_it(worker: Worker, settings: Settings, taken: Places) -> None:
    wakes = Wakes.at(settings.redis_url or "", None)
    wakes.failed("mirror", "hubspot", datetime(2026, 11, 23, 9, tzinfo=UTC), "the CRM refuses this")
    worker.run("mirror", "hubspot", "bulk")
    assert set(wakes.last_problems()) == {"hubspot"}
    wakes.close()


def test_a_job_that_failed_leaves_its_place(worker: Worker, settings: Settings, sandbox: SandboxProcess) -> None:
    sandbox.control("POST", "/faults", {"crm": "hubspot", "times": 50, "do": {"status": 503}})
    worker.run("mirror", "hubspot", "bulk")
    wakes = Wakes.at(settings.redis_url or "", None)
    assert wakes.places(worker.name, settings.workers).take("mirror", "salesforce")
    wakes.close()
