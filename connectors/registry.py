"""The CRMs we can connect to. Adding one: its folder, its line here, and its dialect in the sandbox."""

from collections.abc import Callable, Mapping

from connectors.base import Credentials, Crm
from connectors.hubspot.crm import HubSpot
from connectors.salesforce.crm import Salesforce
from domain.mapping import CrmMapping

CRMS: Mapping[str, Callable[[Credentials, CrmMapping, frozenset[str]], Crm]] = {
    "salesforce": Salesforce,
    "hubspot": HubSpot,
}


def connect(name: str, credentials: Credentials, mapping: CrmMapping, not_people: frozenset[str]) -> Crm:
    """The CRM of that name (KeyError where there is none); nothing is sent before the first question.

    `not_people` are addresses of users that never count as an owner.
    """
    return CRMS[name](credentials, mapping, not_people)
