"""What a token may do: the scopes that each call needs, and the refusal of a token that lacks them."""

from collections.abc import Collection, Mapping

from sandbox.hubspot.errors import Refusal
from sandbox.hubspot.exchange import Answer, Json
from sandbox.hubspot.kinds import COMPANY, CONTACT, DEAL, EMAIL, LEAD, USER, Kind, kind_called

# Calls, mails, meetings, messages, notes and tasks are covered by the contact's scopes.
_OF_THEIR_OWN = (CONTACT, COMPANY, DEAL, LEAD, USER)
READ_MAIL = "sales-email-read"
_MAIL = ("hs_email_subject", "hs_email_text", "hs_email_html", "hs_email_headers")

ALL = frozenset(
    {
        *(f"crm.objects.{kind.plural}.{verb}" for kind in _OF_THEIR_OWN for verb in ("read", "write")),
        *(f"crm.schemas.{kind.plural}.{verb}" for kind in _OF_THEIR_OWN for verb in ("read", "write")),
        "crm.objects.owners.read", "crm.lists.read", "crm.lists.write", "oauth", READ_MAIL, "settings.users.read",
        "settings.users.teams.read",
    }
)  # fmt: skip

_READING = ("/batch/read", "/search")


def needed(family: str, method: str, rest: str, words: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Alternatives, of each of which one is needed. Empty where any token will do. Refusal 400 for an unknown kind."""
    verb = "read" if method == "GET" or rest.endswith(_READING) else "write"
    match family:
        case "objects":
            return [(_of_objects(kind_called(words[word]), verb),) for word in ("kind", "from", "to") if word in words]
        case "associations":
            return [(_of_objects(kind_called(words[word]), verb),) for word in ("from", "to")]
        case "properties" | "pipelines":
            kind = _owner_of_scopes(kind_called(words["kind"]))
            schema = f"crm.schemas.{kind.plural}.{verb}"
            return [(_of_objects(kind, "read"), schema) if verb == "read" else (schema,)]
        case "owners":
            return [("crm.objects.owners.read",)]
        case "lists":
            return [(f"crm.lists.{verb}",)]
        case "users":
            return [("settings.users.teams.read",) if rest == "/teams" else ("settings.users.read",)]
    return []


def refuse_without(scopes: Collection[str], needed: list[tuple[str, ...]]) -> None:
    """Refusal 403 naming the scopes that are missing."""
    for alternatives in needed:
        if not any(scope in scopes for scope in alternatives):
            raise missing_scopes(alternatives)


def missing_scopes(required: Collection[str]) -> Refusal:
    """403 MISSING_SCOPES, as recorded in 2026."""
    wanted = {"requiredGranularScopes": list(required)}
    return Refusal(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        "https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[{"message": "One or more of the following scopes are required.", "context": wanted}],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


def no_sales_hub(portal_id: int) -> Refusal:
    """403 for leads in a portal whose subscription has none; a real body without a category."""
    return Refusal(
        403,
        "You do not have permissions to view_schema object type ObjectTypeId{legacyObjectType=LEAD} in portal "
        f"{portal_id} (requires one of [leads-read])",
    )


def without_mail(answer: Answer, scopes: Collection[str], words: Mapping[str, str]) -> Answer:
    """The answer as a token without `sales-email-read` gets it: mails are there, what they say is not."""
    if READ_MAIL in scopes or "kind" not in words or kind_called(words["kind"]) is not EMAIL:
        return answer
    body = answer.body
    if not isinstance(body, dict):
        return answer
    if "results" in body:
        body = {**body, "results": [_closed(row) for row in body["results"]]}
    return Answer(answer.status, _closed(body), answer.headers)


def _closed(row: Json) -> Json:
    properties = row.get("properties")
    if not isinstance(properties, dict):
        return row
    return {**row, "properties": {name: None if name in _MAIL else value for name, value in properties.items()}}


def _of_objects(kind: Kind, verb: str) -> str:
    return f"crm.objects.{_owner_of_scopes(kind).plural}.{verb}"


def _owner_of_scopes(kind: Kind) -> Kind:
    return kind if kind in _OF_THEIR_OWN else CONTACT
