"""Signing in to the stand-in Salesforce, and being thrown out again."""

from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import client


def token(acme: Acme, **form: str) -> requests.Response:
    return requests.post(f"{acme.sandbox.url}/services/oauth2/token", data=form, timeout=10)


def test_credentials_are_taken_from_the_form_too(acme: Acme) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox-key", "client_secret": "sandbox-secret"}

    answer = token(acme, **form).json()

    assert answer["token_type"] == "Bearer"
    assert answer["instance_url"] == acme.sandbox.url
    assert "expires_in" not in answer


@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param({"client_id": "other"}, "invalid_client_id", id="a key that nobody issued"),
        pytest.param({"client_secret": "wrong"}, "invalid_client", id="a wrong secret"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="a flow that is switched off"),
    ],
)
def test_a_refused_sign_in_says_why(acme: Acme, form: dict[str, str], error: str) -> None:
    good = {"grant_type": "client_credentials", "client_id": "sandbox-key", "client_secret": "sandbox-secret"}

    answer = token(acme, **{**good, **form})

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_the_real_client_reads_the_refusal(acme: Acme) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        client(acme.sandbox, secret="wrong")


def test_an_expired_session_is_refused_until_the_next_sign_in(acme: Acme) -> None:
    expired = client(acme.sandbox)
    acme.sandbox.control("POST", "/salesforce/expire", {})

    body = get(acme, "/services/data/v59.0/limits", expired.session_id)
    assert body.status_code == 401
    assert body.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]

    assert client(acme.sandbox).query("SELECT Id FROM Lead")["totalSize"] == 0


def test_a_session_given_as_it_is_never_refreshes(acme: Acme) -> None:
    from simple_salesforce.api import Salesforce

    signed_in = acme.salesforce
    direct = Salesforce(session_id=signed_in.session_id, instance="acme.example", session=signed_in.session)
    acme.sandbox.control("POST", "/salesforce/expire", {})

    with pytest.raises(SalesforceExpiredSession):
        direct.query("SELECT Id FROM Lead")


def test_user_info_names_the_integration_user(acme: Acme) -> None:
    info = get(acme, "/services/oauth2/userinfo", acme.salesforce.session_id).json()

    assert acme.rows(f"SELECT Username FROM User WHERE Id = '{info['user_id']}'") == [
        {"Username": "integration@acme.example"}
    ]


def get(acme: Acme, path: str, session_id: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {session_id}"}
    return requests.get(f"{acme.sandbox.url}{path}", headers=headers, timeout=10)


@pytest.mark.parametrize("path", ["/services/data/v12.0/limits", "/services/data/v59.0/nothing", "/services/Soap"])
def test_an_address_that_does_not_exist_is_not_found(acme: Acme, path: str) -> None:
    answer = get(acme, path, acme.salesforce.session_id)

    assert (answer.status_code, codes(answer.json())) == (404, ["NOT_FOUND"])


def test_an_address_of_more_than_sixteen_kilobytes_is_refused(acme: Acme) -> None:
    answer = get(acme, "/services/data/v59.0/query/?q=" + "x" * 16_384, acme.salesforce.session_id)

    assert answer.status_code == 414


def test_every_answer_tells_how_many_calls_are_used(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"daily_calls": 15_000})

    answer = get(acme, "/services/data/v59.0/limits", acme.salesforce.session_id)

    used, _, most = answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").partition("/")
    assert (0 < int(used) < 20, most) == (True, "15000")
    assert answer.json()["DailyApiRequests"]["Max"] == 15_000


def codes(body: Any) -> list[str]:
    return [error["errorCode"] for error in body]
