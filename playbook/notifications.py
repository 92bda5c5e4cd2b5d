"""`notifications.yaml`: how people are told; who is told stands with the pools and in `sla.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from playbook.kinds import Given, Kind, from_environment, list_of, record, text, word, yes_no
from playbook.reading import Node

FILE = "notifications.yaml"
EVENTS: Mapping[str, tuple[str, ...]] = {
    "assigned": ("rep",),
    "reassigned": ("rep",),
    "reminder": ("rep", "manager"),
    "review": ("manager",),
}
"""Each event with whom it can tell. Of a reminder the ladder in `sla.yaml` says whom."""

CRM_TASK = "crm_task"
"""Not a channel: the task that every new owner finds in the CRM."""


@dataclass(frozen=True, slots=True)
class Notifications:
    """`channels` maps a channel to the environment variable that holds its address (`terminal` has none: empty text);
    `events` maps an event to (to, by)."""

    channels: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)


def _channels(given: Given) -> dict[str, str]:
    written = {key: value for key, value in given.values.items() if value is not False}
    for name, node in given.node.entries():
        if node.value is not False:
            node.reading.define("channel", name, node)
    return {name: value.get("url", "") if isinstance(value, Given) else "" for name, value in written.items()}


def _by(node: Node) -> str | None:
    value = text.read(node)
    if value == CRM_TASK:
        if "reminder" not in node.path:
            return value
        node.not_built(f"`{CRM_TASK}` for a reminder")
        return None
    if value is not None:
        node.reading.mention("channel", value, node)
    return value


def _event(told: tuple[str, ...]) -> Kind[tuple[tuple[str, ...], tuple[str, ...]]]:
    others = tuple({"rep", "manager"} - {*told})
    return record(
        {"to": list_of(_only(told, others), some=True), "by": list_of(Kind(_by, text.schema), some=True)},
        required=("by",),
        not_built=("urgent_for", "if_not_delivered_in"),
    ).then(lambda given: (tuple(given.get("to", ())), tuple(given.get("by", ()))))


def _only(told: tuple[str, ...], others: tuple[str, ...]) -> Kind[str]:
    recipient = word(*told, not_built=others)

    def read(node: Node) -> str | None:
        if isinstance(node.value, str) and "@" in node.value:
            node.not_built("telling a named person of this event")
            return None
        return recipient.read(node)

    return Kind(read, recipient.schema)


NOTIFICATIONS = record(
    {
        "channels": record(
            {"terminal": yes_no, "slack": record({"url": from_environment}, required=("url",))}, not_built=("email",)
        ).then(_channels),
        "events": record({name: _event(told) for name, told in EVENTS.items()}, not_built=("breached",)),
    },
    not_built=("quiet_hours", "alerts"),
)


def read(root: Node | None) -> Notifications:
    """The channels and events of the file; without a file, everything goes to the terminal."""
    given = NOTIFICATIONS.read(root) if root else None
    if given is None:
        return Notifications(channels={"terminal": ""})
    events = given.get("events")
    return Notifications(channels=given.get("channels", {}), events=dict(events.values) if events else {})
