"""Telling people: on a terminal, and in Slack."""

import io
from typing import Any

import pytest
import requests
import responses

from connectors.base import ConnectorError, Refused, TryLater, Unknown
from connectors.notify.slack import Slack
from connectors.notify.terminal import Terminal
from tests.sandbox_process import SandboxProcess

HOOK = "https://hooks.slack.example/services/T0/B0/secret"


def test_a_terminal_shows_one_line_per_message_whatever_is_in_it() -> None:
    stream = io.StringIO()

    Terminal(stream).send("assigned", ["ana@acme.example"], "Bank AG\n\x1b[2J is yours")

    assert stream.getvalue() == "assigned: Bank AG  [2J is yours (to ana@acme.example)\n"


def test_slack_receives_the_sentence(sandbox: SandboxProcess) -> None:
    sandbox.reset()

    Slack(f"{sandbox.url}/slack/hook/T1").send("assigned", ["ana@acme.example"], "Bank AG is yours")

    [message] = sandbox.control("GET", "/slack")
    assert message["text"] == "Bank AG is yours (assigned: ana@acme.example)"


def test_a_leads_name_calls_nobody_in_the_channel(sandbox: SandboxProcess) -> None:
    sandbox.reset()

    Slack(f"{sandbox.url}/slack/hook/T1").send("assigned", [], "<!channel> & <https://evil.example|click>")

    [message] = sandbox.control("GET", "/slack")
    assert "<" not in message["text"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"status": 429, "headers": {"Retry-After": "30"}}, TryLater, id="too fast"),
        pytest.param({"status": 404, "body": "no_team"}, Refused, id="the hook was removed"),
        pytest.param({"status": 400, "body": "invalid_payload"}, Refused, id="a payload it does not take"),
        pytest.param({"status": 500}, Unknown, id="their fault"),
        pytest.param({"body": requests.ReadTimeout()}, Unknown, id="no answer in time"),
        pytest.param({"body": requests.ConnectTimeout()}, TryLater, id="could not connect"),
    ],
)
def test_what_slacks_answers_mean(answer: dict[str, Any], error: type[ConnectorError]) -> None:
    with responses.RequestsMock() as mocked:
        mocked.post(HOOK, **answer)

        with pytest.raises(error) as raised:
            Slack(HOOK).send("assigned", [], "text")

    assert "secret" not in str(raised.value)
    assert getattr(raised.value, "after", None) == (30 if "headers" in answer else None)
