"""One HubSpot portal: hubspot-api-client wired so that every call is bounded, counted and honest about failing.

Reasons, all measured with hubspot-api-client 12.0: it has no time-outs; each access to `client.crm…_api` builds a
new client with a new connection pool; urllib3 retries reads three times and sleeps on Retry-After; models are
decoded by the status code and drop what they do not know. Its `api_factory` is where all of that is set right; data
is decoded raw.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from queue import Queue
from typing import Any

from hubspot import HubSpot as Client
from hubspot.crm.associations.v4.exceptions import OpenApiException as AssociationsError
from hubspot.crm.objects.exceptions import OpenApiException as ObjectsError
from hubspot.crm.owners.exceptions import OpenApiException as OwnersError
from hubspot.crm.properties.exceptions import OpenApiException as PropertiesError
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from connectors.base import Credentials, NotSignedIn, TryLater, Unknown
from connectors.hubspot.errors import broken, refusal
from connectors.wire import TIMEOUT, Hiccup, Meter, Timeout, twice

Record = dict[str, Any]
"""One object as HubSpot sends it: `id`, `properties` (text or null), times, perhaps `propertiesWithHistory`."""

ERRORS = (ObjectsError, OwnersError, PropertiesError, AssociationsError)
"""Each generated package has an exception tree of its own."""

SEARCHES_A_SECOND = 4
"""HubSpot allows an account five, for all its apps together. `searches_a_second` in the credentials' `extra` says
otherwise: fewer where other apps search a lot, more where nothing is limited."""

PER_SECOND = 1.0
"""Seconds over which searches are limited, and what HubSpot's refusal of one too many asks to wait."""

SEARCH_PAGE = 200


class Kept:
    """Builds each API object once, on one connection pool, with limits: what the library calls an `api_factory`."""

    def __init__(self, token: str, timeout: Timeout, meter: Meter) -> None:
        self._token, self._timeout, self._meter = token, timeout, meter
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
        configuration.access_token = self._token
        configuration.retries = Retry(0, redirect=0, respect_retry_after_header=False, raise_on_status=False)
        client = package.ApiClient(configuration=configuration)
        self._pool = self._pool or client.rest_client.pool_manager
        client.rest_client.pool_manager = self._pool
        plain = client.call_api

        def call_api(*args: Any, **kwargs: Any) -> Any:
            kwargs["_request_timeout"] = self._timeout
            self._meter.sent()
            return plain(*args, **kwargs)

        client.call_api = call_api
        return client


class Portal:
    """Reads, searches and batched writes. Raises the errors of `connectors.base`."""

    def __init__(self, credentials: Credentials, timeout: Timeout = TIMEOUT) -> None:
        self.meter = Meter()
        self._token = credentials.secret
        self._client = Client(
            access_token=credentials.secret,
            host=credentials.url.rstrip("/"),
            api_factory=Kept(credentials.secret, timeout, self.meter),
        )
        self._pace = Pace(int(credentials.extra.get("searches_a_second", SEARCHES_A_SECOND)))

    def sign_in(self) -> str:
        """The portal's id, where the token is good for one."""
        if not self._token:
            raise NotSignedIn("HubSpot needs an access token (private app or service key)")
        # No generated package covers this path; the generic call of a kept client does.
        call = self._client.crm.objects.basic_api.api_client.call_api
        details = self._read(
            lambda: call("/account-info/v3/details", "GET", auth_settings=["oauth2"], _preload_content=False)
        )
        return str(details["portalId"])

    def search(self, kind: str, body: Record) -> Record:
        """One page of a search. Paced, and asked again a second later: all apps of an account share the limit."""
        try:
            return self._search(kind, body)
        except TryLater as error:
            if error.after is None or error.after > PER_SECOND:
                raise
            time.sleep(error.after)
            return self._search(kind, body)

    def _search(self, kind: str, body: Record) -> Record:
        api = self._client.crm.objects.search_api

        def ask() -> Any:
            with self._pace.turn():
                return api.do_search(kind, body, _preload_content=False)

        return self._read(ask)

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str] = ()
    ) -> dict[str, Record]:
        """Up to 100 objects by id (50 with history); ids that are not there, or archived, are left out."""
        body: Record = {"inputs": [{"id": id} for id in ids], "properties": list(properties)}
        if history:
            body["propertiesWithHistory"] = list(history)
        api = self._client.crm.objects.batch_api
        answer = self._read(lambda: api.read(kind, body, _preload_content=False))
        return {str(row["id"]): row for row in answer["results"]}

    def update(self, kind: str, inputs: Sequence[Record]) -> Record:
        """Update up to 100 objects. A write: never repeated, Unknown where the answer got lost."""
        api = self._client.crm.objects.batch_api
        return self._ask(lambda: api.update(kind, {"inputs": list(inputs)}, _preload_content=False), writes=True)

    def create(self, kind: str, inputs: Sequence[Record]) -> Record:
        """Create up to 100 objects. A write."""
        api = self._client.crm.objects.batch_api
        return self._ask(lambda: api.create(kind, {"inputs": list(inputs)}, _preload_content=False), writes=True)

    def associated(self, kind: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """For up to 1,000 objects, the ids of the objects of kind `to` that belong to them. None is an error there."""
        found: dict[str, list[str]] = {}
        inputs: list[Record] = [{"id": id} for id in ids]
        api = self._client.crm.associations.v4.batch_api
        while inputs:
            answer = self._read(partial(api.get_page, kind, to, {"inputs": inputs}, _preload_content=False))
            inputs = []
            for row in answer["results"]:
                id = str(row["from"]["id"])
                found.setdefault(id, []).extend(str(other["toObjectId"]) for other in row["to"])
                after = ((row.get("paging") or {}).get("next") or {}).get("after")
                inputs += [{"id": id, "after": after}] if after else []
        return found

    def owners(self, *, archived: bool) -> list[Record]:
        """All owners, page by page; `archived` asks for those who were deactivated."""
        api = self._client.crm.owners.owners_api
        owners: list[Record] = []
        after: str | None = None
        while True:
            page = {"limit": 500, "archived": archived} | ({"after": after} if after else {})
            answer = self._read(partial(api.get_page, **page, _preload_content=False))
            owners += answer["results"]
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if after is None:
                return owners

    def properties(self, kind: str) -> set[str]:
        """The names of all properties of an object."""
        api = self._client.crm.properties.core_api
        return {row["name"] for row in self._read(lambda: api.get_all(kind, _preload_content=False))["results"]}

    def groups(self, kind: str) -> set[str]:
        """The names of all property groups of an object."""
        api = self._client.crm.properties.groups_api
        return {row["name"] for row in self._read(lambda: api.get_all(kind, _preload_content=False))["results"]}

    def create_group(self, kind: str, body: Record) -> None:
        """Create a property group. A write."""
        api = self._client.crm.properties.groups_api
        self._ask(lambda: api.create(kind, body, _preload_content=False), writes=True)

    def create_property(self, kind: str, body: Record) -> None:
        """Create a property. A write."""
        api = self._client.crm.properties.core_api
        self._ask(lambda: api.create(kind, body, _preload_content=False), writes=True)

    def _read(self, ask: Callable[[], Any]) -> Record:
        return twice(lambda: self._ask(ask, writes=False))

    def _ask(self, ask: Callable[[], Any], *, writes: bool) -> Record:
        try:
            answer = ask()
            self.meter.answered(answer.headers)
            told: Any = json.loads(answer.data)
        except ERRORS as error:
            headers = getattr(error, "headers", None) or {}
            self.meter.answered(headers)
            raise refusal(
                getattr(error, "status", 0) or 0, getattr(error, "body", None), headers, writes=writes
            ) from error
        except HTTPError as error:
            raise broken(error, writes=writes) from error
        except ValueError as error:  # something between us and HubSpot answered in its place
            raise (Unknown if writes else Hiccup)("HubSpot's answer is no JSON") from error
        if not isinstance(told, dict) or told.get("status") == "error":  # under a 200, from something in between
            raise (Unknown if writes else Hiccup)("HubSpot's answer was not understood")
        record: Record = told
        return record


class Pace:
    """At most so many calls in any second from this process, as the server counts: a turn is free again one second
    after its answer, however long the request was on its way.
    """

    def __init__(
        self,
        a_second: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._free_at: Queue[float] = Queue()
        for _ in range(a_second):
            self._free_at.put(clock())

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it for the block."""
        free_at = self._free_at.get()
        try:
            self._sleep(max(0.0, free_at - self._clock()))
            yield
        finally:
            self._free_at.put(self._clock() + PER_SECOND)
