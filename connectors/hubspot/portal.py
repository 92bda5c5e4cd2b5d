"""What we ask of one HubSpot portal: reads, searches and batched writes, by the names that HubSpot gives them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

from connectors.base import Credentials, Shared
from connectors.hubspot import answers
from connectors.hubspot.answers import Page, Record, SearchPage
from connectors.hubspot.errors import not_now
from connectors.hubspot.wiring import Wire
from connectors.wire import TIMEOUT, Meter, Timeout

T = TypeVar("T")

SEARCH_PAGE = 200
PAGE = 100

FARTHEST = 24 * 3600 * 1000
"""Milliseconds: no account's clock is further from UTC."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read, by id, and why others could not be just now. Who is in neither is not there."""

    found: dict[str, T]
    later: dict[str, str]


class Portal:
    """Raises the errors of `connectors.base`."""

    def __init__(self, credentials: Credentials, shared: Shared | None = None, timeout: Timeout = TIMEOUT) -> None:
        self.wire = Wire(credentials, shared or Shared(), timeout)
        self._client = self.wire.client

    @property
    def meter(self) -> Meter:
        """What was sent, and what time it is there."""
        return self.wire.meter

    def sign_in(self) -> str:
        """The portal's id, where the token is good for one."""
        return str(self.details()["portalId"])

    def details(self) -> Record:
        """The account: `portalId`, `accountType`, `timeZone` and others."""
        # No generated package covers this path; the generic call of a kept client does.
        call = self._client.crm.objects.basic_api.api_client.call_api
        details = self.wire.read(
            lambda: call("/account-info/v3/details", "GET", auth_settings=["oauth2"], _preload_content=False),
            answers.account,
        )
        offset = details.get("utcOffsetMilliseconds")
        self.wire.utc_offset = None
        if isinstance(offset, int) and abs(offset) < FARTHEST:
            self.wire.utc_offset = timedelta(milliseconds=offset)
        return details

    def scopes(self, token: str) -> list[str]:
        """What a private app's or service key's token may do."""
        call = self._client.crm.objects.basic_api.api_client.call_api
        return self.wire.read(
            lambda: call(
                "/oauth/v2/private-apps/get/access-token-info",
                "POST",
                header_params={"Content-Type": "application/json"},
                body={"tokenKey": token},
                auth_settings=["oauth2"],
                _preload_content=False,
            ),
            answers.texts("scopes"),
        )

    def search(self, kind: str, body: Record, by: str | None = None) -> SearchPage:
        """One page of a search, in the order of the time property `by` where there is one; all apps of an account share
        five of them a second."""
        api = self._client.crm.objects.search_api
        return self.wire.read(lambda: api.do_search(kind, body, _preload_content=False), answers.found(by))

    def read_each(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str] = ()
    ) -> Read[Record]:
        """Up to 100 objects by id (50 with history). One that could not be read just now keeps no other."""
        body: Record = {"inputs": [{"id": id} for id in ids], "properties": list(properties)}
        if history:
            body["propertiesWithHistory"] = list(history)
        rows = answers.records_with_history(history) if history else answers.records
        api = self._client.crm.objects.batch_api

        def take(told: Record) -> Read[Record]:
            found = {row["id"]: row for row in rows(told)}
            return Read(found, not_now(told, ids, found))

        return self.wire.read(lambda: api.read(kind, body, _preload_content=False), take)

    def update(self, kind: str, inputs: Sequence[Record]) -> Record:
        """Update up to 100 objects. A write: never repeated, Unknown where the answer got lost."""
        api = self._client.crm.objects.batch_api
        rows = {"inputs": list(inputs)}
        return self.wire.ask(lambda: api.update(kind, rows, _preload_content=False), answers.written, writes=True)

    def create(self, kind: str, inputs: Sequence[Record]) -> Record:
        """Create up to 100 objects. A write."""
        api = self._client.crm.objects.batch_api
        rows = {"inputs": list(inputs)}
        return self.wire.ask(lambda: api.create(kind, rows, _preload_content=False), answers.written, writes=True)

    def associated_each(self, kind: str, to: str, ids: Sequence[str]) -> Read[list[str]]:
        """For up to 1,000 objects, the ids of the objects of kind `to` that belong to them, a lead's primary contact
        first. None is an error there. One that could not be looked at just now keeps no other."""
        found: dict[str, list[str]] = {}
        later: dict[str, str] = {}
        inputs: list[Record] = [{"id": id} for id in ids]
        api = self._client.crm.associations.v4.batch_api
        while inputs:
            about = [str(one["id"]) for one in inputs]

            def take(told: Record, about: Sequence[str] = about) -> tuple[list[answers.Linked], dict[str, str]]:
                linked = answers.linked(told)
                return linked, not_now(told, about, {one.id for one in linked})

            linked, waits = self.wire.read(
                partial(api.get_page, kind, to, {"inputs": inputs}, _preload_content=False), take
            )
            later |= waits
            inputs = []
            for one in linked:
                before = found.setdefault(one.id, [])
                fresh = [id for id in one.to if id not in before]
                before += fresh
                if one.after is not None:
                    self._refuse_standstill(fresh)
                    inputs.append({"id": one.id, "after": one.after})
        return Read({id: others for id, others in found.items() if id not in later}, later)

    def owners(self, *, archived: bool) -> list[Record]:
        """All owners, page by page; `archived` asks for those who were deactivated."""
        api = self._client.crm.owners.owners_api

        def ask(after: str | None) -> Page:
            page = {"limit": 500, "archived": archived} | ({"after": after} if after else {})
            return self.wire.read(partial(api.get_page, **page, _preload_content=False), answers.owners)

        return [owner for page in self._pages(ask) for owner in page.rows]

    def listed(self, kind: str, properties: Sequence[str]) -> list[Record]:
        """Everything of a kind that is there, a hundred a call."""
        api = self._client.crm.objects.basic_api

        def ask(after: str | None) -> Page:
            page: Record = {"limit": PAGE, "properties": list(properties)} | ({"after": after} if after else {})
            return self.wire.read(partial(api.get_page, kind, **page, _preload_content=False), answers.page)

        return [row for page in self._pages(ask) for row in page.rows]

    def archived(self, kind: str, start: str | None = None) -> Iterator[Page]:
        """Everything of a kind that was deleted and may still be restored, page by page in the order of ids, from
        `start` on, with the time of its deletion as `archivedAt`."""
        api = self._client.crm.objects.basic_api

        def ask(after: str | None) -> Page:
            page: Record = {"limit": PAGE, "archived": True} | ({"after": after} if after else {})
            return self.wire.read(partial(api.get_page, kind, **page, _preload_content=False), answers.archived)

        return self._pages(ask, start)

    def properties(self, kind: str) -> dict[str, Record]:
        """All properties of an object, by name."""
        api = self._client.crm.properties.core_api
        return self.wire.read(lambda: api.get_all(kind, _preload_content=False), answers.named)

    def groups(self, kind: str) -> set[str]:
        """The names of all property groups of an object."""
        api = self._client.crm.properties.groups_api
        return set(self.wire.read(lambda: api.get_all(kind, _preload_content=False), answers.named))

    def create_group(self, kind: str, body: Record) -> None:
        """Create a property group. A write."""
        api = self._client.crm.properties.groups_api
        self.wire.ask(lambda: api.create(kind, body, _preload_content=False), answers.anything, writes=True)

    def create_property(self, kind: str, body: Record) -> None:
        """Create a property. A write."""
        api = self._client.crm.properties.core_api
        self.wire.ask(lambda: api.create(kind, body, _preload_content=False), answers.anything, writes=True)

    def _pages(self, ask: Callable[[str | None], Page], start: str | None = None) -> Iterator[Page]:
        """Page after page, each with something new on it, so that there is a last one."""
        seen: set[str] = set()
        after = start
        while True:
            page = ask(after)
            yield page
            after = page.after
            if after is None:
                return
            ids = {str(row["id"]) for row in page.rows}
            self._refuse_standstill(ids - seen)
            seen |= ids

    def _refuse_standstill(self, fresh: Collection[str]) -> None:
        if not fresh:
            raise self.wire.no_answer("brings what was there before, and says that there is more")
