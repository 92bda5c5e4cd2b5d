"""Mails by their headers: from a mailbox over IMAP, and from message-tracking files."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import NotSignedIn, Refused, TryLater
from connectors.lines import Fault, NotATable
from connectors.mail import mailbox, tracking
from connectors.mail.headers import OUT_OF_OFFICE, Automated, mail_of
from connectors.mail.mailbox import Look, address_of
from domain.activities import Mail
from sandbox.mailbox import MailServer

NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)
ANA, KIM = "ana@acme.example", "kim@firm.example"
OURS = Automated(frozenset({"sequences@acme.example"}), ("auto-submitted", "x-campaign"))

MAIL = """\
From: Ana Doe <Ana@acme.example>
To: "Kim, Lee" <kim@firm.example>, lee@firm.example
Cc: Ben <ben@acme.example>
Date: Mon, 23 Nov 2026 09:00:00 +0100
Message-ID: <m1@acme.example>
Subject: Your demo

"""


def with_header(line: str, mail: str = MAIL) -> str:
    return f"{line}\n{mail}"


def read(mail: str) -> Mail | None:
    return mail_of(mail.encode(), OURS)


def test_a_mail_is_who_wrote_to_whom_and_when() -> None:
    answer = with_header("In-Reply-To: <q1@firm.example>\nReferences: <q0@firm.example>\n <q1@firm.example>")
    everybody = (KIM, "lee@firm.example", "ben@acme.example")
    assert read(answer) == Mail("m1@acme.example", NINE, ANA, everybody, ("q1@firm.example", "q0@firm.example"))


@pytest.mark.parametrize("header", ["From", "Date", "Message-ID"])
def test_a_mail_that_proves_nothing_is_passed_over(header: str) -> None:
    assert read("\n".join(line for line in MAIL.split("\n") if not line.startswith(header))) is None


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        pytest.param(MAIL, "", id="a person's"),
        pytest.param(with_header("Auto-Submitted: no"), "", id="said to be a person's"),
        pytest.param(
            with_header("Auto-Submitted: auto-replied (vacation)".replace(" (vacation)", "; x")),
            OUT_OF_OFFICE,
            id="replied by a program",
        ),
        pytest.param(with_header("X-Autoreply: yes"), OUT_OF_OFFICE, id="an older program"),
        pytest.param(with_header("Precedence: auto_reply"), OUT_OF_OFFICE, id="one older still"),
        pytest.param(
            MAIL.replace("Your demo", "Automatic reply: Your demo"), OUT_OF_OFFICE, id="Outlook's, in English"
        ),
        pytest.param(MAIL.replace("Your demo", "Abwesenheitsnotiz: Demo"), OUT_OF_OFFICE, id="in German"),
        pytest.param(
            with_header("Auto-Submitted: auto-generated"),
            "its header auto-submitted says that a program sent it",
            id="generated",
        ),
        pytest.param(with_header("X-Campaign: spring"), "its header x-campaign says that a program sent it", id="ours"),
        pytest.param(
            MAIL.replace("Ana@", "Sequences@"),
            "sent by sequences@acme.example, which sends by itself",
            id="a sequence's sender",
        ),
        pytest.param(with_header("List-Unsubscribe: <mailto:x@y.example>"), "a mail to a list", id="a newsletter"),
        pytest.param(with_header("Precedence: bulk"), "a mail to a list", id="bulk"),
    ],
)
def test_why_no_person_wrote_a_mail(mail: str, why: str) -> None:
    found = read(mail)
    assert found is not None
    assert found.automated == why


# --- a mailbox ----------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def url(server: MailServer, password: str = "open%20sesame") -> str:
    return f"imap://ana:{password}@127.0.0.1:{server.port}"


def look(server: MailServer, position: str | None = None, folder: str = "Sent", **address: str) -> Look:
    return mailbox.look(address_of(url(server, **address)), folder, position, NINE, OURS)


def numbered(number: int) -> str:
    return MAIL.replace("m1@", f"m{number}@")


def test_mails_are_read_once_from_where_the_last_look_ended(server: MailServer) -> None:
    server.add("Sent", numbered(1), NINE - timedelta(days=2))
    server.add("Sent", numbered(2), NINE)
    first = look(server)
    server.add("Sent", numbered(3), NINE)
    second = look(server, first.position)
    third = look(server, second.position)

    ids = [[mail.id for mail in each.mails] for each in (first, second, third)]
    assert ids == [["m2@acme.example"], ["m3@acme.example"], []]


def test_nothing_is_changed_in_the_mailbox(server: MailServer) -> None:
    server.add("Sent", MAIL, NINE)
    look(server)
    assert [each.split()[0] for each in server.commands] == ["CAPABILITY", "LOGIN", "EXAMINE", "UID", "UID", "LOGOUT"]
    assert "BODY.PEEK[" in server.commands[4]


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning(server: MailServer) -> None:
    server.add("Sent", numbered(1), NINE)
    position = look(server).position
    server.folders["Sent"].validity = 2
    assert [mail.id for mail in look(server, position).mails] == ["m1@acme.example"]


def test_of_very_many_mails_a_look_takes_some_and_the_next_goes_on(server: MailServer) -> None:
    for number in range(mailbox.MOST + 20):
        server.add("Sent", numbered(number), NINE)
    first = look(server)
    second = look(server, first.position)
    assert (len(first.mails), first.more, len(second.mails), second.more) == (mailbox.MOST, True, 20, False)


@pytest.mark.parametrize("folder", ["Gesendete Elemente", 'Say "sent"', "Gelöscht & mehr"])
def test_a_folder_may_be_called_anything(server: MailServer, folder: str) -> None:
    coded = {"Gelöscht & mehr": "Gel&APY-scht &- mehr"}.get(folder, folder)
    server.add(coded, MAIL, NINE)
    assert len(look(server, folder=folder).mails) == 1


def test_what_is_wrong_with_a_mailbox_is_told_apart(server: MailServer) -> None:
    with pytest.raises(NotSignedIn, match="does not let us in") as refused:
        look(server, password="hush")
    assert "hush" not in str(refused.value)
    with pytest.raises(Refused, match="no folder 'Nowhere'"):
        look(server, folder="Nowhere")


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_its_time(server: MailServer) -> None:
    server.silent = True
    with pytest.raises(TryLater, match="does not answer"):
        mailbox.look(replace(address_of(url(server)), seconds=0.2), "Sent", None, NINE, OURS)


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TryLater):
        mailbox.look(address_of(f"imap://ana:x@127.0.0.1:{port}"), "Sent", None, NINE, OURS)


def test_a_look_ends_when_its_time_is_over_and_keeps_what_it_has(server: MailServer) -> None:
    for number in range(mailbox.AT_ONCE + 1):
        server.add("Sent", numbered(number), NINE)
    times = iter([0.0, 1.0, mailbox.LOOK_SECONDS + 1])
    found = mailbox.look(address_of(url(server)), "Sent", None, NINE, OURS, monotonic=lambda: next(times))
    assert (len(found.mails), found.more) == (mailbox.AT_ONCE, True)


@pytest.mark.parametrize(
    "wrong", ["mail.acme.example", "imaps://mail.acme.example", "https://a:hush@b", "imaps://a:hush@b:x"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(Refused, match="imaps://USER:PASSWORD@HOST") as problem:
        address_of(wrong)
    assert "hush" not in str(problem.value)


def test_without_a_port_the_usual_one_is_taken_and_tls() -> None:
    found = address_of("imaps://ana%40acme.example:p%2Fw@mail.acme.example")
    assert (found.host, found.port, found.user, found.password, found.tls) == (
        "mail.acme.example", 993, "ana@acme.example", "p/w", True,
    )  # fmt: skip


# --- message tracking ---------------------------------------------------------------------------------------------

EXCHANGE = [
    "#Software: Microsoft Exchange Server",
    "#Fields: date-time,client-ip,event-id,message-id,recipient-address,message-subject,sender-address",
]
AT = "2026-11-23T08:00:00.000Z"


def tracked(*rows: str, first: list[str] | None = None) -> tuple[list[Mail], list[Fault]]:
    faults: list[Fault] = []
    lines = [*(EXCHANGE if first is None else first), *rows]
    found = tracking.mails(lines, list(enumerate(lines, start=1)), OURS, faults.append)
    return found, faults


SENT = Mail("m1@acme.example", NINE, ANA, (KIM,))


def test_a_tracking_file_tells_of_mails_that_have_left_or_arrived() -> None:
    found, faults = tracked(
        f"{AT},10.0.0.1,RECEIVE,<m1@acme.example>,kim@firm.example,Hi,ana@acme.example",
        f"{AT},10.0.0.1,SEND,<m1@acme.example>,Kim@firm.example,Hi,Ana@acme.example",
        f"{AT},10.0.0.1,FAIL,<m2@acme.example>,kim@firm.example,Hi,ana@acme.example",
    )
    assert (found, faults) == ([SENT], [])


def test_a_message_trace_is_read_by_the_names_of_its_columns() -> None:
    row = f'{AT},ana@acme.example,"kim@firm.example;lee@firm.example",Hi,Delivered,<m1@acme.example>'
    found, _ = tracked(row, first=["Received,Sender Address,Recipient Address,Subject,Status,Message ID"])
    assert found == [replace(SENT, recipients=(KIM, "lee@firm.example"))]


@pytest.mark.parametrize(
    ("subject", "sender", "why"),
    [
        ("Automatic reply: Hi", KIM, OUT_OF_OFFICE),
        ("Hi", "<>", "sent by the mail server itself"),
        ("Hi", "sequences@acme.example", "sent by sequences@acme.example, which sends by itself"),
    ],
)
def test_what_nobody_wrote_is_recognised_in_a_tracking_file(subject: str, sender: str, why: str) -> None:
    ([mail], _) = tracked(f"{AT},x,DELIVER,<m1@acme.example>,ana@acme.example,{subject},{sender}")
    assert mail.automated == why


def test_a_broken_line_of_a_tracking_file_costs_no_other() -> None:
    good = f"{AT},x,SEND,<m1@acme.example>,kim@firm.example,Hi,ana@acme.example"
    found, faults = tracked(f"{AT},x,SE", good.replace(AT, "soon"), good.replace("<m1@acme.example>", ""), good)
    assert found == [SENT]
    assert [(fault.line, fault.column) for fault in faults] == [(3, 30), (4, 1), (5, 33)]


def test_a_file_without_its_columns_is_refused() -> None:
    with pytest.raises(NotATable, match="sender-address"):
        tracked(f"{AT},x,SEND", first=[])
