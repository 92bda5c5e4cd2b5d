"""The demo's outside world: both stand-in CRMs with their users and accounts, and the people who write to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from connectors.hubspot.records import field_name as in_hubspot
from connectors.salesforce.records import field_name as in_salesforce
from scripts.demo.leads import Company, Inquiry

CRMS = ("salesforce", "hubspot")
_TIMEOUT = 60.0  # seconds; the seeding of thousands of accounts is one call
_CHUNK = 500

INQUIRY_TYPE = "inquiry_type"


class StageError(Exception):
    """The sandbox did not do what the demo asked of it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The sandbox's control API. `users` maps CRM -> e-mail address -> user id."""

    url: str
    users: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call of the control API; its JSON answer, None where there is none."""
        answer = requests.request(method, self.url + path, json=body, timeout=_TIMEOUT)
        if not answer.ok:
            raise StageError(f"the sandbox refused {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def hire(self, people: Mapping[str, str]) -> None:
        """Make users (e-mail address -> name) of both CRMs."""
        rows = [{"email": email, "name": name} for email, name in people.items()]
        for crm in CRMS:
            ids = self.call("POST", f"/sandbox/{crm}/users", rows)
            self.users[crm] = dict(zip(people, ids, strict=True))

    def open_accounts(self, accounts: Sequence[Company]) -> None:
        """Both CRMs know every account; an account without an owner belongs to the integration user or to nobody."""
        for crm in CRMS:
            rows = [_account(crm, company, self.users[crm].get(company.owner)) for company in accounts]
            for at in range(0, len(rows), _CHUNK):
                self.call("POST", f"/sandbox/{crm}/accounts", rows[at : at + _CHUNK])

    def inquire(self, crm: str, inquiries: Sequence[Inquiry]) -> list[str]:
        """People fill in forms; the ids of the new records."""
        ids: list[str] = self.call("POST", f"/sandbox/{crm}/leads", [_lead(crm, one) for one in inquiries])
        return ids

    def calls_made(self) -> int:
        """API calls that both CRMs have answered since they were last counted from zero."""
        counted = self.call("GET", "/sandbox/calls")
        return sum(int(counted[crm]) for crm in CRMS)

    def leads(self, crm: str) -> list[dict[str, Any]]:
        """Every lead as the CRM's own people see it."""
        rows: list[dict[str, Any]] = self.call("GET", f"/sandbox/{crm}/leads")
        return rows

    def all_leads(self) -> dict[str, list[dict[str, Any]]]:
        """The same of every CRM."""
        return {crm: self.leads(crm) for crm in CRMS}


def shown(crm: str, row: Mapping[str, Any], name: str) -> object:
    """What a lead's record shows in one of Fairlead's fields, such as `tier`; None where it is empty."""
    return row.get(in_salesforce(name) if crm == "salesforce" else in_hubspot(name))


def _account(crm: str, company: Company, owner: str | None) -> dict[str, str]:
    if crm == "salesforce":
        row = {
            "Name": company.name,
            "Website": company.domain,
            "BillingCountry": company.country,
            "BillingPostalCode": company.postcode,
            "Industry": company.industry,
            "OwnerId": owner or "",
        }
    else:
        row = {
            "name": company.name,
            "domain": company.domain,
            "country": company.country,
            "zip": company.postcode,
            "hubspot_owner_id": owner or "",
        }
    return _filled(row)


def _lead(crm: str, one: Inquiry) -> dict[str, str]:
    company = one.company
    if crm == "salesforce":
        row = {
            "FirstName": one.first,
            "LastName": one.last,
            "Email": one.email,
            "Company": company.name,
            "Website": company.domain,
            "Country": company.country,
            "City": company.city,
            "PostalCode": company.postcode,
            "Industry": company.industry,
            "NumberOfEmployees": _head_count(company.employees),
            "LeadSource": one.source,
            "Title": one.title,
            "Phone": one.phone,
        }
    else:
        row = {
            "firstname": one.first,
            "lastname": one.last,
            "email": one.email,
            "company": company.name,
            "website": company.domain,
            "country": company.country,
            "city": company.city,
            "zip": company.postcode,
            "numemployees": _band(company.employees),
            INQUIRY_TYPE: one.source,
            "jobtitle": one.title,
            "phone": one.phone,
        }
    return _filled(row)


def _head_count(text: str) -> str:
    """Salesforce's field is a number: a form that offers bands sends the lower end."""
    digits = text.split(" to ")[0].replace(".", "").replace(",", "").split(" ")[0]
    return digits if digits.isdigit() else ""


def _band(text: str) -> str:
    """HubSpot's own field offers these bands and nothing else."""
    count = _head_count(text)
    if not count:
        return ""
    return next((band for least, band in _BANDS if int(count) >= least), "")


_BANDS = (
    (1000, "1000+"),
    (500, "500-1000"),
    (100, "100-500"),
    (50, "50-100"),
    (25, "25-50"),
    (5, "5-25"),
    (1, "1-5"),
)


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value}
