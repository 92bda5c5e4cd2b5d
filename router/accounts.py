"""Which account a lead belongs to: by the domain of its e-mail or website, else by its company's normalised name.

The keys made here are also what the ledger files accounts and earlier leads under, so that one query finds all
candidates of a batch. Candidates come in as values; nothing is looked up here.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from cleanco.non_nfkd_map import NON_NFKD_MAP
from cleanco.termdata import terms_by_country, terms_by_type
from publicsuffixlist import PublicSuffixList

from domain.accounts import Account, AccountMatch
from domain.leads import Lead

_SUFFIXES = PublicSuffixList()  # the list that comes with the package, dated in its version; nothing is downloaded

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|//|mailto:)?(?:[^/?#@]*@)?([^/?#:@\s]+)(?:[:/?#].*)?", re.DOTALL)
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def email_key(email: str) -> str | None:
    """The address trimmed and in lower case; None where it has not the shape of one."""
    key = email.strip().lower()
    return key if _EMAIL.fullmatch(key) else None


@lru_cache(maxsize=8192)
def domain_key(address_or_url: str) -> str | None:
    """The registrable domain: `mail.acme.co.uk` and `https://www.acme.co.uk/about` are both `acme.co.uk`.

    In lower case and ASCII (`bücher.example` is `xn--bcher-kva.example`). None for what has none: text, IP addresses,
    `localhost`.
    """
    written = _URL.fullmatch(address_or_url.strip().lower())
    try:
        host = written[1].strip(".").encode("idna").decode("ascii") if written else ""
    except UnicodeError:  # an empty label, or one that is too long
        return None
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        return None
    return _SUFFIXES.privatesuffix(host)


# What cleanco's data lacks. The ideographs are written without a blank beside the name.
_MORE_FORMS = (
    "gmbh & co", "gmbh & co kg", "gmbh & co kgaa", "ag & co kg", "se & co kgaa", "& co kg", "& co", "and company",
    "ug (haftungsbeschränkt)", "(haftungsbeschränkt)", "gemeinnützige gmbh", "(publ)", "tbk", "c.i.c.",
    "community interest company", "ltd liability co", "eingetragene genossenschaft", "s.c.a.", "s.l.u.", "s.a.u.",
    "e.i.r.l.", "private limited",
)  # fmt: skip
# Legal forms somewhere, but at the end of a name they tell one company from another: Acme UK is not Acme.
_NOT_FORMS = frozenset({("uk",), ("eu",), ("nl",), ("ca",), ("at",), ("ok",), ("private",)})
_LEADING_FORMS = (("pt",), ("cv",), ("ооо",), ("оао",), ("зао",), ("пао",))
_UNSPACED_FORMS = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|\\(株\\)|\\(주\\)")

_DIACRITICS = re.compile("[\u0300-\u036f]")  # those of Latin, Greek and Cyrillic; elsewhere a mark makes another letter
_DOTTED_LETTERS = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")  # s.a. and sa are one word, booking.com is two
_APOSTROPHES = re.compile("['’`´]")
_NOT_A_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def name_key(name: str) -> str:
    """The company's name without case, accents, punctuation, legal form and leading "the"; `&` is "and".

    A name that is nothing but a legal form is kept as it is. Empty for empty text.
    """
    text = unicodedata.normalize("NFKC", name)
    words = _words(_UNSPACED_FORMS.sub(" ", text)) or _words(text)
    return " ".join(_without_forms(words))


def _words(text: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = _DIACRITICS.sub("", folded)
    folded = "".join(NON_NFKD_MAP.get(letter, letter) for letter in folded)
    folded = unicodedata.normalize("NFC", folded).replace("&", " and ").replace("+", " and ")
    folded = _DOTTED_LETTERS.sub("", _APOSTROPHES.sub("", folded))
    return tuple(_NOT_A_WORD.sub(" ", folded).split())


def _forms() -> frozenset[tuple[str, ...]]:
    tables: tuple[Iterable[list[str]], ...] = (terms_by_type.values(), terms_by_country.values())
    terms = {term for table in tables for listed in table for term in listed}
    return frozenset(words for term in (*terms, *_MORE_FORMS) if (words := _words(term))) - _NOT_FORMS


_TRAILING_FORMS = _forms()
_LONGEST_FORM = max(map(len, _TRAILING_FORMS))


def _without_forms(words: tuple[str, ...]) -> tuple[str, ...]:
    """Legal forms are taken off the end as often as there are any (`Co., Ltd.`), but never the whole name."""
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1 and words[:1] in _LEADING_FORMS:
        words = words[1:]
    while size := _length_of_form(words):
        words = words[:-size]
    return words


def _length_of_form(words: tuple[str, ...]) -> int:
    longest = min(_LONGEST_FORM, len(words) - 1)
    return next((size for size in range(longest, 0, -1) if words[-size:] in _TRAILING_FORMS), 0)


def match(lead: Lead, candidates: Sequence[Account], free_mail: frozenset[str]) -> AccountMatch:
    """The account that the lead belongs to.

    The domain of the e-mail address decides (unless anybody can have an address there: `free_mail`), then that of
    the website, then the normalised name. Where a domain has several accounts, the one whose name fits too is taken;
    where several are equally good none is, and they are named.
    """
    name = name_key(lead.text("company"))
    for by, domain in _domains(lead, free_mail):
        found = [account for account in candidates if account.domain and domain_key(account.domain) == domain]
        if found:
            same_name = [account for account in found if name and name_key(account.name) == name]
            return _one(same_name or found, by, f"{'e-mail' if by == 'email' else 'website'} at {domain}")
    found = [account for account in candidates if name and name_key(account.name) == name]
    if found:
        return _one(found, "name", f"company name {lead.text('company')!r}")
    return AccountMatch(None, "none", "no account has this domain or company name")


def _domains(lead: Lead, free_mail: frozenset[str]) -> list[tuple[Literal["email", "domain"], str]]:
    """The lead's domains, best first, without those where anybody can have an address."""
    written: tuple[tuple[Literal["email", "domain"], str], ...] = (
        ("email", email_key(lead.text("email")) or ""),
        ("domain", lead.text("website")),
        ("domain", lead.text("domain")),
    )
    keys = [(by, domain_key(text)) for by, text in written]
    return [(by, key) for by, key in keys if key and key not in free_mail]


def _one(found: Sequence[Account], by: Literal["email", "domain", "name"], reason: str) -> AccountMatch:
    named = tuple(f"{account.name} ({account.id})" for account in found)
    if len(found) > 1:
        return AccountMatch(None, "ambiguous", f"{len(found)} accounts fit equally well by {reason}", named)
    return AccountMatch(found[0], by, f"{reason} is {found[0].name}'s", named)
