"""The one way to HubSpot: its paths, its tokens, its limits, and answers that are none."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import pytest

from connectors.base import (
    Credentials,
    NotSignedIn,
    OwnRefreshTokens,
    Refused,
    Shared,
    TaskWrite,
    Told,
    TryLater,
    Unknown,
    Write,
)
from connectors.hubspot.paths import MOVES, path_for
from connectors.hubspot.portal import Portal
from connectors.registry import connect
from tests.connectors.answering import Answer, Asked, Server, answering
from tests.connectors.stage import ANA, MONDAY, NOT_PEOPLE, Stage, an_hour_ago, credentials

DETAILS = {"portalId": 7, "accountType": "STANDARD", "utcOffsetMilliseconds": -14_400_000}
EXPIRED = Answer({"status": "error", "message": "The token expired.", "category": "EXPIRED_AUTHENTICATION"}, 401)
BAD_REFRESH_TOKEN = Answer(
    {"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN", "message": "refresh token is invalid"}, 400
)


class Counted:
    """A budget that keeps what it hears."""

    def __init__(self, empty: bool = False) -> None:
        self.taken: list[str] = []
        self.heard: list[Told] = []
        self.refusals: list[tuple[str, float]] = []
        self._empty = empty

    def take(self, what: Literal["call", "search"]) -> None:
        if self._empty:
            raise TryLater("the budget is used up", 3.0)
        self.taken.append(what)

    def told(self, limits: Sequence[Told]) -> None:
        self.heard += limits

    def refused(self, what: Literal["call", "search"], seconds: float) -> None:
        self.refusals.append((what, seconds))


# Paths


@pytest.mark.parametrize("version", ["dated", "classic"])
def test_every_path_that_we_send_stands_in_the_table(hubspot: Stage, version: str) -> None:
    there = replace(credentials("hubspot", hubspot.sandbox.url), extra={"api_version": version})
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE)
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)
    hubspot.sandbox.control("DELETE", "/calls")

    crm.sign_in()
    crm.provision()
    crm.users()
    crm.accounts(an_hour_ago())
    crm.deleted("companies", an_hour_ago(), None)
    crm.arrived(an_hour_ago())
    crm.unrouted(an_hour_ago())
    crm.changed(an_hour_ago(), ["country"])
    crm.read([lead])
    crm.write([write])
    crm.create_tasks([TaskWrite(hubspot.key(lead), hubspot.ids[ANA], "Call", MONDAY, "t", again=True)])
    for kind in crm.activity_kinds:
        crm.activities(kind, an_hour_ago())
    crm.activities_of([lead])
    crm.open_leads([hubspot.ids[ANA]])
    crm.examine()

    used = [move for move in MOVES if move.dated != move.classic and "oauth" not in move.classic]
    begin = [move.dated if version == "dated" else move.classic for move in used]
    mine = [call["path"] for call in hubspot.sandbox.control("GET", "/calls")["log"]]
    paths = {path for path in mine if not path.startswith("/oauth/")}
    assert all(any(path.startswith(one) for one in begin) for path in paths)
    assert all(any(path.startswith(one) for path in paths) for one in begin)


def test_a_path_that_the_table_does_not_know_is_not_sent() -> None:
    with pytest.raises(LookupError, match=r"paths\.py"):
        path_for("/crm/v3/lists/", "dated")


def test_a_version_that_is_none_names_its_variable(hubspot: Stage) -> None:
    there = replace(credentials("hubspot", hubspot.sandbox.url), extra={"api_version": "v3"})

    with pytest.raises(NotSignedIn, match="HUBSPOT_API_VERSION"):
        connect("hubspot", there, hubspot.mapping, NOT_PEOPLE).sign_in()


# Signing in with OAuth


class App:
    """An app whose first access token is good for `lasts` seconds, and refused where `refuses` names it."""

    def __init__(self, lasts: int = 1800, refuses: Sequence[str] = (), knows: Sequence[str] = ("given",)) -> None:
        self._lasts, self._refuses, self._knows = lasts, refuses, knows
        self._count = 0

    def __call__(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/oauth/"):
            return EXPIRED if asked.token in self._refuses else Answer(DETAILS)
        if asked.form["refresh_token"] not in self._knows:
            return BAD_REFRESH_TOKEN
        self._count += 1
        body = {"access_token": f"access-{self._count}", "refresh_token": "kept", "expires_in": self._lasts}
        return Answer(body)


def oauth(server: Server) -> Credentials:
    return Credentials(server.url, "given", {"client_id": "id", "client_secret": "secret"}, "OAuth")


def refreshes(server: Server) -> list[Asked]:
    return [asked for asked in server.asked if asked.path == "/oauth/2026-03/token"]


def test_a_token_is_fetched_by_form_once_and_goes_with_every_call() -> None:
    with answering(App()) as server:
        portal = Portal(oauth(server))
        portal.sign_in()
        portal.sign_in()

    [refresh] = refreshes(server)
    assert refresh.form == {
        "grant_type": "refresh_token", "client_id": "id", "client_secret": "secret", "refresh_token": "given",
    }  # fmt: skip
    assert [asked.token for asked in server.asked] == ["", "access-1", "access-1"]


def test_a_token_that_ends_soon_is_renewed_with_the_refresh_token_that_came_back() -> None:
    with answering(App(lasts=60, knows=("given", "kept"))) as server:
        portal = Portal(oauth(server))
        portal.sign_in()
        portal.sign_in()

    assert [refresh.form["refresh_token"] for refresh in refreshes(server)] == ["given", "kept"]


def test_where_the_app_was_installed_anew_the_given_refresh_token_is_taken() -> None:
    kept = OwnRefreshTokens()
    kept.keep("given", "revoked")
    with answering(App()) as server:
        Portal(oauth(server), Shared(refresh_tokens=kept)).sign_in()

    assert server.asked[-1].token == "access-1"
    assert kept.newest("given") == "kept"


def test_a_refresh_token_that_came_back_is_kept_before_the_token_is_used() -> None:
    kept = OwnRefreshTokens()
    seen: list[str] = []
    app = App()

    def watched(asked: Asked) -> Answer:
        if asked.token:
            seen.append(kept.newest("given"))
        return app(asked)

    with answering(watched) as server:
        Portal(oauth(server), Shared(refresh_tokens=kept)).sign_in()

    assert seen == ["kept"]


def test_who_signs_in_at_the_same_moment_as_another_process_tries_again_with_what_that_one_brought() -> None:
    kept = OwnRefreshTokens()

    def another_was_quicker(asked: Asked) -> Answer:
        kept.keep("given", "next")
        return App(knows=("next",))(asked)

    with answering(another_was_quicker) as server, pytest.raises(TryLater, match="another process"):
        Portal(oauth(server), Shared(refresh_tokens=kept)).sign_in()


def test_a_token_that_is_refused_is_renewed_once() -> None:
    with answering(App(refuses=("access-1",), knows=("given", "kept"))) as server:
        Portal(oauth(server)).sign_in()

    assert [asked.token for asked in server.asked if asked.token] == ["access-1", "access-2"]


@pytest.mark.parametrize(
    ("app", "variable"),
    [
        pytest.param(App(knows=()), "HUBSPOT_REFRESH_TOKEN", id="a revoked refresh token"),
        pytest.param(
            App(refuses=("access-1", "access-2"), knows=("given", "kept")), "HUBSPOT_REFRESH_TOKEN", id="no token works"
        ),
        pytest.param(
            lambda _: Answer({"status": "BAD_CLIENT_SECRET", "message": "bad client secret"}, 400),
            "HUBSPOT_CLIENT_SECRET",
            id="a wrong secret",
        ),
        pytest.param(
            lambda _: Answer({"status": "BAD_CLIENT_ID", "message": "unknown client id"}, 401),
            "HUBSPOT_CLIENT_ID",
            id="a wrong id",
        ),
        pytest.param(lambda _: Answer({"expires_in": 5}), "access token", id="no token in the answer"),
    ],
)
def test_where_oauth_fails_the_variable_and_the_way_out_are_told(app: Callable[[Asked], Answer], variable: str) -> None:
    with answering(app) as server, pytest.raises(NotSignedIn, match=variable):
        Portal(oauth(server)).sign_in()


def test_a_token_of_a_private_app_that_is_refused_names_its_variable() -> None:
    with answering(lambda _: EXPIRED) as server, pytest.raises(NotSignedIn, match="HUBSPOT_TOKEN"):
        Portal(Credentials(server.url, "pat")).sign_in()


# Limits


def test_the_budget_is_asked_before_each_call_and_hears_what_the_headers_say(hubspot: Stage) -> None:
    budget = Counted()
    there = credentials("hubspot", hubspot.sandbox.url)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE, Shared(budget=budget))

    crm.sign_in()
    crm.arrived(an_hour_ago())

    assert budget.taken == ["call", "search"]
    assert [told.window for told in budget.heard] == ["ten_seconds", "day", "day"]
    assert all(told.limit and told.left and told.left <= told.limit for told in budget.heard)


def test_what_the_budget_does_not_allow_is_not_sent(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    there = credentials("hubspot", hubspot.sandbox.url)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE, Shared(budget=Counted(empty=True)))

    [written] = crm.write([Write(hubspot.key(lead), {"rule": "By turns"})])

    assert (written.outcome, written.after, crm.calls) == ("later", 3.0, 0)


TEN_SECONDLY = {"message": "limit", "policyName": "TEN_SECONDLY_ROLLING"}


@pytest.mark.parametrize(
    ("answer", "call", "search"),
    [
        pytest.param(Answer(TEN_SECONDLY, 429), [("call", 10.0)], [("search", 1.0)], id="a 429"),
        pytest.param(
            Answer({"policyName": "DAILY"}, 429),
            [("call", 57_600.0), ("search", 57_600.0)],
            [("call", 57_600.0), ("search", 57_600.0)],
            id="the day's limit ends at the account's midnight",
        ),
        pytest.param(
            Answer({}, 429, {"Retry-After": "4"}), [("call", 4.0)], [("search", 4.0)], id="as long as it says"
        ),
        pytest.param(
            Answer({}, 477, {"Retry-After": "600"}),
            [("call", 600.0), ("search", 600.0)],
            [("call", 600.0), ("search", 600.0)],
            id="a migration",
        ),
        pytest.param(
            Answer({}, 503, {"Retry-After": "9"}),
            [("call", 9.0), ("search", 9.0)],
            [("call", 9.0), ("search", 9.0)],
            id="an outage",
        ),
        pytest.param(Answer({}, 423), [], [], id="one record is locked"),
        pytest.param(Answer({}, 429, {"Retry-After": "nan"}), [("call", 10.0)], [("search", 1.0)], id="no number"),
    ],
)
def test_a_refusal_is_told_to_the_others_and_nobody_sleeps(
    answer: Answer, call: list[tuple[str, float]], search: list[tuple[str, float]]
) -> None:
    with answering(lambda asked: Answer(DETAILS) if "account-info" in asked.path else answer) as server:
        heard = []
        for ask in (lambda portal: portal.update("contacts", []), lambda portal: portal.search("contacts", {})):
            budget = Counted()
            portal = Portal(Credentials(server.url, "pat"), Shared(budget=budget))
            portal.sign_in()
            with pytest.raises(TryLater):
                ask(portal)
            heard.append(budget.refusals)

    assert heard == [call, search]


# Answers that are none


NONE = [
    pytest.param(Answer(b"<html>Just a moment</html>"), id="HTML"),
    pytest.param(Answer(b'{"results": [{"id": "5'), id="cut off"),
    pytest.param(Answer(b"[" * 100_000), id="nested deeply"),
    pytest.param(Answer({"status": "error", "message": "internal error"}), id="an error in a 200"),
    pytest.param(Answer([]), id="a list"),
    pytest.param(Answer({}), id="nothing in it"),
    pytest.param(Answer(b"<html>\xe4</html>", 502), id="HTML that is no text, with a 502"),
]


@pytest.mark.parametrize("answer", NONE)
def test_an_answer_that_is_none_leaves_a_write_unknown(answer: Answer) -> None:
    with answering(lambda _: answer) as server, pytest.raises(Unknown):
        Portal(Credentials(server.url, "pat")).update("contacts", [{"id": "1", "properties": {}}])


@pytest.mark.parametrize("answer", NONE)
def test_an_answer_that_is_none_lets_a_read_be_tried_later(answer: Answer) -> None:
    with answering(lambda _: answer) as server, pytest.raises(TryLater):
        Portal(Credentials(server.url, "pat")).read_each("contacts", ["1"], ())

    assert len(server.asked) == 2


def test_any_2xx_is_an_answer() -> None:
    with answering(lambda _: Answer({"results": [{"id": 5, "properties": {}}]}, 201)) as server:
        found = Portal(Credentials(server.url, "pat")).read_each("contacts", ["5"], ()).found

    assert list(found) == ["5"]


def test_a_record_that_could_not_be_read_just_now_is_not_taken_for_one_that_is_gone() -> None:
    row = {"status": "error", "category": "INTERNAL_ERROR", "message": "try again", "context": {"ids": ["5"]}}
    with answering(lambda _: Answer({"results": [], "errors": [row]}, 207)) as server:
        read = Portal(Credentials(server.url, "pat")).read_each("contacts", ["5"], ())

    assert read.later == {"5": "HubSpot: try again"}


def test_a_refused_scope_is_named() -> None:
    body = {"message": "No.", "category": "MISSING_SCOPES", "context": {"requiredGranularScopes": ["crm.lists.read"]}}
    with answering(lambda _: Answer(body, 403)) as server, pytest.raises(Refused, match=r"crm\.lists\.read"):
        Portal(Credentials(server.url, "pat")).read_each("contacts", ["5"], ())
