"""Companies we know, and who has to do with them, as mirrored from the CRMs."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Account:
    """A company in a CRM. `owner` is an e-mail address (lower case) where the owner is an active person."""

    crm: str
    id: str
    name: str
    domain: str | None = None
    owner: str | None = None
    is_customer: bool = False
    tier: str | None = None
    industry: str | None = None
    employees: int | None = None
    country: str | None = None
    parent: str | None = None
    """the id of the company above it"""
    postcode: str | None = None
    city: str | None = None
    phone: str | None = None


OPEN_OPPORTUNITY = "open_opportunity"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody's part in a company: `role` is OPEN_OPPORTUNITY (he owns one there) or that in its team (`role_key`).
    `id` is the CRM's record of it, `person` an e-mail address (lower case), `since` when it was made (UTC)."""

    crm: str
    id: str
    account: str
    role: str
    person: str
    since: datetime


def role_key(role: str) -> str:
    """A role as `config/` names it: `Account Manager` is `account_manager`."""
    return re.sub(r"\W+", "_", role.strip().casefold()).strip("_")


@dataclass(frozen=True, slots=True)
class AccountMatch:
    """Which account a lead belongs to, and why; or why none was taken (`account` is None).

    `by` is the strongest thing that they have in common. `candidates` names the accounts that were considered, for the
    explanation. `confidence` is between 0 and 1 (docs/matching.md says how to read it); 0 where none was taken.
    """

    account: Account | None
    by: Literal["email", "domain", "name", "phone", "none", "ambiguous"]
    reason: str
    candidates: tuple[str, ...] = ()
    confidence: float = 0.0


SameBy = Literal["email", "phone", "name", "company"]
"""What two leads have in common: the mailbox; the phone, with the last name or the company; the full name and the
company; the domain of the company."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An earlier lead of the same person or company: its owner keeps the new one."""

    lead: str
    owner: str
    by: SameBy
