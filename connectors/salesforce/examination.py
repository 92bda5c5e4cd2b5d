"""What `fairlead doctor` tells of a Salesforce org. Reads only: each question is asked once, and one that fails says so
and keeps the others from nothing."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from connectors.base import ConnectorError, Finding, NotSignedIn, Refused, TryLater
from connectors.salesforce import absences, records, soql
from connectors.salesforce.guard import rules
from connectors.salesforce.org import Org, Record
from connectors.salesforce.records import field_name
from connectors.salesforce.writing import EXPECTED_OWNER, GUARD_FORMULA, GUARD_NAME
from domain.mapping import WRITTEN, CrmMapping
from domain.people import CrmUser
from router.values import NUMERIC

FEW_CALLS = 0.1
"""Less than this share of the day's calls is a warning."""

_TYPES_THAT_FIT = {
    "amount": {"currency", "double", "int", "percent", "string", "picklist"},
    "number": {"currency", "double", "int", "percent", "string", "picklist"},
    "list": {"multipicklist", "string", "textarea", "picklist"},
}
"""Types of a field in describe, by the type that the mapping gives it."""

_NEVER_FIT = {"address", "location", "base64", "complexvalue"}


def examine(org: Org, mapping: CrmMapping, not_people: frozenset[str], followed: Sequence[str]) -> list[Finding]:
    """Everything that can be told from the place of the user who is signed in. `followed` are the objects that rules
    read people's roles in companies from."""
    try:
        account = org.account()
    except NotSignedIn as error:
        return [Finding("sign-in", ok=False, detail=str(error), way_out="correct the SALESFORCE_ variables")]
    except ConnectorError as error:
        way_out = error.way_out if isinstance(error, TryLater) else "try again later"
        return [Finding("sign-in", ok=None, detail=str(error), way_out=way_out)]
    parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("the user of the sign-in", lambda: _user(org)),
        (f"the object {mapping.object}", lambda: described_fields(org, mapping)),
        ("the rule that guards the owner", lambda: _guard(org, mapping.object)),
        ("users and queues", lambda: _owners(org, mapping, not_people)),
        ("calls of the day", lambda: calls_of_the_day(org)),
        ("e-mails", lambda: _emails(org, mapping)),
        *((f"the object {kind}", partial(_followed, org, kind)) for kind in followed),
        ("absences", lambda: _absences(org, mapping)),
    )
    found = [Finding("sign-in", ok=True, detail=f"organisation {account}")]
    for what, look in parts:
        found += _looked(what, look)
    return found


def _looked(what: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except TryLater as error:
        return [Finding(what, ok=None, detail=str(error), way_out=error.way_out)]
    except ConnectorError as error:
        return [Finding(what, ok=False, detail=str(error), way_out="give the user of the sign-in access to it")]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [Finding(what, ok=None, detail=f"the answer was not understood: {error!r}")]


def _user(org: Org) -> Iterator[Finding]:
    id = org.user()
    [me] = org.query(soql.select(["Username", "IsActive"], "User", f"Id = {soql.text(id)}"))
    yield Finding(
        "the user of the sign-in",
        ok=bool(me["IsActive"]),
        detail=f"{me['Username']} ({id}); it may use the API",
        way_out="" if me["IsActive"] else "activate that user in Setup > Users",
    )


def described_fields(org: Org, mapping: CrmMapping) -> Iterator[Finding]:
    """Whether the owner can be changed, each field of the mapping can be read, and ours can be written."""
    described = org.describe(mapping.object)
    there: dict[str, Record] = {field["name"].lower(): field for field in described["fields"]}
    by_relation = {str(f.get("relationshipName")).lower() for f in described["fields"] if f.get("relationshipName")}
    yield _editable(f"{mapping.object}.OwnerId", there.get("ownerid"))
    for name, field in mapping.fields.items():
        yield _mapped(mapping, name, field, there, by_relation)
    ours = [field_name(field.name) for field in WRITTEN] + [EXPECTED_OWNER]
    missing = [name for name in ours if name.lower() not in there]
    locked = [name for name in ours if name.lower() in there and not there[name.lower()].get("updateable")]
    way_out = "run `fairlead provision`, and see that its permission set is given to the user of the sign-in"
    what = f"our {len(ours)} fields of {mapping.object}"
    if missing:
        yield Finding(what, ok=False, detail=f"not there, or hidden: {', '.join(missing)}", way_out=way_out)
    if locked:
        yield Finding(what, ok=False, detail=f"read-only: {', '.join(locked)}", way_out=way_out)
    if not missing and not locked:
        yield Finding(what, ok=True)


def _mapped(mapping: CrmMapping, name: str, field: str, there: dict[str, Record], by_relation: set[str]) -> Finding:
    what = f"`{name}` is {mapping.object}.{field}"
    path, _, _ = field.partition(".")
    if "." in field:  # a field of another object: only the way there is in this describe
        known = path.lower() in by_relation
        return Finding(what, ok=None if known else False, way_out="" if known else _no_field(path))
    described = there.get(field.lower())
    if described is None:
        return Finding(
            what, ok=False, detail="not there, or hidden from the user of the sign-in", way_out=_no_field(field)
        )
    type_, wanted = described.get("type"), mapping.types.get(name)
    if type_ in _NEVER_FIT or (wanted and type_ not in _TYPES_THAT_FIT[wanted]):
        way_out = f"map `{name}` in crm/salesforce.yaml to a field of another type, or take its `type` out"
        return Finding(what, ok=False, detail=f"its type is {type_}, which is no {wanted or 'value'}", way_out=way_out)
    if type_ == "string" and (wanted in ("amount", "number") or (wanted is None and name in NUMERIC)):
        detail = "it is text, and a number is wanted: a rule sees one only where somebody has typed it"
        way_out = f"map `{name}` in crm/salesforce.yaml to a field of numbers; where people do type them, leave it"
        return Finding(what, ok=None, detail=detail, way_out=way_out)
    return Finding(what, ok=True)


def _no_field(name: str) -> str:
    return f"correct {name} in crm/salesforce.yaml, or let a permission set show it to the user of the sign-in"


def _editable(what: str, described: Record | None) -> Finding:
    if described is not None and described.get("updateable"):
        return Finding(what, ok=True, detail="may be changed")
    way_out = "give the user of the sign-in Edit on the object, and Transfer Record"
    return Finding(what, ok=False, detail="the user of the sign-in may not change it", way_out=way_out)


def _guard(org: Org, kind: str) -> Iterator[Finding]:
    what = f"validation rule {kind}.{GUARD_NAME}"
    found = rules(org, kind)
    if not found:
        yield Finding(
            what, ok=False, detail="not there: nothing guards a person's choice", way_out="run `fairlead provision`"
        )
        return
    if not found[0]["Active"]:
        yield Finding(what, ok=False, detail="switched off: nothing guards a person's choice", way_out="activate it")
        return
    metadata: Any = org.tooling_record("ValidationRule", found[0]["Id"]).get("Metadata") or {}
    if _bare(metadata.get("errorConditionFormula")) != _bare(GUARD_FORMULA):
        yield Finding(what, ok=False, detail="its formula is not ours", way_out=f"set it to {GUARD_FORMULA}")
        return
    yield Finding(what, ok=True)


def _bare(formula: object) -> str:
    return "".join(str(formula).split())


def _owners(org: Org, mapping: CrmMapping, not_people: frozenset[str]) -> Iterator[Finding]:
    enabled_for = soql.select(["QueueId"], "QueueSobject", f"SobjectType = {soql.text(mapping.object)}")
    users, groups, enabled = org.queries(records.USERS, records.QUEUES, enabled_for)
    people = {user.email: user for user in map(records.person, users) if user.email}
    queues = {queue.name.lower(): queue for queue in map(records.queue, groups)}
    takes_leads = {row["QueueId"] for row in enabled}
    for entry in mapping.unowned_by:
        kind, _, name = entry.partition(":")
        if kind == "queue":
            yield _queue(name, queues.get(name.lower()), takes_leads, mapping.object)
        elif kind == "user":
            yield _person(name, people.get(name.lower()))
    for email in sorted(not_people - {entry.partition(":")[2].lower() for entry in mapping.unowned_by}):
        yield _person(email, people.get(email))


def _queue(name: str, queue: CrmUser | None, takes_leads: set[Any], kind: str) -> Finding:
    what = f"queue {name!r}"
    if queue is None:
        return Finding(
            what, ok=False, detail="not there", way_out="create it, or correct new_when in crm/salesforce.yaml"
        )
    if queue.id not in takes_leads:
        return Finding(what, ok=False, detail=f"it takes no {kind}", way_out=f"add {kind} to the queue's objects")
    return Finding(what, ok=True)


def _person(email: str, user: CrmUser | None) -> Finding:
    what = f"user {email}"
    if user is None:
        way_out = "correct the address in config/: it is the Email of the user, not the user name"
        return Finding(what, ok=False, detail="nobody in the org has that address", way_out=way_out)
    if not user.active:
        return Finding(
            what, ok=False, detail="inactive: nobody can give a record to that user", way_out="activate the user"
        )
    return Finding(what, ok=True)


def calls_of_the_day(org: Org) -> Iterator[Finding]:
    """How much of the daily limit is left."""
    daily = org.limits()["DailyApiRequests"]
    limit, left = int(daily["Max"]), int(daily["Remaining"])
    few = left < limit * FEW_CALLS
    way_out = "see Setup > System Overview for who uses them, or poll less often (poll_every)" if few else ""
    yield Finding("calls of the day", ok=not few, detail=f"{left:,} of {limit:,} are left", way_out=way_out)


def _followed(org: Org, kind: str) -> Iterator[Finding]:
    what = f"the object {kind}"
    try:
        org.describe(kind)
    except Refused:
        detail = "a rule follows it, and it is not there, or hidden from the user of the sign-in: the rule finds nobody"
        yield Finding(what, ok=False, detail=detail, way_out="give that user Read on it, or take the rule out")
    else:
        yield Finding(what, ok=True, detail="may be read")


def _absences(org: Org, mapping: CrmMapping) -> Iterator[Finding]:
    """Events may be hidden; then leads are handed out all the same, also to people who are away."""
    if not mapping.asks_for_absences:
        return
    way_out = (
        "let a permission set show it to the user of the sign-in, or write `absences: ignore` in crm/salesforce.yaml"
    )
    try:
        there = {str(field["name"]).lower() for field in org.describe(absences.EVENT)["fields"]}
    except Refused as error:
        yield Finding("absences", ok=None, detail=f"nobody is away by an Event: {error}", way_out=way_out)
        return
    hidden = [f"{absences.EVENT}.{name}" for name in absences.ASKED if name.lower() not in there]
    detail = f"nobody is away by an Event: {', '.join(hidden)} not there, or hidden" if hidden else "read from Event"
    yield Finding("absences", ok=None if hidden else True, detail=detail, way_out=way_out if hidden else "")


def _emails(org: Org, mapping: CrmMapping) -> Iterator[Finding]:
    if mapping.activities.get("emails") == "EmailMessage":
        org.describe("EmailMessage")  # refused where the org does not keep mails so
        yield Finding("e-mails", ok=True, detail="kept as EmailMessage")
    yield Finding(
        "e-mails of Einstein Activity Capture",
        ok=None,
        detail="what it shows on a record is not stored in the org, and no API gives it: such mails count for nothing",
        way_out="let it sync e-mails as Salesforce activities, or log them with the e-mail client's add-in",
    )
