"""hubspot-api-client wired so that every call is bounded, counted, within the budget and honest about failing.

Reasons, all measured with hubspot-api-client 12.0: it has no time-outs; each access to `client.crm…_api` builds a
new client with a new connection pool; urllib3 retries reads three times and sleeps on Retry-After; models are
decoded by the status code and drop what they do not know. Its `api_factory` is where all of that is set right, and
where paths move; data is decoded raw, whatever the 2xx.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from hubspot import HubSpot as Client
from hubspot.crm.associations.v4.exceptions import OpenApiException as AssociationsError
from hubspot.crm.objects.exceptions import OpenApiException as ObjectsError
from hubspot.crm.owners.exceptions import OpenApiException as OwnersError
from hubspot.crm.properties.exceptions import OpenApiException as PropertiesError
from hubspot.oauth.exceptions import OpenApiException as OAuthError
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from connectors.base import Credentials, NotSignedIn, Shared, Told, TryLater, Unknown
from connectors.hubspot import answers, limits
from connectors.hubspot.access import Access, refused
from connectors.hubspot.answers import NotAsPromised, Take
from connectors.hubspot.errors import TokenRefused, broken, parsed, refusal
from connectors.hubspot.paths import DATED, path_for
from connectors.wire import Hiccup, Meter, Timeout, twice

ERRORS = (ObjectsError, OwnersError, PropertiesError, AssociationsError, OAuthError)
"""Each generated package has an exception tree of its own."""

SIGNING_IN = "/oauth/v1/token"

T = TypeVar("T")


class Wire:
    """Sends what an API object of the library asks for. `ask` is the only way to HubSpot."""

    def __init__(self, credentials: Credentials, shared: Shared, timeout: Timeout) -> None:
        self.meter = Meter()
        self.limits: dict[str, Told] = {}
        """what the latest answers said, by window"""
        self.utc_offset: timedelta | None = None
        """of the account's clock, whose midnight ends the day's limit; None until somebody has asked"""
        self.version = credentials.extra.get("api_version") or DATED
        self.access = Access(credentials, shared, self._token_for)
        self._way = credentials.way
        self._budget = shared.budget
        self._sending = threading.local()
        self.client = Client(
            # The library wants a token before there is one; each call brings its own.
            access_token="-",  # noqa: S106
            host=credentials.url.rstrip("/"),
            api_factory=_Kept(self._send, timeout),
        )

    def ask(self, call: Callable[[], Any], take: Take[T], *, writes: bool) -> T:
        """What `take` makes of the answer to a call. With OAuth, a token that is not taken is renewed once. An answer
        that is not as promised is none: something else may have answered in HubSpot's place."""
        try:
            return self._once(call, take, writes=writes)
        except TokenRefused as error:
            if not self.access.renew(self._sending.token):
                raise NotSignedIn(refused(str(error), self._way)) from error
        try:
            return self._once(call, take, writes=writes)
        except TokenRefused as error:
            raise NotSignedIn(refused(str(error), self._way)) from error

    def read(self, call: Callable[[], Any], take: Take[T]) -> T:
        """What `take` makes of the answer to a read, asked once more after a hiccup."""
        return twice(lambda: self.ask(call, take, writes=False))

    def no_answer(self, wrong: str, *, writes: bool = False) -> Exception:
        """The error for the latest answer that is none, with what is `wrong` with it."""
        sentence = f"HubSpot's answer to {self._sending.asked} {wrong}"
        return Unknown(sentence) if writes else Hiccup(sentence)

    def _once(self, call: Callable[[], Any], take: Take[T], *, writes: bool) -> T:
        try:
            answer = call()
            data, headers = answer.data, answer.headers
        except ERRORS as error:
            raise self._refusal(error, writes=writes) from error
        except HTTPError as error:
            raise broken(error, writes=writes) from error
        except AttributeError as error:
            if "decode" not in str(error):
                raise
            # The library, on a connection that TLS refused: there is no body to decode.
            raise TryLater("HubSpot did not answer: no secure connection came about") from error
        except UnicodeDecodeError as error:  # the library, on a gateway's error page
            raise self.no_answer("is no text", writes=writes) from error
        self._answered(headers)
        try:
            return take(answers.body(data))
        except NotAsPromised as error:
            raise self.no_answer(str(error), writes=writes) from error

    def _answered(self, headers: Mapping[str, str]) -> None:
        self.meter.answered(headers)
        told = limits.told(headers)
        if told:
            self.limits |= {one.window: one for one in told}
            self._budget.told(told)

    def _refusal(self, error: Any, *, writes: bool) -> Exception:
        headers = getattr(error, "headers", None) or {}
        self._answered(headers)
        status, body = getattr(error, "status", 0) or 0, getattr(error, "body", None)
        policy = str(parsed(body).get("policyName") or "")
        searching = getattr(self._sending, "searching", False)
        after = limits.retry_after(headers)
        if status == 429 and after is None:
            midnight = limits.to_midnight(self.meter.told, self.utc_offset)
            after = limits.wait(policy, searching, midnight)
        limits.tell_refusal(self._budget, status, policy, searching, after)
        return refusal(status, body, after, writes=writes)

    def _send(self, plain: Callable[..., Any], configuration: Any, path: str, *args: Any, **kwargs: Any) -> Any:
        where = path_for(path, self.version)
        searching = path.endswith("/search")
        if path != SIGNING_IN:  # waits for no budget, or nobody could use what is left of it
            self._budget.take("search" if searching else "call")
            self._sending.token = configuration.access_token = self.access.token()
        # Only now: the token may have taken a call of its own.
        self._sending.searching, self._sending.asked = searching, _named(where, *args)
        self.meter.sent()
        return plain(where, *args, **kwargs)

    def _token_for(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer to a refresh token."""
        api = self.client.oauth.tokens_api
        return self._once(lambda: api.create(**form, _preload_content=False), answers.anything, writes=False)


class _Kept:
    """Builds each API object once, on one connection pool: what the library calls an `api_factory`."""

    def __init__(self, send: Callable[..., Any], timeout: Timeout) -> None:
        self._send, self._timeout = send, timeout
        self._lock = threading.Lock()
        self._built: dict[tuple[str, str], Any] = {}
        self._pool: Any = None

    def __call__(self, package: Any, name: str, config: dict[str, Any]) -> Any:
        with self._lock:
            key = (package.__name__, name)
            if key not in self._built:
                self._built[key] = getattr(package, name)(api_client=self._client(package, config))
            return self._built[key]

    def _client(self, package: Any, config: dict[str, Any]) -> Any:
        configuration = package.Configuration(host=config["host"])
        configuration.retries = Retry(0, redirect=0, respect_retry_after_header=False, raise_on_status=False)
        client = package.ApiClient(configuration=configuration)
        self._pool = self._pool or client.rest_client.pool_manager
        client.rest_client.pool_manager = self._pool
        plain = client.call_api

        def call_api(path: str, *args: Any, **kwargs: Any) -> Any:
            kwargs["_request_timeout"] = self._timeout
            return self._send(plain, configuration, path, *args, **kwargs)

        client.call_api = call_api
        return client


def _named(path: str, method: str = "", words: Mapping[str, str] | None = None, *_: Any) -> str:
    """A call as its errors name it: the method, and the path with its words filled in."""
    for name, word in (words or {}).items():
        path = path.replace(f"{{{name}}}", str(word))
    return f"{method} {path}".strip()
