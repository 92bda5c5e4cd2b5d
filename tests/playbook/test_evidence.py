"""evidence.yaml: where calls and mails outside the CRM are heard of."""

import pytest

from playbook.evidence import CallFiles, CallService, Mailbox, MailLogs, Sources
from tests.playbook.writing import GOOD, loaded, places, problems, with_files

ANA = "ana@acme.example"


def written(text: str) -> Sources:
    return loaded(with_files(evidence=text)).sources


def test_without_the_file_nothing_is_heard_of() -> None:
    assert loaded(GOOD).sources == Sources()


def test_sources_are_read_as_written() -> None:
    assert written(
        """\
        telephony:
          - { cdr: env:CDR_DIR, every: 1 min, timezone: Europe/Berlin, country: Germany, inbound: [door],
              agents: { 101: Ana@acme.example } }
          - { webhook: aircall, secret: env:AIRCALL_SECRET }
          - { webhook: twilio, secret: env:TWILIO_TOKEN, agents: { Client:Ana: ana@acme.example } }
        mail: [ { imap: env:IMAP_URL, folder: Gesendet }, { tracking: env:MAIL_LOG_DIR, every: 10 min } ]
        automated: { senders: [Sequences@acme.example], headers: [Auto-Submitted, X-Campaign] }
        """
    ) == Sources(
        files=(CallFiles("CDR_DIR", 60.0, "Europe/Berlin", "DE", frozenset({"door"}), {"101": ANA}),),
        services=(
            CallService("aircall", "AIRCALL_SECRET"),
            CallService("twilio", "TWILIO_TOKEN", None, {"client:ana": ANA}),
        ),
        mailboxes=(Mailbox("IMAP_URL", "Gesendet"),),
        logs=(MailLogs("MAIL_LOG_DIR", 600.0),),
        senders=frozenset({"sequences@acme.example"}),
        headers=("auto-submitted", "x-campaign"),
    )


def test_what_is_left_out_is_as_usual() -> None:
    found = written("{ telephony: { cdr: env:CDR_DIR }, mail: { imap: env:IMAP_URL } }")
    assert (found.files[0].every, found.mailboxes[0].folder) == (300.0, "Sent")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("telephony: [ { cdr: /var/cdr } ]", "1:21 V107", id="a path that belongs to the machine"),
        pytest.param("telephony: [ { webhook: twilio, secret: hush } ]", "1:41 V107", id="a secret"),
        pytest.param("telephony: [ { webhook: aircal, secret: env:A } ]", "1:25 V105", id="a service misspelt"),
        pytest.param("telephony: [ { webhook: aircall } ]", "1:14 K102", id="a webhook that nobody could check"),
        pytest.param("telephony: [ { crd: env:A } ]", "1:16 K101", id="a key misspelt"),
        pytest.param("telephony: [ { every: 5 min } ]", "1:14 K104", id="neither files nor a webhook"),
        pytest.param("mail: [ { imap: env:A, tracking: env:B } ]", "1:9 K104", id="both at once"),
        pytest.param("mail: [ sent ]", "1:9 V101", id="no source"),
        pytest.param("mail: [ { imap: env:A, every: 2 business days } ]", "1:31 V102", id="looks in business days"),
        pytest.param("mail: [ { imap: env:A, every: 25 h } ]", "1:31 V106", id="a look after more than a day"),
        pytest.param("telephony: [ { cdr: env:A, timezone: Bonn } ]", "1:38 C102", id="no time zone"),
        pytest.param("telephony: [ { cdr: env:A, country: Atlantis } ]", "1:37 N115", id="no country"),
        pytest.param("telephony: [ { cdr: env:A, agents: { 101: zoe@acme.example } } ]", "1:43 N102", id="nobody"),
        pytest.param("telephony: [ { cdr: env:A }, { cdr: env:A } ]", "1:30 N201", id="a folder twice"),
        pytest.param("automated: { senders: [robot] }", "1:24 V104", id="a sender without an address"),
        pytest.param("automated: { headers: ['X-Campaign: yes'] }", "1:24 V105", id="a header with its value"),
        pytest.param("automatic: {}", "1:1 K101", id="a part that is none"),
    ],
)
def test_what_cannot_work_is_a_problem_where_it_stands(text: str, expected: str) -> None:
    assert places(with_files(evidence=text)) == [f"evidence.yaml:{expected}"]


def test_two_folders_of_one_mailbox_are_two_sources() -> None:
    assert len(written("mail: [ { imap: env:A, folder: Sent }, { imap: env:A, folder: INBOX } ]").mailboxes) == 2


def test_a_password_in_the_file_is_not_repeated() -> None:
    (problem,) = problems(with_files(evidence="mail: [ { imap: 'imaps://ana:hush@mail.example' } ]"))
    assert "hush" not in str(problem)
