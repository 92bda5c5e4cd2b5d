"""What the stand-in CRMs share: one clock, one store, one list of faults, one log. And what a CRM has to bring."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.calls import CallLog
from sandbox.clock import BusinessClock
from sandbox.faults import Faults
from sandbox.store import Store

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """Everything both CRMs stand on. `chance` and that of `faults` are the only sources of randomness; both come from
    the seed."""

    clock: BusinessClock
    store: Store
    chance: Random
    faults: Faults
    calls: CallLog = field(default_factory=CallLog)
    slack: list[Json] = field(default_factory=list)
    hubspot_2027: bool = False
    """HubSpot has turned its classic paths off, as it will in 2027"""


@dataclass(frozen=True, slots=True)
class Example:
    """What somebody has to know to use a stand-in CRM: whoever connects to it, and whoever makes things go wrong in it.

    `environment` are variables that sign in, `url` is the one that takes the address. `object`, `unowned` (who owns new
    leads), `fields` (canonical name to native name; `last` is the lead's own name) and `disqualified` (a status) are
    what the mapping of an untouched CRM says; `company` are native fields of a customer called Acme at acme.example,
    `owner` names the owner's field in it, `decision` and `answer` name two of ours in a lead. `writes`, `reads`,
    `creates_tasks` and `looks_for_tasks` are where a fault has to sit (`method`, `path`) to hit just these calls; a
    look takes `calls_to_look`. `grown` is what the account of a company that works with config/ has beside what every
    new one has: bodies for the control API, by their path below this CRM's. What is there already stays as it is.
    """

    url: str
    environment: Mapping[str, str]
    object: str
    unowned: Sequence[str]
    fields: Mapping[str, str]
    disqualified: str
    company: Mapping[str, str]
    owner: str
    decision: str
    answer: str
    writes: Mapping[str, str]
    reads: Mapping[str, str]
    creates_tasks: Mapping[str, str]
    looks_for_tasks: Mapping[str, str]
    calls_to_look: int
    grown: Mapping[str, Sequence[Json]] = field(default_factory=dict)


class Dialect(Protocol):
    """One CRM. From `add_users` to `leads` its methods are what people do in it by hand; the control API calls them.

    LookupError (no such record) becomes 404 there and ValueError 400, with the error's text.
    """

    @property
    def name(self) -> str: ...

    @property
    def prefixes(self) -> tuple[str, ...]:
        """How the paths of its API begin; calls to them are counted and can be struck by faults."""
        ...

    def routes(self) -> Sequence[BaseRoute]:
        """The API, and control routes that only this CRM has (/sandbox/{name}/…)."""
        ...

    def fault(self, status: int, retry_after: float | None) -> Response:
        """The answer that the real CRM gives with this status (429, 500, 503, …)."""
        ...

    def decorate(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Headers that every answer of this API carries, given those of the request."""
        ...

    def reset(self) -> None:
        """As new; the store is empty already. Also called at the start, where records may have come from a file."""
        ...

    def add_users(self, users: Sequence[Json]) -> list[str]: ...

    def add_accounts(self, accounts: Sequence[Json]) -> list[str]: ...

    def add_leads(self, leads: Sequence[Json]) -> list[str]: ...

    def add_calls(self, calls: Sequence[Json]) -> list[str]: ...

    def add_emails(self, emails: Sequence[Json]) -> list[str]: ...

    def set_owner(self, lead: str, owner: str) -> None: ...

    def set_fields(self, lead: str, fields: Mapping[str, Any]) -> None: ...

    def convert(self, lead: str) -> None: ...

    def delete(self, lead: str) -> None: ...

    def leads(self) -> list[Json]: ...

    async def background(self) -> None:
        """Work beside the requests (webhook delivery), until cancelled. Return at once where there is none."""
        ...


DialectMaker = Callable[[World], Dialect]
