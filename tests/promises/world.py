"""One CRM (the sandbox over HTTP, the real client), one ledger, and a daemon whose clocks a test moves by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
import yaml
from sqlalchemy import select

from connectors.base import Crm, Write, Written
from connectors.registry import connect
from domain.actions import Notify
from domain.clocks import Clock, ClockKind
from domain.decisions import Decision
from domain.leads import LeadKey
from domain.people import CrmUser
from ledger import clocks, decisions, leads, outbox, playbooks, tables
from ledger.decisions import LeadEvent
from ledger.store import Ledger, open_ledger
from playbook.book import Playbook, load, load_texts
from runtime import ingest
from runtime.deliver import deliver
from runtime.observe import observe
from runtime.pacing import LEASE_SECONDS
from runtime.route import route
from runtime.services import Services
from runtime.sweep import sweep
from tests.crm_example import credentials, end_old_paths, example, native
from tests.sandbox_process import SandboxProcess

CONFIG = Path(__file__).parent / "config"
MONDAY_TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10:00 in Berlin: the office has been open for an hour."""
REPS = tuple(f"{name}@acme.example" for name in ("ana", "ben", "cho", "dee", "eli"))
MANAGER = "tom@acme.example"


@dataclass(frozen=True, slots=True)
class Place:
    """All that another process needs to work on the same world."""

    crm: str
    database: str
    sandbox: str


def playbook(crm: str) -> Playbook:
    """The configuration of these tests. A CRM that has no file in it gets the one of an untouched CRM."""
    loaded = load(CONFIG)
    assert isinstance(loaded, Playbook), "\n".join(str(problem) for problem in loaded)
    if crm in loaded.crms:
        return loaded
    about = example(crm)
    fields = {name: theirs for name, theirs in about.fields.items() if name != "last"}
    text = yaml.safe_dump({
        "object": about.object,
        "new_when": {"owner": list(about.unowned)},
        "fields": fields,
        "poll_every": "1 s",
        "activities": {"calls": "calls"},
    })  # fmt: skip
    more = load_texts({**loaded.texts, f"crm/{crm}.yaml": text})
    assert isinstance(more, Playbook), "\n".join(str(problem) for problem in more)
    return more


def wire(place: Place, now: datetime, machine: datetime, told: list[Notify] | None = None) -> Services:
    """A daemon's parts in this process, with both clocks standing still."""
    book = playbook(place.crm)
    crm: Crm = connect(place.crm, credentials(place.crm, place.sandbox), book.crms[place.crm], book.not_people)
    crm.sign_in()
    ledger = open_ledger(place.database)
    with ledger.writing() as tx:
        if playbooks.active(tx) != book.version:
            playbooks.activate(tx, book.version, book.texts, now)
    return Services(
        ledger=ledger,
        crms={place.crm: crm},
        playbook=lambda: book,
        now=lambda: now,
        machine=lambda: machine,
        tell=(told if told is not None else []).append,
        wake=lambda job, crm, lane: None,
        log=structlog.get_logger(),
    )


class Died(BaseException):
    """A worker was killed here; nothing of ours may catch it."""


class World:
    """What a test says to and asks of the daemon and the CRM."""

    def __init__(
        self, sandbox: SandboxProcess, crm: str, database: str, *, in_2027: bool = False, beside: bool = False
    ) -> None:
        """`beside` another world in the same sandbox and ledger, which is not emptied: a company with two CRMs."""
        self.place = Place(crm, database, sandbox.url)
        self.sandbox = sandbox
        self.crm = crm
        self.about = example(crm)
        self.told: list[Notify] = []
        self.machine = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        if not beside:
            sandbox.reset()
        if in_2027:
            end_old_paths(sandbox)
        self._move(MONDAY_TEN)
        people = [{"email": email, "name": email.split("@")[0]} for email in (*REPS, MANAGER)]
        ids = sandbox.control("POST", f"/{crm}/users", json=people)
        self.users: dict[str, str] = dict(zip((*REPS, MANAGER), ids, strict=True))
        self.services = wire(self.place, self.now, self.machine, self.told)
        self.connector.provision()
        ingest.mirror(self.services, crm)

    @property
    def connector(self) -> Crm:
        return self.services.crms[self.crm]

    @property
    def ledger(self) -> Ledger:
        return self.services.ledger

    # time

    def advance(self, **amount: float) -> None:
        """Business time and machine time pass together."""
        self.machine += timedelta(**amount)
        self._move(self.now + timedelta(**amount))
        self._rewire()

    def at(self, now: datetime) -> None:
        """Business time alone moves there, back if need be."""
        self._move(now)
        self._rewire()

    def let_leases_end(self) -> None:
        self.machine += timedelta(seconds=LEASE_SECONDS + 1)
        self._rewire()

    def _move(self, now: datetime) -> None:
        self.now = now
        self.sandbox.control("PUT", "/clock", json={"now": now.isoformat(), "speed": 0})

    def _rewire(self) -> None:
        now, machine = self.now, self.machine
        self.services = replace(self.services, now=lambda: now, machine=lambda: machine)

    # the CRM

    def new_lead(self, **fields: str) -> LeadKey:
        return self.new_leads([fields])[0]

    def new_leads(self, rows: list[dict[str, str]]) -> list[LeadKey]:
        rows_there = [
            native(self.about, {"last": "Doe", "company": f"Company {at} {self.now:%H%M%S}"} | row)
            for at, row in enumerate(rows)
        ]
        ids = self.sandbox.control("POST", f"/{self.crm}/leads", json=rows_there)
        self._nobody = self.rows()[ids[0]]["owner"]
        return [LeadKey(self.crm, self.connector.account, self.connector.object, id_) for id_ in ids]

    def person_takes(self, lead: LeadKey, email: str) -> None:
        body = {"lead": lead.id, "owner": self.users[email]}
        self.sandbox.control("POST", f"/{self.crm}/owner", json=body)

    def person_sets(self, lead: LeadKey, **fields: str) -> None:
        """Somebody changes fields of the record in the CRM, by canonical name; `answer` is our answer field."""
        names = {**self.about.fields, "answer": self.about.answer}
        body = {"lead": lead.id, "fields": {names[name]: value for name, value in fields.items()}}
        self.sandbox.control("POST", f"/{self.crm}/fields", json=body)

    def put_back(self, lead: LeadKey) -> None:
        """A person takes the owner away again: the lead is as nobody's as it was when it came."""
        self.sandbox.control("POST", f"/{self.crm}/owner", json={"lead": lead.id, "owner": self._nobody})

    def delete(self, lead: LeadKey) -> None:
        self.sandbox.control("POST", f"/{self.crm}/delete", json={"lead": lead.id})

    def users_change(self, change: Callable[[CrmUser], CrmUser]) -> None:
        """From now on the CRM lists its users so, and the mirror has seen it; the sandbox cannot rename one."""
        directory = self.connector._directory  # type: ignore[attr-defined]
        ask = directory._ask
        directory._ask = lambda: [change(user) for user in ask()]
        ingest.mirror(self.services, self.crm)

    def person_calls(self, lead: LeadKey, email: str, seconds: int = 60, **times: str) -> None:
        body = [{"lead": lead.id, "owner": self.users[email], "seconds": seconds, **times}]
        self.sandbox.control("POST", f"/{self.crm}/calls", json=body)

    def fault(self, do: Mapping[str, object], times: int = 1_000_000, **where: object) -> None:
        """Make calls of this CRM fail, until `no_faults` or for so many times."""
        self.sandbox.control("POST", "/faults", json={"crm": self.crm, "do": do, "times": times, **where})

    def no_faults(self) -> None:
        self.sandbox.control("DELETE", "/faults")

    def writes(self) -> Mapping[str, str]:
        """Where a fault has to sit to hit the batched row write, and nothing else."""
        return self.about.writes

    def rows(self) -> dict[str, dict[str, object]]:
        return {row["id"]: row for row in self.sandbox.control("GET", f"/{self.crm}/leads")}

    def field(self, lead: LeadKey, name: str) -> object:
        """A field of ours on the record, by its short name: `due_at`, `sla_state` …"""
        row = {key.lower(): value for key, value in self.rows()[lead.id].items()}
        return row.get(f"fairlead_{name}__c") or row.get(f"fairlead_{name}")

    def owner(self, lead: LeadKey) -> str | None:
        """The e-mail address of the CRM's owner, None for the integration user or nobody."""
        by_id = {id_: email for email, id_ in self.users.items()}
        return by_id.get(str(self.rows()[lead.id]["owner"]))

    # the daemon

    def run(self) -> None:
        """One round of the daemon's work: poll, route, deliver."""
        ingest.poll(self.services, self.crm)
        while route(self.services, self.crm, "bulk"):
            pass
        deliver(self.services, self.crm)

    def tick(self) -> None:
        """One round of everything that beat wakes."""
        self.run()
        observe(self.services, self.crm)
        sweep(self.services, self.crm)
        deliver(self.services, self.crm)

    def ticks(self, times: int, **apart: float) -> None:
        """Time goes on, and beat with it: so many ticks, so far apart."""
        for _ in range(times):
            self.advance(**apart)
            self.tick()

    def die_after_write(self) -> None:
        """A round by a worker that dies when the CRM has taken its rows and before it can say so to the ledger."""

        def write(rows: Sequence[Write]) -> list[Written]:
            type(self.connector).write(self.connector, rows)
            raise Died

        self.connector.write = write  # type: ignore[method-assign]
        try:
            self.run()
        except Died:
            return
        finally:
            del self.connector.write
        raise AssertionError("nothing was written")

    def change_config(self, file: str, old: str, new: str) -> None:
        """Another configuration comes into force, in which `new` stands for `old`."""
        texts = dict(self.services.playbook().texts)
        assert old in texts[file], f"{file} does not say {old!r}"
        book = load_texts({**texts, file: texts[file].replace(old, new)})
        assert isinstance(book, Playbook), "\n".join(str(problem) for problem in book)
        with self.ledger.writing() as tx:
            playbooks.activate(tx, book.version, book.texts, self.now)
        self.use(book)

    def use(self, book: Playbook) -> None:
        """The daemon has loaded this configuration."""
        self.services = replace(self.services, playbook=lambda: book)

    # the ledger

    def first_response(self, lead: LeadKey) -> Clock:
        """The first response's clock of the first cycle."""
        return next(one for one in self.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE and one.cycle == 0)

    def kinds(self, lead: LeadKey) -> list[str]:
        """What happened to the lead, in order."""
        return [event.kind for event in self.events(lead)]

    def decisions(self, lead: LeadKey) -> list[Decision]:
        with self.ledger.reading() as tx:
            return decisions.of_lead(tx, lead)

    def events(self, lead: LeadKey, kind: str | None = None) -> list[LeadEvent]:
        with self.ledger.reading() as tx:
            return [event for event in decisions.events(tx, lead) if kind in (None, event.kind)]

    def clocks(self, lead: LeadKey) -> list[Clock]:
        with self.ledger.reading() as tx:
            return clocks.of_lead(tx, lead)

    def sends(self, lead: LeadKey) -> list[outbox.OutboxRow]:
        with self.ledger.reading() as tx:
            return outbox.of_lead(tx, lead)

    def in_order(self) -> list[Decision]:
        """Every decision of this CRM's leads, in the order in which they were made."""
        keys = [LeadKey(self.crm, self.connector.account, self.connector.object, id_) for id_ in self.rows()]
        made = [decision for key in keys for decision in self.decisions(key)]
        return sorted(made, key=lambda decision: self._seq(decision.id))

    def _seq(self, decision: str) -> int:
        with self.ledger.reading() as tx:
            return int(tx.scalar(select(tables.decisions.c.seq).where(tables.decisions.c.id == decision)) or 0)

    def cycle(self, lead: LeadKey) -> leads.LeadRow:
        with self.ledger.reading() as tx:
            return leads.current(tx, [lead])[lead]
