"""A loaded configuration, and the problems of one that did not load."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.hours import Calendar, Span
from domain.mapping import CrmMapping
from domain.people import Absence
from router.rules import RuleSet
from sla_monitor.policy import Policy


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, where it was written, and the way out. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    id: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message} [{self.id}]{hint}"


@dataclass(frozen=True, slots=True)
class Notifications:
    """`notifications.yaml`. `channels` maps a channel to the environment variable that holds its address; `events` maps an
    event to (to, by)."""

    channels: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Playbook:
    """Everything RevOps wrote, typed. `version` is 12 hex digits of the files' text; `texts` are the files themselves,
    so that a decision can be replayed years later."""

    version: str
    rules: RuleSet
    policy: Policy
    calendars: Mapping[str, Calendar]
    absences: tuple[Absence, ...]
    crms: Mapping[str, CrmMapping]
    notifications: Notifications
    not_people: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    currency: str = "EUR"
    retry_limit: Span = Span(3600, "elapsed")


def load(folder: Path) -> "Playbook | tuple[Problem, ...]":
    """CONTRACT STUB: the playbook, or every problem at once (sorted by file and line)."""
    raise NotImplementedError


def load_texts(texts: Mapping[str, str]) -> "Playbook | tuple[Problem, ...]":
    """CONTRACT STUB: the same from stored texts (relative path -> content), for replay."""
    raise NotImplementedError
