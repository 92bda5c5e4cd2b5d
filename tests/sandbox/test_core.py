"""What both stand-in CRMs stand on: time, faults, the log of calls, the files, the process itself."""

import re
import select
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.conftest import Acme
from tests.sandbox_process import REPOSITORY, SandboxProcess

LEAD = {"LastName": "Doe", "Company": "Acme"}


def test_records_and_the_date_header_carry_business_time(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/clock", {"now": "2031-02-03T04:05:06Z"})

    lead = acme.lead()

    assert acme.rows(f"SELECT CreatedDate FROM Lead WHERE Id = '{lead}'") == [
        {"CreatedDate": "2031-02-03T04:05:06.000+0000"}
    ]
    answer = requests.get(f"{acme.sandbox.url}/services/data", timeout=10)
    assert answer.headers["Date"] == "Mon, 03 Feb 2031 04:05:06 GMT"


def test_business_time_stands_still_at_speed_zero(acme: Acme) -> None:
    assert acme.sandbox.control("GET", "/clock") == acme.sandbox.control("GET", "/clock")


def test_a_clock_without_a_time_zone_is_refused(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match="names no time zone"):
        acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00"})


def get_lead(acme: Acme, lead: str) -> int:
    headers = {"Authorization": f"Bearer {acme.salesforce.session_id}"}
    url = f"{acme.sandbox.url}/services/data/v59.0/sobjects/Lead/{lead}"
    return requests.get(url, headers=headers, timeout=10).status_code


def test_a_fault_skips_strikes_and_is_spent(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/faults", {"path": "/sobjects/", "skip": 1, "times": 2, "do": {"status": 500}})

    statuses = [get_lead(acme, lead) for _ in range(4)]

    assert statuses == [200, 500, 500, 200]


def test_a_fault_strikes_only_the_calls_that_it_names(acme: Acme) -> None:
    lead = acme.lead()
    for elsewhere in ({"crm": "hubspot"}, {"method": "PATCH"}, {"path": "/nowhere"}):
        acme.sandbox.control("POST", "/faults", {**elsewhere, "do": {"status": 500}})

    assert get_lead(acme, lead) == 200


def test_deleting_the_faults_ends_them(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/faults", {"for_seconds": 3600, "do": {"status": 503}})
    acme.sandbox.control("DELETE", "/faults")

    assert get_lead(acme, lead) == 200


def test_a_fault_that_is_misspelt_is_refused(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match="latencie"):
        acme.sandbox.control("POST", "/faults", {"do": {"latencie": 1}})


def test_a_limit_fault_says_when_to_come_back(acme: Acme) -> None:
    acme.sandbox.control("POST", "/faults", {"do": {"status": 429, "retry_after": 7}})

    answer = requests.get(f"{acme.sandbox.url}/services/data/v59.0/limits", timeout=10)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("fault", "owner"),
    [
        pytest.param("drop_after_write", "ana", id="applied, and the answer is lost"),
        pytest.param("drop_before", "integration", id="lost before anything was done"),
    ],
)
def test_a_dropped_connection_ends_without_an_answer(acme: Acme, fault: str, owner: str) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/faults", {"method": "PATCH", "do": {fault: True}})

    with pytest.raises(requests.ConnectionError):
        acme.salesforce.restful(f"sobjects/Lead/{lead}", method="PATCH", json={"OwnerId": acme.ana})

    assert (acme.seen(lead)["owner"] == acme.ana) is (owner == "ana")


def unanswered(sandbox: SandboxProcess) -> socket.socket:
    """A connection on which a call to Salesforce's API was just sent."""
    address = urlsplit(sandbox.url)
    connection = socket.create_connection((address.hostname, address.port or 0), timeout=10)
    connection.sendall(b"GET /services/data/v59.0/limits HTTP/1.1\r\nHost: acme.example\r\n\r\n")
    return connection


def test_a_slow_call_does_not_hold_up_the_others(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/faults", {"path": "/limits", "do": {"latency": 3600}})

    with unanswered(acme.sandbox) as slow:
        assert get_lead(acme, lead) == 200
        assert select.select([slow], [], [], 0)[0] == []


def test_calls_to_the_api_are_counted_and_calls_to_the_control_api_are_not(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("DELETE", "/calls")

    get_lead(acme, lead)
    acme.sandbox.control("POST", "/faults", {"do": {"status": 503}})
    get_lead(acme, lead)

    calls = acme.sandbox.control("GET", "/calls")
    assert (calls["salesforce"], calls["hubspot"]) == (2, 0)
    assert [(call["method"], call["status"]) for call in calls["log"]] == [("GET", 200), ("GET", 503)]


def test_reset_empties_everything_and_starts_the_ids_again(acme: Acme) -> None:
    first = acme.lead()
    acme.sandbox.control("POST", "/faults", {"do": {"status": 500}})

    acme.sandbox.reset()

    assert acme.rows("SELECT Id FROM Lead") == []
    assert acme.lead() == first
    assert [row["Name"] for row in acme.rows("SELECT Name FROM User")] == ["Integration"]


def test_slack_keeps_the_messages(acme: Acme) -> None:
    answer = requests.post(f"{acme.sandbox.url}/slack/hook/T0/B0/x", json={"text": "a lead waits"}, timeout=10)

    assert answer.text == "ok"
    assert [message["text"] for message in acme.sandbox.control("GET", "/slack")] == ["a lead waits"]


def test_slack_refuses_a_message_without_text(acme: Acme) -> None:
    answer = requests.post(f"{acme.sandbox.url}/slack/hook/T0/B0/x", json={}, timeout=10)

    assert (answer.status_code, answer.text) == (400, "no_text")


def test_records_outlive_the_process_on_the_same_file(tmp_path: Path) -> None:
    db = str(tmp_path / "crm.sqlite")
    with SandboxProcess(db) as first:
        [ana] = first.control("POST", "/salesforce/users", [{"email": "ana@acme.example", "name": "Ana"}])
        [lead] = first.control("POST", "/salesforce/leads", [LEAD])
        first.control("POST", "/salesforce/owner", {"lead": lead, "owner": ana})
        before = first.control("GET", "/salesforce/leads")

    with SandboxProcess(db) as second:
        assert second.control("GET", "/salesforce/leads") == before
        [another] = second.control("POST", "/salesforce/leads", [LEAD])
        assert another != lead


def test_a_port_that_is_taken_is_said_in_a_sentence(sandbox: SandboxProcess) -> None:
    port = sandbox.url.rpartition(":")[2]
    words = [sys.executable, "-m", "sandbox", "--port", port]

    ended = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=30)

    assert ended.returncode == 1
    assert re.fullmatch(rf"Error: port {port} is in use .*--port .*\n", ended.stderr)


def test_the_process_ends_in_order_while_a_call_is_waiting() -> None:
    running = SandboxProcess()
    running.control("POST", "/faults", {"do": {"latency": 3600}})

    with unanswered(running):
        running.control("GET", "/health")
        assert running.stop() == 0
