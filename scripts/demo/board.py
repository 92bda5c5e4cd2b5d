"""The live board: leads as they arrive, who owns them and why, and the clocks. In a pipe: plain lines."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from domain.decisions import Cause, Decision
from ledger import feed
from ledger.decisions import LeadEvent
from ledger.store import Ledger
from scripts.words import counted, listed

ROWS = 10
PLAIN_EVERY = 5
"""Real seconds between two plain lines."""


@dataclass(slots=True)
class Board:
    """What has happened so far, read from the ledger like anybody else's report. Times are shown in `zone`."""

    ledger: Ledger
    zone: ZoneInfo
    _place: tuple[int, int] = feed.START
    _outcomes: Counter[str] = field(default_factory=Counter)
    _happened: Counter[str] = field(default_factory=Counter)
    _owned: deque[Decision] = field(default_factory=lambda: deque(maxlen=ROWS))
    _trouble: deque[str] = field(default_factory=lambda: deque(maxlen=ROWS))

    def look(self) -> list[str]:
        """Read what is new; the lines worth telling about it."""
        with self.ledger.reading() as tx:
            news = feed.since(tx, self._place)
        self._place = news.place
        told: list[tuple[datetime, str]] = []
        for event in news.events:
            self._happened[event.kind] += 1
            if line := self._worth_telling(event):
                told.append((event.at, line))
        for decision in news.decisions:
            if decision.cycle == 0:
                self._outcomes[decision.outcome.value] += 1
            self._owned.append(decision)
            if decision.cause == Cause.SLA:
                self._happened["handed on"] += 1
                told.append((decision.decided_at, self._handed_on(decision)))
        lines = [line for _, line in sorted(told, key=itemgetter(0))]
        self._trouble.extend(lines)
        return lines

    def _handed_on(self, decision: Decision) -> str:
        at, owner = self._time(decision.decided_at), _short(decision.owner)
        return f"{at} {decision.lead} handed on to {owner}: {decision.reason}"

    def _worth_telling(self, event: LeadEvent) -> str:
        if event.kind == "breached" and event.detail.get("clock") == "first_response":
            return f"{self._time(event.at)} {event.key} breached: {_short(event.detail.get('owner'))} did not answer"
        if event.kind == "reminded":
            told = listed(_short(one) for one in event.detail["to"]) or "nobody"
            return f"{self._time(event.at)} {event.key} {told} told: {event.detail['step']} is over"
        if event.kind == "retracted":
            return f"{self._time(event.learnt_at)} {event.key} breach taken back: called in time, and logged late"
        if event.kind == "owner_changed":
            return f"{self._time(event.at)} {event.key} was taken by a person"
        return ""

    def line(self, now: datetime, arrived: int) -> str:
        """Where things stand, in one line."""
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self._outcomes.items()))
        return (
            f"{self._time(now)} business time: {counted(arrived, 'lead')} in; {counts or 'none decided yet'}; "
            f"{self._happened['met']} answered, {counted(self._happened['reminded'], 'reminder')}, "
            f"{self._happened['handed on']} handed on"
        )

    def picture(self, now: datetime, arrived: int) -> Group:
        """The same for a terminal."""
        table = Table("time", "lead", "owner", "why", expand=True)
        for decision in reversed(self._owned):
            who = _short(decision.owner) if decision.owner else decision.outcome.value
            table.add_row(self._time(decision.decided_at), str(decision.lead), who, Text(decision.reason))
        trouble = Table("late, and handed on", expand=True)
        for line in reversed(self._trouble):
            trouble.add_row(Text(line))
        return Group(Text(self.line(now, arrived), style="bold"), table, trouble)

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"


class Screen:
    """Shows a board: redrawn in place in a terminal, lines every few seconds elsewhere."""

    def __init__(self, board: Board, console: Console) -> None:
        self._board, self._console = board, console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._shown = 0

    def __enter__(self) -> "Screen":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, now: datetime, arrived: int) -> None:
        """Bring it up to date; call it once a real second."""
        told = self._board.look()
        if self._live:
            self._live.update(self._board.picture(now, arrived), refresh=True)
            return
        for line in told:
            self._console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
        if self._shown % PLAIN_EVERY == 0:
            self._console.print(self._board.line(now, arrived), markup=False, highlight=False, soft_wrap=True)
        self._shown += 1


def _short(email: object) -> str:
    return str(email or "nobody").split("@")[0]
