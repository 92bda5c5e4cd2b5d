"""Deciding leads as the daemon would, without a CRM and without a ledger: for rule tests and `fairlead simulate`.

Everybody is an active user of the lead's CRM, and has the open leads that he is given here; rotations begin at zero.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.values import NotUnderstood, canonical, storable
from domain.accounts import Account, AccountMatch, Duplicate
from domain.clocks import Clock, Step
from domain.decisions import Decision, Outcome, decision_id
from domain.leads import Lead, LeadKey, Value
from domain.people import Absence
from playbook.book import Playbook
from playbook.problems import Id, Problem
from playbook.reading import Node
from playbook.rule_tests import FACTS, RuleTest
from router.case import Case, Given, Standing, State
from router.decide import decide, fold
from router.duplicates import EarlierLeads
from router.limits import moments as moments_of_limits
from router.values import SIGNALS
from router.waits import POOL
from runtime.starting import first_response, owner_clocks, wait_clock

NOWHERE = "on paper"
"""The account and the ledger of leads that are in no CRM."""

_OF_THE_LEAD = ("custom.", SIGNALS)
_ACCOUNT = frozenset({"exists", "name", "owner", "is_customer", "tier", "industry", "employees", "country"})


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A lead as a file describes it, with what is said there of its company and of an earlier lead."""

    lead: Lead
    account: AccountMatch | None = None
    duplicate: Duplicate | None = None
    looked_up: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A decision, and the moment by which something has to happen (UTC): the first answer, or the end of a wait where
    that is earlier; None where nothing is due.

    `steps` are what follows while nobody does anything, in order of time, up to the first that hands the lead on: the
    ladders of all clocks that run, and the hand-over. What is due then, the breach and the end of a wait,
    is no step."""

    decision: Decision
    due: datetime | None
    steps: tuple[Step, ...] = ()


def on_paper(number: str, written: Mapping[str, object], arrives: datetime, playbook: Playbook) -> OnPaper:
    """The lead that these canonical fields describe, read as a CRM's values are; what cannot be understood is named in
    its explanation. `account.*` makes the company that it belongs to, `duplicate.*` the earlier lead."""
    values: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    crm = str(written.get("crm") or next(iter(playbook.crms), NOWHERE))
    mapping = playbook.crms.get(crm)
    for name, raw in written.items():
        try:
            value = _value(name, raw, mapping.types.get(name) if mapping else None)
        except NotUnderstood:
            unreadable[name] = storable(str(raw))
            continue
        if value is not None:
            values[name] = value
    account = {name.removeprefix("account."): value for name, value in values.items() if name.startswith("account.")}
    about = {name: account.pop(name) for name in list(account) if name in _ACCOUNT}
    owner = str(values.get("duplicate.owner") or "")
    return OnPaper(
        Lead(
            key=LeadKey(crm, NOWHERE, mapping.object if mapping else "lead", number),
            created_at=arrives.astimezone(UTC),
            modified_at=arrives.astimezone(UTC),
            values={name: value for name, value in values.items() if "." not in name or name.startswith(_OF_THE_LEAD)},
            unreadable=unreadable,
        ),
        account=_company(crm, about) if about and about.get("exists") is not False else None,
        duplicate=Duplicate("the earlier lead", owner.lower(), "company")
        if owner or values.get("duplicate.exists") is True
        else None,
        looked_up=_looked_up(values),
    )


def _looked_up(values: Mapping[str, Value]) -> dict[str, Value]:
    found = {
        name: value
        for name, value in values.items()
        if "." in name
        and not name.startswith((*_OF_THE_LEAD, "duplicate."))
        and name.removeprefix("account.") not in _ACCOUNT
    }
    if any(name.startswith("named_account.") for name in found):
        found.setdefault("named_account.exists", True)
    return found


def _value(name: str, raw: object, given: str | None) -> Value:
    if isinstance(raw, tuple | list):
        return tuple(str(each) for each in raw)
    if str(raw).strip().lower() in ("true", "false") and name.rpartition(".")[2] in ("exists", "is_customer"):
        return str(raw).strip().lower() == "true"
    return canonical(name.removeprefix("account."), raw, given)


def _company(crm: str, about: Mapping[str, Value]) -> AccountMatch:
    owner, employees = about.get("owner"), about.get("employees")
    account = Account(
        crm=crm,
        id="the account",
        name=str(about.get("name") or "of this lead"),
        owner=str(owner).lower() if owner else None,
        is_customer=about.get("is_customer") is True,
        tier=_text(about.get("tier")),
        industry=_text(about.get("industry")),
        employees=int(employees) if isinstance(employees, int | float) else None,
        country=_text(about.get("country")),
    )
    return AccountMatch(account, "name", "it is given with the lead")


def _text(value: Value) -> str | None:
    return str(value) if value is not None else None


class Rehearsal:
    """One run. Decisions are folded into the state, so that turns are taken and people fill up as they would."""

    def __init__(
        self, playbook: Playbook, away: Iterable[Absence] = (), open_leads: Mapping[str, int] | None = None
    ) -> None:
        self._playbook = replace(playbook, absences=(*playbook.absences, *away))
        held = open_leads or {}
        self._state = State(
            standing={rep: Standing(open_leads=held.get(rep, 0)) for rep in playbook.rules.reps},
            absences=self._playbook.absences,
        )
        self._earlier = EarlierLeads(playbook.rules.free_mail)
        self._gave: dict[str, list[datetime]] = {}
        """when each got leads, in order"""

    def decide(self, one: OnPaper) -> Rehearsed:
        """What happens to the lead at the moment at which it arrives. Call it in the order of arrival."""
        lead, rules = one.lead, self._playbook.rules
        case = Case(
            id=decision_id(NOWHERE, lead.key, 0),
            lead=lead,
            account=one.account,
            duplicate=one.duplicate or self._earlier.of(lead),
            looked_up=one.looked_up or {},
        )
        self._state = replace(self._state, given=self._given(lead.created_at))
        decision = decide(case, rules, self._state, lead.created_at)
        self._state = fold(self._state, decision)
        if decision.owner:
            self._earlier.add(lead, decision.owner)
            self._gave.setdefault(decision.owner, []).append(lead.created_at)
        clocks = self._clocks(decision)
        return Rehearsed(decision, _due(decision, clocks), self._steps(decision, clocks))

    def _given(self, now: datetime) -> dict[str, tuple[Given, ...]]:
        """How many leads each was given, for the limits of his pools."""
        found = {}
        for rep, moments in moments_of_limits(self._playbook.rules, now).items():
            gave = self._gave.get(rep, [])
            found[rep] = tuple(Given(since, len(gave) - bisect_left(gave, since)) for since in sorted(moments))
        return found

    def _clocks(self, decision: Decision) -> list[Clock]:
        """Those that run for the owner. Further attempts have none, for the first was not made."""
        if decision.outcome not in (Outcome.ASSIGNED, Outcome.OFFERED):
            return []
        return owner_clocks(self._playbook, decision, decision.decided_at)

    def _steps(self, decision: Decision, clocks: Iterable[Clock]) -> tuple[Step, ...]:
        following = [step for clock in clocks for step in clock.steps]
        if decision.until:
            wait = wait_clock(self._playbook, decision, decision.decided_at, decision.until, decision.then or "")
            following += wait.steps
        found: list[Step] = []
        for step in sorted(following, key=lambda step: step.at):
            if step.do == "reassign" or (step.do == "move_on" and decision.outcome == Outcome.ASSIGNED):
                return (*found, step)
            if step.do == "move_on":
                break
            if step.do != "breach":
                found.append(step)
        return tuple(found)


def _due(decision: Decision, clocks: Iterable[Clock]) -> datetime | None:
    response = first_response(clocks)
    answer = response.due_at if response else None
    wait = decision.until if decision.outcome != Outcome.ASSIGNED else None  # else it is when it is handed over
    return min((at for at in (answer, wait) if at), default=None)


def failures(tests: Iterable[RuleTest], playbook: Playbook) -> list[Problem]:
    """Where decisions differ from what the tests expect, each in the place of the expectation."""
    found: list[Problem] = []
    for number, test in enumerate(tests, start=1):
        away = [Absence(rep, test.arrives, test.arrives + timedelta(days=1)) for rep in test.away]
        rehearsed = Rehearsal(playbook, away, test.open_leads).decide(
            on_paper(str(number), test.lead, test.arrives, playbook)
        )
        happened = _happened(rehearsed)
        for key, expected in test.expect.items():
            if not _same(expected, happened[key]):
                message = f"{key} is {_said(happened[key])}, not {_said(expected)}"
                found.append(_failed(test, test.places.get(key, test.places[""]), message, rehearsed))
        if test.steps is not None:
            found += _other_steps(test, test.steps, rehearsed)
    return found


def _failed(test: RuleTest, place: Node, message: str, rehearsed: Rehearsed) -> Problem:
    said = f"{test.name}: {message}"
    return Problem(place.source.file, *place.place(), Id.TEST_FAILED, said, rehearsed.decision.reason)


def _other_steps(test: RuleTest, steps: Iterable[tuple[Step, Node]], rehearsed: Rehearsed) -> list[Problem]:
    """Steps that are expected and do not come, and steps that come and are not expected."""
    left = list(rehearsed.steps)
    missed: list[tuple[Step, Node]] = []
    for step, place in steps:
        came = next((one for one in left if one.at == step.at and _does(one) == _does(step)), None)
        if came:
            left.remove(came)
        else:
            missed.append((step, place))
    found: list[Problem] = []
    for step, place in missed:
        came = next((one for one in left if _does(one) == _does(step)), None)
        if came:
            left.remove(came)
            message = f"{_does(step)} comes at {_said(came.at)}, not at {_said(step.at)}"
        else:
            message = f"at {_said(step.at)} there is no {_does(step)}"
        found.append(_failed(test, place, message, rehearsed))
    for came in left:
        message = f"at {_said(came.at)} there is also {_does(came)}"
        found.append(_failed(test, test.places["steps"], message, rehearsed))
    return found


def _does(step: Step) -> str:
    """What happens, as the test would have it."""
    match step.do:
        case "move_on":
            return f"hand_over: {''.join(step.to).removeprefix(POOL)}"
        case "set":
            return f"set: {dict(sorted(step.sets.items()))}"
        case "flag":
            return f"flag: {step.to[0] if step.to else 'true'}"
        case _:
            to = sorted(step.to, key=lambda word: (word != "rep", word != "manager", word))
            return f"{step.do}: {to[0] if len(to) == 1 else '[' + ', '.join(to) + ']'}"


def _happened(rehearsed: Rehearsed) -> dict[str, Value | datetime]:
    decision = rehearsed.decision
    return {
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "pool": decision.pool,
        "queue": decision.queue,
        "owner": decision.owner,
        "sla": decision.tier,
        "due": rehearsed.due,
        **{name: decision.explanation.values.get(name) for name in FACTS},
    }


def _same(expected: str | datetime | None, happened: Value | datetime) -> bool:
    if isinstance(happened, tuple):  # a lead is in several segments
        return expected in happened if expected is not None else not happened
    if isinstance(expected, str) and isinstance(happened, str):
        return expected.casefold() == happened.casefold()
    return expected == happened


def _said(value: Value | datetime) -> str:
    if isinstance(value, datetime):
        timespec = "auto" if value.second or value.microsecond else "minutes"
        return value.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
    if isinstance(value, tuple):
        return " and ".join(value) or "nothing"
    return "nothing" if value is None else repr(value)
