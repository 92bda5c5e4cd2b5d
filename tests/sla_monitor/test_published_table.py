"""The table that RevOps read is the table that runs."""

from pathlib import Path

from domain.clocks import State
from sla_monitor.clock import TRANSITIONS, Event

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sla.md"


def published() -> list[tuple[tuple[State, Event], State]]:
    """The rows below the table's head, in the page's order."""
    _, _, table = PAGE.read_text(encoding="utf-8").partition("| the clock is | and this happens | then it is |")
    rows = [line.split("|")[1:4] for line in table.splitlines()[2:] if line.startswith("|")]
    cells = [[cell.strip().replace(" ", "_") for cell in row] for row in rows]
    return [((State(before), Event(event)), State(then)) for before, event, then in cells]


def test_the_published_table_has_exactly_the_rows_of_the_program() -> None:
    assert published() == list(TRANSITIONS.items())
