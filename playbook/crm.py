"""`crm/<name>.yaml`, one for each CRM: which records are new leads, and what the CRM calls their fields."""

import re

from domain.hours import Span
from domain.mapping import ACTIVITIES, CANONICAL, CRMS, IGNORE, STATUSES, CrmMapping, KnownCrm
from playbook.kinds import ADDRESS, Given, Kind, list_of, mapping_of, record, span, text, word
from playbook.problems import Id
from playbook.reading import Node
from playbook.suggest import did_you_mean
from router.values import AMOUNTS, CURRENCY, SIGNALS

_FOUND_OUT = frozenset({"id", "intent", "fit", "play", "territory", "territory.pool", "segment"})
"""Fields that Fairlead works out itself."""

_LONGEST_POLL = 24 * 3600

_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


def _unowned(node: Node) -> str | None:
    value = text.read(node)
    if value is None:
        return None
    kind, _, name = value.partition(":")
    match kind, name.strip():
        case "nobody", "":
            return value
        case "queue", name if name:
            return f"queue:{name}"
        case "user", name if ADDRESS.fullmatch(name):
            return f"user:{name.lower()}"
    message = f"{node.subject_prefix}{value!r} does not say whose leads are new"
    node.problem(Id.NOT_ONE_OF, message, "write `nobody`, `queue:NAME` or `user:address@company.example`")
    return None


def _false(node: Node) -> bool | None:
    if node.value is not False:
        node.problem(Id.NOT_ONE_OF, f"{node.label} can only be false: what is converted is no lead any more")
    return False


def _crm_field(node: Node) -> str | None:
    value = text.read(node)
    if value is not None and not _FIELD_NAME.fullmatch(value):
        # The name becomes part of a query.
        message = f"{node.subject_prefix}{value!r} cannot be the name of a field"
        node.problem(Id.NOT_ONE_OF, message, "use the API name, which is made of letters, digits and `_`")
        return None
    return value


_NAME = Kind(_crm_field, {"type": "string"})
_TYPED = record({"field": _NAME, "type": word("amount", "number", "list")}, required=("field",))


def _field(node: Node) -> tuple[str, str | None] | None:
    """(the CRM's name, the type)"""
    if isinstance(node.value, dict):
        given = _TYPED.read(node)
        return (given.get("field"), given.get("type")) if given and given.get("field") else None
    name = _NAME.read(node)
    return (name, None) if name else None


_FIELD = Kind(_field, {"anyOf": [_NAME.schema, _TYPED.schema]})


def _fields(node: Node) -> dict[str, tuple[str, str | None]] | None:
    found = _FIELDS.read(node)
    known = sorted(CANONICAL - _FOUND_OUT)
    for name, each in node.entries():
        if name in _FOUND_OUT:
            each.key_problem(Id.UNKNOWN_FIELD, f"`{name}` is worked out here and not read from the CRM", "take it out")
        elif name not in CANONICAL and not _of_ones_own(name):
            message = f"`{name}` is nothing that is known of a lead"
            hint = did_you_mean(name, known) + " (a field of your own is called `custom.NAME`)"
            each.key_problem(Id.UNKNOWN_FIELD, message, hint)
    return found


def _of_ones_own(name: str) -> bool:
    """Fields and signals whose names RevOps choose. `signals.KIND` counts, `signals.KIND.at` is when they came;
    `deal_size.currency` is the currency of an amount."""
    return name.removesuffix(CURRENCY) in AMOUNTS or any(
        name.startswith(start) and name != start for start in ("custom.", SIGNALS)
    )


_FIELDS = mapping_of(_FIELD)


def _seconds(given: Span, node: Node) -> float | None:
    if given.kind in ("business_days", "calendar_days"):
        node.problem(Id.NOT_A_SPAN, f"{node.label} is real time, such as `10 s`")
        return None
    if given.amount > _LONGEST_POLL:
        message = f"{node.label} is {node.value}: new leads would wait for more than a day"
        node.problem(Id.OUT_OF_RANGE, message, "write at most `24 h`; `10 s` is usual")
        return None
    return float(given.amount)


def _poll_every(node: Node) -> float | None:
    found = span.read(node)
    return _seconds(found, node) if found else None


def _kept_in(known: KnownCrm | None, activity: str) -> Kind[str]:
    """Where the CRM keeps this kind of activity: one of the places that are known of it."""
    return word(*known.activities[activity]) if known else text


def _object(known: KnownCrm | None) -> Kind[str]:
    """One of the CRM's own objects, or a custom one by its API name."""
    if known is None:
        return text
    standard, ending = word(*known.objects, not_built=known.objects_later), known.objects_of_ones_own
    if not ending:
        return standard
    custom = rf"^[A-Za-z]\w*{ending}$"

    def read(node: Node) -> str | None:
        if isinstance(node.value, str) and re.fullmatch(custom, node.value, re.ASCII):
            return node.value
        return standard.read(node)

    return Kind(read, {"anyOf": [standard.schema, {"type": "string", "pattern": custom}]})


def kind(crm: str) -> Kind[CrmMapping]:
    """The file of one CRM. Of one that `domain.mapping` does not know, any object is taken: its connector knows."""
    known = CRMS.get(crm)

    def build(given: Given) -> CrmMapping | None:
        new_when, statuses = given.get("new_when"), given.get("statuses", {})
        if "converted" in statuses and "status" not in given.get("fields", {}):
            message = (
                f"{given.node.subject_prefix}nobody sees the status: `converted` needs `status` among the `fields`"
            )
            given.at("statuses").problem(Id.MISSING_KEY, message, "add `status: API_NAME` to `fields`")
        fields: dict[str, tuple[str, str | None]] = given.get("fields", {})
        return CrmMapping(
            crm=crm,
            object=given.get("object", ""),
            unowned_by=tuple(new_when.get("owner", ())) if new_when else (),
            fields={name: field for name, (field, _) in fields.items()},
            types={name: type_ for name, (_, type_) in fields.items() if type_},
            statuses={name: tuple(each) for name, each in statuses.items()},
            poll_every=given.get("poll_every", 10.0),
            activities=given.get("activities", {}),
            absences=given.get("absences", ""),
        )

    status = list_of(text)
    return record(
        {
            "object": _object(known),
            "new_when": record(
                {
                    "owner": list_of(Kind(_unowned, {"type": "string"}), some=True),
                    "converted": Kind(_false, {"const": False}),
                },
                required=("owner",),
            ),
            "fields": Kind(_fields, _FIELDS.schema),
            "statuses": record(dict.fromkeys(STATUSES, status)).then(lambda given: dict(given.values)),
            "poll_every": Kind(_poll_every, span.schema),
            "activities": record({name: _kept_in(known, name) for name in ACTIVITIES}).then(
                lambda given: dict(given.values)
            ),
            "absences": word(*(known.absences if known else ()), IGNORE),
        },
        required=("object", "new_when", "fields"),
    ).then(build)


def read(root: Node | None, crm: str) -> CrmMapping | None:
    """What the file of one CRM says."""
    return kind(crm).read(root.about(crm)) if root else None
