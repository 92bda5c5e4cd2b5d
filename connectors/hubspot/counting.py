"""How many open leads each owner has, as HubSpot counts them."""

from collections.abc import Sequence

from connectors.batches import chunks
from connectors.hubspot import searching
from connectors.hubspot.kinds import Kind
from connectors.hubspot.portal import PAGE, SEARCH_PAGE, Portal
from connectors.hubspot.records import OWNER
from connectors.hubspot.searching import Filter
from domain.mapping import CrmMapping


def open_leads(portal: Portal, kind: Kind, mapping: CrmMapping, owner_ids: Sequence[str]) -> dict[str, int]:
    """Open leads by owner id; who has none is there with zero."""
    counts = dict.fromkeys(owner_ids, 0)
    for chunk in chunks(owner_ids, PAGE):
        counts |= _counted(portal, kind, mapping, chunk)
    return counts


def _counted(portal: Portal, kind: Kind, mapping: CrmMapping, owner_ids: Sequence[str]) -> dict[str, int]:
    """By walking all of their records; where these are very many, by asking for the number of each owner's."""
    counts = dict.fromkeys(owner_ids, 0)
    owned = _open(kind, mapping, {"operator": "IN", "values": list(owner_ids)})
    for rows, total in searching.by_id(portal, kind.path, owned, (OWNER,)):
        if total > SEARCH_PAGE * (len(owner_ids) + 1):
            return {id: _total(portal, kind, mapping, id) for id in owner_ids}
        for row in rows:
            owner = row["properties"].get(OWNER)
            if owner in counts:  # the index shows some who have another owner by now
                counts[owner] += 1
    return counts


def _total(portal: Portal, kind: Kind, mapping: CrmMapping, owner_id: str) -> int:
    groups = _open(kind, mapping, {"operator": "EQ", "value": owner_id})
    page = portal.search(
        kind.path, {"filterGroups": [{"filters": group} for group in groups], "properties": [OWNER], "limit": 1}
    )
    return page.total


def _open(kind: Kind, mapping: CrmMapping, owner: Filter) -> list[list[Filter]]:
    """Records of that owner which are not closed. NOT_IN alone may leave out those without a status."""
    owned: list[Filter] = [{"propertyName": OWNER, **owner}]
    closed = [text for name in ("disqualified", "requalified") for text in mapping.statuses.get(name, ())]
    if not closed:
        return [owned]
    status = mapping.fields.get("status", kind.status)
    return [
        [*owned, {"propertyName": status, "operator": "NOT_HAS_PROPERTY"}],
        [*owned, {"propertyName": status, "operator": "NOT_IN", "values": closed}],
    ]
