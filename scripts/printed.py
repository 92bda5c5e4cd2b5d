"""Tables that commands print."""

import click
from rich.console import Console
from rich.table import Table


def print_table(table: Table, width: int) -> None:
    """In so many characters at most, whatever it is printed to."""
    console = Console(highlight=False, width=width)
    with console.capture() as printed:
        console.print(table)
    click.echo(printed.get().rstrip())
