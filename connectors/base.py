"""What every CRM does for us, and how it fails. One connector never imports another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from domain.accounts import Account
from domain.activities import Activity
from domain.leads import Lead, LeadKey, Seen, Unreadable, Value
from domain.people import CrmUser


class ConnectorError(Exception):
    """Something between us and the CRM; the subclass says what to do next."""


class TryLater(ConnectorError):
    """Nothing is wrong with the request: rate limit, time-out, outage. `after` is the wait in seconds, if told."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class LostRace(ConnectorError):
    """Someone changed the record first; decide again from fresh data."""


class Refused(ConnectorError):
    """The CRM will never accept this request; a person has to look."""


class Unknown(ConnectorError):
    """The request may have been applied; read the record before anything else happens to it."""


class NotSignedIn(ConnectorError):
    """Credentials are missing, expired or revoked; every call will fail until fixed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a bounded window held, and where the next one starts (the CRM's own time)."""

    seen: tuple[Seen, ...]
    cursor: datetime


@dataclass(frozen=True, slots=True)
class Write:
    """One row. With `decision` it is guarded: it changes the owner only where `expected_owner` (CRM id, None: nobody)
    is still the owner. Without, only `fields` are written.

    `owner_id` is a CRM id (person or queue; None: leave as it is).
    """

    key: LeadKey
    fields: Mapping[str, Value]
    decision: str | None = None
    owner_id: str | None = None
    expected_owner: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one row, in the order of the request."""

    key: LeadKey
    outcome: Literal["applied", "later", "lost", "refused", "unknown"]
    detail: str = ""
    after: float | None = None
    """seconds to wait before trying again, where the CRM said so"""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """One thing that `fairlead provision` looked at."""

    what: str
    result: Literal["created", "there", "refused"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TaskWrite:
    key: LeadKey
    owner_id: str
    subject: str
    due_at: datetime
    token: str
    again: bool = False
    """it may have been sent before: look for it first"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Activities of a bounded window, and where the next one starts."""

    activities: tuple[Activity, ...]
    cursor: datetime


class Crm(Protocol):
    """A CRM account, signed in. Methods raise the errors above; each does at most a handful of calls, with time-outs.

    `now` is the CRM's own time as last told by an answer (UTC); `calls` counts requests sent since the start.
    """

    name: str
    account: str
    object: str

    @property
    def calls(self) -> int: ...

    def sign_in(self) -> str:
        """Sign in (again) and return the account's id. NotSignedIn where that fails."""
        ...

    def now(self) -> datetime:
        """The CRM's own time; asks it where no answer has told yet."""
        ...

    def users(self) -> list[CrmUser]:
        """People and queues that can own leads."""
        ...

    def accounts(self, since: datetime | None) -> tuple[list[Account], datetime]:
        """Companies changed since then (None: all), and the next cursor. Owners as e-mail addresses."""
        ...

    def arrived(self, since: datetime) -> Found:
        """Unowned leads (`new_when`) that changed in the window from `since` less the overlap to now less the lag."""
        ...

    def unrouted(self, since: datetime) -> Found:
        """Unowned leads created since then that carry no decision id: the reconciliation's question, and backfill's."""
        ...

    def read(self, ids: Sequence[str]) -> list[Lead | Unreadable]:
        """The records as they are now. An id that the CRM does not know comes back as a Lead that is gone."""
        ...

    def write(self, rows: Sequence[Write]) -> list[Written]:
        """One batched write per 200 or 100 rows, keys distinct; a bad row never fails its neighbours.

        Raises NotSignedIn only.
        """
        ...

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        """What became of guarded rows whose answer was lost and whose decision the record carries: applied, or lost to
        a person who came in just before and has the lead back now; later where that cannot be told yet. Keys distinct.

        A person who took the lead since then has it, and the row was applied. Raises NotSignedIn only.
        """
        ...

    def create_tasks(self, tasks: Sequence[TaskWrite]) -> list[Written]:
        """One task each. One that is sent `again` is looked for by its token, and counts as applied where it is there;
        the others cost nothing but their creation."""
        ...

    def activities(self, since: datetime) -> Gathered:
        """Activities logged on leads since then (with overlap)."""
        ...

    def activities_of(self, ids: Sequence[str]) -> list[Activity]:
        """Everything logged on these leads, read now and not from an index that lags."""
        ...

    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        """Open leads per owner id as the CRM counts them."""
        ...

    def provision(self) -> list[Provisioned]:
        """Create what is missing: our fields, and the guard where the CRM has one. A second run changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where a CRM lives and how to sign in. `extra` is what only one CRM needs (consumer key, webhook secret)."""

    url: str
    secret: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The variables that a CRM's credentials are read from. `url_default` is used where the CRM has one address for
    all; `optional` are those of `extra` that not everybody needs."""

    url: str
    secret: str
    extra: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    url_default: str = ""


class Notifier(Protocol):
    """A way to tell a person something. Raises TryLater, Refused or Unknown."""

    def send(self, event: str, to: Sequence[str], text: str) -> None: ...
