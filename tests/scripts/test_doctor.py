"""`fairlead doctor`: what is wrong, and the way out."""

import json
import shutil
from pathlib import Path
from typing import Any

from connectors.registry import connect
from runtime.settings import Settings
from runtime.wiring import read_playbook
from scripts.sandbox import CREDENTIALS, addresses, settle
from tests.runtime.installation import REPOSITORY, fairlead
from tests.sandbox_process import SandboxProcess


def findings(var: Path, **more: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status, and what was found by what was looked at."""
    ran = fairlead(var, "doctor", "--format", "json", **more)
    assert ran.stderr == ""
    return ran.returncode, {one["what"]: one for one in json.loads(ran.stdout)}


def test_credentials_that_are_not_set_are_named_with_the_way_out(tmp_path: Path) -> None:
    code, found = findings(tmp_path, HUBSPOT_TOKEN="pat")

    credentials = found["salesforce: credentials"]
    assert (code, credentials["ok"]) == (1, False)
    assert "SALESFORCE_URL" in credentials["detail"]
    assert credentials["way_out"]


def test_a_crm_that_signs_in_is_told_with_its_account(tmp_path: Path, sandbox: SandboxProcess) -> None:
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}

    _, found = findings(tmp_path, **CREDENTIALS, **urls)

    assert [found[f"{crm}: sign-in"]["ok"] for crm in ("salesforce", "hubspot")] == [True, True]


def test_stand_ins_that_were_settled_for_the_worked_configuration_lack_nothing(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    told = of_settled_crms(tmp_path, sandbox)

    assert [one["what"] for one in told if one["ok"] is False and "calls" not in one["what"]] == []


def test_sign_in_and_clock_of_a_crm_are_told_once_each_and_for_certain(tmp_path: Path, sandbox: SandboxProcess) -> None:
    told = of_settled_crms(tmp_path, sandbox)

    certain = sorted((one["what"], one["ok"]) for one in told if one["what"].endswith((": sign-in", ": clock")))
    assert certain == [(f"{crm}: {what}", True) for crm in ("hubspot", "salesforce") for what in ("clock", "sign-in")]


def of_settled_crms(var: Path, sandbox: SandboxProcess) -> list[dict[str, Any]]:
    """What is found where `fairlead up --sandbox` has made the CRMs ready; their clock and ours stand still."""
    sandbox.reset()
    clock = str(sandbox.control("PUT", "/clock", {"speed": 0})["now"])
    told = {
        **CREDENTIALS,
        **addresses(sandbox.url),
        "FAIRLEAD_VAR": str(var),
        "FAIRLEAD_CLOCK": f"{clock},0,0",
    }
    settings = Settings.from_environment(told)
    playbook = read_playbook(settings)
    for crm, mapping in playbook.crms.items():
        connector = connect(crm, settings.credentials(crm), mapping, playbook.not_people)
        connector.sign_in()
        settle(sandbox.url, connector, playbook)
    return list(json.loads(fairlead(var, "doctor", "--format", "json", **told).stdout))


def test_a_sign_in_that_fails_does_not_keep_the_other_crm_from_being_looked_at(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}

    code, found = findings(tmp_path, **{**CREDENTIALS, **urls, "HUBSPOT_TOKEN": "pat-revoked"})

    told = [found[f"{crm}: sign-in"]["ok"] for crm in ("salesforce", "hubspot")]
    assert (code, told) == (1, [True, False])


def test_an_address_where_no_crm_answers_is_wrong_and_its_variable_is_named(tmp_path: Path) -> None:
    code, found = findings(tmp_path, **{**CREDENTIALS, **addresses("http://127.0.0.1:9")})

    assert code == 1
    for crm in ("salesforce", "hubspot"):
        assert f"{crm.upper()}_URL" in found[f"{crm}: sign-in"]["way_out"]


def test_a_file_with_a_secret_that_others_may_read_is_wrong(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("pat", "utf-8")
    secret.chmod(0o644)

    code, found = findings(tmp_path, HUBSPOT_TOKEN_FILE=str(secret))

    assert (code, found["the file of HUBSPOT_TOKEN_FILE"]["way_out"]) == (1, f"chmod 600 {secret}")


def test_sources_of_evidence_that_cannot_be_read_are_named_with_their_variable(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", config, ignore=shutil.ignore_patterns("examples", "tests"))
    (config / "evidence.yaml").write_text(
        "telephony: [ { cdr: env:CDR_DIR }, { webhook: twilio, secret: env:TWILIO_TOKEN } ]\n"
        "mail: [ { imap: env:IMAP_URL }, { tracking: env:MAIL_LOG_DIR } ]\n"
    )
    there = {"CDR_DIR": str(tmp_path), "MAIL_LOG_DIR": str(tmp_path / "nowhere"), "IMAP_URL": "imaps://ana:hush@"}

    code, found = findings(tmp_path, FAIRLEAD_CONFIG=str(config), **there)

    told = {what.removeprefix("evidence: "): one["ok"] for what, one in found.items() if what.startswith("evidence")}
    assert told == {"CDR_DIR": True, "MAIL_LOG_DIR": False, "TWILIO_TOKEN": False, "IMAP_URL": False}
    assert (code, "hush" in json.dumps(found)) == (1, False)


def test_a_configuration_with_problems_points_to_check(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()

    code, found = findings(tmp_path, FAIRLEAD_CONFIG=str(tmp_path / "config"))

    assert (code, found["configuration"]["way_out"]) == (1, "fairlead check names them all")
