"""The stand-in HubSpot's refusals beside recorded and documented ones, key by key. Skipped where the recordings are not
at hand: they are no part of this repository."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.hubspot.sign_in import CLIENT_ID, CLIENT_SECRET
from tests.sandbox.hubspot_client import TOKEN, send
from tests.sandbox_process import REPOSITORY, SandboxProcess

CATALOGUE = REPOSITORY.parent / "shared" / "facts" / "recorded" / "hubspot" / "errors_catalogue.json"
CONTACTS = "/crm/v3/objects/contacts"
IDA = {"properties": {"email": "ida@nord.example"}}
ROW = {"id": "1", "properties": {}}

Provoked = Callable[[SandboxProcess], requests.Response]


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    if not CATALOGUE.exists():
        pytest.skip(f"the recorded refusals are not at {CATALOGUE}")
    return {one["name"]: one for one in json.loads(CATALOGUE.read_text())["errors"]}


def posted(path: str, body: Any, token: str = TOKEN) -> Provoked:
    return lambda portal: send(portal, "POST", path, body, token=token)


def limited(limit: str, path: str) -> Provoked:
    def provoke(portal: SandboxProcess) -> requests.Response:
        portal.control("PUT", "/hubspot/limits", {"enforced": True, limit: 0})
        return posted(path, {})(portal)  # type: ignore[no-any-return]

    return provoke


def without_scopes(portal: SandboxProcess) -> requests.Response:
    portal.control("POST", "/hubspot/keys", {"token": TOKEN, "scopes": []})
    return posted(CONTACTS, IDA)(portal)


def without_sales_hub(portal: SandboxProcess) -> requests.Response:
    portal.control("PUT", "/hubspot/account", {"sales_hub": False})
    return posted("/crm/v3/objects/leads", {})(portal)


def refreshed(portal: SandboxProcess) -> requests.Response:
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return requests.post(f"{portal.url}/oauth/v1/token", data={**form, "refresh_token": "old"}, timeout=10)


PROVOKED: dict[str, Provoked] = {
    "auth_missing": posted(CONTACTS, IDA, token=""),
    "missing_scopes_private_app": without_scopes,
    "object_type_permission": without_sales_hub,
    "not_found_object": lambda portal: send(portal, "GET", f"{CONTACTS}/999999"),
    "not_found_resource": lambda portal: send(portal, "GET", "/crm/v3/nothing"),
    "conflict_single_create": posted(CONTACTS, IDA),
    "conflict_batch_create_without_trace_ids": posted(f"{CONTACTS}/batch/create", {"inputs": [IDA]}),
    "property_doesnt_exist": posted(CONTACTS, {"properties": {"first000name": "x"}}),
    "read_only_value": posted(CONTACTS, {"properties": {"hubspot_owner_assigneddate": "1"}}),
    "duplicate_ids": posted(f"{CONTACTS}/batch/update", {"inputs": [ROW, ROW]}),
    "search_unknown_object": posted("/crm/v3/objects/butterflies/search", {}),
    "rate_limit_ten_secondly": limited("per_ten_seconds", CONTACTS),
    "rate_limit_daily": limited("per_day", CONTACTS),
    "rate_limit_secondly_search": limited("searches_per_second", f"{CONTACTS}/search"),
    "oauth_bad_refresh_token": refreshed,
}


@pytest.mark.parametrize("name", PROVOKED)
def test_a_refusal_is_the_recorded_one(sandbox: SandboxProcess, recorded: dict[str, Any], name: str) -> None:
    sandbox.reset()
    sandbox.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    answer = PROVOKED[name](sandbox)
    expected = recorded[name]
    assert (answer.status_code, plain(answer.json())) == (expected["status"], plain(expected["body"]))


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """The body's keys and texts, without what differs from call to call: ids, numbers and the names of scopes."""
    message = re.sub(r"\d+", "N", body["message"])
    return {
        "keys": sorted(body.keys()),
        "message": re.sub(r"leads-\w+", "", message),
        "words": [body.get(key) for key in ("category", "policyName", "errorType", "error")],
        "codes": [row.get("code") for row in body.get("errors", [])],
    }
