"""Signing in to the stand-in HubSpot: keys with their scopes, and the OAuth app's tokens that end."""

from typing import Any

import pytest
import requests

from sandbox.hubspot.sign_in import CLIENT_ID, CLIENT_SECRET, CODE, REDIRECT_URI, REFRESH_TOKEN
from tests.sandbox.hubspot_client import TOKEN, client, send
from tests.sandbox_process import SandboxProcess

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    return sandbox


def token(portal: SandboxProcess, path: str = "/oauth/v1/token", **changed: str) -> Any:
    """The token endpoint's answer to a refresh, with these fields of the form changed."""
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return requests.post(f"{portal.url}{path}", data={**form, "refresh_token": REFRESH_TOKEN, **changed}, timeout=10)


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/2026-03/token", "/oauth/2026-09/token"])
def test_a_refresh_token_brings_half_an_hour(portal: SandboxProcess, path: str) -> None:
    answer = token(portal, path).json()
    assert (answer["token_type"], answer["expires_in"], answer["refresh_token"]) == ("bearer", 1800, REFRESH_TOKEN)
    assert len(answer["access_token"]) > 300
    assert send(portal, "GET", CONTACTS, token=answer["access_token"]).status_code == 200


def test_the_client_refreshes_too(portal: SandboxProcess) -> None:
    answer = client(portal).oauth.tokens_api.create(
        grant_type="refresh_token", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN
    )
    assert answer.expires_in == 1800


def test_a_revoked_refresh_token_is_refused_in_the_recorded_words(portal: SandboxProcess) -> None:
    portal.control("POST", "/hubspot/revoke", {"token": REFRESH_TOKEN})
    answer = token(portal)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": "invalid_grant",
            "error_description": "refresh token is invalid, expired or revoked",
            "status": "BAD_REFRESH_TOKEN",
            "message": "refresh token is invalid, expired or revoked",
        },
    )


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"client_id": "nobody"}, "BAD_CLIENT_ID"),
        ({"client_secret": "wrong"}, "BAD_CLIENT_SECRET"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT_URI}, "BAD_AUTH_CODE"),
        ({"grant_type": "authorization_code", "code": CODE, "redirect_uri": "x"}, "BAD_REDIRECT_URI"),
    ],
)
def test_a_form_that_is_wrong_is_told_which_part(portal: SandboxProcess, changed: dict[str, str], status: str) -> None:
    assert token(portal, **changed).json()["status"] == status


def test_a_code_is_exchanged_for_tokens(portal: SandboxProcess) -> None:
    answer = token(portal, grant_type="authorization_code", code=CODE, redirect_uri=REDIRECT_URI)
    assert answer.json()["refresh_token"] == REFRESH_TOKEN


def test_a_form_has_to_be_one(portal: SandboxProcess) -> None:
    assert send(portal, "POST", "/oauth/v1/token", {"grant_type": "refresh_token"}).status_code == 415


def test_an_access_token_that_ended_says_so(portal: SandboxProcess) -> None:
    access = token(portal).json()["access_token"]
    portal.control("POST", "/hubspot/expire", {})
    answer = send(portal, "GET", CONTACTS, token=access)
    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert answer.json()["message"] == "The OAuth token used to make this call expired 0 second(s) ago."


def test_refresh_tokens_change_where_that_is_turned_on(portal: SandboxProcess) -> None:
    portal.control("PUT", "/hubspot/oauth", {"rotate": True})
    second = token(portal).json()["refresh_token"]
    assert second != REFRESH_TOKEN
    assert token(portal).json()["status"] == "BAD_REFRESH_TOKEN"
    assert token(portal, refresh_token=second).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/crm/v3/objects/leads", "crm.objects.leads.read"),
        ("POST", "/crm/v3/objects/0-1", "crm.objects.contacts.write"),
        ("POST", "/crm/v3/objects/users/search", "crm.objects.users.read"),
        ("POST", "/crm/v3/properties/contacts", "crm.schemas.contacts.write"),
        ("GET", "/crm/v3/owners/", "crm.objects.owners.read"),
        ("POST", "/crm/v3/lists/", "crm.lists.write"),
        ("GET", "/settings/v3/users/teams", "settings.users.teams.read"),
    ],
)
def test_what_a_key_may_not_do_names_the_scope(portal: SandboxProcess, method: str, path: str, scope: str) -> None:
    portal.control("POST", "/hubspot/keys", {"token": TOKEN, "scopes": ["crm.objects.contacts.read"]})
    answer = send(portal, method, path, {})
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == [scope]


def test_calls_are_read_with_the_scope_of_contacts(portal: SandboxProcess) -> None:
    key = portal.control("POST", "/hubspot/keys", {"scopes": ["crm.objects.contacts.read"]})["token"]
    assert send(portal, "GET", "/crm/v3/objects/calls", token=key).status_code == 200


def test_mails_are_there_without_their_words_where_the_scope_is_missing(portal: SandboxProcess) -> None:
    [ana] = portal.control("POST", "/hubspot/users", [{"email": "ana@acme.example", "name": "Ana"}])
    [lead] = portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    portal.control("POST", "/hubspot/emails", [{"lead": lead, "owner": ana}])
    key = portal.control("POST", "/hubspot/keys", {"scopes": ["crm.objects.contacts.read"]})["token"]
    path = "/crm/v3/objects/emails?properties=hs_email_subject,hs_email_direction"
    [full], [closed] = (send(portal, "GET", path, token=one).json()["results"] for one in (TOKEN, key))
    assert full["properties"]["hs_email_subject"] == "Your enquiry"
    assert (closed["properties"]["hs_email_subject"], closed["properties"]["hs_email_direction"]) == (None, "EMAIL")


def test_a_key_tells_what_it_is_for(portal: SandboxProcess) -> None:
    portal.control("POST", "/hubspot/keys", {"token": TOKEN, "scopes": ["oauth"]})
    answer = send(portal, "POST", "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": TOKEN}).json()
    assert answer == {"userId": 9586504, "hubId": 147893286, "appId": 18221010, "scopes": ["oauth"]}


def test_without_sales_hub_there_are_no_leads(portal: SandboxProcess) -> None:
    portal.control("PUT", "/hubspot/account", {"sales_hub": False})
    answer = send(portal, "GET", "/crm/v3/properties/leads")
    assert (answer.status_code, "category" in answer.json()) == (403, False)
    assert answer.json()["message"].endswith("(requires one of [leads-read])")
