"""OAuth 2: the client credentials flow, and who the token belongs to."""

import base64
import binascii
from collections.abc import Mapping

from sandbox.salesforce.api import Answer
from sandbox.salesforce.org import INTEGRATION_USER, Org

KEY, SECRET = "sandbox-key", "sandbox-secret"


def token(org: Org, base_url: str, form: Mapping[str, str], authorization: str, at_ms: int) -> Answer:
    """The answer to POST /services/oauth2/token. Credentials come in the form, or as HTTP Basic."""
    key, secret = _credentials(form, authorization)
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant type not supported")
    if key != KEY:
        return _refused("invalid_client_id", "client identifier invalid")
    if secret != SECRET:
        return _refused("invalid_client", "invalid client credentials")
    return Answer(
        200,
        {
            "access_token": org.sign_in(),
            "signature": "c2lnbmVkIGJ5IHRoZSBzYW5kYm94",
            "scope": "api",
            "instance_url": base_url,
            "id": f"https://login.salesforce.com/id/{org.id}/{org.integration_user}",
            "token_type": "Bearer",
            "issued_at": str(at_ms),
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


def _credentials(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return key, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _refused(error: str, description: str) -> Answer:
    return Answer(400, {"error": error, "error_description": description})
