"""Earlier leads of the same person or company, whose owner keeps the new one.

The keys are also what the ledger files leads under, so that one query finds the earlier leads of a batch.
"""

from domain.accounts import Duplicate
from domain.leads import Lead, LeadKey
from router.accounts import domain_key, email_key


def person_of(lead: Lead) -> str | None:
    """What tells the lead's person from others: the e-mail address; None where there is none."""
    return email_key(lead.text("email"))


def company_of(lead: Lead, free_mail: frozenset[str]) -> str | None:
    """What tells the lead's company from others: its e-mail address's domain, unless anybody can have one there."""
    domain = domain_key(lead.text("email"))
    return domain if domain and domain not in free_mail else None


class EarlierLeads:
    """Leads that have an owner, the first of each person and of each company. Leads are added as they are decided: two
    of one person in one batch meet here."""

    def __init__(self, free_mail: frozenset[str]) -> None:
        self._free_mail = free_mail
        self._by_person: dict[str, tuple[LeadKey, str]] = {}
        self._by_company: dict[str, tuple[LeadKey, str]] = {}

    def keep(self, key: LeadKey, person: str | None, company: str | None, owner: str) -> None:
        """This lead belongs to that owner. One that was kept before for the same person or company stays the first."""
        if person:
            self._by_person.setdefault(person, (key, owner))
        if company:
            self._by_company.setdefault(company, (key, owner))

    def add(self, lead: Lead, owner: str) -> None:
        """The same, of a lead that has just been decided."""
        self.keep(lead.key, person_of(lead), company_of(lead, self._free_mail), owner)

    def of(self, lead: Lead) -> Duplicate | None:
        """The earlier lead of the same person, else of the same company; never the lead itself."""
        found = self._by_person.get(person_of(lead) or "")
        if found and found[0] != lead.key:
            return Duplicate(str(found[0]), found[1], "email")
        found = self._by_company.get(company_of(lead, self._free_mail) or "")
        if found and found[0] != lead.key:
            return Duplicate(str(found[0]), found[1], "company")
        return None
