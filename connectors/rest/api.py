"""The API over HTTP: every call is bounded, counted, within the budget, and honest about failing."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from connectors import wire
from connectors.base import ConnectorError, Credentials, NotSignedIn, Refused, Shared, TryLater, Unknown
from connectors.wire import Hiccup, Meter, Timeout, never_sent, seconds, twice

Row = dict[str, Any]

PREFIX = "/rest/v1"

understood = wire.understood("the CRM's answer is not what its API promises")
"""For whatever takes an answer apart."""


class Api:
    """Reads and batched writes. Raises the errors of `connectors.base`."""

    def __init__(self, credentials: Credentials, shared: Shared, timeout: Timeout) -> None:
        self.meter = Meter()
        self._base = credentials.url.rstrip("/") + PREFIX
        self._token, self._budget, self._timeout = credentials.secret, shared.budget, timeout
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {self._token}"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))

    def get(self, path: str, **asked: str) -> Row:
        """The answer to a question; one more try after a hiccup."""
        return twice(partial(self._ask, "GET", path, params=asked, writes=False))

    def post(self, path: str, **body: object) -> Row:
        """The answer to a question that does not fit into an address."""
        return twice(partial(self._ask, "POST", path, json=body, writes=False))

    def write(self, method: str, path: str, rows: Sequence[Row]) -> dict[str, Row]:
        """What became of each row, by its id. Never repeated; Unknown where the answer got lost."""
        answer = self._ask(method, path, json={"rows": list(rows)}, writes=True)
        try:
            return {str(row["id"]): dict(row) for row in answer["rows"]}
        except (KeyError, TypeError, ValueError) as error:
            raise Unknown("the CRM's answer does not say what became of the rows") from error

    def _ask(self, method: str, path: str, *, writes: bool, **how: Any) -> Row:
        if not self._token:
            raise NotSignedIn("the CRM needs a token: set REST_TOKEN")
        self._budget.take("call")
        self.meter.sent()
        try:
            response = self._session.request(method, f"{self._base}/{path}", timeout=self._timeout, **how)
        except requests.RequestException as error:
            raise _broken(error, writes=writes) from error
        self.meter.answered(response.headers)
        try:
            told = response.json()
        except ValueError as error:
            raise (Unknown if writes else Hiccup)("the CRM's answer is no JSON") from error
        if response.ok and isinstance(told, dict) and "error" not in told:
            return told
        raise self._refusal(response, told if isinstance(told, dict) else {}, writes=writes)

    def _refusal(self, response: requests.Response, told: Mapping[str, Any], *, writes: bool) -> ConnectorError:
        plain = "429, too many requests" if response.status_code == 429 else response.status_code
        sentence = f"the CRM says: {told.get('message') or plain}"
        after = seconds(response.headers.get("Retry-After"))
        if response.status_code == 401:
            return NotSignedIn(f"{sentence}; look at REST_TOKEN")
        if response.status_code in (429, 503):
            self._budget.refused("call", after or 1.0)
            return TryLater(sentence, 1.0 if after is None and response.status_code == 429 else after)
        if response.status_code >= 500 or response.ok:
            return Unknown(sentence) if writes else Hiccup(sentence, after)
        if told.get("error") == "unknown_field" and str(told.get("field")).startswith("fairlead_"):
            return Refused(f"{sentence}; run `fairlead provision`")
        return Refused(sentence)


def _broken(error: requests.RequestException, *, writes: bool) -> ConnectorError:
    sentence = f"the CRM did not answer: {type(error).__name__}"
    if never_sent(error):
        return TryLater(sentence)
    if writes:
        return Unknown(sentence)
    return TryLater(sentence) if isinstance(error, requests.Timeout) else Hiccup(sentence)
