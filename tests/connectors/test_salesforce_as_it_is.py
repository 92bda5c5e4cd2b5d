"""What only the whole stand-in Salesforce shows: three ways to sign in, an org that moves, what commits late, records
that are locked, and outbound messages from one end to the other."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest

from connectors.base import Credentials, Delivery, NotSignedIn
from connectors.registry import connect
from connectors.salesforce.crm import Salesforce
from domain.leads import History
from tests.connectors.stage import ANA, MONDAY, NOT_PEOPLE, Stage, an_hour_ago, mapping_of
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def stage(sandbox: SandboxProcess) -> Stage:
    return Stage(sandbox, "salesforce")


def by_jwt(stage: Stage, **changes: str) -> Credentials:
    signer = stage.control("GET", "jwt") | changes
    extra = {"consumer_key": signer["consumer_key"], "username": signer["username"]}
    return Credentials(stage.sandbox.url, signer["private_key"], extra, "JWT bearer")


def signed_in(credentials: Credentials) -> Salesforce:
    crm = connect("salesforce", credentials, mapping_of("salesforce"), NOT_PEOPLE)
    crm.sign_in()
    assert isinstance(crm, Salesforce)
    return crm


def test_a_jwt_signs_in(stage: Stage) -> None:
    assert signed_in(by_jwt(stage)).account == stage.crm.account


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library's own advice
@pytest.mark.parametrize(
    ("changes", "way_out"),
    [({"consumer_key": "another"}, "SALESFORCE_CONSUMER_KEY"), ({"username": "nobody@acme.example"}, "policies")],
    ids=["an unknown app", "a user who has not approved"],
)
def test_a_jwt_that_is_refused_says_what_to_change(stage: Stage, changes: dict[str, str], way_out: str) -> None:
    with pytest.raises(NotSignedIn, match=way_out):
        signed_in(by_jwt(stage, **changes))


def test_refresh_tokens_that_rotate_are_followed(stage: Stage) -> None:
    stage.control("PUT", "settings", {"refresh_rotates": True})
    extra = {"consumer_key": "sandbox-key", "consumer_secret": "sandbox-secret"}
    crm = signed_in(Credentials(stage.sandbox.url, "sandbox-refresh-token", extra, "refresh token"))

    stage.control("POST", "expire", {})

    assert crm.users()
    assert crm.sign_in() == stage.crm.account


@pytest.mark.parametrize("html", [False, True])
def test_an_expired_session_is_renewed_whatever_the_answer_looks_like(stage: Stage, html: bool) -> None:
    stage.control("PUT", "settings", {"html_when_expired": html})
    stage.control("POST", "expire", {})

    assert stage.crm.users()


@pytest.mark.parametrize("answer", [420, 502])
def test_an_org_that_moves_is_found_again(stage: Stage, answer: int) -> None:
    stage.control("POST", "move", {"answer": answer})

    assert stage.crm.users()


def test_what_commits_late_is_found_by_a_later_poll(stage: Stage) -> None:
    stage.control("PUT", "settings", {"commit_delay": 240.0})
    late = stage.many(3)
    first = stage.crm.arrived(an_hour_ago())
    stage.move_to(MONDAY + timedelta(minutes=5))

    second = stage.crm.arrived(first.cursor)

    assert first.seen == ()
    assert sorted(seen.key.id for seen in second.seen) == sorted(late)


def test_a_record_that_is_locked_is_for_later_and_its_neighbours_are_written(stage: Stage) -> None:
    locked, free = stage.many(2)
    stage.control("POST", "locks", {"id": locked, "writes": 1})
    writes = stage.assigning_all([locked, free], ANA)

    assert [row.outcome for row in stage.crm.write(writes)] == ["later", "applied"]
    assert [row.outcome for row in stage.crm.write(writes[:1])] == ["applied"]


def test_a_lead_that_was_merged_away_says_so(stage: Stage) -> None:
    master, loser = stage.many(2)
    stage.control("POST", "merge", {"master": master, "losers": [loser]})

    assert stage.read(loser).gone == "merged"
    assert stage.read(master).gone is None


def test_a_duplicate_rule_that_may_be_passed_keeps_no_owner_from_being_written(stage: Stage) -> None:
    stage.control("PUT", "settings", {"duplicate_rule": True})
    first, _ = stage.leads({"email": "same@firm.example"}, {"email": "same@firm.example"})

    [row] = stage.crm.write([stage.assigning(first, ANA, email="same@firm.example")])

    assert row.outcome == "applied"


SECRET = "nobody-can-guess-this-1234"


class Listener:
    """A receiver of outbound messages that answers as ours does."""

    def __init__(self, stage: Stage) -> None:
        credentials = replace(by_jwt(stage), extra={"webhook_secret": SECRET})

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                delivery = Delivery("POST", self.path, self.path.rpartition("/")[2], dict(self.headers), body)
                heard = Salesforce.hear(delivery, credentials, mapping_of("salesforce"), stage.crm.account, MONDAY)
                self.send_response(200)
                self.send_header("Content-Type", heard.media_type)
                self.send_header("Content-Length", str(len(heard.reply)))
                self.end_headers()
                self.wfile.write(heard.reply)
                seen.put([one.key.id for one in heard.seen])

            def log_message(self, *_: Any) -> None:
                """Nothing on the terminal."""

        self.seen: Queue[list[str]] = Queue()
        seen = self.seen
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/salesforce/webhook/{SECRET}"


@pytest.fixture
def listener(stage: Stage) -> Iterator[Listener]:
    listener = Listener(stage)
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def test_outbound_messages_of_the_stand_in_are_heard_and_acknowledged(stage: Stage, listener: Listener) -> None:
    stage.control("POST", "outbound", {"url": listener.url})

    leads = stage.many(5)

    heard: set[str] = set()
    while heard < set(leads):
        heard.update(listener.seen.get(timeout=10))
    assert heard == set(leads)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param("settings", {"tracks_history": False}, id="nobody has it tracked"),
        pytest.param("permissions", {"LeadHistory": "none"}, id="our user does not see it"),
    ],
)
def test_where_there_is_no_history_nothing_is_told_and_nothing_fails(
    stage: Stage, path: str, change: dict[str, Any]
) -> None:
    stage.control("PUT", path, change)
    [lead] = stage.many(1)
    stage.takes(ANA, lead)

    assert stage.crm.history([lead]) == [History(stage.key(lead))]


def test_one_query_tells_the_history_of_200_leads(stage: Stage) -> None:
    leads = stage.many(201)
    before = stage.crm.calls

    stage.crm.history(leads)

    assert stage.crm.calls - before == 2
