"""The SOAP envelope of an outbound message, and the acknowledgement that it asks for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from sandbox.salesforce.schema import Kind
from sandbox.salesforce.shown import value_of
from sandbox.store import Record

API = "59.0"
ADDRESS = "https://acme.my.salesforce.com"
_ACK = re.compile(rb"<(?:\w+:)?Ack>\s*true\s*</(?:\w+:)?Ack>", re.IGNORECASE)
# XML has no place for these, and Salesforce leaves them out too.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Notification:
    """What one element tells. `record` is None where it was deleted in the meantime: then there is no data."""

    id: str
    record: Record | None


def envelope(
    org_id: str, action: str, kind: Kind, fields: Sequence[str], notifications: Iterable[Notification]
) -> bytes:
    """The message about up to a hundred records. Ids have 18 characters; the addresses end in the org's short one."""
    api = f"{ADDRESS}/services/Soap"
    told = "".join(_notification(kind, fields, notification) for notification in notifications)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        " <soapenv:Body>\n"
        '  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
        f"   <OrganizationId>{org_id}</OrganizationId>\n"
        f"   <ActionId>{action}</ActionId>\n"
        '   <SessionId xsi:nil="true"/>\n'
        f"   <EnterpriseUrl>{api}/c/{API}/{org_id[:15]}</EnterpriseUrl>\n"
        f"   <PartnerUrl>{api}/u/{API}/{org_id[:15]}</PartnerUrl>\n"
        f"{told}"
        "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"
    ).encode()


def acknowledged(status: int, body: bytes) -> bool:
    """Whether the answer takes the whole message: one that says `Ack` false, or nothing, does not."""
    return status == 200 and _ACK.search(body) is not None


def _notification(kind: Kind, fields: Sequence[str], notification: Notification) -> str:
    record = notification.record
    head = f"   <Notification>\n    <Id>{notification.id}</Id>\n"
    if record is None:
        return f"{head}   </Notification>\n"
    elements = [f"     <sf:Id>{record.id}</sf:Id>\n"]
    for name in sorted(set(fields) - {"Id"}):
        field = kind.field(name)
        value = value_of(field)(record) if field else None
        if field and value is not None:  # empty fields are left out
            elements.append(f"     <sf:{field.name}>{_text(field.type, value)}</sf:{field.name}>\n")
    return (
        f'{head}    <sObject xsi:type="sf:{kind.name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n'
        f"{''.join(elements)}    </sObject>\n   </Notification>\n"
    )


def _text(type: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if type == "datetime":
        return str(value).replace("+0000", "Z")
    return escape(_NOT_IN_XML.sub("", str(value)))
