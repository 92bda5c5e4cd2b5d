"""Salesforce's outbound messages: SOAP notifications of up to 100 records, sent again until they are acknowledged.

Nothing is signed. What shows that one is genuine is the last part of the address, which nobody else knows, and the
org's id. It is taken as a wake-up and no more: it names leads, and each is read again, for a message holds what the
record was when it was sent, and may come late or twice.
"""

import hmac
from collections import Counter
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.base import Credentials, Delivery, Heard, NotGenuine, NotReadable, Refused
from connectors.salesforce import soql
from connectors.salesforce.records import CRM
from connectors.salesforce.sightings import CROWD
from connectors.salesforce.sign_in import WEBHOOK_SECRET
from domain.leads import LeadKey, Seen
from domain.mapping import CrmMapping

LARGEST = 1 << 20
"""bytes; a hundred leads with long descriptions are a fifth of that"""
MOST = 100
"""notifications of one message"""
SHORTEST_SECRET = 20

_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ANY = "{*}"

ACKNOWLEDGED = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)
"""One acknowledgement covers all notifications of the message. Anything else makes Salesforce send it again."""


def hear(delivery: Delivery, credentials: Credentials, mapping: CrmMapping, account: str, now: datetime) -> Heard:
    """The leads of our object that the message names; `now` is machine time.

    Refused where no secret is set, NotGenuine for a wrong one or another org, NotReadable for what is no message.
    """
    _check_secret(delivery, credentials)
    message = _message(delivery.body)
    organization = (message.findtext(f"{_OUTBOUND}OrganizationId") or "").strip()
    if not soql.is_id(organization) or soql.short(organization) != soql.short(account):
        raise NotGenuine("an outbound message of another org")
    notifications = message.findall(f"{_OUTBOUND}Notification")
    if len(notifications) > MOST:
        raise NotReadable(f"an outbound message of {len(notifications)} notifications; Salesforce sends at most {MOST}")
    passed_over: Counter[str] = Counter()
    named: dict[str, str] = {}
    for notification in notifications:
        event, kind, lead = _parts(notification)
        if kind != mapping.object:
            passed_over[f"about {kind or 'nothing'}, and leads are {mapping.object}"] += 1
        elif not soql.is_id(event) or not soql.is_id(lead):
            passed_over["without the id of a record"] += 1
        else:
            named[event] = lead
    seen = tuple(
        Seen(LeadKey(CRM, account, mapping.object, lead), now, f"{CRM}:{account}:{event}", hot=len(named) <= CROWD)
        for event, lead in named.items()
    )
    return Heard(seen, passed_over, ACKNOWLEDGED, "text/xml")


def _check_secret(delivery: Delivery, credentials: Credentials) -> None:
    secret = credentials.extra.get(WEBHOOK_SECRET, "")
    if len(secret) < SHORTEST_SECRET:
        raise Refused(
            f"outbound messages are not taken: set SALESFORCE_WEBHOOK_SECRET to at least {SHORTEST_SECRET} characters"
            " that nobody can guess, and put them at the end of the message's address (…/salesforce/webhook/SECRET)"
        )
    if not hmac.compare_digest(secret.encode(), delivery.secret.encode()):
        raise NotGenuine("the end of the address is not the secret in SALESFORCE_WEBHOOK_SECRET")


def _message(body: bytes) -> Any:
    """The element with the notifications."""
    try:
        envelope = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise NotReadable("an outbound message with a document type: Salesforce sends none") from error
    except (ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that there is not
        raise NotReadable(f"not XML: {error}") from error
    message = envelope.find(f"{_SOAP}Body/{_OUTBOUND}notifications") if envelope.tag == f"{_SOAP}Envelope" else None
    if message is None:
        raise NotReadable("XML, but no outbound message")
    return message


def _parts(notification: Any) -> tuple[str, str, str]:
    """(the notification's id, the object, the record's id); empty where it does not say."""
    record = notification.find(f"{_OUTBOUND}sObject")
    if record is None:
        return "", "", ""
    event, lead = notification.findtext(f"{_OUTBOUND}Id") or "", record.findtext(f"{_ANY}Id") or ""
    kind = record.get(_TYPE, "").rpartition(":")[2]  # `sf:Lead`
    return event.strip(), kind, lead.strip()
