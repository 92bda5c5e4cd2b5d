"""`fairlead match`: leads against accounts, after loading and all in all, and the memory that it takes.

The companies are made up from a seed. Four of five leads belong to one of them, written as people write: in capitals,
without the legal form, with a letter wrong, with an e-mail address or a postcode or neither; the others to none.
"""

import csv
import itertools
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.measuring import Table, megabytes
from router.accounts import FREE_MAIL
from scripts.match import answers, read_accounts, read_leads

SIZES = ((10_000, 10_000), (1_000, 1_000_000))
"""Leads, accounts."""

_SYLLABLES = (
    "ka ro ven ti lo mar sü del po gra ne fi tor al ben cho du es ham jo lin mo nor ös pre qui ral sen tu vi".split()
)
_TRADES = (
    "Logistik Foods Systems Bank Pharma Energie Textiles Consulting Motors Media Labs Schools Hotels Steel".split()
)
_FORMS = ("GmbH", "Ltd", "Inc.", "S.A.", "plc", "AG", "B.V.", "Sp. z o.o.", "S.r.l.", "GmbH & Co. KG")


def run() -> Table:
    """Each size once: a million accounts take minutes, and two runs differ by less than one would believe."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [_measured(Path(folder), leads, accounts) for leads, accounts in SIZES]
    return Table(
        "Leads to accounts: `fairlead match` over files",
        (
            "leads x accounts",
            "after loading, s",
            "of it processor, s",
            "loading, s",
            "the command, s",
            "the command, MB",
            "right",
            "wrong",
        ),
        rows,
        [
            "Loading reads both files and makes the keys; after loading each lead's candidates are weighed and put "
            "into words. The command runs in a process of its own: its time and its memory are all that it takes. "
            f"Of {SIZES[0][0]:,} leads {SIZES[0][0] * 4 // 5:,} have an account."
        ],
    )


def _measured(folder: Path, leads: int, accounts: int) -> tuple[str, ...]:
    accounts_file, leads_file = folder / f"accounts-{accounts}.csv", folder / f"leads-{accounts}.csv"
    truth = _write(accounts_file, leads_file, leads, accounts)
    began = time.perf_counter()
    read = read_leads(leads_file, FREE_MAIL, _no_fault)
    kept = read_accounts(accounts_file, read, _no_fault, lambda _: None)
    loaded, busy = time.perf_counter(), time.process_time()
    found = list(answers(read, kept, FREE_MAIL, strict=True))
    done, busy = time.perf_counter(), time.process_time() - busy
    right = sum(bool(each.account) and each.account.id == truth[one.lead.key.id] for one, each in found if each.account)
    command, memory = _command(accounts_file, leads_file, folder / "matches.csv")
    return (
        f"{leads:,} x {accounts:,}",
        f"{done - loaded:.2f}",
        f"{busy:.2f}",
        f"{loaded - began:.1f}",
        f"{command:.1f}",
        f"{memory:.0f}",
        f"{right:,}",
        f"{sum(each.account is not None for _, each in found) - right:,}",
    )


def _no_fault(fault: object) -> None:
    raise AssertionError(str(fault))


def _command(accounts_file: Path, leads_file: Path, out: Path) -> tuple[float, float]:
    words = ["--accounts", str(accounts_file), "--leads", str(leads_file), "--out", str(out)]
    began = time.perf_counter()
    command = [sys.executable, "-m", "scripts.fairlead", "match", *words]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    return time.perf_counter() - began, megabytes(resource.RUSAGE_CHILDREN)


def _write(accounts_file: Path, leads_file: Path, leads: int, accounts: int) -> dict[str, str | None]:
    """Both files; the account of each lead, None where it has none."""
    dice = Random(11)  # noqa: S311 - names, not secrets
    chosen = sorted(dice.sample(range(accounts), leads * 4 // 5))
    truth: dict[str, str | None] = {}
    with (
        accounts_file.open("w", encoding="utf-8", newline="") as file,
        leads_file.open("w", encoding="utf-8", newline="") as other,
    ):
        table, inquiries = csv.writer(file), csv.writer(other)
        table.writerow(("account_id", "name", "website", "domain", "postcode"))
        inquiries.writerow(("lead_id", "company", "email", "postcode"))
        wanted = iter(chosen)
        ahead = next(wanted, None)
        for number, (name, domain, postcode) in enumerate(itertools.islice(_companies(dice), accounts + leads // 5)):
            if number < accounts:
                table.writerow((f"A{number}", name, f"https://www.{domain}/" if number % 3 else "", domain, postcode))
            if number == ahead or number >= accounts:
                lead = f"L{number}"
                truth[lead] = f"A{number}" if number < accounts else None
                email = f"kim@{domain}" if number % 2 else "kim@gmail.com"
                inquiries.writerow((lead, _as_people_write(name, dice), email, postcode if number % 3 else ""))
                ahead = next(wanted, None)
    return truth


def _companies(dice: Random) -> Iterator[tuple[str, str, str]]:
    seen = set()
    while True:
        word = "".join(dice.choices(_SYLLABLES, k=dice.randint(3, 5))).title()
        trade, form = dice.choice(_TRADES), dice.choice(_FORMS)
        if (word, trade) not in seen:
            seen.add((word, trade))
            domain = f"{word}-{trade}.example".lower().replace("ü", "ue").replace("ö", "oe")
            yield f"{word} {trade} {form}", domain, f"{dice.randrange(10_000, 99_999)}"


def _as_people_write(name: str, dice: Random) -> str:
    word, trade, form = name.split(" ", 2)
    way = dice.randrange(4)
    if way == 0:
        return name.upper()
    if way == 1:
        return f"{word} {trade}"
    if way == 2:
        at = dice.randrange(1, len(word) - 1)
        return f"{word[:at]}{word[at + 1 :]} {trade} {form}"
    return f"{word.replace('ü', 'ue').replace('ö', 'oe')} {trade} {form}"
