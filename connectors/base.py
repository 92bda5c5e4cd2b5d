"""What every CRM does for us, and how it fails. One connector never imports another."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from threading import Lock
from typing import Literal, Protocol

from domain.accounts import Account, Role
from domain.activities import Activity
from domain.leads import History, Lead, LeadKey, ReadLater, Seen, Unreadable, Value
from domain.people import Absence, CrmUser, WorkingHours


class ConnectorError(Exception):
    """Something between us and the CRM; the subclass says what to do next."""


class TryLater(ConnectorError):
    """Nothing is wrong with the request: rate limit, time-out, outage. `after` is the wait in seconds, if told."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after

    @property
    def way_out(self) -> str:
        """What a person who has asked does about it."""
        when = "when the CRM answers" if self.after is None else f"in {max(1, ceil(self.after))} s"
        return f"nothing is wrong with the settings as far as this tells: try again {when}"


class Paced(TryLater):
    """Our own share of the CRM's limits is used up, or it has asked us to wait: nothing was sent, and it may be well.
    `after` is told."""

    def __init__(self, message: str, after: float) -> None:
        super().__init__(message, after)
        self.seconds = after


class LostRace(ConnectorError):
    """Someone changed the record first; decide again from fresh data."""


class Refused(ConnectorError):
    """The CRM will never accept this request; a person has to look."""


class Unknown(ConnectorError):
    """The request may have been applied; read the record before anything else happens to it."""


class NotSignedIn(ConnectorError):
    """Credentials are missing, expired or revoked; every call will fail until fixed."""


class NotGenuine(ConnectorError):
    """A delivery that is not the CRM's, or not fresh: answer 401 and say no more to whoever sent it."""


class NotReadable(ConnectorError):
    """A delivery that is genuine and that nobody can read: answer 400, and a person has to look."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a bounded window held, and where the next one starts (the CRM's own time).

    A window ends after a few pages. With `more` there is more to come at once: keep these, move the cursor, and ask
    again from it.
    """

    seen: tuple[Seen, ...]
    cursor: datetime
    more: bool = False


@dataclass(frozen=True, slots=True)
class Noticed:
    """A lead that carries one of our decisions and was changed. `values` are the watched canonical fields as they are
    now (None: they could not be read just now, so there may be news), `answer` what a person set in our answer field
    (None: nothing), `owner_id` the owner (None: nobody). `converted`: the CRM itself calls it so."""

    seen: Seen
    values: Mapping[str, Value] | None
    answer: str | None = None
    owner_id: str | None = None
    converted: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """Like `Found`, for leads that were decided before."""

    noticed: tuple[Noticed, ...]
    cursor: datetime
    more: bool = False


@dataclass(frozen=True, slots=True)
class Companies:
    """Like `Found`, for companies. `gone` are the ids of those that were merged into others, or deleted where the CRM
    tells so here."""

    accounts: tuple[Account, ...]
    gone: tuple[str, ...]
    cursor: datetime
    more: bool = False


RoleKind = Literal["opportunities", "team"]
"""Where roles in companies are kept: as owners of open opportunities, or in a company's team."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Like `Companies`, for people's roles in them. `gone` are the ids of opportunities that were closed, and of what
    was deleted where the CRM tells so here."""

    roles: tuple[Role, ...]
    gone: tuple[str, ...]
    cursor: datetime
    more: bool = False


DeletedKind = Literal["companies", "opportunities"]
"""What a CRM may tell the deletion of in a list only."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A part of what was deleted of a kind. `next` is where the next part starts (None: this is the last one),
    `at` the CRM's own time when this one was asked for."""

    ids: tuple[str, ...]
    next: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `fairlead doctor` looked at: all is well, or what is wrong and the way out. `ok` is None where it
    could not be told."""

    what: str
    ok: bool | None
    detail: str = ""
    way_out: str = ""


NOBODY = ""
"""In place of an owner's id, in CRMs where a lead may have none."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row. With `decision` it is guarded: it changes the owner only where `expected_owner` (CRM id, None: nobody)
    is still the owner. Without, only `fields` are written.

    `owner_id` is a CRM id (person or queue; None: leave as it is; NOBODY: take the owner away).
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


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """When people are not there, as their CRM says: absences and meetings, and the hours that they work by, by e-mail
    address. `odd` says what of it could not be read, or not as it stands; titles are never kept."""

    absences: tuple[Absence, ...] = ()
    hours: Mapping[str, WorkingHours] = field(default_factory=dict)
    odd: tuple[str, ...] = ()


AsRead = Lead | Unreadable | ReadLater
"""What one id was read as."""


class Crm(Protocol):
    """A CRM account, signed in. Methods raise the errors above; each does at most a handful of calls, with time-outs.

    `now` is the CRM's own time as last told by an answer (UTC); `calls` counts requests sent since the start.
    """

    name: str
    account: str
    object: str
    guards_itself: bool
    """It refuses a guarded row itself where the owner is another one, however late the row arrives. Else somebody has
    to look back at rows whose answers were lost."""

    activity_kinds: tuple[str, ...]
    """The kinds of activities that are asked for one by one; a CRM that lists all of them together has one."""

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

    def accounts(self, since: datetime | None) -> Companies:
        """Companies changed since then, less the overlap (None: all that there are). Owners as e-mail addresses."""
        ...

    def roles(self, kind: RoleKind, since: datetime | None) -> Roles:
        """Roles in companies that changed since then, less the overlap (None: all that there are). Nothing, ever, where
        the CRM keeps no such thing."""
        ...

    def deleted(self, kind: DeletedKind, since: datetime, start: str | None) -> Deleted:
        """What was deleted of a kind since then, less the overlap, and neither `accounts` nor `roles` tells of: part by
        part, each from where the one before said (None: the first). A CRM that tells of all there answers with none."""
        ...

    def arrived(self, since: datetime) -> Found:
        """Unowned leads (`new_when`) that changed in the window from `since` less the overlap to now less the lag."""
        ...

    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        """Leads that carry one of our decisions, changed in the window from `since` less the overlap to now less the
        lag: those with an answer or that were converted, and where `watched` names canonical fields or the mapping has
        queues, all that changed (our own writes too where the CRM cannot tell them apart: the values and the owner tell
        whether there is news)."""
        ...

    def unrouted(self, since: datetime) -> Found:
        """Unowned leads created since then that carry no decision id: the reconciliation's question, and backfill's."""
        ...

    def read(self, ids: Sequence[str]) -> Sequence[AsRead]:
        """The records as they are now. An id that the CRM does not know comes back as a Lead that is gone, and one that
        it cannot show just now as ReadLater, which keeps no other."""
        ...

    def write(self, rows: Sequence[Write]) -> list[Written]:
        """One batched write per 200 or 100 rows, keys distinct; a bad row never fails its neighbours.

        Raises NotSignedIn only.
        """
        ...

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        """What became of guarded rows whose answer was lost and whose decision the record carries: applied, or lost to
        a person who came in just before and has the lead back now; later where that cannot be told yet. Keys distinct.

        A person who took the lead since then has it, and the row was applied. A record that carries another decision,
        or none, is left as it is, and its row called applied. Raises NotSignedIn only.
        """
        ...

    def create_tasks(self, tasks: Sequence[TaskWrite]) -> list[Written]:
        """One task each. One that is sent `again` is looked for by its token, and counts as applied where it is there;
        the others cost nothing but their creation."""
        ...

    def activities(self, kind: str, since: datetime) -> Gathered:
        """Activities of one of `activity_kinds`, logged on leads since then (with overlap)."""
        ...

    def activities_of(self, ids: Sequence[str]) -> Sequence[Activity | ReadLater]:
        """Everything logged on these leads, read now and not from an index that lags. With a ReadLater for each lead of
        which not everything could be read just now; it keeps no other."""
        ...

    def history(self, ids: Sequence[str]) -> Sequence[History | ReadLater]:
        """Who had each of these leads when, and what its status was: all that the CRM tells. One that cannot be read
        just now keeps no other. A call for 50 leads at least; asked only of those of whom it matters."""
        ...

    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        """Open leads per owner id as the CRM counts them."""
        ...

    def whereabouts(
        self, people: Sequence[CrmUser], since: datetime, until: datetime, meetings: tuple[datetime, datetime] | None
    ) -> Whereabouts:
        """When these people are away between two moments, and in meetings between two others (None: nobody asks);
        nothing, ever, of a CRM that keeps no such thing. What cannot be read keeps nothing else."""
        ...

    def provision(self) -> list[Provisioned]:
        """Create what is missing: our fields, and the guard where the CRM has one. A second run changes nothing."""
        ...

    def examine(self, follows: Collection[RoleKind] = ()) -> list[Finding]:
        """What `fairlead doctor` tells of this account: sign-in, permissions or scopes, mapped fields and their types,
        our own fields, the guard, the users and queues that `config/` names, what rules follow, limits. Reads only.
        """
        ...


# --- signing in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where a CRM lives and how to sign in: `way` names one of the CRM's ways, `secret` and `extra` are what it needs,
    with what is optional (a webhook's secret)."""

    url: str
    secret: str = field(repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    way: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sign in, and the variables that hold what it needs: `secret`, and each of `extra` by its key."""

    name: str
    secret: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a CRM is signed in to. The first of `ways` whose variables are all set is taken. `optional` are variables
    that not everybody needs, by their key in `Credentials.extra`. `url_default` is used where the CRM has one address
    for all. Each variable VAR may also be given as VAR_FILE, the path of a file that only its owner can read."""

    url: str
    ways: tuple[Way, ...]
    optional: Mapping[str, str] = field(default_factory=dict)
    url_default: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a sign-in brought. `facts` is what belongs to it (instance address, account id); `ends_at` is machine time
    (Unix seconds; None: the CRM does not say)."""

    value: str = field(repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    ends_at: float | None = None


class Tokens(Protocol):
    """One account's token, shared by all workers: one of them signs in and the others take what it brought."""

    def current(self) -> Token | None:
        """The newest token that anybody has; None where nobody has signed in."""
        ...

    def renewed(self, stale: Token | None, sign_in: Callable[[], Token]) -> Token:
        """A token that is not `stale`: another worker's, else the one that `sign_in` brings. One signs in at a time."""
        ...


class RefreshTokens(Protocol):
    """What a CRM gave us in the place of a configured refresh token (`given`): each of a chain ends the one before."""

    def newest(self, given: str) -> str:
        """The one to sign in with: the last that was kept for this configured one, else itself."""
        ...

    def keep(self, given: str, newest: str) -> None:
        """To be called before the access token that came with it is used: nobody can sign in with an older one."""
        ...


# --- limits -------------------------------------------------------------------------------------------------------

Lane = Literal["hot", "bulk"]

LANE: ContextVar[Lane] = ContextVar("lane", default="hot")
"""On whose behalf calls are made: the bulk lane leaves the reserves alone."""


@contextmanager
def lane(name: Lane) -> Iterator[None]:
    """Calls in this block are made for that lane."""
    before = LANE.set(name)
    try:
        yield
    finally:
        LANE.reset(before)


@dataclass(frozen=True, slots=True)
class Window:
    """At most so many `calls` in any `seconds`, as the CRM counts them. `others` of them belong to other programs that
    share this limit."""

    calls: int
    seconds: float
    others: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a CRM allows one account, as long as no answer has told otherwise. None: it has no such limit, or tells it
    itself with its first answer."""

    calls: Window | None = None
    searches: Window | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer said about one limit: `window` is in seconds ("day": until the account's midnight or a rolling
    day), `limit` and `left` are calls (None: not said)."""

    window: Literal["second", "ten_seconds", "day"]
    limit: int | None
    left: int | None


class Budget(Protocol):
    """What one account still lets us ask, shared by all workers. It waits for the turn of one request at most, and
    never for a limit to end."""

    def take(self, what: Literal["call", "search"]) -> None:
        """Before each request. Paced, with the seconds to wait, where this lane has to leave the rest to others."""
        ...

    def told(self, limits: Sequence[Told]) -> None:
        """After each answer whose headers speak of limits."""
        ...

    def refused(self, what: Literal["call", "search"], seconds: float) -> None:
        """The CRM has refused a request (429, 503, its daily limit): nobody asks again before that."""
        ...


class Unlimited:
    """The budget of whoever works alone: nothing is counted."""

    def take(self, what: Literal["call", "search"]) -> None:
        """Always."""

    def told(self, limits: Sequence[Told]) -> None:
        """Not kept."""

    def refused(self, what: Literal["call", "search"], seconds: float) -> None:
        """Not kept."""


class OwnTokens:
    """The token of one process."""

    def __init__(self) -> None:
        self._token: Token | None = None
        self._lock = Lock()

    def current(self) -> Token | None:
        return self._token

    def renewed(self, stale: Token | None, sign_in: Callable[[], Token]) -> Token:
        with self._lock:
            if self._token is None or self._token == stale:
                self._token = None
                self._token = sign_in()
            return self._token


class OwnRefreshTokens:
    """The refresh tokens of one process: they are gone when it ends."""

    def __init__(self) -> None:
        self._newest: dict[str, str] = {}

    def newest(self, given: str) -> str:
        return self._newest.get(given, given)

    def keep(self, given: str, newest: str) -> None:
        self._newest[given] = newest


@dataclass(frozen=True, slots=True)
class Shared:
    """What all workers of an account have in common."""

    budget: Budget = field(default_factory=Unlimited)
    tokens: Tokens = field(default_factory=OwnTokens)
    refresh_tokens: RefreshTokens = field(default_factory=OwnRefreshTokens)


# --- what a CRM sends us --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request that a CRM sent to us. `url` is what the CRM called (our public address, with path and query), `secret`
    the last part of the path where it has one."""

    method: str
    url: str
    secret: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """The leads that a delivery names, why others of its events were passed over, and how the CRM wants it answered."""

    seen: tuple[Seen, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)
    reply: bytes = b""
    media_type: str = "text/plain"


class Notifier(Protocol):
    """A way to tell a person something. Raises TryLater, Refused or Unknown."""

    def send(self, event: str, to: Sequence[str], text: str) -> None: ...
