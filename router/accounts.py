"""Which account a lead belongs to: by its e-mail's or website's domain, its company's name, its address and its phone.

Nothing is looked up here. `keys_of_account` and `keys_of_lead` say under which keys a company is filed and looked for,
so that one query finds all candidates of a batch; `match` weighs the candidates of one lead. Where two fit equally well
none is taken: an owner who has to be guessed is worse than a rule that says what happens then.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from domain.accounts import Account, AccountMatch
from domain.leads import Lead
from router.domains import FREE_MAIL, INVISIBLE, LONGEST_ADDRESS, domain_key, email_key, mixes_alphabets
from router.names import LONGEST_NAME, Likeness, Name, alike, forms_differ, may_be_one, name_key, of_a_group, read_name

__all__ = [
    "FREE_MAIL",
    "MOST_ALIKE",
    "TELLING",
    "domain_key",
    "email_key",
    "keys_of_account",
    "keys_of_lead",
    "match",
    "name_key",
    "worth_reading",
]

MOST_ALIKE = 50
"""Candidates that are worth reading under one key. What more accounts share (a registered office, the host of many
websites, the name `Test`) says nothing about one of them; whoever is meant is found under another key."""

TELLING = ("domain:", "name:")
"""How the keys begin of which more than MOST_ALIKE accounts still tell something: that no single one is meant."""

_LONGEST_KEY = 200
"""Characters of a key that are kept: those of an index have a limit."""


# --- keys ---------------------------------------------------------------------------------------------------------


def keys_of_account(account: Account) -> frozenset[str]:
    """The keys that the account is filed under; none for one that says nothing about itself."""
    name = read_name(account.name)
    return frozenset(
        key[:_LONGEST_KEY]
        for key in (
            *_domains_as_keys([domain_key(account.domain or "")]),
            *_names_as_keys(name, (0,)),
            *_places_as_keys(name, postcode_key(account.postcode or "")),
            *_phones_as_keys(phone_key(account.phone or "")),
        )
    )


def keys_of_lead(lead: Lead, free_mail: frozenset[str]) -> frozenset[str]:
    """The keys under which the lead's account may be filed: each way to be alike that `match` knows has one."""
    clues = _clues(lead, free_mail)
    return frozenset(
        key[:_LONGEST_KEY]
        for key in (
            *_domains_as_keys([clues.mail, *clues.sites]),
            *_names_as_keys(clues.name, (-1, 0, 1)),
            *_places_as_keys(clues.name, clues.postcode),
            *_phones_as_keys(clues.phone),
        )
    )


def worth_reading(key: str, filed: Sequence[Account]) -> Sequence[Account]:
    """Of the accounts that are filed under a key those that may be somebody's: all, unless they are too many."""
    if len(filed) <= MOST_ALIKE:
        return filed
    return filed[: MOST_ALIKE + 1] if key.startswith(TELLING) else ()


def _domains_as_keys(domains: Iterable[str | None]) -> Iterator[str]:
    yield from (f"domain:{domain}" for domain in domains if domain)


_SHORTEST_IN_HALVES = 10
"""Letters: the halves of shorter names are parts of too many."""


def _names_as_keys(name: Name, longer: Sequence[int]) -> Iterator[str]:
    """The words in any order; and both halves of the letters with how many there are, because one slip leaves one of
    the halves whole. `longer`: how much longer the other may be."""
    for words, letters in zip(name.spellings, name.letters, strict=True):
        yield f"name:{' '.join(sorted(words))}"
        if len(letters) >= _SHORTEST_IN_HALVES:
            for length in (len(letters) + more for more in longer):
                yield f"begins:{length}:{letters[: length // 2]}"
                yield f"ends:{length}:{letters[-(length // 2) :]}"


def _places_as_keys(name: Name, postcode: str | None) -> Iterator[str]:
    """With the initial, so that the offices of agents, where thousands are registered, stay small enough to read."""
    if postcode:
        yield from (f"place:{postcode} {initial}" for initial in {words[0][0] for words in name.spellings})


def _phones_as_keys(phone: str | None) -> Iterator[str]:
    if phone:
        yield f"phone:{phone}"


_NOT_IN_A_POSTCODE = re.compile(r"[^A-Z0-9]+")
_ZIP_PLUS_FOUR = re.compile(r"(\d{5})\d{4}")
_COUNTRY_BEFORE = re.compile(r"[A-Z]{1,2}-(?=\d)")
_EXTENSION = re.compile(r"(?:ext|ex|x|durchwahl|#|;)\.?\s*\d+\s*$", re.IGNORECASE)


def postcode_key(written: str) -> str | None:
    """The postcode without blanks, a country in front (`D-80331`) or the last four of a ZIP+4; None for what has no
    digit or is too long."""
    text = _COUNTRY_BEFORE.sub("", written[:40].strip().upper(), count=1)
    key = _NOT_IN_A_POSTCODE.sub("", text)
    if not 3 <= len(key) <= 10 or not any(map(str.isdigit, key)):
        return None
    plus_four = _ZIP_PLUS_FOUR.fullmatch(key)
    return plus_four[1] if plus_four else key


def phone_key(written: str) -> str | None:
    """The last eight digits, which are the same with and without the country's and the trunk prefix; None for less."""
    digits = "".join(filter(str.isdecimal, _EXTENSION.sub("", written[:60])))
    return digits[-8:] if 8 <= len(digits) <= 16 and digits.isascii() else None


# --- evidence -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clues:
    """What the lead says about its company. `mail` is the domain of its address, where not anybody can have one;
    `free` where anybody can. `notes` say what could not be used."""

    name: Name
    mail: str | None
    sites: tuple[str, ...]
    free: tuple[str, ...]
    postcode: str | None
    phone: str | None
    city: str | None
    country: str | None
    notes: tuple[str, ...]


def _clues(lead: Lead, free_mail: frozenset[str]) -> _Clues:
    notes = []
    name, company = NOBODY_KNOWN, lead.text("company")
    if len(company) > LONGEST_NAME:
        notes.append(f"the company has {len(company):,} characters, which is no name")
    else:
        name = read_name(company)
    written = {"email": email_key(lead.text("email")) or "", "website": lead.text("website")}
    written["domain"] = lead.text("domain")
    found: dict[str, str] = {}
    for field, text in written.items():
        if len(text) > LONGEST_ADDRESS:
            notes.append(f"the {field} has {len(text):,} characters, which is no address")
        key = domain_key(text)
        if key and mixes_alphabets(key):
            notes.append(f"{key} mixes alphabets to look like another domain")
        elif key:
            found[field] = key
    free = tuple(dict.fromkeys(key for key in found.values() if key in free_mail))
    mail = found.pop("email", None)
    return _Clues(
        name=name,
        mail=mail if mail not in free_mail else None,
        sites=tuple(dict.fromkeys(key for key in found.values() if key not in free_mail)),
        free=free,
        postcode=postcode_key(lead.text("postcode")),
        phone=phone_key(lead.text("phone")),
        city=_place_name(lead.text("city")),
        country=_place_name(lead.text("country")),
        notes=tuple(notes),
    )


NOBODY_KNOWN = read_name("")


def _place_name(text: str) -> str | None:
    return name_key(text) or None


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a lead and an account have in common. True: the same; False: both are known and differ; None: unknown.

    `alone` says that no other account has this account's domain; `short` that the lead's name is how people call a
    company, and not all of a registered name; `long` that it is too long for two companies to be one letter apart.
    """

    name: Likeness
    form: bool | None
    mail: bool | None
    site: bool | None
    free: bool
    alone: bool
    postcode: bool | None
    phone: bool | None
    city: bool | None
    country: bool | None
    short: bool
    long: bool

    @property
    def domain(self) -> bool:
        return bool(self.mail or self.site)

    @property
    def address(self) -> bool:
        return bool(self.postcode or self.phone)

    @property
    def contradicted(self) -> int:
        """How many things that both say are not the same."""
        elsewhere = (self.mail is False or self.site is False) and not self.domain
        return sum((elsewhere, self.postcode is False, self.phone is False and not self.postcode))

    @property
    def tie_breakers(self) -> tuple[bool, ...]:
        """In this order, what makes one of several that fit alike the better one."""
        return (
            self.form is True,
            self.mail is True,
            self.site is True,
            self.postcode is True,
            self.phone is True,
            self.city is True,
            self.country is True,
            self.mail is not False and self.site is not False,
            self.postcode is not False,
            self.city is not False,
        )


@dataclass(frozen=True, slots=True)
class _Filed:
    """What an account says about itself, in the form in which it is compared."""

    name: Name
    domain: str | None
    postcode: str | None
    phone: str | None
    city: str | None
    country: str | None


@lru_cache(maxsize=4096)
def _filed(account: Account) -> _Filed:
    return _Filed(
        name=read_name(account.name),
        domain=domain_key(account.domain or ""),
        postcode=postcode_key(account.postcode or ""),
        phone=phone_key(account.phone or ""),
        city=_place_name(account.city or ""),
        country=_place_name(account.country or ""),
    )


def _evidence(clues: _Clues, filed: _Filed, alone: Mapping[str, bool]) -> _Evidence | None:
    """None where they have nothing in common that could make a match: most of those found by half a name."""
    name, domain = filed.name, filed.domain
    confirmed = (
        (domain is not None and (domain == clues.mail or domain in clues.sites or domain in clues.free))
        or (clues.postcode is not None and clues.postcode == filed.postcode)
        or (clues.phone is not None and clues.phone == filed.phone)
    )
    if not confirmed and not may_be_one(clues.name, name):
        return None
    likeness = alike(clues.name, name)
    more = {word for words in name.spellings for word in words} - {w for words in clues.name.spellings for w in words}
    return _Evidence(
        name=likeness,
        form=None if not (clues.name.forms and name.forms) else not forms_differ(clues.name, name),
        mail=_same(clues.mail, domain),
        site=domain in clues.sites if clues.sites and domain else None,
        free=domain is not None and domain in clues.free,
        alone=alone.get(domain or "", False),
        postcode=_same(clues.postcode, filed.postcode),
        phone=_same(clues.phone, filed.phone),
        city=_same(clues.city, filed.city),
        country=_same_country(clues.country, filed.country),
        short=not clues.name.forms and not of_a_group(more) and not any(map(str.isdigit, "".join(more))),
        long=any(len(letters) >= _LONG_ENOUGH for letters in clues.name.letters),
    )


_LONG_ENOUGH = 12
"""Letters of a name whose slip of the pen needs nothing to confirm it: so long ones are rarely one letter apart."""


def _same(one: str | None, other: str | None) -> bool | None:
    return one == other if one and other else None


def _same_country(one: str | None, other: str | None) -> bool | None:
    """`de` and `germany` may be one: only what is written the same way can differ."""
    if not one or not other or (len(one) == 2) != (len(other) == 2):
        return None
    return one == other


# --- weighing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well an account fits: the higher `rank` is taken first; `confidence` is what we say about it, 0 to 1."""

    rank: float
    confidence: float


def _sure(confidence: float) -> _Fit:
    return _Fit(confidence, confidence)


def _fit(e: _Evidence, strict: bool) -> _Fit | None:
    """The table of docs/design/lead-to-account.md, top down. None: not this account."""
    if e.name == Likeness.SAME:
        return _fit_of_the_name(e, strict)
    if e.country is False and not e.domain:
        return None
    if Likeness.SHORTER < e.name < Likeness.SAME:
        # Companies of one group share a domain and differ by a word that may look like a slip: two such facts, then.
        if e.domain and e.address:
            return _sure(0.96)
        if (e.domain and e.alone) or e.address:
            return _sure(0.93)
        if e.name == Likeness.MISSPELT and e.long and not e.contradicted and e.form is not False:
            return _sure(0.85)
    if e.name == Likeness.SHORTER and e.domain and e.alone and e.short and e.postcode is not False:
        return _sure(0.86)
    if e.name == Likeness.UNKNOWN:
        return _fit_without_a_name(e)
    return None if strict else _fit_of_the_domain(e)


def _fit_of_the_name(e: _Evidence, strict: bool) -> _Fit | None:
    if e.country is False and not e.domain and e.postcode is not True:
        return None  # a namesake abroad
    if e.form is False:  # Smith LLP is not Smith Ltd, unless it changed its form and stayed where it was
        if e.domain or e.free or e.address:
            return _sure(0.95)
        return None if strict else _sure(0.8)
    if e.domain:
        return _sure(0.99)
    if e.address or e.free:
        return _sure(0.97)
    # People move house and change domains more often than two companies have one name: less sure, and still this one.
    return _sure(round(0.94 - 0.02 * e.contradicted, 2))


def _fit_without_a_name(e: _Evidence) -> _Fit | None:
    if e.mail:
        return _sure(0.92)
    if e.site:
        return _sure(0.9)
    return _sure(0.8) if e.phone else None


def _fit_of_the_domain(e: _Evidence) -> _Fit | None:
    """Where any company of the same domain will do. An address at a company weighs more than another company's name
    that somebody typed, a website less."""
    related = e.name in (Likeness.RELATED, Likeness.SHORTER)
    if e.mail:
        return _Fit(0.91 if related else 0.945, 0.82 if related else 0.78)
    if e.site:
        return _sure(0.75) if related else _sure(0.7)
    return None


def match(
    lead: Lead,
    candidates: Sequence[Account],
    free_mail: frozenset[str],
    *,
    strict: bool = False,
    hierarchy: bool = False,
) -> AccountMatch:
    """The account that the lead belongs to, how sure that is (0 to 1), and why.

    The best of the fitting candidates is taken, ties being broken in a fixed order; where several are equally good none
    is, and they are named. `strict`: the account has to be the lead's own company, by its name where it has one; else a
    domain may speak for any company behind it. `hierarchy`: of several that are equally good, the one above the others
    is taken. The same inputs give the same answer, in whatever order the candidates come.
    """
    clues = _clues(lead, free_mail)
    filed = [(account, _filed(account)) for account in sorted(candidates, key=lambda one: one.id)]
    alone = _alone(one for _, one in filed)
    weighed = [(account, e) for account, one in filed if (e := _evidence(clues, one, alone)) is not None]
    fits = [(fit, e.tie_breakers, account, e) for account, e in weighed if (fit := _fit(e, strict))]
    if not fits:
        return _none(lead, clues, weighed)
    best = max((fit.rank, ties) for fit, ties, _, _ in fits)
    tied = [(fit, account, e) for fit, ties, account, e in fits if (fit.rank, ties) == best]
    if len(tied) > 1 and hierarchy:
        above = _above_the_others([account for _, account, _ in tied])
        tied = [each for each in tied if each[1] is above] or tied
    fit, account, e = tied[0]
    named = tuple(_named(account) for _, account, _ in tied)
    if len(tied) > 1:
        text = f"{len(tied)} accounts fit equally well by {_agreements(account, e) or 'company name'}"
        return AccountMatch(None, "ambiguous", _with(clues.notes, text), named)
    said = _in_words(lead, account, e)
    named = (*named, *(_named(other) for _, _, other, _ in fits if other is not account))[:_MOST_NAMED]
    return AccountMatch(account, _by(e), _with(clues.notes, said), named, fit.confidence)


_MOST_NAMED = 10
"""Candidates in an explanation."""


def _alone(candidates: Iterable[_Filed]) -> dict[str, bool]:
    """Each domain, and whether one account only has it."""
    found: dict[str, bool] = {}
    for one in candidates:
        if one.domain:
            found[one.domain] = one.domain not in found
    return found


def _above_the_others(tied: Sequence[Account]) -> Account | None:
    """The one of these that all others are below of, by way of these only."""
    ids = {account.id for account in tied}
    tops = [account for account in tied if account.parent not in ids]
    return tops[0] if len(tops) == 1 else None


def _none(lead: Lead, clues: _Clues, weighed: Sequence[tuple[Account, _Evidence]]) -> AccountMatch:
    near = [(account, e) for account, e in weighed if e.domain or e.name == Likeness.SAME or e.address]
    if not _says_anything(clues):
        return AccountMatch(None, "none", _with(clues.notes, "nothing about its company is known"))
    if not near:
        return AccountMatch(None, "none", _with(clues.notes, "no account has this domain or company name"))
    account, e = max(near, key=lambda each: (each[1].name, each[1].tie_breakers))
    why = "in another country" if e.country is False else _not_the_name(lead, account, e)
    where = f"; {len(near)} accounts are near" if len(near) > 1 else ""
    text = f"no account is this very company: {_agreements(account, e) or 'same name'}, but {why}{where}"
    return AccountMatch(None, "none", _with(clues.notes, text), tuple(_named(one) for one, _ in near)[:_MOST_NAMED])


def _says_anything(clues: _Clues) -> bool:
    return bool(clues.name.words or clues.mail or clues.sites or clues.phone)


def _not_the_name(lead: Lead, account: Account, e: _Evidence) -> str:
    if e.name == Likeness.SAME:
        return f"{_said(account.name)} has another legal form and nothing else confirms it"
    return f"{_said(account.name)} is another name than {_quoted(lead.text('company'))}"


# --- in words -----------------------------------------------------------------------------------------------------

_LIKE: Mapping[Likeness, str] = {
    Likeness.SAME: "company name {0} is {1}'s",
    Likeness.REORDERED: "company name {0} is {1}'s in another order",
    Likeness.MISSPELT: "company name {0} is {1}'s but for a letter or two",
    Likeness.NEARLY: "company name {0} is {1}'s but for a letter",
    Likeness.INITIALS: "company name {0} and {1} are initials and full name",
    Likeness.SHORTER: "company name {0} is part of {1}",
}


def _in_words(lead: Lead, account: Account, e: _Evidence) -> str:
    """What speaks for the account, and what against it."""
    name = _LIKE.get(e.name, "").format(_quoted(lead.text("company")), _said(account.name))
    facts = _agreements(account, e)
    text = f"{facts} is {_said(account.name)}'s" if not name else f"{name}; {facts}" if facts else name
    against = [
        word
        for word, holds in (
            ("another company name was given", e.name in (Likeness.DIFFERENT, Likeness.RELATED)),
            ("the legal form differs", e.form is False),
            ("the domain differs", (e.mail is False or e.site is False) and not e.domain),
            ("the postcode differs", e.postcode is False),
            ("the phone differs", e.phone is False),
        )
        if holds
    ]
    return f"{text}; but {' and '.join(against)}" if against else text


def _agreements(account: Account, e: _Evidence) -> str:
    domain = _filed(account).domain
    words = [
        word
        for word, holds in (
            (f"e-mail at {domain}", e.mail),
            (f"website at {domain}", e.site and not e.mail),
            (f"address at {domain}, where others have theirs too", e.free),
            (f"postcode {account.postcode}", e.postcode),
            ("phone", e.phone),
            ("city", e.city and not e.postcode),
        )
        if holds
    ]
    return ", ".join(words)


_LONGEST_SAID = 80


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}…")


def _said(name: str) -> str:
    """A name in a line of text, without what could turn that line around or break it."""
    text = " ".join(INVISIBLE.sub("", name).replace("\0", " ").split())
    return text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}…"


def _named(account: Account) -> str:
    return f"{_said(account.name)} ({account.id})"


def _with(notes: Sequence[str], text: str) -> str:
    return "; ".join((*notes, text))


def _by(e: _Evidence) -> Literal["email", "domain", "name", "phone"]:
    if e.mail:
        return "email"
    if e.site:
        return "domain"
    return "phone" if e.name == Likeness.UNKNOWN else "name"
