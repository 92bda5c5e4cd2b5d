"""One CRM of the sandbox with a connector signed in to it, in words that fit both CRMs."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Crm, Write
from connectors.registry import connect
from domain.leads import Lead, LeadKey, Value
from domain.mapping import CrmMapping
from tests.crm_example import credentials, end_old_paths, example, native
from tests.sandbox_process import SandboxProcess

MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
INTEGRATION = "integration@acme.example"
NOT_PEOPLE = frozenset({INTEGRATION})
ANA, BEN = "ana@acme.example", "ben@acme.example"

MAPPED = ("email", "company", "employees", "country", "status")


def mapping_of(crm: str) -> CrmMapping:
    """The mapping of an untouched CRM."""
    about = example(crm)
    return CrmMapping(
        crm=crm,
        object=about.object,
        unowned_by=tuple(about.unowned),
        fields={name: about.fields[name] for name in MAPPED},
        statuses={"disqualified": (about.disqualified,)},
    )


class Stage:
    """A fresh sandbox on Monday at nine, standing still, with Ana and Ben; the connector signed in."""

    def __init__(self, sandbox: SandboxProcess, crm: str, *, provisioned: bool = True, in_2027: bool = False) -> None:
        self.sandbox = sandbox
        self.name = crm
        self._number = itertools.count()
        self.about = example(crm)
        self.mapping = mapping_of(crm)
        sandbox.reset()
        if in_2027:
            end_old_paths(sandbox)
        self.move_to(MONDAY)
        people = [{"email": ANA, "name": "Ana Keller"}, {"email": BEN, "name": "Ben Brandt"}]
        self.ids: dict[str, str] = dict(zip((ANA, BEN), self.control("POST", "users", people), strict=True))
        if "queue:Inbound" in self.about.unowned:
            self.control("POST", "queues", [{"name": "Inbound"}])
        self.crm: Crm = connect(crm, credentials(crm, sandbox.url), self.mapping, NOT_PEOPLE)
        self.crm.sign_in()
        if provisioned:
            self.crm.provision()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        return self.sandbox.control(method, f"/{self.name}/{path}", body)

    def move_to(self, now: datetime) -> None:
        self.sandbox.control("PUT", "/clock", {"now": now.isoformat(), "speed": 0})

    def leads(self, *rows: Mapping[str, Value]) -> list[str]:
        """New leads in canonical words; without an owner until somebody takes them."""
        bodies = [native(self.about, {"last": "Doe", "company": "Firm", **row}) for row in rows]
        return [str(id) for id in self.control("POST", "leads", bodies)]

    def many(self, count: int) -> list[str]:
        return self.leads(*({"email": f"lead{next(self._number)}@firm.example"} for _ in range(count)))

    def takes(self, email: str, lead: str) -> None:
        """A person makes somebody the owner by hand."""
        self.control("POST", "owner", {"lead": lead, "owner": self.ids[email]})

    def key(self, lead: str) -> LeadKey:
        return LeadKey(self.name, self.crm.account, self.crm.object, lead)

    def read(self, lead: str) -> Lead:
        [found] = self.crm.read([lead])
        assert isinstance(found, Lead)
        return found

    def assigning(self, lead: str, to: str, decision: str = "d1/0", **fields: Value) -> Write:
        """The guarded write that makes somebody the owner of a lead as it was read just now."""
        return Write(self.key(lead), fields, decision, self.ids[to], self.read(lead).owner_id)

    def assigning_all(self, leads: Sequence[str], to: str) -> list[Write]:
        owner = self.read(leads[0]).owner_id
        return [Write(self.key(lead), {"rule": "By turns"}, f"{lead}/0", self.ids[to], owner) for lead in leads]

    def stored(self, lead: str) -> dict[str, Any]:
        """The record as the sandbox keeps it."""
        return next(row for row in self.control("GET", "leads") if row["id"] == lead)

    def owner_changes(self, lead: str) -> list[str]:
        return [change["by"] for change in self.stored(lead)["owner_changes"]]

    def fault(self, do: Mapping[str, object], **where: object) -> None:
        self.sandbox.control("POST", "/faults", {"crm": self.name, "do": do, **where})

    def writes(self) -> Mapping[str, str]:
        """Where a fault hits the batched row write and nothing else."""
        return self.about.writes

    def reads(self) -> Mapping[str, str]:
        """Where a fault hits the reading of leads by id."""
        return self.about.reads

    def creation(self) -> str:
        """How the address ends that tasks are created at."""
        return self.about.creates_tasks["path"]

    def looks_for_tasks(self) -> Mapping[str, str]:
        """Where a fault hits the look for a task that may be there already."""
        return self.about.looks_for_tasks


def an_hour_ago() -> datetime:
    return MONDAY - timedelta(hours=1)
