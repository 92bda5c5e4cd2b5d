"""From what the CRM says about a lead to the facts that rules are about: canonical values, the account, the earlier
lead, territory, segments, intent, fit and play."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from domain import hours, phones
from domain.accounts import Account
from domain.hours import Span
from domain.leads import Lead, Value
from domain.records import record
from router import places, values
from router.accounts import domain_key, email_key, name_key
from router.case import Case
from router.conditions import Facts, is_missing
from router.index import RuleIndex
from router.numbers import NotUnderstood
from router.rules import Arrival, FromAccount, FromService, FromTable, Named, NamedAccount, Recent, RuleSet, Territory
from router.titles import seniority
from router.values import quoted, unreadable

WRITTEN = "written "
"""How the source of a value begins that stands otherwise on the lead."""

_TIMES_OF_SIGNALS = "the times of the signals"
"""The source of how many there were."""


@record(frozen=True, slots=True)
class Meaning:
    """The facts, without what is missing, and notes for the explanation about what could not be understood. `sources`
    says where a fact came from that is not as the lead has it."""

    facts: Facts
    notes: tuple[str, ...]
    sources: Mapping[str, str]


def understand(case: Case, rules: RuleSet, now: datetime) -> Meaning:
    """Everything that conditions may name. What the lead brings along wins over what is known of its account, and that
    over what follows from other fields. What cannot be read is missing, and a note."""
    return _Understanding(case, rules, now).meaning()


class _Understanding:
    """One lead on the way to its facts, in the order in which they may build on each other."""

    def __init__(self, case: Case, rules: RuleSet, now: datetime) -> None:
        self._case, self._rules, self._now = case, rules, now
        self._facts: dict[str, Value] = {}
        """without what is missing, at every moment"""
        self._notes: list[str] = []
        self._sources: dict[str, str] = {}
        self._timed: list[str] = []
        """the facts that say when signals came"""

    def meaning(self) -> Meaning:
        if self._case.lead.unreadable:
            self._notes += [unreadable(field, text) for field, text in sorted(self._case.lead.unreadable.items())]
        self._own()
        self._around()
        self._enriched()
        self._derived()
        self._signals()
        _place(self._facts, self._rules)
        for name in self._sources.keys() - self._facts.keys():
            del self._sources[name]
        return Meaning(self._facts, tuple(self._notes), self._sources)

    # --- what was read ------------------------------------------------------------------------------------------

    def _own(self) -> None:
        facts, readings, amounts = self._facts, self._rules.readings, self._rules.money.amounts
        for name, value in self._case.lead.values.items():
            if value is None or name in _KNOWN_OTHERWISE:
                continue
            texts = readings[name]
            if texts is None and isinstance(value, str):
                if text := value.strip():
                    facts[name] = text
                continue
            if texts is not None and isinstance(value, str) and name not in amounts:
                read, written, note = texts[value]
                if note:
                    self._notes.append(note)
            else:
                read, written = self._not_a_text(name, value)
            if read is not None and read != ():
                facts[name] = read
                if written:
                    self._sources[name] = f"{WRITTEN}{written}"
            if values.tells_times(name):
                if read == ():  # their times are known, and there are none
                    self._fill(name.removesuffix(values.AT), 0, _TIMES_OF_SIGNALS)
                elif read is not None:
                    self._timed.append(name)

    def _not_a_text(self, name: str, value: Value) -> tuple[Value, str]:
        """What a number, a list or an amount says, and how an amount is written where that is another way."""
        lead, currency = self._case.lead, f"{name}{values.CURRENCY}"
        mark = lead.text(currency) if currency in lead.values and name in self._rules.money.amounts else ""
        if values.as_it_stands(value) and not mark:
            return value, ""
        read = self._read(name, value, mark)
        return read, quoted(value) if isinstance(value, str) and read != value.strip() else ""

    def _read(self, name: str, value: Value, mark: str = "") -> Value:
        """The value, an amount in the currency that `mark` names; None, and a note, where it cannot be read."""
        if isinstance(value, str) and not mark:
            read, _, note = self._rules.readings.of(name, value)
            if note:
                self._notes.append(note)
            return read
        try:
            read = values.read(name, value, self._rules.aliases, self._rules.money)
            return values.converted(read, value, mark, self._rules.money) if mark else read
        except NotUnderstood:
            self._note(name, f"{value} {mark}" if mark else value)
            return None

    def _set(self, name: str, value: Value) -> None:
        """The field says this, whatever was in it; nothing where the value is missing."""
        _put(self._facts, name, value)

    def _note(self, name: str, value: Value) -> None:
        self._notes.append(unreadable(name, str(value)))

    def _fill(self, name: str, value: Value, source: str) -> None:
        """The field where nothing is in it yet."""
        if (
            value is not None
            and name not in self._facts
            and not is_missing(value)
            and (read := self._read(name, value)) is not None
        ):
            self._facts[name], self._sources[name] = read, source
            if values.tells_times(name):
                self._timed.append(name)

    def _around(self) -> None:
        """What is known besides the lead itself: its account, an earlier lead, who was given the company by name."""
        case, rules, facts = self._case, self._rules, self._facts
        account = case.account.account if case.account else None
        facts["id"], facts["crm"] = case.lead.key.id, case.lead.key.crm
        facts["created_at"] = case.lead.created_at.isoformat()
        if domain := company_domain(case.lead, rules):
            facts["domain"] = domain
        facts["account.exists"] = account is not None
        if account:
            for name, value in _account(account, rules.not_people).items():
                self._set(name, value)
            for name in ("account.country", "account.employees"):
                self._set(name, self._read(name, facts.get(name)))
        facts["duplicate.exists"] = case.duplicate is not None
        if case.duplicate:
            self._set("duplicate.owner", case.duplicate.owner)
        named = self._named_account(account) if rules.named_names or rules.named_domains else None
        facts["named_account.exists"] = named is not None
        if named:
            self._set("named_account.owner", named.owner)
            self._set("named_account.tier", named.tier)
        for name, value in case.looked_up.items():
            self._set(name, self._somebody(name, value))

    def _somebody(self, name: str, value: Value) -> Value:
        """No integration user is anybody's colleague."""
        return None if value in self._rules.not_people and name.startswith("account.") else value

    def _named_account(self, account: Account | None) -> NamedAccount | None:
        """By the lead's domain, its account's, its company's name, its account's."""
        domains = (self._facts.get("domain"), domain_key(account.domain) if account and account.domain else None)
        names = (self._case.lead.text("company"), account.name if account else "")
        by_domain = (self._rules.named_domains.get(str(domain)) for domain in domains if domain)
        by_name = (self._rules.named_names.get(name_key(name)) for name in names if name)
        return next((found for found in (*by_domain, *by_name) if found), None)

    # --- what is filled in --------------------------------------------------------------------------------------

    def _enriched(self) -> None:
        for step in self._rules.enrich:
            match step:
                case FromAccount():
                    self._from_account()
                case FromTable(file, key, rows):
                    row = rows.get(values.key_of(key, self._facts.get(key)) or "", {})
                    for name, value in row.items():
                        self._fill(name, value, file)
                case FromService(service):
                    for name, value in sorted(self._case.served.get(service, {}).items()):
                        self._fill(name, value, service)
        if "account.country" in self._facts:
            self._fill("country", self._facts["account.country"], "account")

    def _from_account(self) -> None:
        for name, of_account in FROM_ACCOUNT.items():
            self._fill(name, self._facts.get(of_account), "account")

    def _derived(self) -> None:
        """What follows from other fields: the state's code by its country, the number by its country, the level by the
        title, the time zone by place or number."""
        facts = self._facts
        country = _text(facts.get("country"))
        if "state" in facts:
            self._state(country)
        if "phone" in facts:
            self._phone(country)
        if "seniority" not in facts and (title := _text(facts.get("title"))):
            self._fill("seniority", seniority(title), "title")
        if "timezone" not in facts:
            self._time_zone(country)

    def _phone(self, country: str | None) -> None:
        if (written := _text(self._facts["phone"])) is None:
            return
        number = phones.phone(written, country)
        self._set("phone", number)
        if number is None:
            self._note("phone", written)
        elif number != written:
            self._sources["phone"] = f"{WRITTEN}{quoted(written)}"

    def _time_zone(self, country: str | None) -> None:
        """Of the state, the country or the telephone number: the first that has only one."""
        facts = self._facts
        zone, source = places.zone_of_state(country, _text(facts["state"])) if "state" in facts else None, "state"
        if zone is None:
            zone, source = places.zone_of_country(country), "country"
        if zone is None and (number := _text(facts.get("phone"))):
            zone, source = phones.time_zone(number), "phone"
        if zone:
            facts["timezone"], self._sources["timezone"] = zone, source

    def _state(self, country: str | None) -> None:
        written = _text(self._facts["state"])
        if written is None or written in self._rules.aliases.get("state", {}).values():
            return
        code = places.state(written, country)
        if code:
            self._facts["state"] = code
            if code != written:
                self._sources["state"] = f"{WRITTEN}{quoted(written)}"
        elif country and places.has_states(country):
            del self._facts["state"]
            self._note("state", written)

    # --- what conditions ask for beyond fields ------------------------------------------------------------------

    def _signals(self) -> None:
        times: dict[str, tuple[datetime, ...]] = {}
        for name in dict.fromkeys(self._timed):
            try:
                found = values.moments(self._facts[name])
            except NotUnderstood as error:
                self._note(name, str(error))
                continue
            times[name.removesuffix(values.AT)] = found
            self._fill(name.removesuffix(values.AT), len(found), _TIMES_OF_SIGNALS)
        for asked in self._rules.asked:
            match asked:
                case Arrival(fact, calendar):
                    inside = hours.is_open(self._rules.calendars[calendar], self._case.lead.created_at)
                    self._facts[fact] = "inside" if inside else "outside"
                case Recent(fact, signal, within):
                    self._set(fact, self._recent(signal, within, times.get(signal)))

    def _recent(self, signal: str, within: Span, times: tuple[datetime, ...] | None) -> Value:
        """How many came within that time before now. Where the CRM keeps only when the last one came, that one
        counts."""
        number = self._facts.get(signal)
        if times is None:
            if number == 0:
                return 0
            if number is not None:
                self._notes.append(f"{signal} is {number}, and nobody knows since when: {signal}{values.AT} is missing")
            return None
        since = hours.ago(within, self._now)
        return sum(since <= time <= self._now for time in times)


FROM_ACCOUNT = {
    "company": "account.name",
    "industry": "account.industry",
    "employees": "account.employees",
    "country": "account.country",
}
"""What `enrich: account` fills, and from what."""

FROM_OTHER_FIELDS: Mapping[str, frozenset[str]] = {
    "domain": frozenset({"website", "email"}),
    "seniority": frozenset({"title"}),
    "timezone": frozenset({"state", "country", "phone"}),
}
"""What follows from other fields where it is empty: from any of these."""


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None


def _place(facts: dict[str, Value], rules: RuleSet) -> None:
    """Names that RevOps defined. In the order in which they may build on each other; what the CRM calls by the
    same name counts only where `config/` defines nothing."""
    defined = rules.defined
    if rules.territories:
        territory = first_that_holds(rules.territories, defined["territories"], facts)
        _put(facts, "territory", territory.name if territory else None)
        _put(facts, "territory.pool", territory.pool if territory else None)
    if rules.segments:
        _put(facts, "segment", tuple(rules.segments[place].name for place in defined["segments"].all(facts)))
    for field, names in (("intent", rules.intent), ("fit", rules.fit)):
        if names:
            named = first_that_holds(names, defined[field], facts)
            _put(facts, field, named.name if named else None)
    if rules.plays:
        _put(facts, "play", _play(facts.get("intent"), facts.get("fit"), rules.plays))


def _put(facts: dict[str, Value], name: str, value: Value) -> None:
    if is_missing(value):
        facts.pop(name, None)
    else:
        facts[name] = value


_One = TypeVar("_One", Territory, Named)


def first_that_holds(defined: Sequence[_One], index: RuleIndex, facts: Facts) -> _One | None:
    """The first whose condition holds; `index` is that of their conditions."""
    place = index.first(facts)
    return None if place is None else defined[place]


def _play(intent: Value, fit: Value, plays: Mapping[str, Mapping[str, str]]) -> str | None:
    return plays.get(str(intent), {}).get(str(fit))


def key_of(lead: Lead, key: str, rules: RuleSet) -> str | None:
    """What tables and services are asked by about a lead."""
    return values.key_of(key, company_domain(lead, rules) if key == "domain" else lead.values.get(key))


def company_domain(lead: Lead, rules: RuleSet) -> str | None:
    """The company's domain: its website's, else the e-mail address's unless anybody can have one there."""
    for name in ("website", "domain", "email"):
        if name not in lead.values:
            continue
        text: str | None = lead.text(name)
        if text and name == "email":
            text = email_key(text)
        if text and (key := domain_key(text)) and key not in rules.free_mail:
            return key
    return None


def _account(account: Account, not_people: frozenset[str]) -> Mapping[str, Value]:
    return {
        "account.name": account.name,
        "account.owner": None if account.owner in not_people else account.owner,
        "account.is_customer": account.is_customer,
        "account.tier": account.tier,
        "account.industry": account.industry,
        "account.employees": account.employees,
        "account.country": account.country,
    }


_KNOWN_OTHERWISE = frozenset(
    {"id", "crm", "created_at", "domain", "duplicate.exists", "duplicate.owner"}
    | {f"account.{name}" for name in "exists name owner is_customer tier industry employees country".split()}
    | {f"named_account.{name}" for name in ("exists", "owner", "tier")}
)
"""What a lead cannot say about itself, whatever the CRM calls its fields."""
