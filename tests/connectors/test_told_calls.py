"""Aircall's and Twilio's webhooks: only genuine ones count, and each call is told as it was."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from connectors.base import Delivery, NotGenuine, NotReadable
from connectors.telephony import aircall, twilio
from domain.activities import Call, joined_calls

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECRET = "45XXYYZZa08"
URL = "https://leads.acme.example/twilio/webhook"
START = int(NOW.timestamp())


def aircalls(told: object, token: str = SECRET) -> list[Call]:
    body = json.dumps({"resource": "call", "event": "call.ended", "token": token, "data": told}).encode()
    return aircall.heard(Delivery("POST", URL, "", {}, body), SECRET, NOW)


DATA = {
    "id": 812, "direction": "outbound", "status": "done", "started_at": START, "answered_at": START + 7,
    "ended_at": START + 67, "duration": 67, "voicemail": None, "raw_digits": "+49 30 555001",
    "user": {"id": 1, "name": "Ana", "email": "ana@acme.example"}, "number": {"digits": "+49 30 999000"},
    "contact": {"emails": [{"label": "Work", "value": "Kim@firm.example"}]},
}  # fmt: skip


def test_a_call_of_aircall_is_told_as_it_was() -> None:
    assert aircalls(DATA) == [
        Call(
            "812", NOW, "outbound", "+49 30 555001", "ana@acme.example", 60, "human", "+49 30 999000",
            addresses=("kim@firm.example",),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "who"),
    [
        pytest.param({"answered_at": None}, "nobody", id="missed"),
        pytest.param({"voicemail": "https://x.example/v.mp3"}, "machine", id="a message was left"),
        pytest.param({"answered_at": START + 67}, "nobody", id="answered for no second"),
        pytest.param({"user": None, "contact": None, "number": None}, "human", id="nothing but the call is known"),
    ],
)
def test_who_answered_a_call_of_aircall(changed: dict[str, object], who: str) -> None:
    ([call]) = aircalls(DATA | changed)
    assert call.answered_by == who


def test_other_events_of_aircall_are_genuine_and_tell_of_no_call() -> None:
    body = json.dumps({"event": "call.created", "token": SECRET, "data": DATA}).encode()
    assert aircall.heard(Delivery("POST", URL, "", {}, body), SECRET, NOW) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 7}', b'{"token": "wrong"}', b"[" * 100_000])
def test_what_does_not_carry_the_token_is_not_aircalls(body: bytes) -> None:
    with pytest.raises(NotGenuine):
        aircall.heard(Delivery("POST", URL, "", {}, body), SECRET, NOW)


@pytest.mark.parametrize("data", [None, {}, {"id": 1, "started_at": "soon"}, {"id": 1, "started_at": 10**30}])
def test_a_genuine_call_that_nobody_can_read_is_said_to_be_so(data: object) -> None:
    with pytest.raises(NotReadable):
        aircalls(data)


# --- Twilio -------------------------------------------------------------------------------------------------------


def test_our_signature_is_twilios() -> None:
    """The worked example of twilio.com/docs/usage/security."""
    values = [
        ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"), ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio.signed("12345", url, values) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def twilios(url: str = URL, signs: str | None = None, secret: str = SECRET, **values: str) -> list[Call]:
    told = {
        "CallSid": "CA1", "CallStatus": "completed", "Direction": "outbound-api", "From": "+4930999000",
        "To": "+4930555001", "CallDuration": "60", "Timestamp": "Mon, 23 Nov 2026 09:01:00 +0000",
    } | values  # fmt: skip
    headers = {"X-Twilio-Signature": twilio.signed(secret, signs or url, list(told.items()))}
    return twilio.heard(Delivery("POST", url, "", headers, urlencode(told).encode()), SECRET, NOW)


def test_a_call_of_twilio_is_told_as_it_was() -> None:
    assert twilios() == [Call("CA1", NOW, "outbound", "+4930555001", None, 60, "human", "+4930999000")]


@pytest.mark.parametrize("signs", [URL, URL.replace(".example/", ".example:443/")])
def test_the_usual_port_may_be_part_of_what_is_signed(signs: str) -> None:
    assert len(twilios(signs=signs)) == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({}, b"CallSid=CA1", id="no signature"),
        pytest.param({"X-Twilio-Signature": "Ünicode"}, b"CallSid=CA1", id="a signature that is none"),
        pytest.param({"X-Twilio-Signature": twilio.signed("other", URL, [("A", "1")])}, b"A=1", id="another secret"),
        pytest.param({"X-Twilio-Signature": twilio.signed(SECRET, URL, [("A", "1")])}, b"A=2", id="another body"),
        pytest.param({"X-Twilio-Signature": twilio.signed(SECRET, URL + "?x", [("A", "1")])}, b"A=1", id="address"),
        pytest.param({"X-Twilio-Signature": "x"}, b"\xff=1", id="no text"),
    ],
)
def test_a_forged_delivery_is_not_twilios(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotGenuine):
        twilio.heard(Delivery("POST", URL, "", headers, body), SECRET, NOW)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"AnsweredBy": "machine_end_beep"}, ("outbound", "+4930555001", None, "machine"), id="a mailbox"),
        pytest.param({"CallStatus": "no-answer"}, ("outbound", "+4930555001", None, "nobody"), id="in vain"),
        pytest.param(
            {"From": "client:ana", "Direction": "inbound"},
            ("outbound", "+4930555001", "client:ana", "nobody"),
            id="the leg of our own phone in the browser",
        ),
        pytest.param(
            {"Direction": "inbound", "From": "+4930555001", "To": "+4930999000"},
            ("inbound", "+4930555001", None, "machine"),
            id="Twilio itself answers who rings in",
        ),
        pytest.param(
            {"Direction": "outbound-dial", "From": "+4930555001", "To": "client:ana", "ParentCallSid": "CA0"},
            ("inbound", "+4930555001", "client:ana", "human"),
            id="and puts the call through",
        ),
    ],
)
def test_what_a_leg_of_twilio_tells(values: dict[str, str], expected: tuple[str, str, str | None, str]) -> None:
    ([call]) = twilios(**values)
    assert (call.direction, call.number, call.agent, call.answered_by) == expected


def test_both_legs_of_a_call_out_of_the_browser_are_one_call_of_its_owner() -> None:
    ([ours]) = twilios(Direction="inbound", From="client:ana", CallDuration="75")
    ([theirs]) = twilios(Direction="outbound-dial", CallSid="CA2", ParentCallSid="CA1")
    for both in (joined_calls(ours, theirs), joined_calls(theirs, ours)):
        assert (both.id, both.direction, both.number, both.agent) == ("CA1", "outbound", "+4930555001", "client:ana")
        assert (both.answered_by, both.talk_seconds, both.started_at) == ("human", 60, NOW - timedelta(seconds=15))


def test_a_call_that_is_not_over_tells_nothing_yet() -> None:
    assert twilios(CallStatus="in-progress") == []


def test_a_genuine_callback_that_nobody_can_read_is_said_to_be_so() -> None:
    with pytest.raises(NotReadable):
        twilios(CallDuration="long")
