"""The CRMs we can connect to. Adding one: its folder, its line here, its dialect in the sandbox
(docs/developers/add-a-crm.md)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from connectors.base import Credentials, Crm, Delivery, Heard, Limits, Shared, SignIn
from connectors.hubspot.crm import HubSpot
from connectors.rest.crm import Rest
from connectors.salesforce.crm import Salesforce
from domain.mapping import CrmMapping


class Connector(Protocol):
    """The class of a CRM: makes a `Crm`, says which variables hold its credentials, and reads what the CRM sends."""

    signs_in_with: SignIn
    limits: Limits
    """until an answer tells others"""
    largest_delivery: int
    """bytes; a larger body is refused with 413 before it is read to its end. Zero: this CRM sends nothing, and its
    address is answered with 404"""

    def __call__(
        self, credentials: Credentials, mapping: CrmMapping, not_people: frozenset[str], shared: Shared
    ) -> Crm: ...

    def hear(
        self, delivery: Delivery, credentials: Credentials, mapping: CrmMapping, account: str, now_machine: datetime
    ) -> Heard:
        """What a delivery says. NotGenuine or NotReadable; Refused where this CRM is not set up to send any."""
        ...


CRMS: Mapping[str, Connector] = {
    "salesforce": Salesforce,
    "hubspot": HubSpot,
    "rest": Rest,
}


def connect(
    name: str, credentials: Credentials, mapping: CrmMapping, not_people: frozenset[str], shared: Shared | None = None
) -> Crm:
    """The CRM of that name (KeyError where there is none); nothing is sent before the first question.

    `not_people` are addresses of users that never count as an owner. Without `shared` it works alone.
    """
    return CRMS[name](credentials, mapping, not_people, shared or Shared())
