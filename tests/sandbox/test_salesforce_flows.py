"""The ways to sign in to the stand-in Salesforce besides client credentials, and how a session comes to its end."""

import base64
import time
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceGeneralError

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import client

APP = {"client_id": "sandbox-key", "client_secret": "sandbox-secret"}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token(acme: Acme, headers: dict[str, str] | None = None, **form: str) -> requests.Response:
    return requests.post(f"{acme.sandbox.url}/services/oauth2/token", data=form, headers=headers, timeout=10)


def said(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body.get("error", ""), body.get("error_description", "")


def limits(acme: Acme, session_id: str | None, **headers: str) -> requests.Response:
    return requests.get(
        f"{acme.sandbox.url}/services/data/v59.0/limits",
        headers={"Authorization": f"Bearer {session_id}", **headers},
        timeout=10,
    )


def assertion(acme: Acme, key: str | None = None, **claims: Any) -> str:
    """Signed as simple-salesforce does it, but for these claims."""
    given = acme.sandbox.control("GET", "/salesforce/jwt")
    good = {
        "iss": given["consumer_key"],
        "sub": given["username"],
        "aud": "https://login.salesforce.com",
        "exp": str(int(time.time()) + 180),
    }
    return jwt.encode({**good, **claims}, key or given["private_key"], algorithm="RS256")


def test_credentials_are_taken_as_http_basic_too(acme: Acme) -> None:
    basic = base64.b64encode(b"sandbox-key:sandbox-secret").decode()

    answer = token(acme, {"Authorization": f"Basic {basic}"}, grant_type="client_credentials")

    assert limits(acme, answer.json()["access_token"]).status_code == 200


def test_the_real_client_signs_in_with_a_key(acme: Acme) -> None:
    given = acme.sandbox.control("GET", "/salesforce/jwt")

    signed_in = Salesforce(
        username=given["username"],
        consumer_key=given["consumer_key"],
        privatekey=given["private_key"],
        session=acme.salesforce.session,
    )

    assert signed_in.query("SELECT Id FROM Lead")["totalSize"] == 0


@pytest.mark.parametrize(
    ("claims", "error", "text"),
    [
        pytest.param({"iss": "other"}, "invalid_client_id", "client identifier invalid", id="an app that nobody made"),
        pytest.param(
            {"sub": "ana@acme.example"}, "invalid_grant", "user hasn't approved this consumer", id="another user"
        ),
        pytest.param({"aud": "https://acme.example"}, "invalid_grant", "audience is invalid", id="another service"),
        pytest.param({"aud": None}, "invalid_grant", "audience is invalid", id="no audience"),
        pytest.param({"exp": "1000000000"}, "invalid_grant", "expired authorization code", id="an old one"),
        pytest.param({"exp": "9999999999"}, "invalid_grant", "invalid assertion", id="one that is good for too long"),
        pytest.param({"exp": "soon"}, "invalid_grant", "invalid assertion", id="an end that is no time"),
        pytest.param({"exp": "nan"}, "invalid_grant", "invalid assertion", id="an end that is no number"),
    ],
)
def test_an_assertion_is_checked_claim_by_claim(acme: Acme, claims: dict[str, Any], error: str, text: str) -> None:
    answer = token(acme, grant_type=JWT_BEARER, assertion=assertion(acme, **claims))

    assert said(answer) == (400, error, text)


def test_an_assertion_that_another_key_signed_is_refused(acme: Acme) -> None:
    answer = token(acme, grant_type=JWT_BEARER, assertion=assertion(acme, new_key()))

    assert said(answer) == (400, "invalid_grant", "invalid assertion")


def test_a_key_of_ones_own_signs_in_once_its_certificate_is_uploaded(acme: Acme) -> None:
    own = new_key()
    signed = assertion(acme, own)
    acme.sandbox.control("PUT", "/salesforce/jwt", {"public_key": public_half(own)})

    assert token(acme, grant_type=JWT_BEARER, assertion=signed).status_code == 200


@pytest.mark.parametrize("text", ["", "a.b.c", "not a token"])
def test_what_is_no_assertion_is_refused(acme: Acme, text: str) -> None:
    assert said(token(acme, grant_type=JWT_BEARER, assertion=text))[:2] == (400, "invalid_grant")


def test_a_refresh_token_brings_a_new_session_and_stays_as_it_is(acme: Acme) -> None:
    answer = token(acme, grant_type="refresh_token", refresh_token="sandbox-refresh-token", **APP).json()

    assert "refresh_token" not in answer
    assert limits(acme, answer["access_token"]).status_code == 200


def test_a_refresh_token_that_is_used_up_is_refused(acme: Acme) -> None:
    acme.sandbox.control("POST", "/salesforce/expire", {"refresh_token": True})

    answer = token(acme, grant_type="refresh_token", refresh_token="sandbox-refresh-token", **APP)

    assert said(answer) == (400, "invalid_grant", "expired access/refresh token")


def test_a_refresh_token_may_go_without_the_secret_where_the_app_allows_it(acme: Acme) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh-token", "client_id": "sandbox-key"}
    assert said(token(acme, **form)) == (400, "invalid_client", "invalid client credentials")

    acme.sandbox.control("PUT", "/salesforce/settings", {"refresh_needs_secret": False})

    assert token(acme, **form).status_code == 200


def test_a_refresh_token_that_rotates_is_good_once(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"refresh_rotates": True})
    first = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh-token", **APP}

    second = {**first, "refresh_token": token(acme, **first).json()["refresh_token"]}

    assert said(token(acme, **first)) == (400, "invalid_grant", "expired access/refresh token")
    assert token(acme, **second).status_code == 200


def test_a_deactivated_integration_user_cannot_sign_in(acme: Acme) -> None:
    me = acme.rows("SELECT Id FROM User WHERE Username = 'integration@acme.example'")[0]["Id"]
    acme.salesforce.restful(f"sobjects/User/{me}", method="PATCH", json={"IsActive": False})

    assert said(token(acme, grant_type="client_credentials", **APP)) == (400, "inactive_user", "user is inactive")


def test_too_many_sign_ins_in_an_hour_are_refused(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"logins_per_hour": 2})

    answers = [token(acme, grant_type="client_credentials", **APP) for _ in range(3)]

    assert said(answers[-1]) == (400, "rate_limit_exceeded", "login rate exceeded")


def test_a_session_ends_after_the_calls_that_it_has(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"session_calls": 2})
    session = client(acme.sandbox).session_id

    assert [limits(acme, session).status_code for _ in range(3)] == [200, 200, 401]


def test_a_session_ends_after_its_time(acme: Acme) -> None:
    session = client(acme.sandbox).session_id
    acme.sandbox.control("PUT", "/salesforce/settings", {"session_seconds": 0})

    assert limits(acme, session).json()[0]["errorCode"] == "INVALID_SESSION_ID"


def test_a_revoked_session_is_over(acme: Acme) -> None:
    session = str(client(acme.sandbox).session_id)

    requests.post(f"{acme.sandbox.url}/services/oauth2/revoke", data={"token": session}, timeout=10)

    assert limits(acme, session).status_code == 401


def test_the_end_of_a_session_may_be_told_with_a_page(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"html_when_expired": True})

    answer = limits(acme, "gone")

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/html;charset=UTF-8")


def test_an_org_that_moved_is_found_by_signing_in_again(acme: Acme) -> None:
    before = client(acme.sandbox)

    moved = acme.sandbox.control("POST", "/salesforce/move", {})["instance"]

    with pytest.raises(SalesforceGeneralError) as nobody:
        before.query("SELECT Id FROM Lead")
    assert nobody.value.status == 420
    after = client(acme.sandbox)
    assert f"http://{after.sf_instance}" == moved
    assert after.query("SELECT Id FROM Lead")["totalSize"] == 0


def test_a_session_of_before_the_move_is_over_at_the_new_address_too(acme: Acme) -> None:
    session = client(acme.sandbox).session_id

    moved = acme.sandbox.control("POST", "/salesforce/move", {})["instance"]

    assert limits(acme, session, **{"X-Orig-Host": moved.removeprefix("http://")}).status_code == 401


def test_the_daily_limit_holds_where_it_is_enforced(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"daily_enforced": True, "calls_of_others": 5_000_000})

    answer = limits(acme, acme.salesforce.session_id)

    assert (answer.status_code, answer.json()) == (
        403,
        [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
    )


def test_too_many_calls_at_once_are_refused_for_a_moment(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"busy_calls": 1})

    first, second = (limits(acme, acme.salesforce.session_id) for _ in range(2))

    assert (first.status_code, first.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "ConcurrentRequests" in first.json()[0]["message"]
    assert second.status_code == 200


def test_calls_of_other_programs_count_and_the_app_has_a_limit_of_its_own(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"calls_of_others": 900, "daily_calls": 5000, "app_calls": 250})

    answer = limits(acme, acme.salesforce.session_id)

    assert answer.json()["DailyApiRequests"] == {"Max": 5000, "Remaining": 4099}
    assert answer.headers["Sforce-Limit-Info"] in {
        f"api-usage={used}/5000; per-app-api-usage=1/250(appName=fairlead)" for used in (901, 902)
    }


def test_records_are_counted_roughly(acme: Acme) -> None:
    acme.lead()

    counted = acme.salesforce.restful("limits/recordCount", params={"sObjects": "Lead"})

    assert counted == {"sObjects": [{"count": 1, "name": "Lead"}]}


def new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode()


def public_half(private_key: str) -> str:
    public = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()
