"""An empty org with a few people in it, and the real client signed in to it."""

from dataclasses import dataclass
from typing import Any

import pytest
from simple_salesforce.api import Salesforce

from tests.sandbox.salesforce_client import client
from tests.sandbox_process import SandboxProcess

MONDAY = "2026-06-01T09:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Acme:
    """A Salesforce org: Ana and Ben sell, Zoe has left, Inbound is a queue for leads."""

    sandbox: SandboxProcess
    salesforce: Salesforce
    ana: str
    ben: str
    zoe: str
    inbound: str

    def lead(self, **fields: Any) -> str:
        """A lead as a form creates it; its id."""
        row = {"LastName": "Doe", "Company": "Acme", **fields}
        [lead] = self.sandbox.control("POST", "/salesforce/leads", [row])
        return str(lead)

    def record(self, kind: str, **fields: Any) -> str:
        """A record of any object as somebody made it by hand; its id."""
        [record] = self.sandbox.control("POST", f"/salesforce/records/{kind}", [fields])
        return str(record)

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """All rows of a query, through every page, without `attributes`."""
        return [
            {name: value for name, value in row.items() if name != "attributes"}
            for row in self.salesforce.query_all(soql)["records"]
        ]

    def seen(self, lead: str) -> dict[str, Any]:
        """What the control API shows of a lead."""
        shown = self.sandbox.control("GET", "/salesforce/leads")
        return next(row for row in shown if row["id"] == lead)


@pytest.fixture
def acme(sandbox: SandboxProcess) -> Acme:
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": MONDAY, "speed": 0})
    people = [
        {"email": "ana@acme.example", "name": "Ana Keller"},
        {"email": "ben@acme.example", "name": "Ben Okoye"},
        {"email": "zoe@acme.example", "name": "Zoe Frank", "active": False},
    ]
    ana, ben, zoe = sandbox.control("POST", "/salesforce/users", people)
    [inbound] = sandbox.control("POST", "/salesforce/queues", [{"name": "Inbound"}])
    return Acme(sandbox, client(sandbox), ana, ben, zoe, inbound)
