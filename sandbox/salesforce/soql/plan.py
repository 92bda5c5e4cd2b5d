"""A parsed query over the org's records: names are resolved once, then every record passes through plain functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.soql import syntax
from sandbox.salesforce.soql.errors import no_type
from sandbox.salesforce.soql.groups import Groups
from sandbox.salesforce.soql.rendering import MANY_LONG_TEXTS, Rendering, Row
from sandbox.salesforce.soql.scope import Scope
from sandbox.salesforce.soql.selection import candidates, cut, finder, ordered, record_reader

LARGEST_PAGE, LARGEST_PAGE_OF_LONG_TEXTS = 2000, 200


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows of a query; a page of them is rendered when somebody asks for it."""

    total: int
    records: Sequence[Any]
    render: Callable[[Any], Row]
    largest_page: int = LARGEST_PAGE


def answered(org: Org, query: syntax.Query, api: str, *, deleted: bool = False, tooling: bool = False) -> Answer:
    """The query's rows; deleted and archived records only if asked for.

    Refused with INVALID_TYPE, INVALID_FIELD and the like.
    """
    kind = org.visible(query.kind, tooling)
    if kind is None:
        raise no_type(query.text, query.kind_at, query.kind)
    scope = Scope(org, kind, query, api, deleted or query.all_rows, tooling)
    records = finder(scope)(candidates(scope))
    if query.only_counts:
        return Answer(len(cut(query, records)), (), dict)
    if query.groups:
        groups, row = Groups(scope).rows(records)
        return Answer(len(groups), groups, row)
    rendering = Rendering(scope)
    page = cut(query, ordered(query, records, record_reader(scope)))
    long = rendering.long_texts >= MANY_LONG_TEXTS
    return Answer(len(page), page, rendering.row, LARGEST_PAGE_OF_LONG_TEXTS if long else LARGEST_PAGE)
