"""The token that goes with each call: a service key's or private app's, or one that OAuth renews every half hour."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from connectors.base import Credentials, NotSignedIn, Refused, Shared, SignIn, Token, TryLater, Way

TOKEN, OAUTH = "token", "OAuth"

SIGNS_IN_WITH = SignIn(
    "HUBSPOT_URL",
    ways=(
        Way(TOKEN, "HUBSPOT_TOKEN"),
        Way(
            OAUTH,
            "HUBSPOT_REFRESH_TOKEN",
            {"client_id": "HUBSPOT_CLIENT_ID", "client_secret": "HUBSPOT_CLIENT_SECRET"},
        ),
    ),
    optional={"client_secret": "HUBSPOT_CLIENT_SECRET", "api_version": "HUBSPOT_API_VERSION"},
    url_default="https://api.hubapi.com",
)
"""With a token, the client secret is for webhooks only."""

MARGIN = 90.0
"""Seconds before its end at which a token is renewed: HubSpot wants no 401 to be the sign."""

Ask = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""Posts the form to the token's path and returns the answer; errors of `connectors.base`."""


class Access:
    """Where the token of each call comes from. `machine` is machine time in Unix seconds: tokens end by it."""

    def __init__(
        self, credentials: Credentials, shared: Shared, ask: Ask, machine: Callable[[], float] = time.time
    ) -> None:
        self._credentials, self._ask = credentials, ask
        self._tokens, self._refresh_tokens = shared.tokens, shared.refresh_tokens
        self.machine = machine
        self.renews = credentials.way == OAUTH

    def token(self) -> str:
        """A token that is good for a while yet. NotSignedIn names the variable to look at."""
        if not self.renews:
            if not self._credentials.secret:
                raise NotSignedIn("HubSpot needs the token of a service key or private app: set HUBSPOT_TOKEN")
            return self._credentials.secret
        token = self._tokens.current()
        if token is None or (token.ends_at is not None and token.ends_at - MARGIN <= self.machine()):
            token = self._renewed(token)
        return token.value

    def renew(self, refused: str) -> bool:
        """HubSpot does not take this token: whether there is another one to try once."""
        if not self.renews:
            return False
        token = self._tokens.current()
        if token is None or token.value == refused:
            self._renewed(token)
        return True

    def _renewed(self, stale: Token | None) -> Token:
        return self._tokens.renewed(stale, self._sign_in)

    def _sign_in(self) -> Token:
        given = self._credentials.secret
        kept = self._refresh_tokens.newest(given)
        try:
            return self._refreshed(kept)
        except NotSignedIn as error:
            if self._refresh_tokens.newest(given) != kept:
                raise TryLater("another process has just renewed the token, and has the next refresh token") from error
            if kept == given:
                raise
            return self._refreshed(given)  # somebody has installed the app anew

    def _refreshed(self, refresh_token: str) -> Token:
        extra = self._credentials.extra
        form = {
            "grant_type": "refresh_token",
            "client_id": extra.get("client_id", ""),
            "client_secret": extra.get("client_secret", ""),
            "refresh_token": refresh_token,
        }
        try:
            answer = self._ask(form)
        except (Refused, NotSignedIn) as error:
            raise NotSignedIn(f"{error}: {_way_out(str(error))}") from error
        given, came = self._credentials.secret, answer.get("refresh_token")
        # They do not rotate as far as anybody has seen, but each answer brings one.
        newest = came if isinstance(came, str) and came else refresh_token
        if newest != self._refresh_tokens.newest(given):
            self._refresh_tokens.keep(given, newest)
        value = answer.get("access_token")
        if not isinstance(value, str) or not value.isprintable() or not value.isascii() or not value:
            raise NotSignedIn("HubSpot's answer to the refresh token holds no access token: try again, or install anew")
        lasts = answer.get("expires_in")
        ends_at = self.machine() + lasts if isinstance(lasts, int | float) else None
        return Token(value, ends_at=ends_at)


def _way_out(sentence: str) -> str:
    lower = sentence.lower()
    if "secret" in lower:
        return "HUBSPOT_CLIENT_SECRET has to be the client secret of the app (its page, Auth)"
    if "client" in lower:
        return "HUBSPOT_CLIENT_ID has to be the client id of the app (its page, Auth)"
    return "install the app in the account again and put the new refresh token into HUBSPOT_REFRESH_TOKEN"


def refused(sentence: str, way: str) -> str:
    """A 401 in words that name the variable and the way out."""
    if way == OAUTH:
        return f"{sentence}; install the app again and put the new refresh token into HUBSPOT_REFRESH_TOKEN"
    return f"{sentence}; put a valid token of a service key or private app into HUBSPOT_TOKEN"
