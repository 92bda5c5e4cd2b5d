"""The stand-in HubSpot's classic paths and the dated ones, and 2027, when only the dated ones are left."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.hubspot_client import TOKEN, send
from tests.sandbox_process import READY, REPOSITORY, SandboxProcess

PAIRS = [
    ("/crm/v3/objects/contacts", "/crm/objects/2026-09/contacts"),
    ("/crm/v3/owners/", "/crm/owners/2026-09"),
    ("/crm/v3/properties/contacts", "/crm/properties/2026-03/contacts"),
    ("/crm/v3/pipelines/leads", "/crm/pipelines/2026-09/leads"),
    ("/settings/v3/users/", "/settings/users/2026-03"),
    ("/settings/v3/users/teams", "/settings/users/2026-03/teams"),
    ("/account-info/v3/details", "/account-info/2025-09/details"),
    ("/crm/v4/associations/contacts/calls/labels", "/crm/associations/2026-03/contacts/calls/labels"),
]


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    sandbox.control("POST", "/hubspot/users", [{"email": "ana@acme.example", "name": "Ana Keller"}])
    return sandbox


@pytest.mark.parametrize(("classic", "dated"), PAIRS)
def test_dated_paths_answer_what_the_classic_ones_do(portal: SandboxProcess, classic: str, dated: str) -> None:
    answer = send(portal, "GET", classic)
    assert (answer.status_code, answer.json()) == (200, send(portal, "GET", dated).json())


@pytest.mark.parametrize(("classic", "dated"), PAIRS)
def test_in_2027_only_the_dated_ones_are_left(portal: SandboxProcess, classic: str, dated: str) -> None:
    portal.control("PUT", "/hubspot/paths", {"classic": False})
    gone = send(portal, "GET", classic)
    assert (gone.status_code, gone.json()["message"]) == (404, "resource not found")
    assert gone.json()["correlationId"] == gone.headers["X-HubSpot-Correlation-Id"]
    assert send(portal, "GET", dated).status_code == 200


def test_in_2027_the_old_token_endpoint_is_gone_as_well(portal: SandboxProcess) -> None:
    portal.control("PUT", "/hubspot/paths", {"classic": False})
    answers = [
        requests.post(f"{portal.url}/oauth/{v}/token", data={"grant_type": "none"}, timeout=10)
        for v in ("v1", "2026-03")
    ]
    assert [answer.status_code for answer in answers] == [404, 400]


@pytest.mark.parametrize(
    "path",
    [
        "/crm/owners/2026-09/",
        "/settings/users/2026-03/",
        "/crm/v3/nothing",
        "/crm/",
        "/oauth/2026-03/private-apps/get/access-token-info",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(portal: SandboxProcess, path: str) -> None:
    answer = send(portal, "GET", path)
    assert (answer.status_code, answer.json()["message"]) == (404, "resource not found")


def test_a_wrong_method_is_told_apart_from_a_wrong_path(portal: SandboxProcess) -> None:
    assert send(portal, "PUT", "/crm/v3/objects/contacts").status_code == 405


@pytest.mark.parametrize(
    ("path", "status"), [("/crm/v3/objects/contacts", 201), ("/crm/objects/2026-09/contacts", 400)]
)
def test_what_an_admin_demands_holds_on_the_newest_paths_alone(portal: SandboxProcess, path: str, status: int) -> None:
    portal.control("PUT", "/hubspot/validation", {"contacts": ["lastname"]})
    answer = send(portal, "POST", path, {"properties": {"email": "ida@nord.example"}})
    assert answer.status_code == status


@pytest.fixture
def in_2027() -> Iterator[str]:
    """The address of a sandbox that was started as HubSpot will be in 2027."""
    words = [sys.executable, "-m", "sandbox", "--hubspot-2027", "--until-stdin-closes"]
    with subprocess.Popen(words, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdin
        yield process.stdout.readline().removeprefix(READY).strip()
        process.stdin.close()


def test_a_process_may_start_in_2027(in_2027: str) -> None:
    def status(path: str) -> Any:
        return requests.get(in_2027 + path, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).status_code

    assert [status(path) for pair in PAIRS[:2] for path in pair] == [404, 200, 404, 200]
