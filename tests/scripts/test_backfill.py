"""`fairlead backfill`: first a plan that changes nothing, then the routing."""

import json
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import connect
from ledger import playbooks
from ledger.store import open_ledger
from runtime.settings import Settings
from runtime.wiring import bring_into_force, read_playbook
from scripts.sandbox import CREDENTIALS, settle
from tests.runtime.installation import REPOSITORY, fairlead
from tests.sandbox_process import SandboxProcess

MONDAY_TEN = "2026-11-23T09:00:00+00:00"
"""10:00 in Berlin: everybody is at work."""


@pytest.fixture
def settings(tmp_path: Path, sandbox: SandboxProcess) -> Settings:
    """CRMs with the people of the configuration and a lead each, and no ledger yet; both clocks stand still."""
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": MONDAY_TEN, "speed": 0})
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    found = Settings.from_environment(
        {
            **CREDENTIALS,
            "SALESFORCE_URL": sandbox.url,
            "HUBSPOT_URL": sandbox.url,
            "FAIRLEAD_VAR": str(tmp_path / "var"),
            "FAIRLEAD_CONFIG": str(tmp_path / "config"),
            "FAIRLEAD_CLOCK": f"{MONDAY_TEN},0,0",
        }
    )
    playbook = read_playbook(found)
    for crm, mapping in playbook.crms.items():
        connector = connect(crm, found.credentials(crm), mapping, playbook.not_people)
        connector.sign_in()
        settle(sandbox.url, connector, playbook)
    sandbox.control("POST", "/salesforce/leads", [{"LastName": "Doe", "Company": "Doe AG", "Email": "doe@doe.example"}])
    sandbox.control("POST", "/hubspot/leads", [{"lastname": "Roe", "email": "roe@roe.example"}])
    return found


def backfill(settings: Settings, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return fairlead(settings.var, "backfill", *words, **{**settings.environment, **more})


def as_data(ran: "subprocess.CompletedProcess[str]", status: int = 0) -> dict[str, Any]:
    """The one JSON document that it printed."""
    assert ran.returncode == status, ran.stderr
    return dict(json.loads(ran.stdout))


def owned(sandbox: SandboxProcess) -> list[bool]:
    """Whether each lead of Salesforce carries a decision."""
    return [bool(row.get("Fairlead_Decision__c")) for row in sandbox.control("GET", "/salesforce/leads")]


def test_a_plan_touches_no_lead_and_leaves_no_ledger_where_there_was_none(
    settings: Settings, sandbox: SandboxProcess
) -> None:
    told = as_data(backfill(settings, "--format", "json"))
    assert [(each["crm"], len(each["leads"])) for each in told["crms"]] == [("hubspot", 1), ("salesforce", 1)]
    assert owned(sandbox) == [False]
    assert not settings.var.exists()


def test_a_plan_names_every_lead_that_nobody_owns_although_they_fill_more_than_one_window(
    settings: Settings, sandbox: SandboxProcess
) -> None:
    start = datetime.fromisoformat(MONDAY_TEN) - timedelta(hours=1)
    for second in range(26):
        sandbox.control("PUT", "/clock", {"now": (start + timedelta(seconds=second)).isoformat(), "speed": 0})
        rows = [{"lastname": "Roe", "email": f"r{at}@roe{second}.example"} for at in range(100)]
        sandbox.control("POST", "/hubspot/leads", rows)
    sandbox.control("PUT", "/clock", {"now": MONDAY_TEN, "speed": 0})

    told = as_data(backfill(settings, "--crm", "hubspot", "--format", "json"))

    assert [len(each["leads"]) for each in told["crms"]] == [2601]


def test_a_plan_follows_the_files_without_bringing_them_into_force(settings: Settings) -> None:
    settings.var.mkdir()
    with open_ledger(settings.database_url) as ledger:
        bring_into_force(ledger, read_playbook(settings), settings)
        with ledger.reading() as tx:
            before = playbooks.active(tx)
        routing = settings.config / "routing.yaml"
        routing.write_text(routing.read_text("utf-8") + "\n# reviewed\n", "utf-8")
        said = backfill(settings).stdout
        with ledger.reading() as tx:
            assert playbooks.active(tx) == before
    assert f"version {read_playbook(settings).version}; version {before} stays in force until --apply" in said


def test_routing_prints_one_document_and_says_what_is_left(settings: Settings, sandbox: SandboxProcess) -> None:
    ran = backfill(settings, "--apply", "--format", "json")
    assert [(each["crm"], each["left"]) for each in as_data(ran)["crms"]] == [("hubspot", {}), ("salesforce", {})]
    assert owned(sandbox) == [True]
    assert ran.stderr.count("assigned: ") == 2


def test_what_is_left_for_the_daemon_is_told(settings: Settings) -> None:
    ran = backfill(settings, "--apply", "--crm", "hubspot", SLACK_URL="http://127.0.0.1:9")
    assert "Who gets how many" in ran.stdout
    assert ran.stdout.endswith("hubspot: routed; 1 notification waits for `fairlead up`\n")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"HUBSPOT_TOKEN": "pat-wrong"}, id="refused"),
        pytest.param({"HUBSPOT_TOKEN": ""}, id="without a credential"),
        pytest.param({"HUBSPOT_URL": "http://127.0.0.1:9"}, id="out of reach"),
        pytest.param({"HUBSPOT_URL": "nonsense"}, id="at no address"),
    ],
)
def test_a_crm_that_fails_is_named_and_the_plan_of_the_other_is_shown(
    settings: Settings, wrong: dict[str, str]
) -> None:
    ran = backfill(settings, **wrong)

    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: hubspot: ")
    assert "salesforce: 1 lead without an owner" in ran.stdout


def test_the_data_of_a_plan_names_the_crm_that_failed(settings: Settings) -> None:
    told = as_data(backfill(settings, "--format", "json", HUBSPOT_TOKEN="pat-wrong"), status=1)

    assert ([each["crm"] for each in told["crms"]], [*told["problems"]]) == (["salesforce"], ["hubspot"])


def test_a_crm_out_of_reach_keeps_nobody_from_routing_the_leads_of_the_other(
    settings: Settings, sandbox: SandboxProcess
) -> None:
    ran = backfill(settings, "--apply", HUBSPOT_URL="http://127.0.0.1:9")

    assert (ran.returncode, owned(sandbox)) == (1, [True])


def test_a_variable_that_is_wrong_brings_no_configuration_into_force(settings: Settings) -> None:
    ran = backfill(settings, "--apply", HUBSPOT_URL="nonsense")

    assert (ran.returncode, ran.stdout) == (1, "")
    assert "HUBSPOT_URL" in ran.stderr
    assert not settings.var.exists()


def test_one_that_fails_leaves_no_ledger(settings: Settings) -> None:
    ran = backfill(settings, "--apply", "--crm", "hubspot", HUBSPOT_TOKEN="pat-wrong")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert not settings.var.exists()
