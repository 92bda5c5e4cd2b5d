"""The office that is measured: ten rules, a weighted pool of ten people with hours, and a market of leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from playbook.book import Playbook, load

CONFIG = Path(__file__).parent / "config"
MONDAY_TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10:00 in Berlin: the office is open."""

INDUSTRIES = ("banking", "insurance", "software", "retail", "government", "transport")
COUNTRIES = ("DE", "AT", "CH", "SE", "NO", "FR", "GB", "US")
SOURCES = ("Demo Request", "Pricing", "Webinar", "Event", "Whitepaper", "Phone")
TITLES = ("Head of Sales", "CFO", "Engineer", "Office Manager", "Student")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a form holds."""

    email: str
    company: str
    industry: str
    country: str
    source: str
    title: str
    employees: int


def playbook() -> Playbook:
    """The configuration of benchmarks/config."""
    loaded = load(CONFIG)
    if not isinstance(loaded, Playbook):
        raise SystemExit("\n".join(str(problem) for problem in loaded))
    return loaded


def inquiries(count: int, seed: int = 7) -> Iterator[Inquiry]:
    """So many inquiries; the same for the same seed."""
    dice = Random(seed)  # noqa: S311 - a market, not a secret
    for number in range(count):
        yield Inquiry(
            email=f"person{number}@company{number}.example",
            company=f"Company {number}",
            industry=dice.choice(INDUSTRIES),
            country=dice.choice(COUNTRIES),
            source=dice.choice(SOURCES),
            title=dice.choice(TITLES),
            employees=dice.choice((2, 20, 200, 2000)),
        )
