"""What every job is given: the only way in which it reaches the world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Crm, Refused
from domain.actions import Notify
from domain.leads import Value
from ledger.store import Ledger
from playbook.book import Playbook
from router.rules import FromService


def not_told(_variable: str) -> str | None:
    """For processes that read no variables."""
    return None


def no_feed(variable: str) -> str:
    """For processes that read no calendars."""
    raise Refused(f"{variable} is not read here")


@dataclass(frozen=True, slots=True)
class Services:
    """One process's parts, wired by `runtime.wiring` (or by a test).

    `now` is business time, which decides about SLAs and may run faster in the demo; `machine` is real time, for
    leases and retries (both UTC). `playbook` returns the active one. `tell` delivers a notification or raises a
    ConnectorError. `wake(job, crm, lane)` sends a data-free wake-up, which may be lost. `look_back_after` is how many
    real seconds after a read has not found a write somebody asks for it again (see `runtime.look_back`). `ask_service`
    asks a service of `enrich` about some keys, and returns what it said in time (None: there is nobody to ask). `feed`
    reads the calendar whose address an environment variable holds, or raises a ConnectorError. `variable` is what an
    environment variable says that `config/` names (None: nothing).
    """

    ledger: Ledger
    crms: Mapping[str, Crm]
    playbook: Callable[[], Playbook]
    now: Callable[[], datetime]
    machine: Callable[[], datetime]
    tell: Callable[[Notify], None]
    wake: Callable[[str, str, str], None]
    log: Any
    look_back_after: float = 60.0
    ask_service: Callable[[FromService, Sequence[str]], Mapping[str, Mapping[str, Value]]] | None = None
    feed: Callable[[str], str] = no_feed
    variable: Callable[[str], str | None] = not_told
