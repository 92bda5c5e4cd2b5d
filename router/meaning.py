"""From what the CRM says about a lead to the facts that rules are about: canonical values, the account, the earlier
lead, territory, segments, intent, fit and play."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.accounts import Account
from domain.leads import Value
from router.accounts import domain_key, email_key
from router.case import Case
from router.conditions import Facts, check, is_missing
from router.rules import Named, RuleSet


@dataclass(frozen=True, slots=True)
class Meaning:
    """The facts, without what is missing, and notes for the explanation about what could not be understood."""

    facts: Facts
    notes: tuple[str, ...]


def understand(case: Case, rules: RuleSet) -> Meaning:
    """Everything that conditions may name. What the lead brings along wins over what is known of its account."""
    facts: dict[str, Value] = {name: _canonical(name, value, rules) for name, value in case.lead.values.items()}
    facts |= case.looked_up
    facts |= {
        "id": case.lead.key.id,
        "crm": case.lead.key.crm,
        "created_at": case.lead.created_at.isoformat(),
        "domain": _domain(case, rules),
        **_account(case.account.account if case.account else None, rules.not_people),
        "duplicate.exists": case.duplicate is not None,
        "duplicate.owner": case.duplicate.owner if case.duplicate else None,
    }
    if is_missing(facts.get("country")):
        facts["country"] = facts["account.country"]
    _place(facts, rules)
    return Meaning({name: value for name, value in facts.items() if not is_missing(value)}, _notes(case))


def _place(facts: dict[str, Value], rules: RuleSet) -> None:
    """Names that RevOps defined. In the order in which they may build on each other; what the CRM calls by the
    same name counts only where `config/` defines nothing."""
    territory = next((one for one in rules.territories if check(one.when, facts).held), None)
    if rules.territories:
        facts["territory"] = territory.name if territory else None
        facts["territory.pool"] = territory.pool if territory else None
    if rules.segments:
        facts["segment"] = tuple(one.name for one in rules.segments if check(one.when, facts).held)
    for field, names in (("intent", rules.intent), ("fit", rules.fit)):
        if names:
            facts[field] = first_that_holds(names, facts)
    if rules.plays:
        facts["play"] = _play(facts.get("intent"), facts.get("fit"), rules.plays)


def first_that_holds(names: Iterable[Named], facts: Facts) -> str | None:
    """The first name whose condition holds."""
    return next((one.name for one in names if check(one.when, facts).held), None)


def _play(intent: Value, fit: Value, plays: Mapping[str, Mapping[str, str]]) -> str | None:
    return plays.get(str(intent), {}).get(str(fit))


def _canonical(field: str, value: Value, rules: RuleSet) -> Value:
    """Text without outer blanks, and by its canonical name where the world has several."""
    known = rules.aliases.get(field, {})
    if isinstance(value, tuple):
        return tuple(_alias(item, known) for item in value)
    return _alias(value, known) if isinstance(value, str) else value


def _alias(text: str, known: Mapping[str, str]) -> str:
    text = text.strip()
    return known.get(text.lower(), text)


def _domain(case: Case, rules: RuleSet) -> str | None:
    """The company's domain: its website's, else the e-mail address's unless anybody can have one there."""
    lead = case.lead
    written = (lead.text("website"), lead.text("domain"), email_key(lead.text("email")) or "")
    return next((key for text in written if (key := domain_key(text)) and key not in rules.free_mail), None)


def _account(account: Account | None, not_people: frozenset[str]) -> dict[str, Value]:
    owner = account.owner if account else None
    return {
        "account.exists": account is not None,
        "account.name": account.name if account else None,
        "account.owner": None if owner in not_people else owner,
        "account.is_customer": account.is_customer if account else None,
        "account.tier": account.tier if account else None,
        "account.industry": account.industry if account else None,
        "account.employees": account.employees if account else None,
        "account.country": account.country if account else None,
    }


def _notes(case: Case) -> tuple[str, ...]:
    return tuple(f"{field} could not be read: {text!r}" for field, text in sorted(case.lead.unreadable.items()))
