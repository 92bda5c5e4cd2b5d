"""The demo's people and companies: made up from a seed, or read from a folder with accounts.csv and leads.csv.

The made-up world has what real inboxes have: several people of one company, the same person twice, companies that
are accounts already, free-mail addresses, head counts written as text, and forms that were filled in badly.
"""

import csv
import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FIRST = (
    "Amara Anton Beate Bilal Carla Chen Dana David Elif Emil Fatima Felix Greta Hamid Hanna Igor Ines "
    "Jakob Jana Kofi Lara Leon Mara Mateo Nadia Noah Olga Omar Paula Priya Rosa Samir Sofia Tariq Tessa "
    "Ulf Vera Wanda Yusuf Zoe"
).split()
LAST = (
    "Abel Adler Bauer Becker Brandt Castro Conrad Demir Diaz Ebert Evans Fischer Frank Garcia Gruber Haas "
    "Hughes Ivanov Jansen Keller Khan Lang Lindner Meyer Novak Okafor Olsen Patel Petrov Quinn Rossi Sato "
    "Schulz Silva Thoma Ueda Vogel Weber Yilmaz Ziegler"
).split()
TRADE = {
    "banking": ("Savings Bank", "Capital", "Private Bank"),
    "insurance": ("Insurance", "Mutual", "Re"),
    "fintech": ("Payments", "Ledger", "Pay"),
    "manufacturing": ("Works", "Tools", "Components"),
    "retail": ("Stores", "Market", "Outfitters"),
    "software": ("Software", "Systems", "Cloud"),
    "education": ("Academy", "College", "School"),
}
PLACE = (
    "North Harbour Amber Ridge Silver Elm Stone Fern Clear River Copper Hill West Gate Blue Anchor Green "
    "Field Iron Bridge Long Meadow Red Brick White Cliff Fair Oak High Moor Old Mill"
).split()
LEGAL_FORM = {"DE": "GmbH", "AT": "GmbH", "CH": "AG", "GB": "Ltd", "US": "Inc", "FR": "SA", "NL": "B.V."}
CITIES = {
    "DE": (("Berlin", "10115"), ("Hamburg", "20095"), ("Munich", "80331")),
    "AT": (("Vienna", "1010"), ("Graz", "8010")),
    "CH": (("Zurich", "8001"), ("Basel", "4001")),
    "GB": (("London", "EC2V 7HN"), ("Leeds", "LS1 4AP"), ("Bristol", "BS1 5TR")),
    "US": (("Boston", "02110"), ("Denver", "80202"), ("Austin", "78701")),
    "FR": (("Paris", "75001"), ("Lyon", "69001")),
    "NL": (("Utrecht", "3511"), ("Delft", "2611")),
}
COUNTRY_WEIGHTS = {"DE": 30, "GB": 24, "US": 22, "AT": 6, "CH": 6, "FR": 6, "NL": 6}
SOURCE_WEIGHTS = {
    "demo_request": 22,
    "pricing_request": 10,
    "contact_sales": 8,
    "webinar": 18,
    "content_download": 26,
    "event": 10,
    "partner": 6,
}
SIZES = ("12", "45", "80", "150", "250 to 499", "600", "1.200", "5000")
TITLES = ("Head of Operations", "CFO", "Finance Manager", "Buyer", "VP Sales", "Analyst", "Managing Director")
FREE_MAIL = ("gmail.com", "web.de", "outlook.com")


@dataclass(frozen=True, slots=True)
class Company:
    """A company; `owner` is a rep's e-mail address where it is an account of the CRM already."""

    name: str
    domain: str
    country: str = ""
    city: str = ""
    postcode: str = ""
    industry: str = ""
    employees: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One form that somebody filled in."""

    first: str
    last: str
    email: str
    company: Company
    source: str = ""
    title: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Market:
    """The accounts that exist before the demo starts, and the inquiries in the order of their arrival."""

    accounts: tuple[Company, ...]
    inquiries: tuple[Inquiry, ...]


def made_up(seed: int, leads: int, owners: Sequence[str]) -> Market:
    """A market of its own for each seed; the same seed gives the same market."""
    dice = random.Random(seed)  # noqa: S311 - a market, not a secret
    companies = [_company(dice, number) for number in range(max(20, leads * 3 // 5))]
    accounts = tuple(_owned(company, owners, seed) for company in companies[: len(companies) // 5])
    known: list[Inquiry] = []
    for number in range(leads):
        known.append(_inquiry(dice, number, companies, known))
    return Market(accounts, tuple(known))


def _company(dice: random.Random, number: int) -> Company:
    country = _weighted(dice, COUNTRY_WEIGHTS)
    city, postcode = dice.choice(CITIES[country])
    industry = dice.choice(tuple(TRADE))
    core = f"{dice.choice(PLACE)} {dice.choice(PLACE)} {dice.choice(TRADE[industry])}"
    slug = re.sub(r"[^a-z]+", "-", core.lower())
    domain = f"{slug}-{number}.example"
    return Company(f"{core} {LEGAL_FORM[country]}", domain, country, city, postcode, industry, dice.choice(SIZES))


def _inquiry(dice: random.Random, number: int, companies: Sequence[Company], known: Sequence[Inquiry]) -> Inquiry:
    if known and dice.random() < 0.06:  # the same person asks again, some time later
        return dice.choice(known)
    company = dice.choice(companies)
    first, last = dice.choice(FIRST), dice.choice(LAST)
    at = company.domain if dice.random() > 0.1 else dice.choice(FREE_MAIL)
    email = f"{first}.{last}{number}@{at}".lower()
    if dice.random() < 0.02:  # somebody who wants the download and not the call
        company = Company("-", "", dice.choice(tuple(CITIES)))
    phone = f"+49 30 5550{number:04d}" if dice.random() < 0.7 else ""
    return Inquiry(first, last, email, company, _weighted(dice, SOURCE_WEIGHTS), dice.choice(TITLES), phone)


def _weighted(dice: random.Random, weights: Mapping[str, int]) -> str:
    return dice.choices(tuple(weights), tuple(weights.values()))[0]


def from_folder(folder: Path, seed: int, owners: Sequence[str]) -> Market:
    """accounts.csv (`account_id,name,website,domain,postcode,sic_codes,employee_band`) and leads.csv (`lead_id,company`
    and the same others).

    Accounts get owners by a seeded hash; people are made up from the seed. A file or a column that is missing is a
    ValueError that names it.
    """
    accounts = tuple(
        _owned(_read_company(row, row["name"]), owners, seed)
        for row in _rows(folder / "accounts.csv", {"account_id", "name"})
    )
    inquiries = tuple(
        _made_up_person(_read_company(row, row["company"]), row["lead_id"], seed)
        for row in _rows(folder / "leads.csv", {"lead_id", "company"})
    )
    return Market(accounts, inquiries)


def _rows(path: Path, needed: set[str]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise ValueError(f"{path} is not there: DATA must name a folder with accounts.csv and leads.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = needed - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path}:1: the column {sorted(missing)[0]!r} is missing")
        yield from ({key: value or "" for key, value in row.items() if key} for row in reader)


def _read_company(row: Mapping[str, str], name: str) -> Company:
    return Company(
        name,
        row.get("domain", ""),
        postcode=row.get("postcode", ""),
        employees=row.get("employee_band", ""),
    )


def _made_up_person(company: Company, lead: str, seed: int) -> Inquiry:
    dice = random.Random(f"{seed}:{lead}")  # noqa: S311 - a person, not a secret
    first, last = dice.choice(FIRST), dice.choice(LAST)
    slug = re.sub(r"[^a-z0-9]+", "-", company.name.lower()).strip("-")[:40] or "unknown"
    at = company.domain or f"{slug}.example"
    source, title = _weighted(dice, SOURCE_WEIGHTS), dice.choice(TITLES)
    return Inquiry(first, last, f"{first}.{last}.{lead}@{at}".lower(), company, source, title)


def _owned(company: Company, owners: Sequence[str], seed: int) -> Company:
    """Seven accounts of ten have an owner, by a hash of the seed and the name: the same in every run."""
    number = int.from_bytes(hashlib.sha256(f"{seed}:{company.name}:{company.domain}".encode()).digest()[:4], "big")
    owner = owners[number // 10 % len(owners)] if number % 10 < 7 else ""
    return Company(
        company.name, company.domain, company.country, company.city, company.postcode, company.industry,
        company.employees, owner,
    )  # fmt: skip
