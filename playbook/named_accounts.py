"""`named_accounts.csv`: companies that somebody was given by name, found by domain or by normalised name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.people import Rep
from playbook.conditions import NAMED_ACCOUNTS
from playbook.problems import Id
from playbook.reading import Reading
from playbook.tables import Row, rows
from router.accounts import domain_key, name_key
from router.rules import NamedAccount

FILE = NAMED_ACCOUNTS
COLUMNS = ("name", "domain", "owner", "tier")


@dataclass(frozen=True, slots=True)
class NamedAccounts:
    """By `domain_key` and by `name_key`. A name that two companies share finds none of them."""

    by_domain: Mapping[str, NamedAccount] = field(default_factory=dict)
    by_name: Mapping[str, NamedAccount] = field(default_factory=dict)


def read(reading: Reading, reps: Mapping[str, Rep]) -> NamedAccounts:
    """The table; owners are people in `reps`."""
    if FILE not in reading.texts:
        return NamedAccounts()
    by_domain: dict[str, NamedAccount] = {}
    by_name: dict[str, NamedAccount] = {}
    shared: set[str] = set()
    for row in rows(FILE, reading.texts[FILE], ("name", "owner"), COLUMNS, reading.problems):
        domain = _domain(row, reading)
        owner = row.values["owner"].lower()
        if owner not in reps and reps:
            reading.problems.append(row.nobody("owner", owner, reps))
        found = NamedAccount(row.values["name"], owner, domain, row.values.get("tier"))
        if domain and domain in by_domain:
            message = f"{row.values['domain']!r} has a line already"
            reading.problems.append(row.problem("domain", Id.NAME_TWICE, message, "keep one of them"))
        if domain:
            by_domain.setdefault(domain, found)
        name = name_key(found.name)
        if name in by_name:
            shared.add(name)
        by_name[name] = found
    return NamedAccounts(by_domain, {name: found for name, found in by_name.items() if name and name not in shared})


def _domain(row: Row, reading: Reading) -> str | None:
    written = row.values.get("domain")
    if written is None:
        return None
    key = domain_key(written)
    if key is None:
        message = f"{written!r} is not a domain"
        reading.problems.append(row.problem("domain", Id.NOT_ONE_OF, message, "write it as acme.example"))
    return key
