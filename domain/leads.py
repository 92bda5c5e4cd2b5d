"""A lead as the CRM shows it, in the words of `config/` rather than the CRM's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Value = str | int | float | bool | tuple[str, ...] | None
"""What a canonical field may hold. Amounts are numbers in the default currency; times are ISO 8601 text."""


@dataclass(frozen=True, slots=True, order=True)
class LeadKey:
    """Which lead: the CRM, the account (organisation or portal) in it, the object, and the record id."""

    crm: str
    account: str
    object: str
    id: str

    def __hash__(self) -> int:
        # Records of one id are rare among leads that are looked at together, and keys are looked up more than all else.
        return hash(self.id)

    def __str__(self) -> str:
        return f"{self.crm}:{self.id}"


class Gone(StrEnum):
    """Why a record is no longer a lead to be routed."""

    CONVERTED = "converted"
    MERGED = "merged"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Lead:
    """One record at the moment it was read.

    `values` are canonical fields (docs/configuration.md lists them); a missing key and None mean the same.
    `unreadable` names the fields whose text could not be understood, with that text. `owner_id` is the CRM's
    own id; `owner` is the e-mail address where that id is a person. `unowned` says that the owner is nobody
    yet: empty, a queue, or one of the integration users that `new_when` or `not_people` names. `decision` is
    the Fairlead decision id that the record carries, `answer` what a person set in our answer field. `became` is the
    record that a merged one lives on in, where the CRM tells; owner and decision are that record's then.
    """

    key: LeadKey
    created_at: datetime
    modified_at: datetime
    values: Mapping[str, Value]
    owner_id: str | None = None
    owner: str | None = None
    unowned: bool = True
    decision: str | None = None
    gone: Gone | None = None
    unreadable: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None
    became: LeadKey | None = None

    def text(self, name: str) -> str:
        """The field as trimmed text, empty where there is none."""
        value = self.values.get(name)
        return str(value).strip() if value is not None else ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that the CRM returned and nobody could make a lead of: it waits for a person, with the reason."""

    key: LeadKey
    reason: str


@dataclass(frozen=True, slots=True)
class ReadLater:
    """A record that the CRM could not show just now, with the reason: nothing is known about it, not even that it is
    gone, and it is asked for again."""

    key: LeadKey
    reason: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a field held from `at` on (the CRM's own time); None: nothing."""

    at: datetime
    value: str | None


@dataclass(frozen=True, slots=True)
class History:
    """What a lead's owner (the CRM's own id) and its status were, oldest first. Empty where the CRM does not tell: it
    keeps no history, or none of that field."""

    key: LeadKey
    owners: tuple[Version, ...] = ()
    statuses: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A lead that a poll or a webhook named. `at` is the CRM's own time of the change; `event` tells this sighting from
    every other, so that a second delivery of it is recognised."""

    key: LeadKey
    at: datetime
    event: str
    hot: bool = False
