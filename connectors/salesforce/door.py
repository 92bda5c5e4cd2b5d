"""Where every request to Salesforce leaves: within the budget and the time limit, counted; and what the answers say of
the limits."""

import re
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from connectors.base import Budget, Told
from connectors.salesforce.errors import TOO_MANY, pause
from connectors.wire import Meter, Timeout, seconds

SIGN_IN = "/services/oauth2/token"

_USED = re.compile(r"(?:^|[;,]\s*)api-usage=(\d+)/(\d+)")


class Door(HTTPAdapter):
    """Raises TryLater, and sends nothing, where the budget has no call left. Sign-ins are not part of it: Salesforce
    does not count them."""

    def __init__(self, stand_in: SplitResult | None, timeout: Timeout, meter: Meter, budget: Budget) -> None:
        super().__init__(max_retries=0)
        self._stand_in, self._timeout, self._meter, self._budget = stand_in, timeout, meter, budget
        self._said = threading.local()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        if self._stand_in is not None:
            request.url = urlunsplit(self._there(self._stand_in, url))
        if not url.path.endswith(SIGN_IN):
            self._budget.take("call")
        kwargs["timeout"] = self._timeout
        self._said.headers = {}
        self._meter.sent()
        response = super().send(request, *args, **kwargs)
        self._said.headers = response.headers
        self._meter.answered(response.headers)
        self._limits(response)
        return response

    @property
    def headers(self) -> Mapping[str, str]:
        """What the latest answer to this thread carried: the library's errors lose it."""
        return getattr(self._said, "headers", {})

    def refused(self, status: int, text: str) -> None:
        """An answer, or a part of a Composite one, that says there were too many requests."""
        wait = pause(status, text, seconds(self.headers.get("Retry-After")))
        if wait is not None:
            self._budget.refused("call", wait)

    def _there(self, stand_in: SplitResult, url: SplitResult) -> SplitResult:
        """A stand-in answers at its own address for all of salesforce.com, and at the instance that it has named."""
        host = stand_in.netloc if (url.hostname or "").endswith(".salesforce.com") else url.netloc
        return url._replace(scheme=stand_in.scheme, netloc=host)

    def _limits(self, response: requests.Response) -> None:
        used = _USED.search(response.headers.get("Sforce-Limit-Info", ""))
        if used:
            spent, limit = int(used[1]), int(used[2])
            self._budget.told([Told("day", limit, max(0, limit - spent))])
        if response.status_code in (403, *TOO_MANY):
            self.refused(response.status_code, response.text)
