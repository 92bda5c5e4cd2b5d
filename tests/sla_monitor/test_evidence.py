"""What counts as an attempt and as contact, and why the rest does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from domain.activities import Activity
from domain.leads import LeadKey
from sla_monitor.clock import Evidence, met_by, weigh
from sla_monitor.policy import CountsAs, Tier

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANA, BEN = "ana@acme.example", "ben@acme.example"
LEAD = LeadKey("salesforce", "acme", "Lead", "00Q1")

CALL = Activity(
    "call-1",
    "salesforce",
    LEAD,
    "call",
    NINE + timedelta(minutes=5),
    NINE + timedelta(minutes=6),
    by=ANA,
    direction="outbound",
    talk_seconds=120,
    answered=True,
)
MAIL = replace(CALL, id="mail-1", kind="email", talk_seconds=None, answered=None)
REPLY = replace(MAIL, id="reply-1", direction="inbound", by=None, reply=True)
MEETING = replace(MAIL, id="meeting-1", kind="meeting", direction=None, held=True)


def test_what_lies_in_the_future_does_not_count_before_its_time() -> None:
    planned = replace(CALL, happened_at=NINE + timedelta(hours=2))
    ahead = replace(CALL, id="call-2", happened_at=NINE + timedelta(minutes=3))
    now = weigh([planned, ahead], CountsAs(), NINE, ANA, NINE)
    assert (now.first_contact, now.attempts) == (ahead, 1)
    assert now.refused == ((planned.id, "it has not happened yet"),)
    assert weigh([planned], CountsAs(), NINE, ANA, planned.happened_at).first_contact == planned


def weighed(*activities: Activity, counts: CountsAs | None = None) -> Evidence:
    return weigh(activities, counts or CountsAs(), NINE, ANA)


def proves(activity: Activity, counts: CountsAs | None = None) -> str:
    evidence = weighed(activity, counts=counts)
    parts = {"attempt": evidence.first_attempt, "contact": evidence.first_contact}
    return " and ".join(name for name, found in parts.items() if found) or "nothing"


@pytest.mark.parametrize(
    ("activity", "proof"),
    [
        pytest.param(CALL, "attempt and contact", id="a call that was answered"),
        pytest.param(replace(CALL, talk_seconds=30), "attempt and contact", id="for just long enough"),
        pytest.param(replace(CALL, talk_seconds=29), "attempt", id="for a second too little"),
        pytest.param(replace(CALL, talk_seconds=0), "attempt", id="answered for no second at all"),
        pytest.param(replace(CALL, answered=False), "attempt", id="voicemail is no contact, however long"),
        pytest.param(replace(CALL, answered=None, talk_seconds=None), "attempt", id="nobody knows how it went"),
        pytest.param(replace(CALL, talk_seconds=None), "attempt", id="answered for an unknown time"),
        pytest.param(replace(CALL, answered=None), "attempt and contact", id="connected for long enough"),
        pytest.param(replace(CALL, direction=None), "attempt and contact", id="logged by hand without a direction"),
        pytest.param(replace(CALL, direction="inbound"), "contact", id="the lead called and was answered"),
        pytest.param(replace(CALL, direction="inbound", answered=False), "nothing", id="the lead called in vain"),
        pytest.param(MAIL, "attempt", id="a mail"),
        pytest.param(REPLY, "contact", id="a reply"),
        pytest.param(replace(REPLY, reply=False), "nothing", id="a mail from the lead that is no reply"),
        pytest.param(replace(REPLY, direction=None), "contact", id="a reply without a direction"),
        pytest.param(replace(MAIL, reply=True), "attempt", id="our own answer to the lead"),
        pytest.param(replace(MAIL, kind="message"), "attempt", id="a message"),
        pytest.param(MEETING, "contact", id="a meeting that was held"),
        pytest.param(replace(MEETING, held=False), "nothing", id="a meeting that was not"),
        pytest.param(replace(MAIL, kind="task"), "nothing", id="a task"),
        pytest.param(replace(MAIL, kind="note"), "nothing", id="a note"),
        pytest.param(replace(MAIL, automated=True), "nothing", id="a mail of a sequence"),
        pytest.param(replace(REPLY, automated=True), "nothing", id="an out-of-office reply"),
        pytest.param(replace(CALL, happened_at=NINE - timedelta(seconds=1)), "nothing", id="before the assignment"),
        pytest.param(replace(CALL, happened_at=NINE), "attempt and contact", id="in the second of the assignment"),
        pytest.param(replace(CALL, by=BEN), "attempt and contact", id="by a colleague"),
        pytest.param(replace(MAIL, by=BEN), "nothing", id="a mail that a colleague wrote"),
        pytest.param(replace(MAIL, by=None), "attempt", id="a mail of nobody knows whom"),
        pytest.param(replace(CALL, confidence=0.6), "attempt", id="somebody at the company's number answered"),
        pytest.param(replace(CALL, by=None), "attempt and contact", id="by nobody knows whom"),
    ],
)
def test_what_an_activity_proves(activity: Activity, proof: str) -> None:
    assert proves(activity) == proof


@pytest.mark.parametrize(
    ("activity", "counts", "proof"),
    [
        pytest.param(replace(CALL, answered=False), CountsAs(call_dialled=False), "nothing", id="dialling"),
        pytest.param(MAIL, CountsAs(email_outbound=False), "nothing", id="mails"),
        pytest.param(replace(MAIL, kind="message"), CountsAs(message_outbound=False), "nothing", id="messages"),
        pytest.param(REPLY, CountsAs(reply_received=False), "nothing", id="replies"),
        pytest.param(MEETING, CountsAs(meeting_held=False), "nothing", id="meetings"),
        pytest.param(CALL, CountsAs(answered_at_least=180), "attempt", id="two minutes of three"),
    ],
)
def test_the_configuration_says_what_does_not_count(activity: Activity, counts: CountsAs, proof: str) -> None:
    assert proves(activity, counts) == proof


@pytest.mark.parametrize(
    ("activity", "reason"),
    [
        (replace(MAIL, automated=True), "automated: no person did this"),
        (
            replace(MAIL, automated=True, why_automated="an out-of-office reply"),
            "automated: an out-of-office reply",
        ),
        (replace(MAIL, by=BEN), f"written by {BEN}, and not by the owner"),
        (
            replace(CALL, confidence=0.6),
            "by the company's number: somebody there answered, and nobody knows whether it was the lead",
        ),
        (replace(CALL, happened_at=NINE - timedelta(hours=1)), "before the assignment"),
        (replace(CALL, direction="inbound", answered=False), "inbound call that nobody answered"),
        (replace(CALL, answered=None, talk_seconds=0), "outbound call that nobody answered"),
        (replace(CALL, talk_seconds=0), "too short for contact: 0 s of 30 s"),
        (replace(CALL, talk_seconds=None), "answered, but for how long is not known"),
        (replace(REPLY, reply=False), "email from the lead that is no reply"),
        (replace(MEETING, held=False), "a meeting that was not held"),
        (replace(MAIL, kind="note"), "a note proves neither attempt nor contact"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_count_is_named_with_the_reason(activity: Activity, reason: str) -> None:
    assert weighed(activity).refused == ((activity.id, reason),)


def test_work_by_a_colleague_counts_for_the_lead_and_is_named() -> None:
    evidence = weighed(replace(CALL, by=BEN), MAIL)
    assert evidence.by_others == (("call-1", BEN),)


def test_the_first_of_each_kind_is_found_and_attempts_are_counted() -> None:
    short = replace(CALL, id="call-0", happened_at=NINE + timedelta(minutes=1), talk_seconds=5)
    later = replace(CALL, id="call-2", happened_at=NINE + timedelta(minutes=9))
    evidence = weighed(short, CALL, later)
    assert (evidence.first_attempt, evidence.first_contact, evidence.attempts) == (short, CALL, 3)


def test_a_call_that_the_crm_and_the_telephone_system_tell_of_is_one_attempt() -> None:
    logged = replace(CALL, id="00T1", happened_at=CALL.happened_at + timedelta(seconds=40))
    again = replace(CALL, id="cdr:2", happened_at=CALL.happened_at + timedelta(minutes=3))
    assert weighed(CALL, logged, MAIL, again).attempts == 3


def test_neither_order_nor_repetition_matters() -> None:
    activities = [CALL, MAIL, REPLY, replace(MAIL, kind="note", id="note-1")]
    assert len({weighed(*order, order[0]) for order in permutations(activities)}) == 1


@pytest.mark.parametrize(
    ("needed", "activities", "expected"),
    [
        pytest.param("attempt", [MAIL], MAIL, id="an attempt is enough"),
        pytest.param("contact", [MAIL], None, id="an attempt is not contact"),
        pytest.param("contact", [MAIL, REPLY], REPLY, id="contact"),
        pytest.param("attempt", [REPLY], REPLY, id="contact is more than an attempt"),
        pytest.param("attempt", [], None, id="nothing"),
    ],
)
def test_what_meets_a_first_response(needed: str, activities: list[Activity], expected: Activity | None) -> None:
    tier = Tier("hot", met_by="contact" if needed == "contact" else "attempt")
    assert met_by(tier, weighed(*activities)) == expected


def test_the_earlier_of_attempt_and_contact_meets_an_attempt() -> None:
    called_in = replace(CALL, id="call-0", direction="inbound", happened_at=NINE + timedelta(minutes=1))
    assert met_by(Tier("hot", met_by="attempt"), weighed(CALL, called_in)) == called_in
