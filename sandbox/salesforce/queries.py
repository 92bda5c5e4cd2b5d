"""query, queryAll and the pages that follow. The server decides how long a page is; only `done` tells the last one."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, bad_request
from sandbox.salesforce.ids import new_id
from sandbox.salesforce.soql import plan
from sandbox.salesforce.soql.parser import parsed

KEPT = 100
"""cursors at a time; older ones are forgotten"""
LIFETIME = timedelta(days=2)
"""of a cursor, in business time"""
SMALLEST_BATCH, LARGEST_BATCH = 200, 2000


@dataclass(frozen=True, slots=True)
class Cursor:
    answer: plan.Answer
    opened: datetime


@dataclass
class Queries:
    """The endpoints, and the cursors of queries that have more pages."""

    cursors: OrderedDict[str, Cursor] = field(default_factory=OrderedDict)
    opened: int = 0

    def add_to(self, endpoints: Endpoints) -> None:
        endpoints.add("query", GET=self.query)
        endpoints.add("queryAll", GET=self.query_all)
        endpoints.add("tooling/query", GET=self.tooling_query)
        for path in ("query", "queryAll", "tooling/query"):
            endpoints.add(f"{path}/{{locator}}", GET=self.more)

    def forget(self) -> None:
        """Nobody can go on with a page of before."""
        self.cursors.clear()
        self.opened = 0

    def query(self, call: Call) -> Answer:
        return self._first_page(call, "query", plan.answered(call.org, parsed(_q(call)), call.base))

    def query_all(self, call: Call) -> Answer:
        return self._first_page(call, "query", plan.answered(call.org, parsed(_q(call)), call.base, deleted=True))

    def tooling_query(self, call: Call) -> Answer:
        api = f"{call.base}/tooling"
        return self._first_page(call, "tooling/query", plan.answered(call.org, parsed(_q(call)), api, tooling=True))

    def more(self, call: Call, locator: str) -> Answer:
        id, _, offset = locator.partition("-")
        cursor = self.cursors.get(id)
        expired = cursor is None or call.org.now - cursor.opened > LIFETIME
        if cursor is None or expired or not offset.isdecimal() or int(offset) >= cursor.answer.total:
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(call, call.path.strip("/").rpartition("/")[0], id, cursor.answer, int(offset))

    def _first_page(self, call: Call, path: str, answer: plan.Answer) -> Answer:
        if len(answer.records) <= _page_size(call, answer):
            return self._page(call, path, "", answer, 0)
        self.opened += 1
        id = new_id("0r8", self.opened)
        self.cursors[id] = Cursor(answer, call.org.now)
        if len(self.cursors) > KEPT:
            self.cursors.popitem(last=False)
        return self._page(call, path, id, answer, 0)

    def _page(self, call: Call, path: str, id: str, answer: plan.Answer, offset: int) -> Answer:
        end = offset + _page_size(call, answer)
        done = end >= len(answer.records)
        body: dict[str, Any] = {"totalSize": answer.total, "done": done}
        if not done:
            body["nextRecordsUrl"] = f"{call.base}/{path}/{id}-{end}"
        return Answer(200, {**body, "records": [answer.render(record) for record in answer.records[offset:end]]})


def _q(call: Call) -> str:
    if not call.params.get("q"):
        raise bad_request("A query string has to be specified", "MALFORMED_QUERY")
    return call.params["q"]


def _page_size(call: Call, answer: plan.Answer) -> int:
    """The org's own size, or less where `Sforce-Query-Options: batchSize=N` or long texts in the rows ask for less."""
    wish = call.headers.get("sforce-query-options", "").replace(" ", "").lower().partition("batchsize=")[2]
    size = min(max(int(wish), SMALLEST_BATCH), LARGEST_BATCH) if wish.isdigit() else LARGEST_BATCH
    return min(size, call.org.settings.page_size, answer.largest_page)
