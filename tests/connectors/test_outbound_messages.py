"""What Salesforce's outbound messages may say: only a genuine one, and no more than which leads to read."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from connectors.base import Credentials, Delivery, Heard, NotGenuine, NotReadable, Refused
from connectors.salesforce.crm import Salesforce
from connectors.salesforce.outbound_messages import LARGEST, MOST
from connectors.salesforce.sightings import CROWD
from tests.connectors.stage import mapping_of

SECRET = "nobody-can-guess-this-1234"
ORG = "00D5g0000000001EAA"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)

LEAD, EVENT = "00Q1N00000bS2eOUAS", "04l1N00000HVEMpQAP"


def notification(lead: str = LEAD, event: str = EVENT, kind: str = "Lead") -> str:
    return (
        f"<Notification><Id>{event}</Id>"
        f'<sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        f"<sf:Id>{lead}</sf:Id><sf:Email>anna@firm.example</sf:Email></sObject></Notification>"
    )


def message(*notifications: str, org: str = ORG) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{org}</OrganizationId><ActionId>04k1N0000008pXOQAY</ActionId>"
        f'<SessionId xsi:nil="true"/>{"".join(notifications)}</notifications></soapenv:Body></soapenv:Envelope>'
    ).encode()


def heard(body: bytes, *, secret: str = SECRET, expected: str = SECRET, account: str = ORG) -> Heard:
    credentials = Credentials("https://acme.my.salesforce.com", "s", {"webhook_secret": expected})
    delivery = Delivery("POST", "https://leads.acme.example/salesforce/webhook/x", secret, {}, body)
    return Salesforce.hear(delivery, credentials, mapping_of("salesforce"), account, NOW)


def test_a_message_names_the_lead_that_is_to_be_read() -> None:
    [seen] = heard(message(notification())).seen

    assert (seen.key.account, seen.key.object, seen.key.id, seen.at, seen.hot) == (ORG, "Lead", LEAD, NOW, True)


def test_a_message_is_acknowledged_as_salesforce_wants_it() -> None:
    answer = heard(message(notification()))

    root = ElementTree.fromstring(answer.reply)
    assert root.findtext(".//{http://soap.sforce.com/2005/09/outbound}notificationsResponse/*") == "true"
    assert answer.media_type == "text/xml"


def test_a_notification_that_is_sent_again_is_the_same_event() -> None:
    [first] = heard(message(notification())).seen
    [again] = heard(message(notification())).seen
    [other] = heard(message(notification(event="04l1N00000HVEMqQAP"))).seen

    assert first.event == again.event != other.event


def test_the_short_form_of_the_orgs_id_is_the_same_org() -> None:
    assert heard(message(notification(), org=ORG[:15])).seen


def many(count: int) -> list[str]:
    return [notification(f"00Q1N{number:010}UAA", f"04l1N{number:010}QAA") for number in range(count)]


def test_a_hundred_leads_of_one_message_are_all_heard_and_are_an_import() -> None:
    seen = heard(message(*many(MOST))).seen

    assert len({one.key.id for one in seen}) == MOST
    assert not any(one.hot for one in seen)
    assert all(one.hot for one in heard(message(*many(CROWD))).seen)


def test_other_objects_and_what_has_no_id_are_passed_over_and_counted() -> None:
    answer = heard(
        message(notification(kind="Opportunity"), notification("1 OR 1=1"), notification(event=""), notification())
    )

    assert len(answer.seen) == 1
    assert sorted(answer.passed_over.values()) == [1, 2]
    assert answer.reply


@pytest.mark.parametrize("secret", ["", "nobody-can-guess-this-1235", "ü", SECRET + "x"])
def test_a_wrong_end_of_the_address_is_not_genuine(secret: str) -> None:
    with pytest.raises(NotGenuine):
        heard(message(notification()), secret=secret)


@pytest.mark.parametrize("org", ["00D5g0000000002EAA", "", "00D"])
def test_another_org_is_not_genuine(org: str) -> None:
    with pytest.raises(NotGenuine):
        heard(message(notification(), org=org))


@pytest.mark.parametrize("expected", ["", "short"])
def test_without_a_secret_worth_its_name_nothing_is_taken_and_the_variable_is_named(expected: str) -> None:
    with pytest.raises(Refused, match="SALESFORCE_WEBHOOK_SECRET"):
        heard(message(notification()), secret=expected, expected=expected)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><b>&c;</b>'
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><b>&a;</b>'

UNREADABLE: list[Any] = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"<html><body>Hello</body></html>", id="HTML"),
    pytest.param(b"<!doctype html><p>Hello", id="HTML of today"),
    pytest.param(message(notification())[:-30], id="cut off"),
    pytest.param(b'{"leads": []}', id="JSON"),
    pytest.param(BOMB.encode(), id="an XML bomb"),
    pytest.param(EXTERNAL.encode(), id="an external entity"),
    pytest.param(message(notification()).replace(b"?><soap", b"?><!DOCTYPE b><soap"), id="a document type"),
    pytest.param(b"<notifications/>", id="no envelope"),
    pytest.param(b'<?xml version="1.0" encoding="klingon"?><b/>', id="an encoding that there is not"),
    pytest.param(b"\x00\xff\xfe", id="no text"),
    pytest.param(b"<b>" * 5000, id="deep, and open"),
    pytest.param(message(*many(MOST + 1)), id="more than Salesforce sends"),
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_message_is_not_readable(body: bytes) -> None:
    with pytest.raises(NotReadable):
        heard(body)


def test_deep_xml_is_read_without_harm() -> None:
    deep = message("<a>" * 20_000 + "</a>" * 20_000, notification())

    assert len(heard(deep).seen) == 1


def test_the_largest_message_fits() -> None:
    long = notification().replace("<sf:Email>", f"<sf:Description>{'x' * 2000}</sf:Description><sf:Email>")

    assert len(message(*[long] * MOST)) < LARGEST
