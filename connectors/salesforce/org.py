"""One Salesforce org, signed in: simple-salesforce wired so that every call is bounded, counted and honest about
failing.

Reasons, all seen with simple-salesforce 1.12: it has no time-outs; on an expired session it signs in once per
waiting thread, forgets the headers of the repeated call and keeps the old instance; its SFType calls recurse for as
long as the session stays refused. So the session carries the headers, its adapter the time-outs, the client is
built with a token (which switches the library's own refresh off), and only `query_all_iter`, `query_more`,
`restful` and `oauth2` are used.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import SplitResult, quote_plus, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from simple_salesforce.login import SalesforceLogin

from connectors.base import Credentials, NotSignedIn, TryLater, Unknown
from connectors.salesforce.errors import refusal, translated
from connectors.wire import TIMEOUT, Hiccup, Meter, Timeout, seconds, twice

T = TypeVar("T")

Record = dict[str, Any]
"""One row of a query, with nested objects for `Owner.Email` and the like."""

MOST_QUERIES = 5
"""Queries that one Composite request may hold."""

HEADERS = {
    # Without it the org's lead assignment rule may overwrite the owner that we write: the default is TRUE.
    "Sforce-Auto-Assign": "FALSE",
    # Names us in change events, so that our own changes can be told from others'.
    "Sforce-Call-Options": "client=fairlead",
}


class Door(HTTPAdapter):
    """Where every request leaves: to the configured address, within the time limit, counted."""

    def __init__(self, base: SplitResult | None, timeout: Timeout, meter: Meter) -> None:
        super().__init__(max_retries=0)
        self._base, self._timeout, self._meter = base, timeout, meter
        self._said = threading.local()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._base is not None:
            url = urlsplit(request.url or "")
            request.url = urlunsplit((self._base.scheme, self._base.netloc, url.path, url.query, url.fragment))
        kwargs["timeout"] = self._timeout
        self._said.headers = {}
        self._meter.sent()
        response = super().send(request, *args, **kwargs)
        self._said.headers = response.headers
        self._meter.answered(response.headers)
        return response

    @property
    def headers(self) -> Mapping[str, str]:
        """What the latest answer to this thread carried: the library's errors lose it."""
        return getattr(self._said, "headers", {})


class SignedIn(NamedTuple):
    """A client with its token; a new one replaces it as a whole, since a sign-in may move to another instance."""

    client: Client
    account: str


class Org:
    """Sign-in, queries and batched writes. Raises the errors of `connectors.base`."""

    def __init__(self, credentials: Credentials, timeout: Timeout = TIMEOUT) -> None:
        self.meter = Meter()
        url = urlsplit(credentials.url)
        at_salesforce = url.scheme == "https" and (url.hostname or "").endswith(".salesforce.com")
        self._domain = (url.hostname or "").removesuffix(".salesforce.com") if at_salesforce else "sandbox.my"
        self._credentials = credentials
        self._door = Door(None if at_salesforce else url, timeout, self.meter)
        self._session = requests.Session()
        # A proxy of the environment is meant for the host in the address, which for a stand-in is replaced on the way.
        self._session.trust_env = at_salesforce
        self._session.headers.update(HEADERS)
        self._session.mount("https://", self._door)
        self._signing_in = threading.Lock()
        self._signed_in: SignedIn | None = None

    def sign_in(self) -> str:
        """A new token, whatever is there; the organisation's 18-character id."""
        return self._renewed(self._signed_in).account

    def account(self) -> str:
        """The organisation's id; signs in where that has not happened."""
        return self._now().account

    def query(self, soql: str, *, deleted: bool = False) -> list[Record]:
        """All rows of one query: the server decides how many pages that takes. `deleted` asks for deleted rows too."""
        return self._read(lambda client: list(client.query_all_iter(soql, include_deleted=deleted)))

    def queries(self, *soqls: str) -> list[list[Record]]:
        """The rows of up to five queries in one call (more only where an answer has more pages)."""
        answers = self._read(lambda client: _composite(client, soqls))
        pages = [_body(answer) for answer in answers]
        return [list(self._following(page)) for page in pages]

    def update(self, rows: Sequence[Record]) -> list[Record]:
        """PATCH up to 200 rows; results in their order. A write: never repeated, Unknown where the answer got lost."""
        return self._collections("PATCH", rows)

    def create(self, rows: Sequence[Record]) -> list[Record]:
        """POST up to 200 rows; the results in their order."""
        return self._collections("POST", rows)

    def user(self) -> str:
        """The id of the user we are signed in as."""
        told: Any = self._read(lambda client: client.oauth2("userinfo"))
        return str(told["user_id"])

    def tooling_query(self, soql: str) -> list[Record]:
        """All rows of one query to the Tooling API (metadata as records; the first page holds what we ask for)."""
        answer: Any = self._read(lambda client: client.restful("tooling/query/", params={"q": soql}))
        return list(answer["records"])

    def tooling_create(self, kind: str, body: Record) -> Any:
        """Create one piece of metadata. A write."""
        return self._ask(
            lambda client: client.restful(f"tooling/sobjects/{kind}/", method="POST", data=json.dumps(body)),
            writes=True,
        )

    def _collections(self, method: str, rows: Sequence[Record]) -> list[Record]:
        body = json.dumps({"allOrNone": False, "records": list(rows)})
        return self._ask(
            lambda client: _results(client.restful("composite/sobjects", method=method, data=body)), writes=True
        )

    def _following(self, page: Record) -> Iterator[Record]:
        yield from page["records"]
        while not page["done"]:
            page = self._read(
                partial(Client.query_more, next_records_identifier=page["nextRecordsUrl"], identifier_is_url=True)
            )
            yield from page["records"]

    def _read(self, ask: Callable[[Client], T]) -> T:
        return twice(lambda: self._ask(ask, writes=False))

    def _ask(self, ask: Callable[[Client], T], *, writes: bool) -> T:
        """Call with the present token; where it has expired, once more with a new one (a 401 was not carried out)."""
        signed_in = self._now()
        try:
            try:
                return ask(signed_in.client)
            except SalesforceExpiredSession:
                return ask(self._renewed(signed_in).client)
        except (SalesforceError, requests.RequestException) as error:
            raise translated(error, writes=writes, after=self._retry_after()) from error
        except (AttributeError, LookupError, TypeError) as error:  # a 200, and inside it something else than was asked
            raise (Unknown if writes else Hiccup)("Salesforce's answer was not understood") from error

    def _now(self) -> SignedIn:
        return self._signed_in or self._renewed(None)

    def _renewed(self, stale: SignedIn | None) -> SignedIn:
        """One sign-in however many threads found the same token expired: the others take what the first brought."""
        with self._signing_in:
            if self._signed_in is None or self._signed_in is stale:
                self._signed_in = None
                self._signed_in = self._sign_in()
            return self._signed_in

    def _sign_in(self) -> SignedIn:
        extra = self._credentials.extra
        if not self._credentials.secret or not extra.get("consumer_key"):
            raise NotSignedIn("Salesforce needs a consumer key and a consumer secret (client credentials flow)")
        if self._domain in ("login", "test"):
            raise NotSignedIn("Salesforce needs the org's own address, such as https://acme.my.salesforce.com")
        try:
            token, instance = SalesforceLogin(
                domain=self._domain,
                consumer_key=extra["consumer_key"],
                consumer_secret=self._credentials.secret,
                session=self._session,
            )
            client = Client(session_id=token, instance=instance, session=self._session)
            organization = client.query("SELECT Id FROM Organization")
        except (SalesforceError, requests.RequestException) as error:
            raise translated(error, writes=False, after=self._retry_after()) from error
        except (
            AttributeError,
            TypeError,
            ValueError,
        ) as error:  # the library expects one shape of answer, gateways send others
            raise TryLater("Salesforce's answer to the sign-in was not understood", self._retry_after()) from error
        return SignedIn(client, str(organization["records"][0]["Id"]))

    def _retry_after(self) -> float | None:
        return seconds(self._door.headers.get("Retry-After"))


def _composite(client: Client, soqls: Sequence[str]) -> list[Record]:
    assert len(soqls) <= MOST_QUERIES  # noqa: S101 - a programming error
    requests_ = [
        {
            "method": "GET",
            "url": f"/services/data/v{client.sf_version}/query/?q={quote_plus(soql)}",
            "referenceId": f"query{number}",
        }
        for number, soql in enumerate(soqls)
    ]
    body = json.dumps({"allOrNone": False, "compositeRequest": requests_})
    answer: Any = client.restful("composite", method="POST", data=body)
    by_reference = {part["referenceId"]: part for part in answer["compositeResponse"]}
    return [by_reference[request["referenceId"]] for request in requests_]


def _results(answer: Any) -> list[Record]:
    """The rows' results; LookupError or TypeError where this is an answer to something else."""
    return [result for result in answer if result["success"] in (True, False)]


def _body(part: Record) -> Record:
    """The page in one part of a Composite answer; its own error where that query failed."""
    if part["httpStatusCode"] >= 300:
        raise refusal(part["httpStatusCode"], part["body"], writes=False, after=None)
    page: Record = part["body"]
    return page
