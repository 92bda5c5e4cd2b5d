"""`fairlead provision` against both stand-in CRMs."""

import json
from pathlib import Path

from scripts.sandbox import CREDENTIALS
from tests.runtime.installation import fairlead
from tests.sandbox_process import SandboxProcess


def provision(tmp_path: Path, sandbox: SandboxProcess, *words: str) -> dict[str, set[str]]:
    """What a run says about each CRM: the set of results."""
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}
    ran = fairlead(tmp_path, "provision", "--format", "json", *words, **CREDENTIALS, **urls)
    assert ran.returncode == 0, ran.stderr
    return {crm: {one["result"] for one in found} for crm, found in json.loads(ran.stdout).items()}


def test_a_second_run_changes_nothing(tmp_path: Path, sandbox: SandboxProcess) -> None:
    sandbox.reset()
    first, second = provision(tmp_path, sandbox), provision(tmp_path, sandbox)
    assert all("created" in results for results in first.values())
    assert second == {"salesforce": {"there"}, "hubspot": {"there"}}


def test_one_crm_can_be_provisioned_alone(tmp_path: Path, sandbox: SandboxProcess) -> None:
    sandbox.reset()
    assert set(provision(tmp_path, sandbox, "--crm", "hubspot")) == {"hubspot"}


def test_credentials_that_the_crm_does_not_accept_are_a_sentence(tmp_path: Path, sandbox: SandboxProcess) -> None:
    wrong = {**CREDENTIALS, "HUBSPOT_TOKEN": "pat-wrong"}
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}
    ran = fairlead(tmp_path, "provision", "--crm", "hubspot", **wrong, **urls)
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
    assert ran.stderr.startswith("Error: ")
    assert "pat-wrong" not in ran.stderr


def test_a_crm_that_cannot_be_reached_does_not_keep_the_other_waiting(tmp_path: Path, sandbox: SandboxProcess) -> None:
    sandbox.reset()
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": "http://127.0.0.1:9"}
    ran = fairlead(tmp_path, "provision", **CREDENTIALS, **urls)
    assert (ran.returncode, ran.stderr.startswith("Error: hubspot: ")) == (1, True)
    last = ran.stdout.splitlines()[-1]
    assert last.startswith("salesforce: ")
    assert last.endswith(" in place")
