"""Signing in to Salesforce: three ways, what a refusal tells, one sign-in for all, and an org that moves."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.base import Credentials, NotSignedIn, OwnRefreshTokens, OwnTokens, Shared, TryLater
from connectors.salesforce.org import Org
from tests.connectors.stage import Stage

ACME = "https://acme.my.salesforce.com"
PATH = "/services/oauth2/token"
QUERY = "/services/data/v59.0/query/"
ORGANIZATION = {"totalSize": 1, "done": True, "records": [{"Id": "00D5g0000000001EAA"}]}
EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def by_jwt(url: str = ACME, key: str = PEM) -> Credentials:
    return Credentials(url, key, {"consumer_key": "app", "username": "it@acme.example"}, "JWT bearer")


def by_secret() -> Credentials:
    return Credentials(ACME, "secret", {"consumer_key": "app"}, "client credentials")


def by_refresh_token() -> Credentials:
    return Credentials(ACME, "first", {"consumer_key": "app"}, "refresh token")


@pytest.fixture
def wire() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def lets_in(wire: Any, url: str = ACME, **more: str) -> None:
    wire.post(f"{url}{PATH}", json={"access_token": "t", "instance_url": ACME, **more})
    wire.get(f"{ACME}{QUERY}", json=ORGANIZATION)


def form(call: Any) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(call.request.body).items()}


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        (ACME, "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_a_jwt_is_made_for_the_login_host_of_the_kind_of_org_and_goes_to_the_address_given(
    wire: Any, url: str, audience: str
) -> None:
    lets_in(wire, url)

    Org(by_jwt(url)).sign_in()

    claims = jwt.decode(form(wire.calls[0])["assertion"], KEY.public_key(), ["RS256"], options={"verify_aud": False})
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("app", "it@acme.example", audience)


def test_a_key_in_one_line_as_env_files_have_it_is_read(wire: Any) -> None:
    lets_in(wire)

    assert Org(by_jwt(key=PEM.replace("\n", "\\n"))).sign_in() == "00D5g0000000001EAA"


def test_a_text_that_is_no_key_is_named_by_its_variable_and_nothing_is_sent(wire: Any) -> None:
    with pytest.raises(NotSignedIn, match="SALESFORCE_PRIVATE_KEY"):
        Org(by_jwt(key="not a key")).sign_in()

    assert len(wire.calls) == 0


REFUSALS: list[Any] = [
    pytest.param("invalid_grant", "user hasn't approved this consumer", "policies", id="not approved"),
    pytest.param("invalid_grant", "audience is invalid", "SALESFORCE_URL", id="the wrong door"),
    pytest.param("invalid_grant", "invalid assertion", "SALESFORCE_PRIVATE_KEY", id="the wrong key"),
    pytest.param("invalid_grant", "expired authorization code", "clock", id="a clock that is wrong"),
    pytest.param("invalid_client_id", "client identifier invalid", "SALESFORCE_CONSUMER_KEY", id="an unknown app"),
    pytest.param("invalid_client", "invalid client credentials", "SALESFORCE_CONSUMER_SECRET", id="the wrong secret"),
    pytest.param("inactive_user", "user is inactive", "SALESFORCE_USERNAME", id="an inactive user"),
    pytest.param("invalid_grant", "expired access/refresh token", "SALESFORCE_REFRESH_TOKEN", id="a token revoked"),
    pytest.param("invalid_grant", "authentication failure", "Login History", id="anything else"),
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library's own advice
@pytest.mark.parametrize(("code", "description", "way_out"), REFUSALS)
def test_a_refused_sign_in_says_what_to_change(wire: Any, code: str, description: str, way_out: str) -> None:
    wire.post(f"{ACME}{PATH}", status=400, json={"error": code, "error_description": description})

    with pytest.raises(NotSignedIn, match=way_out) as refused:
        Org(by_jwt()).sign_in()

    assert description in str(refused.value)


@pytest.mark.parametrize("credentials", [by_jwt(), by_secret(), by_refresh_token()], ids=lambda one: one.way)
def test_too_many_sign_ins_are_for_later(wire: Any, credentials: Credentials) -> None:
    refused = {"error": "rate_limit_exceeded", "error_description": "login rate exceeded"}
    wire.post(f"{ACME}{PATH}", status=400, json=refused)

    with pytest.raises(TryLater):
        Org(credentials).sign_in()


@pytest.mark.parametrize("answer", ["<html>maintenance</html>", "", "[]", "{}", '{"access_token": "t"}'])
@pytest.mark.parametrize("credentials", [by_jwt(), by_secret(), by_refresh_token()], ids=lambda one: one.way)
def test_an_answer_to_the_sign_in_that_nobody_understands_is_for_later(
    wire: Any, credentials: Credentials, answer: str
) -> None:
    wire.post(f"{ACME}{PATH}", body=answer, status=200)

    with pytest.raises((TryLater, NotSignedIn)):
        Org(credentials).sign_in()


def test_client_credentials_at_a_shared_login_host_are_told_where_to_go(wire: Any) -> None:
    with pytest.raises(NotSignedIn, match="SALESFORCE_URL"):
        Org(Credentials("https://login.salesforce.com", "secret", {"consumer_key": "app"})).sign_in()


def test_each_refresh_token_is_used_in_turn_where_they_rotate(wire: Any) -> None:
    lets_in(wire, refresh_token="second")
    org = Org(by_refresh_token())
    org.sign_in()

    org.sign_in()

    assert [form(call)["refresh_token"] for call in wire.calls if call.request.url.endswith(PATH)] == [
        "first",
        "second",
    ]


def test_the_next_refresh_token_is_kept_before_the_token_that_came_with_it_is_used(wire: Any) -> None:
    wire.post(f"{ACME}{PATH}", json={"access_token": "t", "instance_url": ACME, "refresh_token": "second"})
    wire.get(f"{ACME}{QUERY}", status=503, body="<html/>")
    kept = OwnRefreshTokens()

    with pytest.raises(TryLater):
        Org(by_refresh_token(), Shared(refresh_tokens=kept)).sign_in()

    assert kept.newest("first") == "second"


def test_who_signs_in_at_the_same_moment_as_another_process_tries_again_with_what_that_one_brought(wire: Any) -> None:
    kept = OwnRefreshTokens()

    def another_was_quicker(_: Any) -> tuple[int, dict[str, str], str]:
        kept.keep("first", "second")
        return 400, {}, '{"error": "invalid_grant", "error_description": "expired access/refresh token"}'

    wire.add_callback(responses.POST, f"{ACME}{PATH}", another_was_quicker)

    with pytest.raises(TryLater, match="another process"):
        Org(by_refresh_token(), Shared(refresh_tokens=kept)).sign_in()


def test_a_worker_takes_the_token_that_another_has_brought(wire: Any) -> None:
    lets_in(wire)
    shared = Shared(tokens=OwnTokens())
    first, second = Org(by_secret(), shared), Org(by_secret(), shared)

    accounts = first.account(), second.account()

    assert accounts == ("00D5g0000000001EAA", "00D5g0000000001EAA")
    assert sum(call.request.url.endswith(PATH) for call in wire.calls) == 1


def test_a_process_that_starts_takes_the_token_of_the_others_and_ends_no_session(wire: Any) -> None:
    lets_in(wire)
    shared = Shared(tokens=OwnTokens())
    Org(by_secret(), shared).sign_in()

    account = Org(by_secret(), shared).sign_in()

    assert account == "00D5g0000000001EAA"
    assert sum(call.request.url.endswith(PATH) for call in wire.calls) == 1


def test_a_process_that_starts_signs_in_anew_where_the_token_of_the_others_is_refused(wire: Any) -> None:
    lets_in(wire)
    shared = Shared(tokens=OwnTokens())
    Org(by_secret(), shared).sign_in()
    starting = Org(by_secret(), shared)
    starting.sign_in()
    wire.replace(responses.POST, f"{ACME}{PATH}", json={"access_token": "u", "instance_url": NEW})
    wire.replace(responses.GET, f"{ACME}{QUERY}", status=401, json=EXPIRED)
    wire.get(f"{NEW}{QUERY}", json=ORGANIZATION)

    assert len(starting.query("SELECT Id FROM Organization")) == 1
    assert wire.calls[-1].request.headers["Authorization"] == "Bearer u"


def test_a_session_that_stays_refused_is_renewed_once_and_no_more(wire: Any) -> None:
    lets_in(wire)
    org = Org(by_secret())
    org.sign_in()
    wire.patch(f"{ACME}/services/data/v59.0/composite/sobjects", status=401, json=EXPIRED)

    with pytest.raises(NotSignedIn):
        org.update([{"id": "00Q5g0000000001EAA"}])

    assert sum(call.request.method == "PATCH" for call in wire.calls) == 2
    assert sum(call.request.url.endswith(PATH) for call in wire.calls) == 2


NEW = "https://eu2.salesforce.com"


def test_an_org_that_has_moved_is_asked_at_its_new_address(wire: Any) -> None:
    lets_in(wire)
    org = Org(by_secret())
    org.sign_in()
    wire.replace(responses.GET, f"{ACME}{QUERY}", status=420, body="<html/>")
    wire.replace(responses.POST, f"{ACME}{PATH}", json={"access_token": "u", "instance_url": NEW})
    wire.get(f"{NEW}{QUERY}", json=ORGANIZATION)

    rows = org.query("SELECT Id FROM Lead")

    assert [row["Id"] for row in rows] == ["00D5g0000000001EAA"]
    assert wire.calls[-1].request.url.startswith(NEW)


def test_an_address_where_a_gateway_finds_nobody_is_asked_for_anew_by_the_next_call(wire: Any) -> None:
    lets_in(wire)
    org = Org(by_secret())
    org.sign_in()
    wire.patch(f"{ACME}/services/data/v59.0/composite/sobjects", status=502, body="<html/>")
    wire.replace(responses.POST, f"{ACME}{PATH}", json={"access_token": "u", "instance_url": NEW})
    wire.get(f"{NEW}{QUERY}", json=ORGANIZATION)
    with pytest.raises(Exception, match="502"):
        org.update([{"id": "00Q5g0000000001EAA"}])

    org.query("SELECT Id FROM Lead")

    assert wire.calls[-1].request.url.startswith(NEW)


def test_the_sandbox_is_signed_in_to_like_an_org(salesforce: Stage) -> None:
    assert salesforce.crm.sign_in().startswith("00D")
