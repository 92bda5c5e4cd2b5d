"""The CRMs we can connect to. Adding one: its folder, its line here, its entry in `domain.mapping`, its dialect in
the sandbox."""

from collections.abc import Mapping
from typing import Protocol

from connectors.base import Credentials, Crm, SignIn
from connectors.hubspot.crm import HubSpot
from connectors.salesforce.crm import Salesforce
from domain.mapping import CrmMapping


class Connector(Protocol):
    """The class of a CRM: makes a `Crm`, and says which variables hold its credentials."""

    signs_in_with: SignIn

    def __call__(self, credentials: Credentials, mapping: CrmMapping, not_people: frozenset[str]) -> Crm: ...


CRMS: Mapping[str, Connector] = {
    "salesforce": Salesforce,
    "hubspot": HubSpot,
}


def connect(name: str, credentials: Credentials, mapping: CrmMapping, not_people: frozenset[str]) -> Crm:
    """The CRM of that name (KeyError where there is none); nothing is sent before the first question.

    `not_people` are addresses of users that never count as an owner.
    """
    return CRMS[name](credentials, mapping, not_people)
