"""`fairlead match`: the account of every lead in a file, with how sure that is and why. Nothing is asked of a CRM.

The leads are read first, with the keys under which their accounts may be filed; then the accounts pass by once, and
only those stay that a lead looks for. So the memory that is needed follows the leads, however many accounts there are.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from domain.accounts import Account, AccountMatch
from domain.leads import Lead, LeadKey
from router.accounts import FREE_MAIL, MOST_ALIKE, domain_key, keys_of_account, keys_of_lead, match, worth_reading
from scripts.rows import Fault, Row, rows
from scripts.tables import Faults, reading, say_sum, written
from scripts.words import counted

ACCOUNT_COLUMNS = ("account_id", "name", "website", "domain", "postcode", "city", "country", "phone", "parent")
LEAD_COLUMNS = ("lead_id", "company", "email", "website", "domain", "postcode", "city", "country", "phone")
OUT_COLUMNS = ("lead_id", "account_id", "confidence", "reason")

_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""A lead in a file has no time, and its account does not depend on one."""

_PROGRESS_EVERY = 100_000


@click.command("match")
@click.option(
    "--accounts",
    "accounts_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"CSV with the columns {', '.join(ACCOUNT_COLUMNS)}; all but the first may be missing or empty.",
)
@click.option(
    "--leads",
    "leads_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"CSV with the columns {', '.join(LEAD_COLUMNS)}; likewise.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where to write {', '.join(OUT_COLUMNS)}.",
)
@click.option("--loose", is_flag=True, help="Take any company of the lead's domain, and not only the very company.")
@click.option(
    "--free-mail",
    "free_mail_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Domains where anybody can have an address, one a line, in place of those that are built in.",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print the sum.")
def command(
    accounts_file: Path, leads_file: Path, out: Path, loose: bool, free_mail_file: Path | None, format_: str
) -> None:
    """Find the account of every lead in a file.

    A lead without an account, or with several that fit equally well, has an empty account_id, and the reason says why.
    docs/matching.md tells what matches and how to read the confidence. Columns that are not named here are ignored.

    Exit status: 0 all rows were read, 1 some could not be (each is named with its line and column; the others are
    matched), 2 wrong usage.
    """
    faults = Faults()
    with reading():
        free_mail = _free_mail(free_mail_file) if free_mail_file else FREE_MAIL
        leads = read_leads(leads_file, free_mail, faults.report)
        kept = read_accounts(accounts_file, leads, faults.report, _say_progress)
        sums = _write(out, leads, kept, free_mail, strict=not loose)
    _print(sums, faults.number, out, format_)
    if faults.number:
        raise SystemExit(1)


@dataclass(slots=True)
class Kept:
    """The accounts that some lead looks for, by the keys that it looks under."""

    read: int = 0
    by_key: dict[str, list[Account]] = field(default_factory=dict)

    def candidates(self, keys: Collection[str]) -> list[Account]:
        """Those that are filed under these keys, each once."""
        found = {one.id: one for key in keys for one in worth_reading(key, self.by_key.get(key, ()))}
        return list(found.values())


@dataclass(frozen=True, slots=True)
class ReadLead:
    """A lead of the file, with the keys that its account may be filed under; `unread` says why it cannot be matched."""

    lead: Lead
    keys: frozenset[str]
    unread: str = ""


def read_leads(path: Path, free_mail: frozenset[str], report: Callable[[Fault], None]) -> list[ReadLead]:
    """Every lead of the file that has an id."""
    return [_lead(row, free_mail) for row in rows(path, "lead_id", LEAD_COLUMNS, report)]


def _lead(row: Row, free_mail: frozenset[str]) -> ReadLead:
    values = {name: value for name, value in row.values.items() if name != "lead_id"}
    lead = Lead(LeadKey("file", "", "lead", row.values["lead_id"]), _ONCE, _ONCE, values)
    return ReadLead(lead, frozenset() if row.unread else keys_of_lead(lead, free_mail), row.unread)


def read_accounts(
    path: Path,
    leads: Collection[ReadLead],
    report: Callable[[Fault], None],
    progress: Callable[[int], None],
) -> Kept:
    """The accounts of the file that these leads may belong to. Of two with one id the first counts."""
    kept = Kept(by_key={key: [] for one in leads for key in one.keys})
    lines: dict[str, int] = {}
    for row in rows(path, "account_id", ACCOUNT_COLUMNS, report):
        kept.read += 1
        if kept.read % _PROGRESS_EVERY == 0:
            progress(kept.read)
        if row.unread:
            continue
        account = _account(row.values)
        shelves = [shelf for key in keys_of_account(account) if (shelf := kept.by_key.get(key)) is not None]
        if not shelves:
            continue
        first = lines.setdefault(account.id, row.line)
        if first != row.line:
            message = f"account_id {account.id!r} stands in line {first} already; this row is left out"
            report(Fault(str(path), row.line, 1, message))
            continue
        for shelf in shelves:
            if len(shelf) <= MOST_ALIKE:
                shelf.append(account)
    return kept


def _account(values: dict[str, str]) -> Account:
    domain, website = values.get("domain"), values.get("website")
    return Account(
        crm="file",
        id=values["account_id"],
        name=values.get("name", ""),
        domain=domain if domain and domain_key(domain) else website or domain,
        country=values.get("country"),
        parent=values.get("parent"),
        postcode=values.get("postcode"),
        city=values.get("city"),
        phone=values.get("phone"),
    )


def _free_mail(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return frozenset(key for line in lines if (key := domain_key(line.split(",")[0])))


def answers(
    leads: Sequence[ReadLead], kept: Kept, free_mail: frozenset[str], *, strict: bool
) -> Iterator[tuple[ReadLead, AccountMatch]]:
    """Each lead with its account, in the order of the file."""
    for one in leads:
        if one.unread:
            yield one, AccountMatch(None, "none", f"the row could not be read: {one.unread}")
            continue
        candidates = kept.candidates(one.keys)
        # Accounts that lie in one hierarchy are told apart by it, where the file has a column `parent`.
        yield one, match(one.lead, candidates, free_mail, strict=strict, hierarchy=True)


def _write(
    out: Path, leads: Sequence[ReadLead], kept: Kept, free_mail: frozenset[str], *, strict: bool
) -> dict[str, int]:
    sums = {"leads": len(leads), "accounts": kept.read, "matched": 0, "ambiguous": 0, "without_account": 0}
    with written(out, OUT_COLUMNS) as table:
        for one, found in answers(leads, kept, free_mail, strict=strict):
            row = {"lead_id": one.lead.key.id, "reason": found.reason}
            if found.account:
                sums["matched"] += 1
                row |= {"account_id": found.account.id, "confidence": f"{found.confidence:.2f}"}
            elif found.by == "ambiguous":
                sums["ambiguous"] += 1
                row["reason"] += f": {', '.join(found.candidates)}"
            else:
                sums["without_account"] += 1
            table.writerow(row)
    return sums


def _say_progress(read: int) -> None:
    click.echo(f"{read:,} accounts read", err=True)


def _print(sums: dict[str, int], faults: int, out: Path, format_: str) -> None:
    if format_ == "json":
        say_sum(json.dumps(sums | {"problems": faults}), out)
        return
    say_sum(
        f"{counted(sums['leads'], 'lead')} against {counted(sums['accounts'], 'account')}: {sums['matched']} have an "
        f"account, {sums['ambiguous']} fit several equally well, {sums['without_account']} have none. "
        f"Written to {out}.",
        out,
    )
    if faults:
        say_sum(f"{counted(faults, 'problem')} with the files; see above.", out)
