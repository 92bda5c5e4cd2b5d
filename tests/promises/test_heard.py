"""Calls and mails from outside the CRM move the clocks of the leads that they concern, and no others."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest
import requests
import uvicorn
from sqlalchemy import select

from connectors.base import Refused
from connectors.telephony import twilio
from domain.accounts import Account
from domain.clocks import State
from domain.leads import LeadKey
from ledger import accounts, evidence, playbooks, tables
from playbook.book import Playbook, load_texts
from runtime.hear import hear
from runtime.settings import Settings
from runtime.web import Web, listen
from runtime.wiring import Process
from sandbox.mailbox import MailServer
from tests.promises.world import REPS, World

COLUMNS = "call_id,started_at,answered_at,ended_at,direction,from,to,agent\n"
NUMBER = "+4930901820"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    calls = tmp_path / "calls"  # the ledger lies beside it
    calls.mkdir()
    (calls / "calls.csv").write_text(COLUMNS, encoding="utf-8")
    return calls


def listens(world: World, sources: str, **variables: object) -> None:
    """From now on the sources are in force, and these variables are set. `phone` is mapped."""
    texts = dict(world.services.playbook().texts)
    crm = f"crm/{world.crm}.yaml"
    name = {"salesforce": "Phone"}.get(world.crm, "phone")
    texts |= {"evidence.yaml": sources, crm: texts[crm].replace("fields: {", f"fields: {{ phone: {name}, ")}
    book = load_texts(texts)
    assert isinstance(book, Playbook), "\n".join(str(problem) for problem in book)
    with world.ledger.writing() as tx:
        playbooks.activate(tx, book.version, book.texts, world.now)
    told = {name: str(value) for name, value in variables.items()}
    connector = world.connector
    connector._mapping = replace(book.crms[world.crm], queues={})  # type: ignore[attr-defined]
    world.services = replace(world.services, playbook=lambda: book, variable=told.get)


def lead_of(world: World, phone: str = NUMBER, **fields: str) -> LeadKey:
    """A routed lead that can be called at this number."""
    told = {"LastName": "Kim", "Company": "Bank AG", "Email": "kim@bank.example", "Country": "Germany", "Phone": phone}
    [id_] = world.sandbox.control("POST", "/salesforce/leads", json=[told | fields])
    world.run()
    return LeadKey("salesforce", world.connector.account, world.connector.object, id_)


def row(
    id_: str, at: datetime, agent: str, number: str = NUMBER, seconds: int = 60, direction: str = "outbound"
) -> str:
    ends = at + timedelta(seconds=seconds)
    answered = at.isoformat() if seconds else ""
    caller, callee = ("101", number) if direction == "outbound" else (number, "101")
    return f"{id_},{at.isoformat()},{answered},{ends.isoformat()},{direction},{caller},{callee},{agent}\n"


def write(folder: Path, *rows: str) -> None:
    with (folder / "calls.csv").open("a", encoding="utf-8") as file:
        file.writelines(rows)


CDR = "telephony: { cdr: env:CDR_DIR, every: 1 s, country: DE }"


def notes(world: World) -> dict[str, str]:
    with world.ledger.reading() as tx:
        return {each.id: each.note for each in tx.execute(select(tables.heard.c.id, tables.heard.c.note))}


def known(world: World, lead: LeadKey) -> list[str]:
    with world.ledger.reading() as tx:
        return [one.id for one in evidence.of(tx, [lead]).get(lead, [])]


@pytest.mark.parametrize("written", [NUMBER, "030 901820", "0049 30 901820"])
def test_a_call_to_a_lead_meets_its_clock(salesforce: World, folder: Path, written: str) -> None:
    listens(salesforce, CDR, CDR_DIR=folder)
    lead = lead_of(salesforce, written)
    owner = salesforce.owner(lead)
    salesforce.advance(minutes=10)
    write(folder, row("c1", salesforce.now - timedelta(minutes=5), str(owner)))

    assert hear(salesforce.services, "salesforce") == 1
    salesforce.tick()

    clock = salesforce.first_response(lead)
    assert (clock.state, clock.met_at) == (State.MET, salesforce.now - timedelta(minutes=5))
    assert (salesforce.field(lead, "sla_state"), salesforce.field(lead, "first_contact_by")) == ("Met", owner)
    assert notes(salesforce) == {"c1": f"by the number {NUMBER}"}


def test_a_call_that_is_heard_of_after_the_breach_and_was_before_it_retracts_it(
    salesforce: World, folder: Path
) -> None:
    listens(salesforce, CDR, CDR_DIR=folder)
    lead = lead_of(salesforce)
    in_time = salesforce.now + timedelta(minutes=30)
    salesforce.advance(minutes=61)
    salesforce.tick()
    breached = salesforce.field(lead, "sla_state")
    write(folder, row("c1", in_time, str(salesforce.owner(lead))))
    # The sweep has looked into the source, which is not due again for a second.
    later = salesforce.services.machine() + timedelta(seconds=2)
    hear(replace(salesforce.services, machine=lambda: later), "salesforce")
    salesforce.tick()

    assert (breached, salesforce.field(lead, "sla_state")) == ("Breached", "Met late-logged")


def test_an_extension_is_whoever_the_configuration_says(salesforce: World, folder: Path) -> None:
    agents = ", ".join(f"{101 + at}: {email}" for at, email in enumerate(REPS))
    listens(salesforce, CDR.replace("country: DE", f"country: DE, agents: {{ {agents} }}"), CDR_DIR=folder)
    lead = lead_of(salesforce)
    salesforce.advance(minutes=1)
    write(folder, row("c1", salesforce.now, "103"))
    hear(salesforce.services, "salesforce")
    salesforce.tick()

    assert salesforce.field(lead, "first_contact_by") == REPS[2]


def test_a_number_that_several_leads_have_moves_no_clock_and_says_so(salesforce: World, folder: Path) -> None:
    listens(salesforce, CDR, CDR_DIR=folder)
    several = [lead_of(salesforce, Email=f"k{at}@bank{at}.example", Company=f"Bank {at}") for at in range(3)]
    salesforce.advance(minutes=1)
    write(folder, row("c1", salesforce.now, "somebody"))
    hear(salesforce.services, "salesforce")

    assert {salesforce.first_response(lead).state for lead in several} == {State.RUNNING}
    assert notes(salesforce) == {"c1": f"the number {NUMBER} belongs to 3 leads"}


def test_a_call_to_the_companys_switchboard_is_an_attempt_and_no_contact(salesforce: World, folder: Path) -> None:
    listens(salesforce, CDR, CDR_DIR=folder)
    bank = Account("salesforce", "001B", "Bank AG", "bank.example", country="Germany", phone="+49 30 777000")
    with salesforce.ledger.writing() as tx:
        accounts.upsert(tx, [bank])
    lead = lead_of(salesforce)
    salesforce.advance(minutes=1)
    write(folder, row("c1", salesforce.now, str(salesforce.owner(lead)), "030 777000"))
    hear(salesforce.services, "salesforce")
    salesforce.tick()

    assert salesforce.first_response(lead).state == State.MET
    assert (bool(salesforce.field(lead, "first_attempt_at")), salesforce.field(lead, "first_contact_at")) == (
        True,
        None,
    )


def test_an_answer_that_is_heard_of_later_is_not_taken_back_by_another_leg(salesforce: World, folder: Path) -> None:
    listens(salesforce, CDR, CDR_DIR=folder)
    lead = lead_of(salesforce)
    salesforce.advance(minutes=1)
    for leg in (
        row("c1", salesforce.now, "", seconds=0),
        row("c1", salesforce.now, REPS[0]),
        row("c1", salesforce.now, "", seconds=0),
    ):
        write(folder, leg)
        salesforce.advance(seconds=5)
        hear(salesforce.services, "salesforce")
    with salesforce.ledger.reading() as tx:
        found = evidence.of(tx, [lead])[lead]

    assert [(one.id, one.answered, one.by, one.talk_seconds) for one in found] == [("cdr:c1", True, REPS[0], 60)]


def test_a_line_that_is_broken_costs_no_other_and_each_is_read_once(salesforce: World, folder: Path) -> None:
    listens(salesforce, CDR, CDR_DIR=folder)
    lead = lead_of(salesforce)
    salesforce.advance(minutes=1)
    write(folder, row("c1", salesforce.now, "ana"), '"c2,half a li\n', row("c3", salesforce.now, "ana"))

    first = hear(salesforce.services, "salesforce")
    salesforce.advance(seconds=5)

    assert (first, hear(salesforce.services, "salesforce")) == (2, 0)
    assert known(salesforce, lead) == ["cdr:c1", "cdr:c3"]


def test_a_source_that_cannot_be_read_keeps_no_other_from_being_heard(salesforce: World, folder: Path) -> None:
    listens(salesforce, f"{CDR}\nmail: {{ tracking: env:MAIL_LOG_DIR }}", CDR_DIR=folder)
    lead = lead_of(salesforce)
    salesforce.advance(minutes=1)
    write(folder, row("c1", salesforce.now, "ana"))

    with pytest.raises(Refused, match="MAIL_LOG_DIR is not set"):
        hear(salesforce.services, "salesforce")

    assert known(salesforce, lead) == ["cdr:c1"]


def test_nobody_is_late_while_a_call_lies_in_the_folder(salesforce: World, folder: Path) -> None:
    listens(salesforce, CDR.replace("every: 1 s", "every: 24 h"), CDR_DIR=folder)
    lead = lead_of(salesforce)
    hear(salesforce.services, "salesforce")
    write(folder, row("c1", salesforce.now + timedelta(minutes=20), "ana"))
    salesforce.advance(minutes=61)
    salesforce.ticks(2, seconds=1)

    assert salesforce.first_response(lead).state == State.MET
    assert "breached" not in salesforce.kinds(lead)


def test_nobody_is_late_while_a_mailbox_cannot_be_read(salesforce: World) -> None:
    with MailServer() as server:
        lead, owner = with_a_lead(salesforce, server, NOT_ANA)
        port = server.port
    salesforce.advance(minutes=61)
    salesforce.ticks(2, seconds=1)
    before = salesforce.first_response(lead).state
    told = {"IMAP_URL": f"imap://ana:open%20sesame@127.0.0.1:{port}"}
    with MailServer() as server:
        server.add("Sent", mail(salesforce, owner, "kim@bank.example"), salesforce.now)
        told["IMAP_URL"] = f"imap://ana:open%20sesame@127.0.0.1:{server.port}"
        salesforce.services = replace(salesforce.services, variable=told.get)
        salesforce.advance(minutes=4)
        salesforce.tick()

    assert (before, salesforce.first_response(lead).state) == (State.RUNNING, State.BREACHED)


def test_a_source_that_a_person_has_to_look_after_stops_no_clock(salesforce: World) -> None:
    listens(salesforce, CDR, CDR_DIR="/nowhere/at/all")
    lead = lead_of(salesforce)
    salesforce.advance(minutes=61)
    salesforce.tick()

    assert salesforce.first_response(lead).state == State.BREACHED


# --- mails --------------------------------------------------------------------------------------------------------

IMAP = """\
mail: { imap: env:IMAP_URL, every: 1 s }
automated: { senders: [ana@acme.example], headers: [X-Campaign] }
"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def mail(world: World, sender: str, to: str, *headers: str, id_: str = "m1", subject: str = "Hello") -> str:
    lines = (
        f"From: {sender}",
        f"To: {to}",
        f"Date: {format_datetime(world.now)}",
        f"Message-ID: <{id_}@x.example>",
        f"Subject: {subject}",
    )
    return "\n".join([*lines, *headers, "", "Hi"])


def with_a_lead(world: World, server: MailServer, sources: str = IMAP) -> tuple[LeadKey, str]:
    """A lead whose address is kim@bank.example, and its owner, who wrote nothing yet."""
    listens(world, sources, IMAP_URL=f"imap://ana:open%20sesame@127.0.0.1:{server.port}")
    lead = world.new_lead(email="kim@bank.example", company="Bank AG")
    world.run()
    world.advance(minutes=5)
    return lead, str(world.owner(lead))


NOT_ANA = IMAP.replace("ana@acme.example", "sequences@acme.example")


def test_a_mail_of_the_owners_meets_the_clock(world: World, server: MailServer) -> None:
    lead, owner = with_a_lead(world, server, NOT_ANA)
    server.add("Sent", mail(world, owner, "Kim <KIM@bank.example>"), world.now)
    hear(world.services, world.crm)
    world.tick()

    assert (world.first_response(lead).met_at, world.field(lead, "sla_state")) == (world.now, "Met")


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        pytest.param("owner", ("X-Campaign: spring",), id="a sequence's header"),
        pytest.param("sequences@acme.example", (), id="a sequence's sender"),
        pytest.param("colleague", (), id="somebody else's"),
        pytest.param("billing@acme.example", (), id="of nobody who sells"),
        pytest.param("integration@acme.example", (), id="of an integration user"),
    ],
)
def test_a_mail_that_is_no_answer_of_the_owners_leaves_the_clock_alone(
    salesforce: World, server: MailServer, sender: str, headers: tuple[str, ...]
) -> None:
    lead, owner = with_a_lead(salesforce, server, NOT_ANA)
    who = {"owner": owner, "colleague": next(rep for rep in REPS if rep != owner)}.get(sender, sender)
    server.add("Sent", mail(salesforce, who, "kim@bank.example", *headers), salesforce.now)
    hear(salesforce.services, "salesforce")
    salesforce.tick()

    assert known(salesforce, lead) == ["m1@x.example"]
    assert salesforce.first_response(lead).state == State.RUNNING


@pytest.mark.parametrize(
    ("sender", "headers", "subject", "contact"),
    [
        pytest.param("kim@bank.example", ("In-Reply-To: <m1@x.example>",), "Re: Hello", True, id="a reply"),
        pytest.param("kim@home.example", ("In-Reply-To: <m1@x.example>",), "Re: Hello", True, id="from elsewhere"),
        pytest.param("kim@bank.example", (), "One more thing", True, id="a mail after ours"),
        pytest.param("kim@bank.example", ("Auto-Submitted: auto-replied",), "Hello", False, id="by a program"),
        pytest.param("kim@bank.example", (), "Automatic reply: Hello", False, id="out of office"),
        pytest.param("lee@other.example", (), "Hello", False, id="somebody else"),
    ],
)
def test_what_the_lead_writes_back_is_contact_unless_a_program_does(
    salesforce: World, server: MailServer, sender: str, headers: tuple[str, ...], subject: str, contact: bool
) -> None:
    lead, owner = with_a_lead(salesforce, server, NOT_ANA)
    server.add("Sent", mail(salesforce, owner, "kim@bank.example"), salesforce.now)
    hear(salesforce.services, "salesforce")
    salesforce.advance(minutes=5)
    server.add("Sent", mail(salesforce, sender, owner, *headers, id_="m2", subject=subject), salesforce.now)
    hear(salesforce.services, "salesforce")
    with salesforce.ledger.reading() as tx:
        found = evidence.of(tx, [lead])[lead]

    assert any(one.reply and not one.automated for one in found) == contact


# --- webhooks -----------------------------------------------------------------------------------------------------

SERVICES = """\
telephony:
  - { webhook: aircall, secret: env:AIRCALL_SECRET }
  - { webhook: twilio, secret: env:TWILIO_TOKEN }
"""


@contextmanager
def listening(world: World, folder: Path) -> Iterator[str]:
    """The web process's application on a free port."""
    web = Web(Process(world.services, None), Settings.from_environment({"FAIRLEAD_VAR": str(folder)}))
    bound = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web.application(), log_config=None, lifespan="off"))
    serving = Thread(target=server.run, args=([bound],))
    serving.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        serving.join()
        web.close()


def aircall(world: World, token: str = "token", **changed: object) -> bytes:
    at = int(world.now.timestamp())
    data = {
        "id": 7, "direction": "outbound", "started_at": at, "answered_at": at + 5, "ended_at": at + 65,
        "raw_digits": "+49 40 1", "user": {"email": REPS[0]}, "contact": {"emails": [{"value": "kim@bank.example"}]},
    }  # fmt: skip
    return json.dumps({"event": "call.ended", "token": token, "data": data | changed}).encode()


def test_a_call_that_aircall_tells_of_meets_the_clock_however_often_it_is_told(world: World, tmp_path: Path) -> None:
    listens(world, SERVICES, AIRCALL_SECRET="token")
    lead = world.new_lead(email="kim@bank.example", company="Bank AG")
    world.run()
    with listening(world, tmp_path) as url:
        answers = [requests.post(f"{url}/aircall/webhook", data=aircall(world), timeout=30).status_code for _ in "ab"]
    learnt = hear(world.services, world.crm)
    world.tick()

    assert (answers, learnt) == ([200, 200], 1)
    assert (world.first_response(lead).met_at, known(world, lead)) == (world.now, ["aircall:7"])


def form(url: str, secret: str, **values: str) -> tuple[bytes, Mapping[str, str]]:
    signature = twilio.signed(secret, url, list(values.items()))
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    return urlencode(values).encode(), headers


def test_a_call_that_twilio_tells_of_meets_the_clock(salesforce: World, tmp_path: Path) -> None:
    listens(salesforce, SERVICES, TWILIO_TOKEN="secret")
    lead = lead_of(salesforce)
    with listening(salesforce, tmp_path) as url:
        address = f"{url}/twilio/webhook"
        body, headers = form(
            address, "secret", CallSid="CA1", CallStatus="completed", Direction="outbound-api", CallDuration="60",
            To=NUMBER, From="+4930999000", Timestamp=format_datetime(salesforce.now + timedelta(minutes=2)),
        )  # fmt: skip
        answer = requests.post(address, data=body, headers=dict(headers), timeout=30)
    hear(salesforce.services, "salesforce")

    assert answer.status_code == 200
    assert salesforce.first_response(lead).met_at == salesforce.now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("aircall", b'{"token": "wrong"}', 401, id="a wrong token"),
        pytest.param("aircall", b'{"token": "token", "event": "call.ended", "data": 7}', 400, id="unreadable"),
        pytest.param("twilio", b"CallSid=CA1", 401, id="a secret that is not set"),
        pytest.param("aircall", b"x" * 1_048_577, 413, id="too large"),
    ],
)
def test_what_is_not_genuine_or_cannot_be_read_leaves_nothing(
    salesforce: World, tmp_path: Path, path: str, body: bytes, status: int
) -> None:
    listens(salesforce, SERVICES, AIRCALL_SECRET="token")
    with listening(salesforce, tmp_path) as url:
        answer = requests.post(f"{url}/{path}/webhook", data=body, timeout=30)

    assert (answer.status_code, answer.content, notes(salesforce)) == (status, b"", {})


def test_a_service_that_the_configuration_does_not_name_is_not_there(salesforce: World, tmp_path: Path) -> None:
    with listening(salesforce, tmp_path) as url:
        assert requests.post(f"{url}/aircall/webhook", data=aircall(salesforce), timeout=30).status_code == 404
