"""One Salesforce org, signed in: simple-salesforce wired so that every call is bounded, counted and honest about
failing.

Reasons, all seen with simple-salesforce 1.12: it has no time-outs; on an expired session it signs in once per
waiting thread, forgets the headers of the repeated call and keeps the old instance; its SFType calls recurse for as
long as the session stays refused. So the session carries the headers, its adapter the time-outs, the client is
built with a token (which switches the library's own refresh off), and only `query`, `query_more`, `restful` and
`oauth2` are used.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote_plus, urlsplit

import requests
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from connectors.base import Credentials, Shared, Token, TryLater
from connectors.salesforce import sign_in
from connectors.salesforce.door import Door
from connectors.salesforce.errors import not_understood, refusal, translated
from connectors.wire import TIMEOUT, Meter, Timeout, never_sent, seconds, twice

T = TypeVar("T")

Record = dict[str, Any]
"""One row of a query, with nested objects for `Owner.Email` and the like."""

MOST_QUERIES = 5
"""Queries that one Composite request may hold."""

NOT_CARRIED_OUT = (401, 420)
"""The session has expired, or the org lives at another address now: signing in tells a new token and the address."""

COLLECTIONS = "composite/sobjects"

UNREADABLE: Record = {"success": None}
"""In the place of a row's result that nobody understands: it may have been written."""

HEADERS = {
    # Without it the org's lead assignment rule may overwrite the owner that we write: the default is TRUE.
    "Sforce-Auto-Assign": "FALSE",
    # A duplicate rule that only warns must not keep an owner from being written.
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
    # Names us in change events, so that our own changes can be told from others'.
    "Sforce-Call-Options": "client=fairlead",
}


class SignedIn(NamedTuple):
    """A client with its token; a new one replaces it as a whole, since a sign-in may move to another instance."""

    client: Client
    token: Token


class Org:
    """Sign-in, queries and batched writes. Raises the errors of `connectors.base`."""

    def __init__(self, credentials: Credentials, shared: Shared | None = None, timeout: Timeout = TIMEOUT) -> None:
        self.meter = Meter()
        shared = shared or Shared()
        url = urlsplit(credentials.url)
        at_salesforce = url.scheme == "https" and (url.hostname or "").endswith(".salesforce.com")
        self._domain = (url.hostname or "").removesuffix(".salesforce.com") if at_salesforce else "stand-in.my"
        self._credentials = credentials
        self._tokens, self._refresh_tokens = shared.tokens, shared.refresh_tokens
        self._door = Door(None if at_salesforce else url, timeout, self.meter, shared.budget)
        self._session = requests.Session()
        # A proxy of the environment is meant for the host in the address, which for a stand-in is replaced on the way.
        self._session.trust_env = at_salesforce
        self._session.headers.update(HEADERS)
        self._session.mount("https://", self._door)
        self._signed_in: SignedIn | None = None
        self._doubted: Token | None = None

    def sign_in(self) -> str:
        """The organisation's 18-character id. The first time the token that others have is good enough, for a new one
        might end their sessions; whoever asks again wants another one."""
        stale = self._signed_in.token if self._signed_in else self._doubted
        return self._renewed(stale).token.facts["account"]

    def account(self) -> str:
        """The organisation's id; signs in where that has not happened."""
        return self._now().token.facts["account"]

    def query(self, soql: str, *, deleted: bool = False) -> list[Record]:
        """All rows of one query: the server decides how many pages that takes, and a place in them that it has
        forgotten means to begin again. `deleted` asks for deleted rows too."""
        call = f"the query of {kind_of(soql)}"
        return self._read(lambda client: list(_following(client, client.query(soql, include_deleted=deleted), call)))

    def queries(self, *soqls: str) -> list[list[Record]]:
        """The rows of up to five queries in one call (more only where an answer has more pages)."""
        return self._read(
            lambda client: [
                list(_following(client, page, f"the query of {kind_of(soql)}"))
                for soql, page in zip(soqls, self._composite(client, soqls), strict=True)
            ]
        )

    def update(self, rows: Sequence[Record]) -> list[Record]:
        """PATCH up to 200 rows; results in their order, UNREADABLE where nobody understands one. A write: never
        repeated, Unknown where the answer got lost."""
        return self._collections("PATCH", rows)

    def create(self, rows: Sequence[Record]) -> list[Record]:
        """POST up to 200 rows; as `update`."""
        return self._collections("POST", rows)

    def user(self) -> str:
        """The id of the user we are signed in as."""
        told: Any = self._read(lambda client: client.oauth2("userinfo"))
        if not isinstance(told, dict) or not isinstance(told.get("user_id"), str):
            raise not_understood(told, "GET userinfo", writes=False)
        return str(told["user_id"])

    def describe(self, kind: str) -> Record:
        """What the user we are signed in as sees of an object: its `fields` above all."""
        return self._object(f"sobjects/{kind}/describe")

    def limits(self) -> Record:
        """What is left of the org's limits, by name."""
        return self._object("limits")

    def tooling_query(self, soql: str) -> list[Record]:
        """All rows of one query to the Tooling API (metadata as records; the first page holds what we ask for)."""
        answer: Any = self._read(lambda client: _rest(client, "tooling/query/", params={"q": soql}))
        return list(_checked(answer, f"the query of {kind_of(soql)}")["records"])

    def tooling_record(self, kind: str, id: str) -> Record:
        """One piece of metadata, with its `Metadata`, which a query gives for no more than one row."""
        return self._object(f"tooling/sobjects/{kind}/{id}")

    def tooling_create(self, kind: str, body: Record) -> Any:
        """Create one piece of metadata. A write."""
        return self._ask(
            lambda client: _rest(client, f"tooling/sobjects/{kind}/", method="POST", data=json.dumps(body)),
            writes=True,
        )

    def _object(self, path: str) -> Record:
        answer: Any = self._read(lambda client: _rest(client, path))
        if not isinstance(answer, dict):
            raise not_understood(answer, f"GET {path}", writes=False)
        return answer

    def _collections(self, method: str, rows: Sequence[Record]) -> list[Record]:
        body = json.dumps({"allOrNone": False, "records": list(rows)})
        answer: Any = self._ask(lambda client: _rest(client, COLLECTIONS, method=method, data=body), writes=True)
        if not isinstance(answer, list) or len(answer) != len(rows) or not any(map(_is_result, answer)):
            raise not_understood(answer, f"{method} {COLLECTIONS}", writes=True)
        return [row if _is_result(row) else UNREADABLE for row in answer]

    def _read(self, ask: Callable[[Client], T]) -> T:
        return twice(lambda: self._ask(ask, writes=False))

    def _ask(self, ask: Callable[[Client], T], *, writes: bool) -> T:
        """Call with the present token; where it has expired, once more with a new one, and no third time."""
        signed_in = self._now()
        try:
            try:
                return ask(signed_in.client)
            except SalesforceError as error:
                if error.status not in NOT_CARRIED_OUT:
                    raise
            return ask(self._renewed(signed_in.token).client)
        except (SalesforceError, requests.RequestException) as error:
            if _nobody_there(error):
                # Perhaps the org has moved: the next call asks where it lives, unless a colleague has done so.
                self._signed_in, self._doubted = None, signed_in.token
            raise translated(error, writes=writes, after=self._retry_after()) from error

    def _now(self) -> SignedIn:
        return self._signed_in or self._renewed(self._doubted)

    def _renewed(self, stale: Token | None) -> SignedIn:
        """Signed in with another token than that: one that a colleague has brought meanwhile, or a new one."""
        token = self._tokens.renewed(stale, self._new_token)
        client = Client(session_id=token.value, instance=token.facts["instance"], session=self._session)
        self._signed_in = SignedIn(client, token)
        return self._signed_in

    def _new_token(self) -> Token:
        try:
            token, instance = sign_in.ask(self._credentials, self._domain, self._session, self._refresh_tokens)
            client = Client(session_id=token, instance=instance, session=self._session)
            found = _checked(client.query("SELECT Id FROM Organization"), "the query of Organization")
            [organization] = found["records"]
            return Token(token, {"instance": instance, "account": str(organization["Id"])})
        except SalesforceAuthenticationFailed as error:
            raise sign_in.refused(error) from error
        except (SalesforceError, requests.RequestException) as error:
            raise translated(error, writes=False, after=self._retry_after()) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # The library expects one shape of answer, and gateways send others.
            raise TryLater("Salesforce's answer to the sign-in was not understood", self._retry_after()) from error

    def _retry_after(self) -> float | None:
        return seconds(self._door.headers.get("Retry-After"))

    def _composite(self, client: Client, soqls: Sequence[str]) -> list[Any]:
        """The first page of each query, in their order; the error of the first that failed."""
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
        answer: Any = _rest(client, "composite", method="POST", data=body)
        try:
            by_reference = {part["referenceId"]: part for part in answer["compositeResponse"]}
            return [self._part(by_reference[request["referenceId"]]) for request in requests_]
        except (KeyError, TypeError) as error:
            raise not_understood(answer, "POST composite", writes=False) from error

    def _part(self, part: Mapping[str, Any]) -> Any:
        status, body = part["httpStatusCode"], part["body"]
        if status >= 300:
            self._door.refused(status, json.dumps(body))
            raise refusal(status, body, writes=False, after=None)
        return body


def _rest(client: Client, path: str, **request: Any) -> Any:
    """What the library's `restful` returns: None for no content, and for an empty list or object."""
    try:
        return client.restful(path, **request)
    except TypeError:  # the library asks `null` for its length
        return None


def _following(client: Client, page: Any, call: str) -> Iterator[Record]:
    """The rows of a page and of all that follow it. A page's length says nothing: only `done` tells the last one."""
    followed: set[str] = set()
    yield from _checked(page, call)["records"]
    while not page["done"]:
        place = page["nextRecordsUrl"]
        if place in followed:
            raise not_understood(page, f"{call}, whose pages lead in a circle,", writes=False)
        followed.add(place)
        page = client.query_more(place, identifier_is_url=True)
        yield from _checked(page, call)["records"]


def _checked(page: Any, call: str) -> Mapping[str, Any]:
    """The page, where it is one: an answer of 200 may hold an error, or anything else."""
    known = isinstance(page, dict) and isinstance(page.get("records"), list) and all(map(_is_row, page["records"]))
    if not known or not (page.get("done") is True or _goes_on(page)):
        raise not_understood(page, call, writes=False)
    found: Mapping[str, Any] = page
    return found


def _goes_on(page: Record) -> bool:
    # The token goes wherever the next page is said to be, so that has to be a path at the same host.
    return page.get("done") is False and str(page.get("nextRecordsUrl")).startswith("/services/")


def _is_row(row: object) -> bool:
    """Counts of groups have no id; what has one has a text."""
    return isinstance(row, dict) and isinstance(row.get("Id", ""), str)


def kind_of(soql: str) -> str:
    """The object that a query asks for."""
    return soql.partition(" FROM ")[2].partition(" ")[0]


def _nobody_there(error: SalesforceError | requests.RequestException) -> bool:
    """Whether the instance's address leads nowhere: its gateway finds no org, or nobody takes the connection."""
    return error.status == 502 if isinstance(error, SalesforceError) else never_sent(error)


def _is_result(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("success"), bool)
