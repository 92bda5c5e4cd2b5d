"""Signing in to Salesforce: client credentials, JWT bearer, or a refresh token.

simple-salesforce makes the first two requests and knows nothing of the third. Its answer has no room for what the
refused have to do, so that is said here.
"""

from collections.abc import Mapping
from typing import Any

import requests
from jwt.exceptions import PyJWTError
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.base import ConnectorError, Credentials, NotSignedIn, RefreshTokens, SignIn, TryLater, Way
from connectors.salesforce.door import SIGN_IN

CLIENT_CREDENTIALS = "client credentials"
JWT_BEARER = "JWT bearer"
REFRESH_TOKEN = "refresh token"  # noqa: S105 - the name of a way

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - a key
CONSUMER_SECRET = "consumer_secret"  # noqa: S105 - a key

SIGNS_IN_WITH = SignIn(
    "SALESFORCE_URL",
    ways=(
        Way(
            JWT_BEARER,
            "SALESFORCE_PRIVATE_KEY",
            {"consumer_key": "SALESFORCE_CONSUMER_KEY", "username": "SALESFORCE_USERNAME"},
        ),
        Way(
            REFRESH_TOKEN,
            "SALESFORCE_REFRESH_TOKEN",
            {"consumer_key": "SALESFORCE_CONSUMER_KEY", CONSUMER_SECRET: "SALESFORCE_CONSUMER_SECRET"},
        ),
        Way(CLIENT_CREDENTIALS, "SALESFORCE_CONSUMER_SECRET", {"consumer_key": "SALESFORCE_CONSUMER_KEY"}),
    ),
    optional={WEBHOOK_SECRET: "SALESFORCE_WEBHOOK_SECRET"},
)

_SHARED_HOSTS = ("login", "test")

_BY_DESCRIPTION: Mapping[str, str] = {
    "user hasn't approved this consumer": (
        "the app may not act for that user: in its policies let admins approve the users, and give it a profile or a"
        " permission set of the user in SALESFORCE_USERNAME"
    ),
    "user is not admin approved to access this app": (
        "the app may not act for that user: in its policies give it a profile or a permission set of the user in"
        " SALESFORCE_USERNAME"
    ),
    "audience is invalid": (
        "the wrong door for this org: SALESFORCE_URL is https://test.salesforce.com for a sandbox and"
        " https://login.salesforce.com for production, or better the org's own address"
    ),
    "invalid assertion": (
        "the signature does not fit: upload the certificate of SALESFORCE_PRIVATE_KEY to the app, and check the clock"
        " of this machine"
    ),
    "expired authorization code": "the clock of this machine is wrong by minutes: set it by NTP",
    "expired access/refresh token": (
        "SALESFORCE_REFRESH_TOKEN was revoked or has expired: authorize the app again and set the new one"
    ),
    "no client credentials user enabled": (
        "the app has no user to run as: in its policies name one under client credentials flow"
    ),
}
_BY_CODE: Mapping[str, str] = {
    "invalid_client_id": "Salesforce does not know the app in SALESFORCE_CONSUMER_KEY: copy its consumer key once more",
    "invalid_client": "SALESFORCE_CONSUMER_SECRET is not the secret of SALESFORCE_CONSUMER_KEY: copy both once more",
    "inactive_user": "the user is inactive or frozen: activate it, or set SALESFORCE_USERNAME to another one",
    "inactive_org": "the org is closed or locked: ask its admin",
    "unsupported_grant_type": "the app does not allow this flow: enable it in the app's OAuth settings",
    "invalid_app_access": "the app may not act for that user: give it a profile or a permission set of the user",
    "invalid_grant": (
        "the user or the app is refused: compare SALESFORCE_USERNAME with Setup > Users, and see Setup > Login History"
    ),
}


def ask(
    credentials: Credentials, domain: str, session: requests.Session, refresh_tokens: RefreshTokens
) -> tuple[str, str]:
    """(token, instance's host). `domain` is the host without `.salesforce.com`.

    NotSignedIn, with the way out, where something is missing. The library's and requests' errors pass.
    """
    key = credentials.extra.get("consumer_key", "")
    if not credentials.secret or not key:
        raise NotSignedIn("Salesforce needs SALESFORCE_CONSUMER_KEY and what goes with it: docs/operators.md")
    if credentials.way == JWT_BEARER:
        return _by_jwt(credentials, key, domain, session)
    if credentials.way == REFRESH_TOKEN:
        return _refreshed(credentials, key, domain, session, refresh_tokens)
    if domain in _SHARED_HOSTS:
        raise NotSignedIn(
            "client credentials are taken at the org's own address only: set SALESFORCE_URL to one such as"
            " https://acme.my.salesforce.com"
        )
    return SalesforceLogin(domain=domain, consumer_key=key, consumer_secret=credentials.secret, session=session)


def refused(error: SalesforceAuthenticationFailed) -> ConnectorError:
    """What a sign-in that failed means. The library puts the HTTP status in `code` where the body was no JSON."""
    status = error.code if isinstance(error.code, int) else 0
    if status in (420, 429) or status >= 500 or error.code == "rate_limit_exceeded":
        return TryLater(f"Salesforce does not take sign-ins just now ({error.code})")
    way_out = _BY_DESCRIPTION.get(str(error.auth_message).strip().lower()) or _BY_CODE.get(str(error.code))
    said = f"Salesforce refuses the sign-in: {error.auth_message} ({error.code})"
    return NotSignedIn(f"{said}: {way_out}" if way_out else said)


def audience(domain: str) -> str:
    """Where a JWT is for: sandboxes are signed in to at `test`, everything else at `login`, whatever its own name."""
    return "test" if domain == "test" or domain.endswith(".sandbox.my") else "login"


def _by_jwt(credentials: Credentials, key: str, domain: str, session: requests.Session) -> tuple[str, str]:
    username = credentials.extra.get("username", "")
    if not username:
        raise NotSignedIn("signing in by JWT bearer needs SALESFORCE_USERNAME, the user to act for")
    try:
        # The library wants a host without its end in `instance_url`, whatever the name says.
        return SalesforceLogin(
            username=username,
            consumer_key=key,
            privatekey=credentials.secret.replace("\\n", "\n"),  # .env files write it in one line
            domain=audience(domain),
            instance_url=domain,
            session=session,
        )
    except (PyJWTError, ValueError, TypeError) as error:
        if isinstance(error, requests.RequestException):
            raise
        raise NotSignedIn(
            "SALESFORCE_PRIVATE_KEY is not an RSA private key in PEM form: it begins with -----BEGIN PRIVATE KEY-----"
            " and has no passphrase"
        ) from error


def _refreshed(
    credentials: Credentials, key: str, domain: str, session: requests.Session, refresh_tokens: RefreshTokens
) -> tuple[str, str]:
    given = credentials.secret
    refresh_token = refresh_tokens.newest(given)
    form = {
        "grant_type": "refresh_token",
        "client_id": key,
        "client_secret": credentials.extra.get(CONSUMER_SECRET, ""),
        "refresh_token": refresh_token,
    }
    answer = session.post(f"https://{domain}.salesforce.com{SIGN_IN}", form)
    try:
        told: Any = answer.json()
    except ValueError as error:
        raise SalesforceAuthenticationFailed(answer.status_code, answer.text) from error
    if answer.status_code != 200:
        if refresh_tokens.newest(given) != refresh_token:
            raise TryLater("another process has just signed in to Salesforce, and has the next refresh token")
        raise SalesforceAuthenticationFailed(told.get("error"), told.get("error_description"))
    # Where refresh tokens rotate, each answer brings the next one and ends the one before.
    came = told.get("refresh_token")
    if isinstance(came, str) and came and came != refresh_token:
        refresh_tokens.keep(given, came)
    return told["access_token"], told["instance_url"].partition("://")[2]
