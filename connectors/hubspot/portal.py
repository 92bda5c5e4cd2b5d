"""What we ask of one HubSpot portal: reads, searches and batched writes, by the names that HubSpot gives them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.base import Credentials, Shared, TryLater
from connectors.hubspot.errors import failed_for_now
from connectors.hubspot.wiring import Wire
from connectors.wire import TIMEOUT, Meter, Timeout

Record = dict[str, Any]
"""One object as HubSpot sends it: `id`, `properties` (text or null), times, perhaps `propertiesWithHistory`."""

SEARCH_PAGE = 200
PAGE = 100

PRIMARY_CONTACT = 578
"""The association type that every lead has with one contact."""


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
            expects="portalId",
        )
        offset = details.get("utcOffsetMilliseconds")
        self.wire.utc_offset = timedelta(milliseconds=offset) if isinstance(offset, int) else None
        return details

    def scopes(self, token: str) -> list[str]:
        """What a private app's or service key's token may do."""
        call = self._client.crm.objects.basic_api.api_client.call_api
        told = self.wire.read(
            lambda: call(
                "/oauth/v2/private-apps/get/access-token-info",
                "POST",
                header_params={"Content-Type": "application/json"},
                body={"tokenKey": token},
                auth_settings=["oauth2"],
                _preload_content=False,
            ),
            expects="scopes",
        )
        return [str(scope) for scope in told["scopes"]]

    def search(self, kind: str, body: Record) -> Record:
        """One page of a search; all apps of an account share five of them a second."""
        api = self._client.crm.objects.search_api
        return self.wire.read(lambda: api.do_search(kind, body, _preload_content=False))

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str] = ()
    ) -> dict[str, Record]:
        """Up to 100 objects by id (50 with history); ids that are not there, or archived, are left out."""
        body: Record = {"inputs": [{"id": id} for id in ids], "properties": list(properties)}
        if history:
            body["propertiesWithHistory"] = list(history)
        api = self._client.crm.objects.batch_api
        answer = self.wire.read(lambda: api.read(kind, body, _preload_content=False))
        failed = failed_for_now(answer)
        if failed:  # or a record that could not be read would be taken for one that is gone
            raise TryLater(failed)
        return {str(row["id"]): row for row in answer["results"]}

    def update(self, kind: str, inputs: Sequence[Record]) -> Record:
        """Update up to 100 objects. A write: never repeated, Unknown where the answer got lost."""
        api = self._client.crm.objects.batch_api
        rows = {"inputs": list(inputs)}
        return self.wire.ask(lambda: api.update(kind, rows, _preload_content=False), writes=True, expects="results")

    def create(self, kind: str, inputs: Sequence[Record]) -> Record:
        """Create up to 100 objects. A write."""
        api = self._client.crm.objects.batch_api
        rows = {"inputs": list(inputs)}
        return self.wire.ask(lambda: api.create(kind, rows, _preload_content=False), writes=True, expects="results")

    def associated(self, kind: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """For up to 1,000 objects, the ids of the objects of kind `to` that belong to them, a lead's primary contact
        first. None is an error there."""
        found: dict[str, list[str]] = {}
        inputs: list[Record] = [{"id": id} for id in ids]
        api = self._client.crm.associations.v4.batch_api
        while inputs:
            answer = self.wire.read(partial(api.get_page, kind, to, {"inputs": inputs}, _preload_content=False))
            failed = failed_for_now(answer)
            if failed:
                raise TryLater(failed)
            inputs = []
            for row in answer["results"]:
                id = str(row["from"]["id"])
                found.setdefault(id, []).extend(str(other["toObjectId"]) for other in sorted(row["to"], key=_secondary))
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
            answer = self.wire.read(partial(api.get_page, **page, _preload_content=False))
            owners += answer["results"]
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if after is None:
                return owners

    def archived(self, kind: str, properties: Sequence[str] = ()) -> Iterator[list[Record]]:
        """Everything of a kind that was deleted and may still be restored, page by page in the order of ids."""
        api = self._client.crm.objects.basic_api
        after: str | None = None
        while True:
            page: Record = {"limit": PAGE, "archived": True} | ({"after": after} if after else {})
            if properties:
                page["properties"] = list(properties)
            answer = self.wire.read(partial(api.get_page, kind, **page, _preload_content=False))
            yield answer["results"]
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if after is None:
                return

    def properties(self, kind: str) -> dict[str, Record]:
        """All properties of an object, by name."""
        api = self._client.crm.properties.core_api
        rows = self.wire.read(lambda: api.get_all(kind, _preload_content=False))["results"]
        return {row["name"]: row for row in rows}

    def groups(self, kind: str) -> set[str]:
        """The names of all property groups of an object."""
        api = self._client.crm.properties.groups_api
        return {row["name"] for row in self.wire.read(lambda: api.get_all(kind, _preload_content=False))["results"]}

    def create_group(self, kind: str, body: Record) -> None:
        """Create a property group. A write."""
        api = self._client.crm.properties.groups_api
        self.wire.ask(lambda: api.create(kind, body, _preload_content=False), writes=True)

    def create_property(self, kind: str, body: Record) -> None:
        """Create a property. A write."""
        api = self._client.crm.properties.core_api
        self.wire.ask(lambda: api.create(kind, body, _preload_content=False), writes=True)


def _secondary(other: Record) -> bool:
    return all(type_.get("typeId") != PRIMARY_CONTACT for type_ in other.get("associationTypes") or ())
