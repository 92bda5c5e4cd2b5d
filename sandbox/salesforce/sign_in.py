"""OAuth 2: client credentials, JWT bearer and refresh token; ending a session; and who a token belongs to."""

import base64
import binascii
from collections.abc import Mapping

from sandbox.salesforce.api import Answer
from sandbox.salesforce.org import INTEGRATION_USER, Org

KEY, SECRET = "sandbox-key", "sandbox-secret"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class _Refused(Exception):
    """The answer is a 400 with this error and description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


def token(org: Org, base_url: str, form: Mapping[str, str], authorization: str, at: float) -> Answer:
    """The answer to POST /services/oauth2/token. Credentials come in the form, or as HTTP Basic.

    `base_url` is where the org was asked, `at` real time in seconds since 1970.
    """
    try:
        if not org.sessions.may_sign_in(org.settings):
            raise _Refused("rate_limit_exceeded", "login rate exceeded")
        _check(org, form, authorization, at)
        _user_may(org)
    except _Refused as refused:
        return Answer(400, {"error": refused.error, "error_description": refused.description})
    rotated = form.get("grant_type") == "refresh_token" and org.settings.refresh_rotates
    return Answer(
        200,
        {
            **({"refresh_token": org.next_refresh_token()} if rotated else {}),
            "access_token": org.sign_in(),
            "signature": "c2lnbmVkIGJ5IHRoZSBzYW5kYm94",
            "scope": "api",
            "instance_url": org.sessions.instance or base_url,
            "id": f"https://login.salesforce.com/id/{org.id}/{org.integration_user}",
            "token_type": "Bearer",
            "issued_at": str(int(at * 1000)),
        },
    )


def user_info(org: Org) -> Answer:
    """The answer to GET /services/oauth2/userinfo."""
    user = org.integration_user
    return Answer(
        200,
        {
            "sub": f"https://login.salesforce.com/id/{org.id}/{user}",
            "user_id": user,
            "organization_id": org.id,
            "preferred_username": INTEGRATION_USER,
            "email": INTEGRATION_USER,
        },
    )


def revoked(org: Org, form: Mapping[str, str]) -> Answer:
    """The answer to POST /services/oauth2/revoke: an access token, or the refresh token and all it was good for."""
    given = form.get("token", "")
    if given and given == org.refresh_token:
        org.refresh_token = None
        org.sessions.end_all()
        return Answer(200)
    if org.sessions.end(given):
        return Answer(200)
    return Answer(400, {"error": "unsupported_token_type", "error_description": "this token type is not supported"})


def _check(org: Org, form: Mapping[str, str], authorization: str, at: float) -> None:
    flow = form.get("grant_type")
    if flow == JWT_BEARER:
        _check_assertion(org, form.get("assertion", ""), at)
        return
    if flow not in ("client_credentials", "refresh_token"):
        raise _Refused("unsupported_grant_type", "grant type not supported")
    refreshing = flow == "refresh_token"
    _check_app(form, authorization, secret_needed=not refreshing or org.settings.refresh_needs_secret)
    if refreshing and (not org.refresh_token or form.get("refresh_token") != org.refresh_token):
        raise _Refused("invalid_grant", "expired access/refresh token")


def _check_assertion(org: Org, assertion: str, at: float) -> None:
    from sandbox.salesforce import jwt_bearer  # noqa: PLC0415 - start-up time: see there

    if org.certificate is None:
        raise _Refused("invalid_grant", "invalid assertion")
    try:
        claims = jwt_bearer.claims_of(assertion, org.certificate, KEY, at)
    except jwt_bearer.BadAssertion as bad:
        raise _Refused(bad.error, bad.description) from bad
    if claims.get("sub") != INTEGRATION_USER:  # nobody else has been approved by the admin
        raise _Refused("invalid_grant", "user hasn't approved this consumer")


def _check_app(form: Mapping[str, str], authorization: str, secret_needed: bool) -> None:
    key, secret = _credentials(form, authorization)
    if key != KEY:
        raise _Refused("invalid_client_id", "client identifier invalid")
    if secret != SECRET and (secret or secret_needed):
        raise _Refused("invalid_client", "invalid client credentials")


def _user_may(org: Org) -> None:
    user = org.find(org.integration_user)
    if user and not user.fields["IsActive"]:
        raise _Refused("inactive_user", "user is inactive")


def _credentials(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return key, secret
    return form.get("client_id", ""), form.get("client_secret", "")
