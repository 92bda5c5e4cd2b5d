"""Earlier leads of the same person or company, whose owner keeps the new one.

The keys are also what the ledger files leads under, so that one query finds the earlier leads of a batch. A key says
what two leads have in common: `email:`, `phone:`, `name:` or `company:`.
"""

from collections.abc import Iterator
from typing import cast

from domain.accounts import Duplicate, SameBy
from domain.leads import Lead, LeadKey
from router.accounts import domain_key, phone_key
from router.domains import mailbox_key
from router.names import person_names, read_name

SAME_PERSON = "email:"
"""How the keys begin that name one person and nobody else."""

_LONGEST_KEY = 320
"""Characters; what is longer is nobody's address or name, and two such are not the same because they begin alike."""

_NOBODY = frozenset(
    """
    company freelance freelancer home individual lastname myself na nil no noname nocompany nocompanyprovided none
    notapplicable notavailable notprovided null personal privat private privatperson self selfemployed selbststandig
    student test unbekannt unknown xxx
    """.split()
)
"""What stands for a company or a last name that nobody gave: Salesforce takes no lead without (`[not provided]`)."""


def person_of(lead: Lead) -> str | None:
    """What tells the lead's person from others: the mailbox that the e-mail goes to; None where there is no address."""
    return mailbox_key(lead.text("email"))


def company_of(lead: Lead, free_mail: frozenset[str]) -> str | None:
    """What tells the lead's company from others: its e-mail address's domain, unless anybody can have one there."""
    domain = domain_key(lead.text("email"))
    return domain if domain and domain not in free_mail else None


def keys_to_file(lead: Lead) -> tuple[str, ...]:
    """The keys that the lead is filed under, the strongest first. A free-mail domain is one of them: which domains are
    free is the configuration's to say on the day when somebody asks."""
    return tuple(dict.fromkeys(key for key in _keys(lead) if len(key) <= _LONGEST_KEY))


def keys_to_look_for(lead: Lead, free_mail: frozenset[str]) -> tuple[str, ...]:
    """The keys under which earlier leads of the same person or company are filed, the strongest first."""
    return tuple(key for key in keys_to_file(lead) if key.removeprefix("company:") not in free_mail)


def _keys(lead: Lead) -> Iterator[str]:
    """A phone may be a switchboard, and a name is borne by many: each counts together with a second fact only."""
    if mailbox := person_of(lead):
        yield f"{SAME_PERSON}{mailbox}"
    phone = _own_phone(lead.text("phone"))
    names = [name for name in person_names(lead.text("person")) if "".join(name.words) not in _NOBODY]
    companies = [letters for letters in read_name(lead.text("company")).letters if letters not in _NOBODY]
    if phone:
        yield from (f"phone:{phone} {name.last}" for name in names)
        yield from (f"phone:{phone} at {company}" for company in companies)
    for name in names:
        if len(name.words) > 1:
            yield from (f"name:{' '.join(sorted(name.words))} at {company}" for company in companies)
    if domain := domain_key(lead.text("email")):
        yield f"company:{domain}"


def _own_phone(written: str) -> str | None:
    """The phone's key, unless somebody only filled the field (`000 000 0000`, `123 456 789`)."""
    key = phone_key(written)
    return key if key and len(set(key)) > 2 and key not in "01234567890 09876543210" else None


class EarlierLeads:
    """Leads that have an owner, the first under each key. Leads are added as they are decided: two of one person in
    one batch meet here."""

    def __init__(self, free_mail: frozenset[str]) -> None:
        self._free_mail = free_mail
        self._first: dict[str, tuple[LeadKey, str]] = {}

    def keep(self, filed_under: str, key: LeadKey, owner: str) -> None:
        """This lead belongs to that owner. One that was kept before under the same key stays the first."""
        self._first.setdefault(filed_under, (key, owner))

    def add(self, lead: Lead, owner: str) -> None:
        """The same, under all keys of a lead that has just been decided."""
        for filed_under in keys_to_file(lead):
            self.keep(filed_under, lead.key, owner)

    def of(self, lead: Lead) -> Duplicate | None:
        """The earlier lead that has the strongest key in common: person before company; never the lead itself."""
        for wanted in keys_to_look_for(lead, self._free_mail):
            found = self._first.get(wanted)
            if found and found[0] != lead.key:
                return Duplicate(str(found[0]), found[1], cast(SameBy, wanted.partition(":")[0]))
        return None
