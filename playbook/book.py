"""A loaded configuration, and the problems of one that did not load."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

from domain.clocks import ClockKind
from domain.hours import Calendar
from domain.mapping import CRMS, CrmMapping
from domain.people import Absence, Wait, WorkingHours
from playbook import (
    absences,
    calendars,
    crm,
    evidence,
    named_accounts,
    notifications,
    rates,
    routing,
    sla,
    teams,
    territories,
)
from playbook.conditions import WATCHED
from playbook.notes import noted
from playbook.notifications import Notifications
from playbook.problems import Id, Problem
from playbook.reading import Reading, RolesIn
from playbook.suggest import did_you_mean, nearest
from router.conditions import Condition, fields_of
from router.prove import AFTER_CATCH_ALL, HIDDEN, NEVER_IN_FORCE, prove
from router.rules import Arrival, Assign, FewerLeads, Nurture, Recent, RuleSet
from router.triggers import Trigger
from router.values import AMOUNTS, AT, SIGNALS, Money
from sla_monitor.policy import Policy

__all__ = ["Notifications", "Playbook", "Problem", "load", "load_texts"]

NOT_CONFIGURATION = ("examples", "schema", "tests")
"""Folders of `config/` whose files are not part of it."""

FILES = (calendars.FILE, teams.FILE, routing.FILE, territories.FILE, sla.FILE, notifications.FILE, evidence.FILE)
TABLES = (absences.FILE, rates.FILE, named_accounts.FILE)


_CRM_FILE = re.compile(r"crm/([a-z][a-z0-9_]*)\.yaml")


@dataclass(frozen=True, slots=True)
class Playbook:
    """Everything RevOps wrote, typed. `version` is 12 hex digits of the files' text; `texts` are the files themselves,
    so that a decision can be replayed years later."""

    version: str
    rules: RuleSet
    policy: Policy
    calendars: Mapping[str, Calendar]
    absences: tuple[Absence, ...]
    crms: Mapping[str, CrmMapping]
    notifications: Notifications
    not_people: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    currency: str = "EUR"
    triggers: tuple[Trigger, ...] = ()
    pauses: Mapping[tuple[str, ClockKind], Condition] = field(default_factory=dict)
    """by tier and clock: while this holds, the clock rests"""
    sources: evidence.Sources = field(default_factory=evidence.Sources)
    follows: frozenset[RolesIn] = frozenset()
    """which roles in companies somebody asks for: only those are read from the CRMs"""
    notes: tuple[Problem, ...] = ()
    """what is no mistake, and may not do what was meant"""

    def with_hours(self, told: Mapping[str, WorkingHours]) -> "Playbook":
        """The same configuration, where reps for whom it has no hours keep those that were told of them."""
        rules = self.rules.with_hours(told)
        if rules is self.rules:
            return self
        return replace(self, rules=rules, policy=replace(self.policy, calendars=rules.calendars))

    @property
    def watched(self) -> frozenset[str]:
        """The fields whose change may start something: those that triggers name; where leads that are kept warm are
        watched, those that their intent depends on; those that clocks rest by; and the status, where clocks wait for
        an outcome or one means that a lead is converted."""
        fields = {trigger.changed for trigger in self.triggers}
        if any(mapping.statuses.get("converted") for mapping in self.crms.values()):
            fields.add("status")
        if any(isinstance(rule.then, Nurture) and rule.then.watch for rule in self.rules.rules):
            asked = frozenset().union(*(fields_of(one.when) for one in self.rules.intent))
            fields |= {name for name in asked if WATCHED.has(name)} | self._signals(asked)
        for when in self.pauses.values():
            fields |= {name for name in fields_of(when) if WATCHED.has(name)}
        if any(ClockKind.OUTCOME in tier.targets for tier in self.policy.tiers.values()):
            fields.add("status")
        return frozenset(fields)

    def _signals(self, asked: frozenset[str]) -> set[str]:
        """The fields of the signals that these facts are about: how many there were, and when."""
        recent = {each.signal for each in self.rules.asked if isinstance(each, Recent) and each.fact in asked}
        signals = recent | {name for name in asked if name.startswith(SIGNALS) and " " not in name}
        return signals | {f"{name}{AT}" for name in signals}


def crm_files(names: Iterable[str]) -> dict[str, str]:
    """The CRM that each file under `crm/` is about. Of a name that is nearly a known one's, that one is meant."""
    known = {f"crm/{name}.yaml": name for name in CRMS}
    return {
        known.get(file, match.group(1)): file
        for file in names
        if (match := _CRM_FILE.fullmatch(file)) and (file in known or not nearest(match.group(1), CRMS))
    }


def load(folder: Path) -> "Playbook | tuple[Problem, ...]":
    """The playbook, or every problem at once, sorted by file and line. Files are named relative to `folder`."""
    if not folder.is_dir():
        return (Problem(str(folder), 1, 1, Id.NO_SUCH_FILE, "there is no such folder"),)
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            message = f"{name} is a folder, and what is in it would be ignored"
            hint = "name it otherwise, or put a file in its place"
            problems.append(Problem(name, 1, 1, Id.UNREADABLE_FILE, message, hint))
            continue
        take_text(name, path, texts, problems)
    if not crm_files({*texts, *(problem.file for problem in problems)}):
        hint = f"add {' or '.join(f'crm/{name}.yaml' for name in CRMS)}"
        problems.append(Problem("crm", 1, 1, Id.NO_CRM, "no CRM is set up: there is nothing to route", hint))
    return _load(texts, problems)


def load_calendars(folder: Path) -> Mapping[str, Calendar] | tuple[Problem, ...]:
    """The calendars alone, or every problem with them at once: whatever else is in the folder is not looked at."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    if not (folder / calendars.FILE).exists():
        return (Problem(calendars.FILE, 1, 1, Id.NO_SUCH_FILE, "there is no such file", "it says when people work"),)
    take_text(calendars.FILE, folder / calendars.FILE, texts, problems)
    reading = Reading(texts, problems=problems, unreadable={problem.file for problem in problems})
    found = calendars.read(reading.open(calendars.FILE))
    return tuple(sorted(set(reading.problems))) or found


def take_text(name: str, path: Path, texts: dict[str, str], problems: list[Problem]) -> None:
    """Add the file's text, or what is wrong with it."""
    try:
        texts[name] = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the file cannot be read: {error}"
        problems.append(Problem(name, 1, 1, Id.UNREADABLE_FILE, message, "save it as UTF-8 text"))


def _files(folder: Path) -> Iterator[Path]:
    """Whatever is named like a part of the configuration, folders too; what is in hidden folders never is."""
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        if here == folder:
            folders[:] = [each for each in folders if each not in NOT_CONFIGURATION]
        named = sorted([*folders, *names])
        yield from (here / name for name in named if Path(name).suffix in (".yaml", ".yml", ".csv"))


def load_texts(texts: Mapping[str, str]) -> "Playbook | tuple[Problem, ...]":
    """The same from stored texts (relative path -> content), for replay."""
    return _load(texts, [])


def _load(texts: Mapping[str, str], problems: list[Problem]) -> "Playbook | tuple[Problem, ...]":
    reading = Reading(texts, problems=problems, unreadable={problem.file for problem in problems})
    _check_files(reading)
    by_name = calendars.read(reading.open(calendars.FILE))
    people = teams.read(reading.open(teams.FILE))
    reading.money = Money(people.currency, rates.read(reading, people.currency))
    named = named_accounts.read(reading, people.reps)
    words = routing.read(reading.open(routing.FILE))
    lands = territories.read(reading.open(territories.FILE))
    service = sla.read(reading.open(sla.FILE))
    told = notifications.read(reading.open(notifications.FILE))
    sources = evidence.read(reading.open(evidence.FILE))
    away = absences.read(reading, people.reps, by_name)
    files = crm_files(texts)
    crms = {name: found for name, file in sorted(files.items()) if (found := crm.read(reading.open(file), name))}
    _check_written(reading, crms)
    _check_fallback(reading, words)
    reading.check_names()

    version = hashlib.sha256("\x1f".join(f"{name}\x1e{texts[name]}" for name in sorted(texts)).encode()).hexdigest()[
        :12
    ]
    rules = RuleSet(
        rules=words.rules,
        fallback=words.fallback or Assign(to="manager"),
        reps=people.reps,
        pools=people.pools,
        queues=people.queues,
        calendars=by_name,
        territories=lands,
        segments=words.segments,
        intent=words.intent,
        fit=words.fit,
        plays=words.plays,
        tiers=service.conditions,
        limits=service.limits,
        promises=service.promises,
        strictest=service.strictest,
        default_calendar=people.default_hours,
        follow_ups=service.follow_ups,
        fewer_leads=service.fewer_leads or FewerLeads(),
        aliases=words.aliases,
        free_mail=words.free_mail,
        strict_accounts=words.strict_accounts,
        hierarchy=words.hierarchy,
        not_people=people.not_people,
        fits=people.fits,
        idle_after=people.idle_after,
        version=version,
        money=replace(reading.money, amounts=AMOUNTS | _amounts(crms)),
        asked=tuple(each for each in reading.asked.values() if _is_known(each, by_name)),
        enrich=words.enrich,
        named_domains=named.by_domain,
        named_names=named.by_name,
    )
    _prove(reading, words, rules)
    if reading.problems:
        return tuple(sorted(set(reading.problems)))
    return Playbook(
        version=version,
        rules=rules,
        policy=_policy(service, by_name, people.default_hours, version),
        calendars=by_name,
        absences=away,
        crms={name: replace(mapping, queues=_queues(rules, service)) for name, mapping in crms.items()},
        notifications=told,
        not_people=people.not_people,
        texts=dict(texts),
        currency=people.currency,
        triggers=words.triggers,
        pauses=service.pauses,
        sources=sources,
        follows=frozenset(reading.follows),
        notes=noted(reading, words, rules, crms),
    )


_TABLES = [PurePath(name).stem for name in TABLES]


def _policy(service: sla.Sla, calendars_: Mapping[str, Calendar], default: str | None, version: str) -> Policy:
    introduced = None
    if service.introduction:
        # The day belongs to it, where the company is.
        home = calendars_.get(default or "")
        zone = home.timezone if home else "UTC"
        after = min(service.introduction, date.max - timedelta(days=1)) + timedelta(days=1)
        introduced = datetime.combine(after, time(), ZoneInfo(zone)).astimezone(UTC)
    return Policy(
        service.tiers,
        calendars_,
        default,
        service.counts_as,
        service.running_clocks,
        version,
        on_retraction=service.on_retraction,
        repeated=service.repeated,
        chronic=service.chronic,
        introduced=introduced,
    )


def _queues(rules: RuleSet, service: sla.Sla) -> dict[str, tuple[str, ...]]:
    """Where leads lie until somebody takes them, and who may: the pools that are open to everyone or wait for somebody,
    all where a ladder puts leads back, and the queues of their chains."""
    found: dict[str, tuple[str, ...]] = {}
    for pool in rules.pools.values():
        waits = (pool.when_nobody.off_hours, pool.when_nobody.full, pool.when_nobody.ineligible)
        open_to_all = any(step.to == "everyone" for step in pool.offer) or service.gives_back
        if open_to_all or any(isinstance(each, Wait) for each in waits):
            found[pool.name] = pool.reps
        for step in pool.offer:
            if step.to == "queue":
                found[step.name] = tuple(dict.fromkeys((*found.get(step.name, ()), *pool.reps)))
    return found


def _check_files(reading: Reading) -> None:
    """Every YAML file is one that means something, and no table is left out because of its name."""
    crms = crm_files(reading.texts).values()
    known = [*FILES, *TABLES, *(f"crm/{name}.yaml" for name in CRMS), *crms]
    for name in sorted(reading.texts):
        if name in known:
            continue
        if not name.endswith(".csv") or nearest(PurePath(name).stem, _TABLES):
            # Other tables are read where a key names them.
            message = f"{name} is not a file that belongs here, and would be ignored"
            reading.problems.append(Problem(name, 1, 1, Id.UNKNOWN_FILE, message, did_you_mean(name, known)))


def _amounts(crms: Mapping[str, CrmMapping]) -> frozenset[str]:
    """Fields that a CRM holds money in."""
    return frozenset(name for mapping in crms.values() for name, type_ in mapping.types.items() if type_ == "amount")


def _is_known(asked: Recent | Arrival, calendars_: Mapping[str, Calendar]) -> bool:
    return not isinstance(asked, Arrival) or asked.calendar in calendars_


def _check_written(reading: Reading, crms: Mapping[str, CrmMapping]) -> None:
    """What a rule writes has a field in every CRM: without one the whole write would be refused."""
    for name, node in reading.written:
        for crm_, mapping in crms.items():
            if name not in mapping.fields:
                message = f"{node.subject_prefix}`{name}` has no field in crm/{crm_}.yaml, so it cannot be written"
                node.key_problem(Id.NOT_MAPPED, message, f"add it to `fields` there: `{name}: API_NAME`")


def _check_fallback(reading: Reading, words: routing.Routing) -> None:
    """Without a fallback nothing loads: leads that no rule takes would go to nobody."""
    if "fallback" not in words.nodes and routing.FILE not in reading.unreadable:
        message = "there is no `fallback`: leads that no rule takes would go to nobody"
        hint = "add `fallback: { assign: { pool: NAME } }` with a pool that has a manager"
        reading.problems.append(Problem(routing.FILE, 1, 1, Id.NO_FALLBACK, message, hint))


_WAYS_OUT = {
    AFTER_CATCH_ALL: "move it up, or give the rule that matches everything a `when`",
    HIDDEN: "move it up, take it out, or make the earlier rule match less",
    NEVER_IN_FORCE: "swap `from` and `until`",
}


def _prove(reading: Reading, words: routing.Routing, rules: RuleSet) -> None:
    """What can be proved about the rules that could be understood, as problems where each was written."""
    for finding in prove(rules):
        at = finding.at
        if finding.rule_index is None:
            if words.fallback is None or any(
                each.pool and each.pool not in rules.pools for each in words.fallback.chain()
            ):
                continue  # the fallback's own problem has been reported, and this would only repeat it
            at = words.nodes["fallback"].at()
        file, line, column = at.rsplit(":", 2)
        hint = _WAYS_OUT.get(finding.id, "")
        reading.problems.append(Problem(file, int(line), int(column), finding.id, finding.message, hint))
