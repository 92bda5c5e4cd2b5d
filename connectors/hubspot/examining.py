"""What `fairlead doctor` tells of a HubSpot portal. Reads only, and each part stands alone: one that fails says so."""

from collections.abc import Callable, Iterator, Sequence

from connectors.base import ConnectorError, Credentials, Finding, NotSignedIn, Refused, TryLater
from connectors.hubspot import paths, presence
from connectors.hubspot.access import OAUTH
from connectors.hubspot.answers import Record
from connectors.hubspot.contacts import PREFIX
from connectors.hubspot.kinds import KINDS, Kind
from connectors.hubspot.portal import Portal
from connectors.hubspot.records import field_name
from domain.mapping import WRITTEN, CrmMapping
from domain.people import CrmUser
from router.values import NUMERIC

DEALS = "crm.objects.deals.read"
"""The scope that only some rules need."""


def examine(
    portal: Portal,
    credentials: Credentials,
    kind: Kind,
    mapping: CrmMapping,
    users: Callable[[], list[CrmUser]],
    *,
    deals: bool,
) -> list[Finding]:
    """Sign-in first; without it, nothing else can be told. With `deals` a rule asks who owns them."""
    try:
        account = portal.details()
    except TryLater as error:
        return [Finding("sign-in", None, f"could not be told: {error}", error.way_out)]
    except ConnectorError as error:
        return [_failed("sign-in", error, "look at HUBSPOT_TOKEN, or at the three variables of OAuth")]
    findings = [Finding("sign-in", True, _account(account, credentials))]
    findings += _part("scopes", lambda: _scopes(portal, credentials, kind))
    findings += _part(f"properties of {kind.path}", lambda: _properties(portal, kind, mapping))
    findings += _part("owners", lambda: _owners(mapping, users()))
    findings += _part("deals", lambda: _deals(portal)) if deals else []
    findings += _absences(portal, mapping)
    return [*findings, *_limits(portal), _paths(portal)]


USERS_SCOPE = "crm.objects.users.read"
"""Without it nobody is away by HubSpot, and nothing else is amiss."""


def needed_scopes(kind: Kind) -> tuple[str, ...]:
    """The scopes without which something of ours fails."""
    scopes = ("crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read",
              "crm.objects.owners.read", "crm.schemas.contacts.read", "crm.schemas.contacts.write",
              "sales-email-read")  # fmt: skip
    leads = ("crm.objects.leads.read", "crm.objects.leads.write", "crm.schemas.leads.read", "crm.schemas.leads.write")
    return (*scopes, *leads) if kind.name == "lead" else scopes


def _account(account: Record, credentials: Credentials) -> str:
    how = "OAuth" if credentials.way == OAUTH else "the token of a service key or private app"
    return f"portal {account['portalId']} ({account.get('accountType') or 'of unknown type'}), with {how}"


def _scopes(portal: Portal, credentials: Credentials, kind: Kind) -> Iterator[Finding]:
    if credentials.way == OAUTH:
        yield Finding("scopes", None, "an OAuth app's scopes show when they are missing", "see the app's page, Auth")
        return
    there = set(portal.scopes(credentials.secret))
    missing = [scope for scope in needed_scopes(kind) if scope not in there]
    detail = f"missing: {', '.join(missing)}" if missing else "all that are needed"
    yield Finding("scopes", not missing, detail, "add them to the key or app in HubSpot" if missing else "")


def _properties(portal: Portal, kind: Kind, mapping: CrmMapping) -> Iterator[Finding]:
    try:
        there = {kind.path: portal.properties(kind.path)}
    except Refused as error:
        if kind.name != "lead":
            raise
        way_out = "take Sales Hub Professional, add the leads scopes, or write `object: contact` in crm/hubspot.yaml"
        yield Finding("Sales Hub", False, f"this portal has no leads: {error}", way_out)
        return
    if any(field.startswith(PREFIX) for field in mapping.fields.values()) and kind.name == "lead":
        there["contacts"] = portal.properties(KINDS["contact"].path)
    for name, field in mapping.fields.items():
        theirs = kind.name == "lead" and field.startswith(PREFIX)
        path = "contacts" if theirs else kind.path
        yield _mapped(name, field, mapping, there[path].get(field.removeprefix(PREFIX) if theirs else field), path)
    yield from _ours(there[kind.path], kind)


def _mapped(name: str, field: str, mapping: CrmMapping, definition: Record | None, path: str) -> Finding:
    what = f"field {name}"
    if definition is None or definition.get("archived"):
        way_out = f"correct `{name}` in crm/hubspot.yaml, or create the property"
        return Finding(what, False, f"{path} have no property {field}", way_out)
    given = mapping.types.get(name) or ("number" if name in NUMERIC else "")
    type_ = str(definition.get("type"))
    if given in ("amount", "number") and type_ not in ("number", "string", "enumeration"):
        detail = f"{path}.{field} is of type {type_}, and a number is wanted"
        return Finding(what, False, detail, f"map `{name}` in crm/hubspot.yaml to a property that holds a number")
    if given in ("amount", "number") and type_ == "string":
        detail = f"{path}.{field} is text, and a number is wanted: a rule sees one only where somebody has typed it"
        way_out = f"map `{name}` in crm/hubspot.yaml to a property of numbers; where people do type them, leave it"
        return Finding(what, None, detail, way_out)
    return Finding(what, True, f"{path}.{field} ({type_})")


def _ours(there: dict[str, Record], kind: Kind) -> Iterator[Finding]:
    names = [field_name(field.name) for field in WRITTEN]
    missing = [name for name in names if name not in there or there[name].get("archived")]
    fixed = [
        name for name in names if (there.get(name, {}).get("modificationMetadata") or {}).get("readOnlyValue") is True
    ]
    if missing:
        yield Finding("our properties", False, f"missing: {', '.join(missing)}", "run `fairlead provision`")
    elif fixed:
        yield Finding(
            "our properties", False, f"cannot be written: {', '.join(fixed)}", "make them writable in HubSpot"
        )
    else:
        yield Finding("our properties", True, f"all {len(names)} of {kind.path} are there")


def _absences(portal: Portal, mapping: CrmMapping) -> list[Finding]:
    """Users may be hidden; then leads are handed out all the same, also to people who are out of office."""
    if not mapping.asks_for_absences:
        return []
    try:
        rows = portal.listed(presence.USERS, presence.ASKED)
    except ConnectorError as error:
        way_out = f"add the scope {USERS_SCOPE}, or write `absences: ignore` in crm/hubspot.yaml"
        return [Finding("absences", None, f"nobody's working hours are known, nor who is away: {error}", way_out)]
    with_hours = sum(bool(row["properties"].get(presence.HOURS)) for row in rows)
    return [Finding("absences", True, f"read from {len(rows)} users, of whom {with_hours} have set working hours")]


def _owners(mapping: CrmMapping, users: Sequence[CrmUser]) -> Iterator[Finding]:
    yield Finding("owners", True, f"{sum(user.active for user in users)} of {len(users)} are active")
    for entry in mapping.unowned_by:
        kind, _, name = entry.partition(":")
        if kind == "nobody":
            continue
        wanted = name.strip().lower()
        found = [
            user
            for user in users
            if (user.kind == "queue" and user.name.lower() == wanted if kind == "queue" else user.email == wanted)
        ]
        if not found:
            yield Finding(entry, False, f"HubSpot has no such {kind}", "correct new_when.owner in crm/hubspot.yaml")
        elif not any(user.active for user in found):
            yield Finding(entry, False, f"this {kind} was deactivated", "correct new_when.owner in crm/hubspot.yaml")
        else:
            yield Finding(entry, True)


def _deals(portal: Portal) -> Iterator[Finding]:
    try:
        portal.search("deals", {"filterGroups": [], "properties": [], "limit": 1})
    except Refused as error:
        detail = f"a rule asks who owns open deals, and they may not be read: {error}"
        yield Finding("deals", False, detail, f"add the scope {DEALS} to the key or app in HubSpot")
    else:
        yield Finding("deals", True, "they may be read, for the rules that ask who owns open ones")


def _limits(portal: Portal) -> Iterator[Finding]:
    told = portal.wire.limits
    if not told:
        yield Finding("limits", None, "no answer has told them")
    for window, one in told.items():
        ok = None if one.left is None or one.limit is None else one.left > one.limit // 20
        way_out = "" if ok in (True, None) else "wait, or see which other apps use the account's calls"
        what = "calls of the day" if window == "day" else f"calls in {window.replace('_', ' ')}"
        yield Finding(what, ok, f"{one.left} of {one.limit} are left", way_out)


def _paths(portal: Portal) -> Finding:
    if portal.wire.version == paths.DATED:
        return Finding("paths", True, "the dated ones")
    ends = min(move.ends for move in paths.MOVES)
    way_out = f"take {paths.VARIABLE} out, or set it to {paths.DATED}"
    return Finding("paths", False, f"classic ones are in use, and the first of them end on {ends}", way_out)


def _part(what: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except NotSignedIn as error:
        return [_failed(what, error, "look at the token")]
    except TryLater as error:
        return [Finding(what, None, f"could not be told: {error}", error.way_out)]
    except ConnectorError as error:
        return [Finding(what, None, f"could not be told: {error}", "add the scope that is named, or try again")]


def _failed(what: str, error: ConnectorError, way_out: str) -> Finding:
    return Finding(what, False if isinstance(error, NotSignedIn | Refused) else None, str(error), way_out)
