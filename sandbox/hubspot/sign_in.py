"""Who may call: service keys and private apps with their fixed token, and the OAuth app with tokens that end.

Ends are in real time, because the clients that wait for them wait in real time. Nothing here is a secret: it opens
nothing but invented data.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import parse_qs

from sandbox.hubspot.authors import APP_ID
from sandbox.hubspot.errors import Refusal, invalid_request, not_signed_in
from sandbox.hubspot.exchange import Answer, Call, Json, field_of
from sandbox.hubspot.scopes import ALL

KEY = "pat-na1-sandbox"
CLIENT_ID, CLIENT_SECRET = "sandbox-client-id", "sandbox-client-secret"
REFRESH_TOKEN, CODE = "na1-sandbox-refresh-token", "sandbox-code"
REDIRECT_URI = "http://localhost:8080/hubspot/callback"
LIFETIME = 1800.0
PORTAL_USER = 9586504


@dataclass(frozen=True, slots=True)
class Token:
    """What a bearer may do, and until when (monotonic seconds; None: it does not end). `app` shares one budget."""

    app: str
    scopes: frozenset[str]
    ends_at: float | None = None

    @property
    def oauth(self) -> bool:
        return self.ends_at is not None


class SignIn:
    """Every token of the account. A reset brings back the first key and the first refresh token, and keeps the access
    tokens that are out."""

    def __init__(self, chance: Random, portal_id: int, real: Callable[[], float] = time.monotonic) -> None:
        self._chance = chance
        self._portal_id = portal_id
        self._real = real
        self._access: dict[str, Token] = {}
        self._refresh: set[str] = set()
        self.reset()

    def reset(self) -> None:
        self._keys = {KEY: Token("private app", ALL)}
        self._refresh.add(REFRESH_TOKEN)
        self._lifetime, self._rotate, self._granted = LIFETIME, False, ALL

    def bearer(self, header: str | None) -> Token:
        """Who calls. Refusal 401 for nobody we know, and for a token that has ended."""
        scheme, _, text = (header or "").partition(" ")
        token = self._keys.get(text) or self._access.get(text)
        if scheme.lower() != "bearer" or token is None:
            raise not_signed_in()
        if token.ends_at is not None and self._real() >= token.ends_at:
            raise _expired(self._real() - token.ends_at)
        return token

    def token(self, call: Call) -> Answer:
        """POST /oauth/…/token: form-encoded; `refresh_token` or `authorization_code`."""
        if not call.content_type.startswith("application/x-www-form-urlencoded"):
            raise Refusal(415, "HTTP 415 Unsupported Media Type")
        form = {name: values[-1] for name, values in parse_qs(call.text).items()}
        if form.get("client_id") != CLIENT_ID:
            raise _OAuthRefusal("BAD_CLIENT_ID", "missing or unknown client id", "invalid_client")
        if form.get("client_secret") != CLIENT_SECRET:
            # No public recording holds this text.
            raise _OAuthRefusal("BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client")
        match form.get("grant_type"):
            case "refresh_token":
                return Answer(200, self._refreshed(form.get("refresh_token", "")))
            case "authorization_code":
                return Answer(200, self._granted_by_code(form))
        raise _OAuthRefusal("BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type")

    def about_key(self, call: Call) -> Answer:
        """POST /oauth/v2/private-apps/get/access-token-info: what a key is for."""
        key = self._keys.get(field_of(call.json(), "tokenKey"))
        if key is None:
            raise invalid_request("The token is not one of a private app")
        about = {"userId": PORTAL_USER, "hubId": self._portal_id, "appId": APP_ID, "scopes": sorted(key.scopes)}
        return Answer(200, about)

    def set_key(self, asked: Json) -> Json:
        """The control API's {"token"?, "scopes"?}: a key of its own app, or other scopes for one that is there."""
        text = str(asked.get("token") or f"pat-na1-{self._random_words(1)}")
        known = self._keys.get(text) or Token(f"key {len(self._keys)}", ALL)
        self._keys[text] = replace(known, scopes=frozenset(asked.get("scopes", ALL)))
        return {"token": text, "scopes": sorted(self._keys[text].scopes)}

    def set_oauth(self, asked: Json) -> Json:
        """The control API's {"seconds"?, "rotate"?, "scopes"?} for tokens given out from now on."""
        self._lifetime = float(asked.get("seconds", self._lifetime))
        self._rotate = bool(asked.get("rotate", self._rotate))
        self._granted = frozenset(asked.get("scopes", self._granted))
        return {"seconds": self._lifetime, "rotate": self._rotate, "scopes": sorted(self._granted)}

    def expire(self, _: Any) -> None:
        """Every access token of the OAuth app ends now."""
        self._access = {text: replace(token, ends_at=self._real()) for text, token in self._access.items()}

    def revoke(self, asked: Json) -> None:
        """This key, access token or refresh token is good no more. LookupError where it never was."""
        text = str(asked["token"])
        for kept in (self._keys, self._access):
            if kept.pop(text, None):
                return
        if text not in self._refresh:
            raise LookupError(f"there is no token {text}")
        self._refresh.discard(text)

    def _refreshed(self, refresh_token: str) -> Json:
        if refresh_token not in self._refresh:
            raise _OAuthRefusal("BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked", "invalid_grant")
        if self._rotate:
            self._refresh.discard(refresh_token)
            refresh_token = f"na1-{self._random_words(1)}"
            self._refresh.add(refresh_token)
        return self._given_out(refresh_token)

    def _granted_by_code(self, form: dict[str, str]) -> Json:
        if form.get("redirect_uri") != REDIRECT_URI:
            raise _OAuthRefusal("BAD_REDIRECT_URI", "missing or invalid redirect uri", "invalid_request")
        if form.get("code") != CODE:
            raise _OAuthRefusal("BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant")
        return self._given_out(REFRESH_TOKEN)

    def _given_out(self, refresh_token: str) -> Json:
        # Longer than 300 characters, as real ones may be: whoever keeps it in a short column finds out here.
        text = f"CN{self._random_words(9)}"
        self._access[text] = Token("oauth app", self._granted, self._real() + self._lifetime)
        return {
            "token_type": "bearer",
            "refresh_token": refresh_token,
            "access_token": text,
            "expires_in": int(self._lifetime),
        }

    def _random_words(self, count: int) -> str:
        return "-".join(f"{self._chance.getrandbits(160):040x}" for _ in range(count))


def _expired(seconds: float) -> Refusal:
    return Refusal(
        401,
        f"The OAuth token used to make this call expired {int(seconds)} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
    )


class _OAuthRefusal(Refusal):
    """400 of the token endpoint (recorded): OAuth's two keys beside HubSpot's own two, and no correlation id."""

    def __init__(self, status: str, message: str, error: str) -> None:
        super().__init__(400, message)
        self._body = {"error": error, "error_description": message, "status": status, "message": message}

    def body(self, correlation_id: str) -> dict[str, Any]:  # noqa: ARG002  (the other refusals')
        return self._body
