"""The tables that RevOps read are the tables that run."""

from itertools import takewhile
from pathlib import Path

from domain.clocks import ClockKind, State
from sla_monitor.causes import AGAINST_THE_OWNER, CAUSES, BreachCause
from sla_monitor.clock import TRANSITIONS, Event
from sla_monitor.lifecycle import LIFECYCLE, Effect, Happening

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sla.md"


def below(head: str) -> list[list[str]]:
    """The cells of the rows of the table that begins with this head."""
    _, _, table = PAGE.read_text(encoding="utf-8").partition(head)
    rows = takewhile(lambda line: line.startswith("|"), table.splitlines()[2:])
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]


def published() -> list[tuple[tuple[State, Event], State]]:
    """The rows below the table's head, in the page's order."""
    rows = [row[:3] for row in below("| the clock is | and this happens | then it is |")]
    cells = [[cell.strip().replace(" ", "_") for cell in row] for row in rows]
    return [((State(before), Event(event)), State(then)) for before, event, then in cells]


def test_the_published_table_has_exactly_the_rows_of_the_program() -> None:
    assert published() == list(TRANSITIONS.items())


def test_what_is_published_of_every_happening_is_what_it_does_to_every_clock() -> None:
    head = "| what happens | " + " | ".join(kind.replace("_", " ") for kind in ClockKind) + " |"
    found = {Happening(row[0]): [Effect(cell or "goes on") for cell in row[1:]] for row in below(head)}
    assert found == {happening: [effects[kind] for kind in ClockKind] for happening, effects in LIFECYCLE.items()}


def test_the_published_causes_are_those_of_the_program_in_the_order_in_which_they_are_tried() -> None:
    rows = below("| cause | when | against |")
    assert [BreachCause(row[0]) for row in rows] == list(CAUSES)
    assert {BreachCause(row[0]) for row in rows if row[2] != "nobody"} == AGAINST_THE_OWNER
